//! From a file's bytes to a component: both a finished component and a core module that carries its component type
//! (what `wit-bindgen` leaves after linking) are taken.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::LoadError;

/// A component's bytes.
pub(crate) fn component(bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    if Parser::is_component(bytes) {
        return Ok(bytes.to_vec());
    }
    if !Parser::is_core_wasm(bytes) {
        return Err(LoadError::NotAComponent("the magic number is missing".into()));
    }
    let refuse = |e: &dyn std::fmt::Display| LoadError::NotAComponent(format!("{e:#}"));
    ComponentEncoder::default()
        .module(bytes)
        .map_err(|e| refuse(&e))?
        .validate(true)
        .encode()
        .map_err(|e| refuse(&e))
}

/// Names of the interfaces a component imports, such as `witgate:policy/clock@0.1.0`.
pub(crate) fn imports(component: &[u8]) -> Result<Vec<String>, LoadError> {
    let mut names = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|e| LoadError::NotAComponent(e.to_string()))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(|e| LoadError::NotAComponent(e.to_string()))?;
                    names.push(import.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}
