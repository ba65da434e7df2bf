//! The configuration: where to misbehave, and how.

use serde::Deserialize;

/// The configuration, as `manifest.json` describes it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub(crate) at: Stage,
    #[serde(rename = "do")]
    pub(crate) deed: Deed,
    #[serde(default = "spins")]
    pub(crate) spins: u64,
}

fn spins() -> u64 {
    5_000_000
}

/// Where it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// While it is configured.
    Configure,
    /// Asked about a request.
    Admission,
    /// With the first piece of a channel (`settle_back`: the second).
    Inspection,
    /// Asked about an action.
    Commitment,
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "README.md tells each")]
pub enum Deed {
    Trap,
    Panic,
    Loop,
    Memory,
    Fault,
    SpanOutOfRange,
    SpanOffBoundary,
    OverlappingEdits,
    SettleBack,
    SettleBeyond,
    HugeOutput,
    SlowButOk,
    LogFlood,
    Deny,
    Escalate,
    Edit,
    ReadClock,
    StateAdd,
}
