//! What an entry's MAC and its leaf are both made of, so that its bytes are hashed once.

use crate::many::{self, Message};
use crate::sha256::sha256;

/// In front of an entry: neither a leaf nor a node of the tree begins so.
const ENTRY: u8 = 0x02;

/// `SHA-256(0x02 || what stands before the payload || payload)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct EntryHash(pub(crate) [u8; 32]);

impl EntryHash {
    /// Of an entry as it stands in its file, up to its MAC.
    pub(crate) fn of(front: &[u8]) -> Self {
        Self(sha256(&[&[ENTRY], front]))
    }

    /// Of many of them.
    pub(crate) fn of_each<'a>(fronts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Self> {
        let messages: Vec<_> = fronts.into_iter().map(|front| Message::of(ENTRY, front)).collect();
        let mut hashes = vec![Self::default(); messages.len()];
        many::hash_all(&messages, |index, hash| hashes[index] = Self(hash));
        hashes
    }
}
