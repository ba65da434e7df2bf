//! How much harm a call can do.

use serde::Deserialize;

/// A tier, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    /// Reads what the caller may see anyway.
    Low,
    /// Changes something small, or something that can be changed back.
    Medium,
    /// Changes much, or reaches far.
    High,
    /// Money, safety, or all of the data.
    Critical,
}

impl Tier {
    /// So many steps higher, as far as there are any.
    pub(crate) fn raised(self, steps: u8) -> Self {
        const ALL: [Tier; 4] = [Tier::Low, Tier::Medium, Tier::High, Tier::Critical];
        ALL.get(usize::from(self as u8).saturating_add(usize::from(steps))).copied().unwrap_or(Self::Critical)
    }

    /// As it is written in configurations and labels.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}
