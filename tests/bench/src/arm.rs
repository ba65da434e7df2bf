//! What is compared.

use serde::Serialize;

/// One way from the client to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arm {
    /// No gate.
    Direct,
    /// A gate whose one policy does nothing.
    Bare,
    /// A gate with the four built-in policies at their defaults.
    Full,
}

impl Arm {
    pub(crate) const ALL: [Self; 3] = [Self::Direct, Self::Bare, Self::Full];

    /// All three, beginning with another one in each round.
    pub(crate) fn rotated(round: usize) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().cycle().skip(round % Self::ALL.len()).take(Self::ALL.len())
    }
}
