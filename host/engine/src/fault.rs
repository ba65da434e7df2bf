//! A plugin could not decide.

use thiserror::Error;

/// Why a call gave no decision. Never the same thing as a deny: the operator's fault mode applies.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The guest trapped: a panic, an out-of-bounds access, an exhausted stack.
    #[error("the plugin trapped: {0}")]
    Trap(String),
    /// The call took longer than its deadline.
    #[error("the plugin passed its deadline of {0} ms")]
    Deadline(u128),
    /// The guest wanted more memory or table entries than its limit.
    #[error("the plugin wanted more memory than its {0} bytes")]
    Memory(usize),
    /// What the guest answered breaks the contract: a span out of range, an oversized list.
    #[error("the plugin answered outside the contract: {0}")]
    BadOutput(&'static str),
    /// The guest said itself that it could not decide. The code is the plugin's.
    #[error("the plugin could not decide: {code}")]
    Own {
        /// The plugin's code, cut to the host's bound.
        code: String,
    },
    /// The guest called or answered what it has no grant for.
    #[error("the plugin has no grant `{0}`")]
    MissingGrant(&'static str),
    /// The plugin faulted so often that it is not asked for a while.
    #[error("the plugin is not asked: it faulted too often, and is tried again from time to time")]
    Breaker,
    /// No instance could be made: the pool is exhausted or linking failed.
    #[error("no sandbox for the plugin: {0}")]
    NoInstance(String),
}

impl Fault {
    /// Whether it says something of the plugin: a full pool does not, nor does a plugin that says itself that it cannot decide.
    pub(crate) fn is_the_plugins(&self) -> bool {
        !matches!(self, Self::Own { .. } | Self::NoInstance(_) | Self::Breaker)
    }

    /// Stable code of the class, for records and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Trap(_) => "fault_trap",
            Self::Deadline(_) => "fault_deadline",
            Self::Memory(_) => "fault_memory",
            Self::BadOutput(_) => "fault_bad_output",
            Self::Own { .. } => "fault_own",
            Self::MissingGrant(_) => "fault_missing_grant",
            Self::Breaker => "fault_breaker_open",
            Self::NoInstance(_) => "fault_no_instance",
        }
    }
}
