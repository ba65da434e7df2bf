//! From a file's bytes to a component: both a finished component and a core module that carries its component type
//! (what `wit-bindgen` leaves after linking) are taken.

use wasmparser::Parser;
use wit_component::ComponentEncoder;

use crate::LoadError;

/// Makes a component of a core module that carries its component type; a component stays as it is.
///
/// # Errors
/// [`LoadError::NotAComponent`] when it is neither, or the module does not fit the type it carries.
pub fn componentize(bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    if Parser::is_component(bytes) {
        return Ok(bytes.to_vec());
    }
    if !Parser::is_core_wasm(bytes) {
        return Err(LoadError::NotAComponent("the magic number is missing".into()));
    }
    let refuse = |e: &dyn std::fmt::Display| LoadError::NotAComponent(format!("{e:#}"));
    ComponentEncoder::default().module(bytes).map_err(|e| refuse(&e))?.validate(true).encode().map_err(|e| refuse(&e))
}
