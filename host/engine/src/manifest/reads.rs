//! Which segments of a request a plugin's admission reads.

use std::fmt;

use serde::Deserialize;

/// Segments, by what they are and who wrote them. Both must fit where both are named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// What they are, such as `tool-definition`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Who wrote them, such as `tool`.
    #[serde(default)]
    pub role: Option<String>,
}

impl Reads {
    /// Entries of one manifest.
    pub(super) const MOST: usize = 32;

    /// Whether a segment is one of these.
    pub fn fits(&self, kind: &str, role: &str) -> bool {
        let same = |want: &Option<String>, has: &str| want.as_ref().is_none_or(|want| want == has);
        same(&self.kind, kind) && same(&self.role, role)
    }

    pub(super) fn check(all: &[Self]) -> Result<(), String> {
        if all.is_empty() || all.len() > Self::MOST {
            return Err(format!("`admission_reads` must have 1 to {} entries, or not be there", Self::MOST));
        }
        match all.iter().position(|reads| reads.kind.is_none() && reads.role.is_none()) {
            Some(index) => Err(format!("`admission_reads/{index}` must name a `kind`, a `role` or both")),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_deref().unwrap_or("anything"))?;
        match &self.role {
            Some(role) => write!(f, " by {role}"),
            None => Ok(()),
        }
    }
}
