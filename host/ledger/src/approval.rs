//! What an APPROVAL record says: which call a policy wants a person's agreement to, to the byte, and what became of it.

use serde::{Deserialize, Serialize};

use crate::body::Claim;
use crate::body_hash::BodyHash;
use crate::decision::Reason;
use crate::fixed_bytes::Digest;
use crate::sha256::sha256;
use crate::words::Approved;

/// The longest id of a call that is recorded as it is, in bytes.
const MAX_CALL_ID: usize = 128;

/// APPROVAL: a policy wants a person to agree to a call. Durable before anybody is told what became of the call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Approval {
    /// Names this asking (UUIDv7): the same in all records of it.
    pub approval: String,
    /// What became of it.
    pub outcome: Approved,
    /// For whom: who called, as in the INTENT.
    pub principal: Claim,
    /// The policy set that asked.
    pub policy_set: Digest,
    /// That set's generation.
    pub generation: u64,
    /// The plugin that asked, and its code.
    pub asked_by: Reason,
    /// Who is asked, as the plugin names them.
    pub queue: Option<String>,
    /// The call.
    pub call: ApprovedCall,
}

/// The one call that an approval is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovedCall {
    /// What kind of effect: `tool_use`.
    pub kind: String,
    /// The id that the model's answer gives it.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Its index in the answer.
    pub index: u64,
    /// Salted hash of its arguments, as they were judged: the same as in the DECISION.
    pub arguments: Option<BodyHash>,
}

impl ApprovedCall {
    /// An id of a call as it is recorded: longer ones by their SHA-256, so that they are bound all the same.
    #[must_use]
    pub fn recorded_id(id: &str) -> String {
        match id.len() <= MAX_CALL_ID {
            true => id.to_owned(),
            false => format!("sha256:{}", Digest(sha256(&[id.as_bytes()]))),
        }
    }
}
