//! What a request was made from, as its client says: earlier exchanges of the same ledger, each named by the digest of a record.

use serde::{Deserialize, Serialize};

use crate::fixed_bytes::Digest;
use crate::words::Use;

/// An earlier exchange that a request was made from. The gate found it in its own ledger before anything left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// Position of its admission DECISION, the record that its receipt names.
    pub seq: u64,
    /// The digest of that record: its leaf in the tree.
    pub digest: Digest,
    /// The exchange.
    pub exchange: String,
    /// What it may do.
    #[serde(rename = "use")]
    pub used: Use,
}

/// A label that came with a reference: it is in force from the beginning of the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Inherited {
    /// The plugin that set it then.
    pub source: String,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}
