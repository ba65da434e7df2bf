//! The configuration: where to misbehave, and how.

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::StrDeserializer;

/// The configuration, as `manifest.json` describes it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub(crate) at: Stage,
    #[serde(rename = "do")]
    pub(crate) deed: Deed,
    #[serde(default = "spins")]
    pub(crate) spins: u64,
    #[serde(default = "nth")]
    pub(crate) nth: u32,
    #[serde(default = "value_bytes")]
    pub(crate) value_bytes: u16,
}

fn spins() -> u64 {
    5_000_000
}

fn nth() -> u32 {
    3
}

fn value_bytes() -> u16 {
    1024
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
    StateFlood,
    Recurse,
    TrapAtNth,
    AsTold,
}

/// What stands before the name of a deed in a text.
const TOLD_BY: &str = "hostile-deed:";

impl Deed {
    /// The deed that a text names, behind `hostile-deed:`.
    pub(crate) fn told_by(text: &str) -> Option<Self> {
        let (_, name) = text.split_once(TOLD_BY)?;
        let end = name.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(name.len());
        let name: StrDeserializer<'_, serde::de::value::Error> = name.get(..end)?.into_deserializer();
        Self::deserialize(name).ok()
    }
}
