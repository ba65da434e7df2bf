//! Inclusion and consistency proofs (RFC 9162, 2.1.3 and 2.1.4).
//!
//! A proof is a list of the roots of some ranges of leaves. Which ranges follows from the sizes alone, so one pass over a
//! ledger makes a proof with a few hashes in memory ([`Collector`]), however large the ledger is.

use std::ops::Range;

use crate::fixed_bytes::Digest;
use crate::tree::{Frontier, node_hash};

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The ranges whose roots prove that leaf `index` is in a tree of `size` leaves; `None` when it is not below `size`.
pub(crate) fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The ranges whose roots prove that a tree of `first` leaves is the beginning of one of `second`; `None` when it cannot be.
pub(crate) fn consistency_ranges(first: u64, second: u64) -> Option<Vec<Range<u64>>> {
    if first > second {
        return None;
    }
    if first == 0 || first == second {
        return Some(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, second);
    while first < end {
        let middle = start + split(end - start);
        if first <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    // The part that both trees have as it is; whoever checks knows it when it is the whole first tree.
    if start > 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    Some(ranges)
}

/// Makes the roots of ranges of leaves that do not overlap, from leaves told in order.
#[derive(Debug)]
pub(crate) struct Collector {
    /// By where they begin, each with its place in the proof.
    ranges: Vec<(Range<u64>, usize)>,
    at: usize,
    edge: Frontier,
    roots: Vec<Option<Digest>>,
}

impl Collector {
    pub(crate) fn new(ranges: Vec<Range<u64>>) -> Self {
        let roots = vec![None; ranges.len()];
        let mut ranges: Vec<_> = ranges.into_iter().enumerate().map(|(place, range)| (range, place)).collect();
        ranges.sort_by_key(|(range, _)| range.start);
        Self { ranges, at: 0, edge: Frontier::default(), roots }
    }

    /// Tells leaf `index`; they must come in order.
    pub(crate) fn push(&mut self, index: u64, leaf: Digest) {
        let Some((range, place)) = self.ranges.get(self.at) else { return };
        if !range.contains(&index) {
            return;
        }
        self.edge.push(leaf);
        if index + 1 == range.end {
            if let Some(root) = self.roots.get_mut(*place) {
                *root = Some(self.edge.root());
            }
            self.edge = Frontier::default();
            self.at += 1;
        }
    }

    /// Tells the leaves before a place by the roots of their full subtrees, in place of one by one. Ranges that need more than
    /// these stay without a root.
    pub(crate) fn begin(&mut self, before: &Frontier) {
        for (begin, leaves, subtree) in before.subtrees() {
            while self.ranges.get(self.at).is_some_and(|(range, _)| range.end <= begin) {
                self.at += 1;
            }
            let Some((range, place)) = self.ranges.get(self.at) else { return };
            let end = begin + leaves;
            if range.start > begin || range.end < end {
                continue;
            }
            self.edge.push_subtree(leaves, subtree);
            if end == range.end {
                if let Some(root) = self.roots.get_mut(*place) {
                    *root = Some(self.edge.root());
                }
                self.edge = Frontier::default();
                self.at += 1;
            }
        }
        while self.ranges.get(self.at).is_some_and(|(range, _)| range.end <= before.size()) {
            self.at += 1;
        }
    }

    /// The proof; `None` when leaves were missing.
    pub(crate) fn finish(self) -> Option<Vec<Digest>> {
        self.roots.into_iter().collect()
    }
}

/// Whether `proof` shows that `leaf` is at `index` of the tree with `size` leaves and `root` (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: Digest, index: u64, size: u64, root: Digest, proof: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for part in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(part, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, part);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// Whether `proof` shows that the tree of `first` leaves is the beginning of the one of `second` (RFC 9162, 2.1.4.2). Every
/// tree begins with the empty one.
#[must_use]
pub fn verify_consistency(first: (u64, Digest), second: (u64, Digest), proof: &[Digest]) -> bool {
    let ((first_size, first_root), (second_size, second_root)) = (first, second);
    if first_size == 0 {
        return proof.is_empty() && first_root == Frontier::default().root();
    }
    if first_size >= second_size {
        return first == second && proof.is_empty();
    }
    let mut parts = proof.iter().copied();
    let start = if first_size.is_power_of_two() { Some(first_root) } else { parts.next() };
    let Some(start) = start else { return false };
    let (mut node, mut last) = (first_size - 1, second_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut left, mut both) = (start, start);
    for part in parts {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            left = node_hash(&part, &left);
            both = node_hash(&part, &both);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            both = node_hash(&both, &part);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && left == first_root && both == second_root
}

#[cfg(test)]
mod tests;
