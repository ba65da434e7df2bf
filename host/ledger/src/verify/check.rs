//! What a ledger is checked with.

use crate::checkpoint::SignedCheckpoint;
use crate::cosignature::WitnessKey;
use crate::head::Head;
use crate::keys::{ChainKey, PublicKey};

/// What to check a ledger with, and against. Each part is checked where there is something to check it with.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// The first chain key: whether each record is the one that was written, to the byte.
    pub chain: Option<ChainKey>,
    /// Public keys that are trusted to sign checkpoints: whether the records are those that were signed.
    pub keys: Vec<PublicKey>,
    /// A head noted earlier: that record must be there with that MAC.
    pub expect_head: Option<Head>,
    /// Checkpoints kept elsewhere: the ledger must go on from each of them.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// Witnesses that must each have cosigned a checkpoint of the ledger: the one it keeps, or one kept elsewhere.
    pub witnesses: Vec<WitnessKey>,
}

impl Check {
    /// With the first chain key alone.
    #[must_use]
    pub fn with_chain(key: &ChainKey) -> Self {
        Self { chain: Some(key.clone()), ..Self::default() }
    }

    /// With a public key alone, as an outsider.
    #[must_use]
    pub fn with_key(key: PublicKey) -> Self {
        Self { keys: vec![key], ..Self::default() }
    }
}
