//! What entries hash to, worked out for many of them at once before they are asked for.

use super::{Entry, split, whole_entries};
use crate::chain::Chain;
use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{Digest, KeyId, Mac};
use crate::tree::leaf_hashes;

/// At most so many entries at once, and about so many bytes: they should still be in the processor's cache.
const ENTRIES: usize = 256;
const BYTES: usize = 256 << 10;

/// What was worked out of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    hash: EntryHash,
    /// What its MAC must be, under this key and after this MAC; not known of the first entry there is in memory.
    mac: Option<(KeyId, Mac, Mac)>,
    leaf: Option<Digest>,
}

impl Known {
    pub(super) fn hash(&self) -> EntryHash {
        self.hash
    }

    pub(super) fn leaf(&self) -> Option<Digest> {
        self.leaf
    }

    /// What the entry's MAC must be with this key and this MAC before it.
    pub(super) fn mac(&self, key: KeyId, previous: &Mac) -> Option<Mac> {
        self.mac.filter(|(with, after, _)| *with == key && after == previous).map(|(_, _, mac)| mac)
    }
}

/// Looks ahead of a reader.
#[derive(Default)]
pub(super) struct Ahead {
    chain: Option<Chain>,
    leaves: bool,
    /// Of the next entries, and where the first of them begins.
    known: Vec<Known>,
    next: usize,
    offset: u64,
}

impl Ahead {
    pub(super) fn new(chain: Option<Chain>, leaves: bool) -> Self {
        Self { chain, leaves, ..Self::default() }
    }

    /// What was worked out is of bytes that will be read again.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.next = 0;
    }

    /// What is known of the entry at `offset`, with which `bytes` begin.
    pub(super) fn of(&mut self, bytes: &[u8], offset: u64, length: usize) -> Option<&Known> {
        if self.chain.is_none() && !self.leaves {
            return None;
        }
        if self.next == self.known.len() || self.offset != offset {
            self.look(bytes, offset);
        }
        self.offset = offset.saturating_add(length as u64);
        let known = self.known.get(self.next)?;
        self.next += 1;
        Some(known)
    }

    fn look(&mut self, bytes: &[u8], offset: u64) {
        self.forget();
        let bytes = bytes.get(..bytes.len().min(BYTES)).unwrap_or_default();
        let entries = whole_entries(bytes).take(ENTRIES).map_while(|entry| split(entry, offset)).collect::<Vec<_>>();
        self.known = work_out(&entries, self.chain.as_ref(), self.leaves);
    }
}

fn work_out(entries: &[Entry<'_>], chain: Option<&Chain>, leaves: bool) -> Vec<Known> {
    let hashes = EntryHash::of_each(entries.iter().map(Entry::front));
    let mut known: Vec<_> = hashes.iter().map(|hash| Known { hash: *hash, mac: None, leaf: None }).collect();
    if leaves {
        let leaves = leaf_hashes(hashes.iter().zip(entries.iter().map(|entry| &entry.mac)));
        known.iter_mut().zip(leaves).for_each(|(known, leaf)| known.leaf = Some(leaf));
    }
    if let Some(chain) = chain {
        let inputs: Vec<_> = entries.iter().map(|entry| entry.mac).zip(hashes.into_iter().skip(1)).collect();
        let macs = chain.entry_macs(&inputs);
        for ((known, (previous, _)), mac) in known.iter_mut().skip(1).zip(inputs).zip(macs) {
            known.mac = Some((chain.key_id, previous, mac));
        }
    }
    known
}
