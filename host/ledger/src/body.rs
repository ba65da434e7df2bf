//! What the records say, kind by kind.
//!
//! Every field but the obvious ones may be absent when read, so that a verifier older or newer than the writer still reads.

use serde::{Deserialize, Serialize};

use crate::approval::Approval;
use crate::bodies::KeptBody;
use crate::body_hash::BodyHash;
use crate::decision::Decision;
use crate::fixed_bytes::{Digest, KeyBytes, Mac};
use crate::reference::{Inherited, Reference};
use crate::value::Value;
use crate::words::{Kind, Mode, Outcome};

/// A value, and whether the host has proof of it (key, token, certificate) or only the caller's word.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// What is claimed, such as `human:ada`.
    pub value: String,
    /// Whether it was proven.
    pub proven: bool,
}

/// INTENT: a request came in and is about to be judged. Durable before anything leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Intent {
    /// Who is accountable.
    pub owner: Option<Claim>,
    /// Who is calling.
    pub principal: Claim,
    /// Whose data and limits these are.
    pub tenant: String,
    /// The wire format, such as `openai-chat`.
    pub dialect: String,
    /// The model, as it stands in the bytes that go out.
    pub model: Option<String>,
    /// The upstream's name in the configuration.
    pub upstream: String,
    /// Method and path of the route, such as `POST /v1/chat/completions`.
    pub route: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Salted hash and length of the request body as the client sent it.
    pub request: Option<BodyHash>,
    /// The policy set that will decide.
    pub policy_set: Digest,
    /// That set's generation.
    pub generation: u64,
    /// What the request was made from, as the client says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The labels that came with those, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherited: Vec<Inherited>,
}

/// EXECUTION: how the exchange ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Execution {
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status told to the client; `None` when none was sent.
    pub status: Option<u16>,
    /// HTTP status of the upstream; `None` when it was not reached.
    pub upstream_status: Option<u16>,
    /// Salted hash and length of the response body as the client received it.
    pub response: Option<BodyHash>,
    /// Tokens, as the upstream counted them.
    pub usage: Option<Usage>,
    /// Where the time went.
    pub latency_us: Latency,
    /// Whether the answer was a stream.
    pub stream: bool,
    /// Stable error code when it did not complete.
    pub code: Option<String>,
    /// The file with what was asked and answered, where bodies are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<KeptBody>,
}

impl Execution {
    /// The code of an end that a recovery wrote, because a crash had left none.
    pub const RECOVERED: &str = "recovered";
}

/// Tokens of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the completion.
    pub completion: u64,
}

/// Times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    /// From the first byte of the request to the last of the answer.
    pub total: u64,
    /// From sending upstream to its first byte; `None` when it was not reached.
    pub upstream_first_byte: Option<u64>,
    /// What the gate added.
    pub added: u64,
}

/// POLICY: a policy set was put in force, or refused. Its exchange is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The generation it got, or would have got.
    pub generation: u64,
    /// The set's digest.
    pub digest: Digest,
    /// Its plugins, in order.
    pub plugins: Vec<PluginRef>,
    /// Whether it is in force now.
    pub accepted: bool,
    /// Stable error code when it was refused.
    pub code: Option<String>,
}

/// A plugin in a policy set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginRef {
    /// The plugin's id in the set.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: Digest,
    /// Whether its word counts.
    pub mode: Mode,
    /// Who signed it. `None` where no signature was checked, as of a plugin in the binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<PluginSigner>,
}

/// Whose signature a plugin's file had.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginSigner {
    /// The key's id, in hexadecimal.
    pub key: String,
    /// The name that the operator's configuration gives the key; may be empty.
    pub name: String,
}

/// RECOVERY: the ledger was opened after an unclean end. Its exchange is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Recovery {
    /// Why: `torn_tail` when bytes were cut, `open_exchanges` when exchanges had no end.
    pub reason: String,
    /// File name of the segment that was cut.
    pub segment: Option<String>,
    /// Offset in it from which bytes were cut.
    pub at_offset: u64,
    /// How many bytes were cut, up to the last that was not zero.
    pub truncated_bytes: u64,
    /// How many exchanges were closed as aborted; an EXECUTION for each follows.
    pub aborted: u64,
}

/// CHECKPOINT: the root over all records before this one, signed. Its exchange is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckpointRecord {
    /// The checkpoint as a C2SP signed note; it covers the records before this one, all of them.
    pub note: String,
    /// The public keys that signed this ledger's checkpoints so far, in order; the last is the one in force from here on.
    pub keys: Vec<KeyBytes>,
    /// The tree's right edge: the roots of its full subtrees, the largest first. Lets a writer go on without the whole ledger.
    pub tree: Vec<Digest>,
}

/// RETENTION: the oldest records are let go by the operator's rule. It is on disk, and a checkpoint over it, before the first
/// of them is removed. Its exchange is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// The last record that is let go; all before it are, too.
    pub through: u64,
    /// Its MAC.
    pub mac: Mac,
    /// When the segment after it was begun, in milliseconds since 1970.
    pub until_ms: u64,
    /// How many segments are let go now.
    pub segments: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Which rule asked for it: `age` or `size`.
    pub rule: String,
    /// The rule's bound: milliseconds, or bytes.
    pub bound: u64,
    /// Whether copies of them had been shipped.
    pub shipped: bool,
}

/// A record's content, by kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A request came in.
    Intent(Box<Intent>),
    /// A stage decided.
    Decision(Box<Decision>),
    /// The exchange ended.
    Execution(Box<Execution>),
    /// A person's agreement was asked for.
    Approval(Box<Approval>),
    /// A policy set was put in force, or refused.
    Policy(Policy),
    /// The tree's root was signed.
    Checkpoint(Box<CheckpointRecord>),
    /// The ledger was opened after an unclean end.
    Recovery(Recovery),
    /// Old segments are let go.
    Retention(Retention),
    /// A kind that a later version added. Only read, never written.
    Unknown(Unknown),
}

/// The content of a record whose kind this version does not know.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unknown {
    /// The kind.
    #[serde(skip)]
    pub kind: String,
    /// What it holds.
    pub body: Value,
}

impl Body {
    /// The word for this content.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Intent(_) => Kind::Intent,
            Self::Decision(_) => Kind::Decision,
            Self::Execution(_) => Kind::Execution,
            Self::Approval(_) => Kind::Approval,
            Self::Policy(_) => Kind::Policy,
            Self::Checkpoint(_) => Kind::Checkpoint,
            Self::Recovery(_) => Kind::Recovery,
            Self::Retention(_) => Kind::Retention,
            Self::Unknown(unknown) => Kind::Other(unknown.kind.clone()),
        }
    }
}

impl From<Intent> for Body {
    fn from(body: Intent) -> Self {
        Self::Intent(Box::new(body))
    }
}
impl From<Decision> for Body {
    fn from(body: Decision) -> Self {
        Self::Decision(Box::new(body))
    }
}
impl From<Execution> for Body {
    fn from(body: Execution) -> Self {
        Self::Execution(Box::new(body))
    }
}
impl From<Approval> for Body {
    fn from(body: Approval) -> Self {
        Self::Approval(Box::new(body))
    }
}
impl From<Policy> for Body {
    fn from(body: Policy) -> Self {
        Self::Policy(body)
    }
}
impl From<CheckpointRecord> for Body {
    fn from(body: CheckpointRecord) -> Self {
        Self::Checkpoint(Box::new(body))
    }
}
impl From<Retention> for Body {
    fn from(body: Retention) -> Self {
        Self::Retention(body)
    }
}
impl From<Recovery> for Body {
    fn from(body: Recovery) -> Self {
        Self::Recovery(body)
    }
}
