//! What a DECISION record says: the verdict of one stage, and each plugin's part in it.

use serde::{Deserialize, Serialize};

use crate::body_hash::BodyHash;
use crate::fixed_bytes::Digest;
use crate::value::Value;
use crate::words::{Mode, Stage, Verdict};

/// DECISION: one stage that ran, with what every plugin said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// The stage.
    pub stage: Stage,
    /// The policy set that decided.
    pub policy_set: Digest,
    /// That set's generation.
    pub generation: u64,
    /// The merged verdict.
    pub verdict: Verdict,
    /// Whether it was applied (false when all that spoke against it were in monitor mode).
    pub enforced: bool,
    /// The first plugin, in order, that caused a verdict other than allow.
    pub reason: Option<Reason>,
    /// What was judged, where that is not the whole request.
    pub subject: Option<Subject>,
    /// Calls taken out of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    /// Each plugin's part, in the order of the set.
    pub plugins: Vec<PluginResult>,
}

/// Who named a verdict, and the stable code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// The plugin's id, or `gate` where the host itself refused.
    pub plugin: String,
    /// The code, such as `prompt_injection`.
    pub code: String,
}

/// What a stage looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// A channel's kind (`content`, `reasoning`, …) or an action's (`tool_use`, `network`, …).
    pub kind: String,
    /// A tool's name, a URL, a channel's name.
    pub name: Option<String>,
    /// The channel's or call's index in its answer.
    pub index: Option<u64>,
    /// Salted hash of the arguments.
    pub arguments: Option<BodyHash>,
}

/// A call that was taken out of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Withheld {
    /// The tool's name.
    pub name: String,
    /// The code, such as `tool_tier` or `approval_unavailable`.
    pub code: String,
    /// Salted hash of the arguments.
    pub arguments: Option<BodyHash>,
}

/// One plugin's part in a decision.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginResult {
    /// The plugin's id in the policy set.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: Digest,
    /// Whether its word counts.
    pub mode: Mode,
    /// What it said and what counted. `None` when it could not decide: see `fault`.
    pub verdict: Option<Verdict>,
    /// The code beside a verdict other than allow.
    pub code: Option<String>,
    /// In monitor mode: what would have happened.
    pub would_have: Option<Verdict>,
    /// Code of the fault, when it could not decide. Never the same thing as a deny.
    pub fault: Option<String>,
    /// What it saw, without the matched text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Labels it attached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// How many edits it asked for.
    pub edits: u64,
    /// Time in the guest, in nanoseconds, over all its calls.
    pub elapsed_ns: u64,
    /// Its calls in order: together with the input they make a replay exact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<GuestCall>,
}

/// What a plugin saw. Never the matched text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// A code its manifest declares.
    pub code: String,
    /// 0 to 100.
    pub confidence: u8,
    /// Where: UTF-8 byte offsets in the document or channel.
    pub span: Option<Span>,
}

/// Half-open range of UTF-8 byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// A key and value that later stages can read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// One call into a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestCall {
    /// The function, such as `evaluate`, `push`, `finish`.
    pub function: String,
    /// How many such calls were made; those of a stream to which the host answered nothing are told together.
    #[serde(skip_serializing_if = "is_one")]
    pub times: u64,
    /// Length of its text input in bytes, of all of them.
    pub input_bytes: u64,
    /// What the host answered its imports, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_answers: Vec<Value>,
}

impl Default for GuestCall {
    fn default() -> Self {
        Self { function: String::new(), times: 1, input_bytes: 0, host_answers: vec![] }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(times: &u64) -> bool {
    *times == 1
}
