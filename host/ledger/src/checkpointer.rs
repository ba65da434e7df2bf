//! The writer's part in checkpoints: the tree as it grows, when a checkpoint is due, and what it says.

use std::time::{Duration, Instant};

use crate::body::CheckpointRecord;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::fixed_bytes::{Digest, KeyBytes, LedgerId};
use crate::keys::{PublicKey, ReceiptKey};
use crate::tree::Frontier;

/// The newest checkpoint's file, in the ledger's directory.
pub(crate) const FILE: &str = "checkpoint";
/// How many keys a ledger may have in its life: each stands in every CHECKPOINT record.
pub(crate) const MAX_KEYS: usize = 64;

/// How a ledger's tree is signed.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Signs; the key of the receipts, so that one public key checks all that a gate says.
    pub key: ReceiptKey,
    /// The key that signed before, where `key` takes over from it now.
    pub previous: Option<ReceiptKey>,
    /// A checkpoint is made after so many records; at least 1.
    pub records: u64,
    /// And no later than this after a record.
    pub after: Duration,
}

impl Checkpoints {
    /// Every 65,536 records, and ten seconds after a record at the latest.
    #[must_use]
    pub fn new(key: ReceiptKey) -> Self {
        Self { key, previous: None, records: 1 << 16, after: Duration::from_secs(10) }
    }
}

/// What the end of a ledger tells of its tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signed {
    /// Over all records.
    pub(crate) tree: Frontier,
    /// Digest of the header of the segment in which the last of them stands.
    pub(crate) segment: Option<Digest>,
    /// The keys that signed, in order.
    pub(crate) keys: Vec<KeyBytes>,
    /// What the file `checkpoint` says, where it was signed with a key of this ledger's.
    pub(crate) published: Option<SignedCheckpoint>,
}

/// What changes with each record, and goes back when a batch fails.
#[derive(Debug, Clone, Copy, Default)]
struct Edge {
    /// Digest of the header of the segment in which the last record stands.
    segment: Option<Digest>,
    /// Position of the last CHECKPOINT record.
    recorded: u64,
    keys: usize,
}

/// Kept by the writer when there is a key to sign with.
pub(crate) struct Checkpointer {
    settings: Checkpoints,
    ledger: LedgerId,
    keys: Vec<KeyBytes>,
    /// With the batch being written.
    edge: Edge,
    /// Without it.
    acknowledged: Edge,
    /// Over what was acknowledged.
    tree: Frontier,
    last: Instant,
    /// Up to which record the published checkpoint goes.
    published: u64,
}

impl Checkpointer {
    pub(crate) fn new(settings: Checkpoints, ledger: LedgerId, signed: Signed, published: u64) -> Self {
        let keys = signed.keys;
        // Whatever the published checkpoint does not cover waits for the next one.
        let edge = Edge { segment: signed.segment, recorded: published, keys: keys.len() };
        let tree = signed.tree;
        Self { settings, ledger, keys, acknowledged: edge, edge, tree, last: Instant::now(), published }
    }

    /// The keys that signed, in order.
    pub(crate) fn keys(&self) -> &[KeyBytes] {
        &self.keys
    }

    /// A record was added to the batch, for the segment with this header.
    pub(crate) fn push(&mut self, segment: Digest) {
        self.edge.segment = Some(segment);
    }

    /// The last records were moved to the segment with this header.
    pub(crate) fn moved(&mut self, segment: Digest) {
        self.edge.segment = Some(segment);
        self.acknowledged.segment = Some(segment);
    }

    /// The batch failed.
    pub(crate) fn roll_back(&mut self) {
        self.edge = self.acknowledged;
        self.keys.truncate(self.edge.keys);
    }

    /// The batch with these leaves was acknowledged. They come into the tree only now, when nobody waits for them any more: a
    /// checkpoint is over what is on disk, and so never needs the leaf of a record that is not.
    pub(crate) fn acknowledge(&mut self, leaves: Vec<Digest>) {
        self.acknowledged = self.edge;
        self.tree.extend(leaves);
    }

    /// Records that no CHECKPOINT record covers.
    fn uncovered(&self) -> u64 {
        self.tree.size().saturating_sub(self.edge.recorded)
    }

    /// When the next checkpoint is due; `None` while there is nothing to cover.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        match self.uncovered() {
            0 => None,
            records if records >= self.settings.records => Some(Duration::ZERO),
            _ => Some(self.settings.after.saturating_sub(self.last.elapsed())),
        }
    }

    /// Whether records are there that no CHECKPOINT record covers.
    pub(crate) fn is_behind(&self) -> bool {
        self.uncovered() > 0
    }

    /// Whether the key that signs is not the one that signed last.
    pub(crate) fn changes_key(&self) -> bool {
        self.keys.last() != Some(&self.public())
    }

    fn public(&self) -> KeyBytes {
        KeyBytes(self.settings.key.public().to_bytes())
    }

    /// What the CHECKPOINT record says that comes now, over all records before it; they must be on disk.
    pub(crate) fn record(&mut self) -> CheckpointRecord {
        let (key, old) = (&self.settings.key, self.settings.previous.as_ref());
        let change = self.keys.last().is_some_and(|last| *last != self.public());
        let next_key = change.then(|| key.public());
        let signers: Vec<&ReceiptKey> = old.filter(|_| change).into_iter().chain([key]).collect();
        let note = self.checkpoint(next_key).sign(&signers);
        if self.changes_key() {
            self.keys.push(self.public());
        }
        self.edge.keys = self.keys.len();
        // The record itself is the next leaf.
        self.edge.recorded = self.tree.size().saturating_add(1);
        self.last = Instant::now();
        CheckpointRecord { note, keys: self.keys.clone(), tree: self.tree.peaks().to_vec() }
    }

    /// A checkpoint over all records, to be published once they are on disk; `None` when the last published one is that.
    pub(crate) fn to_publish(&self) -> Option<String> {
        let caught_up = self.published >= self.edge.recorded || self.edge.recorded > self.tree.size();
        (!caught_up).then(|| self.checkpoint(None).sign(&[&self.settings.key]))
    }

    /// The checkpoint of `to_publish` can be read by others now.
    pub(crate) fn published(&mut self) {
        self.published = self.tree.size();
    }

    fn checkpoint(&self, next_key: Option<PublicKey>) -> Checkpoint {
        let (size, root) = (self.tree.size(), self.tree.root());
        Checkpoint { ledger: self.ledger, size, root, segment: self.edge.segment, next_key }
    }
}

#[cfg(test)]
mod tests;
