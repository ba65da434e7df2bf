//! What can be read from a component without running it.

use wasmparser::{ComponentExternalKind, Parser, Payload, ProducersSectionReader};

use crate::{Grant, LoadError, Stages, wasi};

/// Imports and exports of a component, and what made it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// Interfaces it imports, such as `witgate:policy/clock@0.1.0`, in their order.
    pub imports: Vec<String>,
    /// Instances it exports, in their order.
    pub exports: Vec<String>,
    /// Tools that made it, by their own word (custom section `producers`), each once: `language`, `processed-by` or
    /// `sdk`; name; version.
    pub producers: Vec<(String, String, String)>,
}

/// What the host offers, and the grant that each needs.
const OFFERED: [(&str, Option<Grant>); 5] = [
    ("witgate:policy/types@0.1.0", None),
    ("witgate:policy/log@0.1.0", None),
    ("witgate:policy/metrics@0.1.0", None),
    ("witgate:policy/clock@0.1.0", Some(Grant::Clock)),
    ("witgate:policy/state@0.1.0", Some(Grant::State)),
];

/// Tools told of one component: each core module names its own.
const PRODUCERS: usize = 64;

impl Anatomy {
    /// Reads a component.
    ///
    /// # Errors
    /// [`LoadError::NotAComponent`] when the bytes are not one; see [`componentize`](crate::componentize).
    pub fn read(component: &[u8]) -> Result<Self, LoadError> {
        if !Parser::is_component(component) {
            return Err(LoadError::NotAComponent("the magic number is missing".into()));
        }
        let refuse = |e: wasmparser::BinaryReaderError| LoadError::NotAComponent(e.to_string());
        let mut anatomy = Self::default();
        // Nested modules and components have imports and exports of their own; only the outermost ones count.
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(refuse)? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        anatomy.imports.push(import.map_err(refuse)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        let export = export.map_err(refuse)?;
                        if export.kind == ComponentExternalKind::Instance {
                            anatomy.exports.push(export.name.name.to_owned());
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == "producers" => {
                    let reader = wasmparser::BinaryReader::new(section.data(), section.data_offset());
                    // Hearsay: a section that cannot be read says nothing.
                    let _ = anatomy.note_producers(reader);
                }
                _ => {}
            }
        }
        Ok(anatomy)
    }

    fn note_producers(&mut self, reader: wasmparser::BinaryReader<'_>) -> wasmparser::Result<()> {
        for field in ProducersSectionReader::new(reader)? {
            let field = field?;
            for value in field.values {
                let value = value?;
                let tool = (field.name.to_owned(), value.name.to_owned(), value.version.to_owned());
                if self.producers.len() < PRODUCERS && !self.producers.contains(&tool) {
                    self.producers.push(tool);
                }
            }
        }
        Ok(())
    }

    /// The grants its imports need, each with the import. `state-global` is not among them: it is a scope, not an
    /// interface, and checked at the call.
    ///
    /// # Errors
    /// [`LoadError::UnknownImport`] for the first one that the host does not offer.
    pub fn needs(&self) -> Result<Vec<(&str, Grant)>, LoadError> {
        let mut needs = Vec::new();
        for import in self.imports.iter().filter(|import| !wasi::is_linked(import)) {
            let offered = OFFERED.iter().find(|(name, _)| name == import);
            let (_, grant) = offered.ok_or_else(|| LoadError::UnknownImport(import.clone()))?;
            needs.extend(grant.map(|grant| (import.as_str(), grant)));
        }
        Ok(needs)
    }

    /// Whether it imports WASI, which is there and empty. Such a plugin is called on threads that may block.
    pub fn imports_wasi(&self) -> bool {
        self.imports.iter().any(|import| wasi::is_linked(import))
    }

    /// The stages it exports, by name: whether their types fit shows when it is loaded.
    pub fn stages(&self) -> Stages {
        let has = |stage: &str| self.exports.contains(&format!("witgate:policy/{stage}@0.1.0"));
        Stages {
            admission: has("admission"),
            inspection: has("inspection"),
            commitment: has("commitment"),
            recording: has("recording"),
        }
    }
}

#[cfg(test)]
mod tests;
