//! The Merkle tree over a ledger's entries (RFC 9162, 2.1): its hashes, and its right edge.

use crate::chain::MAC_LEN;
use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{Digest, Mac};
use crate::many::{self, Message};
use crate::sha256::sha256;

/// In front of a leaf, so that no leaf can be taken for a node.
const LEAF: [u8; 1] = [0x00];
/// In front of a node.
const NODE: [u8; 1] = [0x01];
/// So many leaves fill a processor's vectors on more than one level.
const MANY: usize = 16;

/// The leaf of an entry as stored: `SHA-256(0x00 || entry hash || MAC)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    // What is too short for a MAC is no entry, and its leaf is that of none: what is hashed then is shorter than of any.
    let (front, mac) = entry.split_at(entry.len().saturating_sub(MAC_LEN));
    Digest(sha256(&[&LEAF, &EntryHash::of(front).0, mac]))
}

/// The same of an entry whose hash is known.
pub(crate) fn leaf_of(entry: &EntryHash, mac: &Mac) -> Digest {
    Digest(sha256(&[&LEAF, &entry.0, &mac.0]))
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(sha256(&[&NODE, &left.0, &right.0]))
}

/// The leaves of many entries whose hashes are known.
pub(crate) fn leaf_hashes<'a>(entries: impl IntoIterator<Item = (&'a EntryHash, &'a Mac)>) -> Vec<Digest> {
    let pairs: Vec<_> = entries.into_iter().map(|(entry, mac)| [entry.0, mac.0]).collect();
    hash_pairs(LEAF, &pairs)
}

/// The nodes over pairs; one that is left over has none.
fn node_hashes(row: &[Digest]) -> Vec<Digest> {
    let pairs: Vec<_> = row.as_chunks::<2>().0.iter().map(|[left, right]| [left.0, right.0]).collect();
    hash_pairs(NODE, &pairs)
}

fn hash_pairs([domain]: [u8; 1], pairs: &[[[u8; 32]; 2]]) -> Vec<Digest> {
    let messages: Vec<_> = pairs.iter().map(|pair| Message::of(domain, pair.as_flattened())).collect();
    let mut hashes = vec![Digest::default(); messages.len()];
    many::hash_all(&messages, |index, hash| hashes[index] = Digest(hash));
    hashes
}

/// The right edge of a tree that grows: the roots of its full subtrees, one for each bit of its size, the largest first.
///
/// All that is needed to add a leaf and to know the root: at most 64 hashes, however large the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The edge of a tree of `size` leaves; `None` when it has another number of peaks.
    pub(crate) fn from_parts(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (u32::try_from(peaks.len()) == Ok(size.count_ones())).then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a full subtree of `leaves`, no larger than the last one added.
    pub(crate) fn push_subtree(&mut self, leaves: u64, root: Digest) {
        self.size = self.size.saturating_add(leaves);
        self.peaks.push(root);
    }

    /// The full subtrees, the largest first: where each begins, how many leaves it has, its root.
    pub(crate) fn subtrees(&self) -> impl Iterator<Item = (u64, u64, Digest)> + '_ {
        let mut begin = 0;
        let sizes = (0..64).rev().map(|bit| 1_u64 << bit).filter(|size| self.size & size != 0);
        sizes.zip(&self.peaks).map(move |(size, root)| {
            let at = begin;
            begin += size;
            (at, size, *root)
        })
    }

    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: Digest) {
        self.size = self.size.saturating_add(1);
        let mut right = leaf;
        // Each trailing zero of the new size is a pair of equal subtrees that becomes one.
        for _ in 0..self.size.trailing_zeros() {
            let Some(left) = self.peaks.pop() else { break };
            right = node_hash(&left, &right);
        }
        self.peaks.push(right);
    }

    /// Adds leaves, level by level; a few one by one, which costs no more and needs no memory.
    pub(crate) fn extend(&mut self, leaves: Vec<Digest>) {
        if leaves.len() < MANY {
            return leaves.into_iter().for_each(|leaf| self.push(leaf));
        }
        let more = leaves.len() as u64;
        let (mut row, mut alone) = (leaves, Vec::new());
        let mut level = 0;
        while !row.is_empty() {
            if self.size.checked_shr(level).unwrap_or(0) & 1 == 1 {
                // The subtree of this size that was at the edge is the left one of the first pair.
                row.splice(0..0, self.peaks.pop());
            }
            let nodes = node_hashes(&row);
            alone.extend(if row.len() % 2 == 1 { row.pop() } else { None });
            row = nodes;
            level += 1;
        }
        self.peaks.extend(alone.into_iter().rev());
        self.size = self.size.saturating_add(more);
    }

    /// The tree's root; of an empty tree the hash of nothing.
    pub(crate) fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Digest(sha256(&[])) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
pub(crate) mod tests;
