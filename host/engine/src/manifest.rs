//! What a plugin says of itself, read without running it.

use std::time::Duration;

use serde::Deserialize;
use wasmparser::{Parser, Payload};

use crate::self_test::{self, SelfTest};
use crate::{Grant, Grants, Limits, LoadError};

mod reads;

pub use reads::Reads;

/// The custom section that carries the manifest, as JSON.
const SECTION: &str = "witgate:manifest";
/// A manifest is small; anything larger is not one.
const MAX_BYTES: usize = 256 << 10;

/// The manifest of a plugin.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Short name: lower-case letters, digits and `-`, at most 64 bytes.
    pub id: String,
    /// Version of the plugin, SemVer.
    pub version: String,
    /// One sentence.
    #[serde(default)]
    pub description: String,
    /// Every code that a finding, a denial or an escalation may carry.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Grants it wants to do its whole work; the operator gives them or not.
    #[serde(default)]
    pub grants: Vec<String>,
    /// JSON Schema (2020-12) of the configuration; absent means "an empty object".
    #[serde(default)]
    pub config_schema: Option<serde_json::Value>,
    /// The segments that its admission reads: it is not asked about a document that has none of these, and says nothing of
    /// it then. Absent: it is asked about every document.
    #[serde(default)]
    pub admission_reads: Option<Vec<Reads>>,
    /// Limits it suggests; the operator's win.
    #[serde(default)]
    pub limits: SuggestedLimits,
    /// Calls with a known answer, made before the plugin may serve. At most 32.
    #[serde(default)]
    pub tests: Vec<SelfTest>,
}

/// Limits a plugin suggests for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuggestedLimits {
    /// Linear memory in MiB.
    pub memory_mib: Option<u32>,
    /// Time for one call in ms.
    pub deadline_ms: Option<u32>,
}

impl SuggestedLimits {
    /// The suggestion, with the host's defaults where there is none.
    pub fn limits(self) -> Limits {
        let usual = Limits::default();
        Limits {
            memory: self.memory_mib.map_or(usual.memory, |mib| (mib as usize).saturating_mul(1 << 20)),
            deadline: self.deadline_ms.map_or(usual.deadline, |ms| Duration::from_millis(ms.into())),
        }
    }
}

impl Manifest {
    /// Reads the manifest from a component or a core module.
    ///
    /// # Errors
    /// [`LoadError::Manifest`] when it is missing, twice there, too large or not what it should be.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let mut found: Option<&[u8]> = None;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|e| LoadError::NotAComponent(e.to_string()))?;
            if let Payload::CustomSection(section) = payload
                && section.name() == SECTION
                && found.replace(section.data()).is_some()
            {
                return Err(LoadError::Manifest("there is more than one".into()));
            }
        }
        let data = found.ok_or_else(|| LoadError::Manifest("missing".into()))?;
        if data.len() > MAX_BYTES {
            return Err(LoadError::Manifest(format!("larger than {MAX_BYTES} bytes")));
        }
        let manifest: Self = serde_json::from_slice(data).map_err(|e| LoadError::Manifest(e.to_string()))?;
        manifest.check()
    }

    /// The grants it wants.
    ///
    /// # Errors
    /// [`LoadError::Manifest`] when one of them is no grant.
    pub fn wanted(&self) -> Result<Grants, LoadError> {
        let grants = self.grants.iter().map(|name| name.parse::<Grant>()).collect::<Result<_, _>>();
        grants.map_err(|e| LoadError::Manifest(e.to_string()))
    }

    fn check(self) -> Result<Self, LoadError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.id.is_empty() || self.id.len() > 64 || !self.id.bytes().all(plain) {
            return Err(LoadError::Manifest(format!(
                "`id` is {:?}; it must be 1 to 64 lower-case letters, digits and `-`",
                self.id
            )));
        }
        if self.version.is_empty() || self.version.len() > 64 {
            return Err(LoadError::Manifest("`version` must be 1 to 64 bytes".into()));
        }
        if let Some(reads) = &self.admission_reads {
            Reads::check(reads).map_err(LoadError::Manifest)?;
        }
        if self.tests.len() > self_test::MOST {
            return Err(LoadError::Manifest(format!("more than {} `tests`", self_test::MOST)));
        }
        let known = |verdict: &str| ["allow", "deny", "escalate"].contains(&verdict);
        if let Some(index) = self.tests.iter().position(|t| !known(&t.verdict)) {
            return Err(LoadError::Manifest(format!("`tests/{index}/verdict` must be allow, deny or escalate")));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
