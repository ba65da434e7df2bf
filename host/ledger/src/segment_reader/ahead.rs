//! What entries hash to, worked out for many of them at once before they are asked for.

use std::collections::VecDeque;

use super::{Entry, split, whole_entries};
use crate::chain::{Chain, MAC_LEN};
use crate::fixed_bytes::{Digest, KeyId, Mac};
use crate::tree::leaf_hashes;

/// At most so many entries at once, and about so many bytes: they should still be in the processor's cache.
const ENTRIES: usize = 256;
const BYTES: usize = 256 << 10;

/// What was worked out of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// What its MAC must be, under this key and after this MAC; not known of the first entry there is in memory.
    mac: Option<(KeyId, Mac, Mac)>,
    leaf: Option<Digest>,
}

impl Known {
    pub(super) fn leaf(&self) -> Option<Digest> {
        self.leaf
    }

    /// What the entry's MAC must be with this key and this MAC before it.
    pub(super) fn mac(&self, key: KeyId, previous: &Mac) -> Option<Mac> {
        self.mac.filter(|(with, after, _)| *with == key && after == previous).map(|(_, _, mac)| mac)
    }
}

/// An entry that stands in memory: where, and whether the one before it does, too.
#[derive(Debug, Clone, Copy)]
struct Near<'a> {
    entry: Entry<'a>,
    /// What its MAC is made of, and the MAC before it.
    input: Option<(&'a [u8], Mac)>,
}

/// Looks ahead of a reader.
#[derive(Default)]
pub(super) struct Ahead {
    chain: Option<Chain>,
    leaves: bool,
    /// Of the next entries, and where the first of them begins.
    known: VecDeque<Known>,
    offset: u64,
}

impl Ahead {
    pub(super) fn new(chain: Option<Chain>, leaves: bool) -> Self {
        Self { chain, leaves, ..Self::default() }
    }

    /// What was worked out is of bytes that will be read again.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// What is known of the entry at `offset`, with which `bytes` begin.
    pub(super) fn of(&mut self, bytes: &[u8], offset: u64, length: usize) -> Option<Known> {
        if self.chain.is_none() && !self.leaves {
            return None;
        }
        if self.known.is_empty() || self.offset != offset {
            self.look(bytes, offset);
        }
        self.offset = offset.saturating_add(length as u64);
        self.known.pop_front()
    }

    fn look(&mut self, bytes: &[u8], offset: u64) {
        self.known.clear();
        let bytes = bytes.get(..bytes.len().min(BYTES)).unwrap_or_default();
        let (mut near, mut begin): (Vec<Near<'_>>, usize) = (Vec::new(), 0);
        for entry in whole_entries(bytes).take(ENTRIES).map_while(|entry| split(entry, offset)) {
            let end = begin + entry.bytes.len();
            let input =
                near.last().and_then(|before| Some((bytes.get(begin - MAC_LEN..end - MAC_LEN)?, before.entry.mac)));
            near.push(Near { entry, input });
            begin = end;
        }
        self.known.extend(work_out(&near, self.chain.as_ref(), self.leaves));
    }
}

fn work_out(near: &[Near<'_>], chain: Option<&Chain>, leaves: bool) -> Vec<Known> {
    let mut known = vec![Known { mac: None, leaf: None }; near.len()];
    if leaves {
        let leaves = leaf_hashes(near.iter().map(|near| near.entry.bytes));
        known.iter_mut().zip(leaves).for_each(|(known, leaf)| known.leaf = Some(leaf));
    }
    if let Some(chain) = chain {
        let inputs: Vec<_> = near.iter().filter_map(|near| near.input).collect();
        let macs = chain.entry_macs(&inputs.iter().map(|(input, _)| *input).collect::<Vec<_>>());
        let with_input = known.iter_mut().zip(near).filter(|(_, near)| near.input.is_some());
        for (((known, _), (_, previous)), mac) in with_input.zip(inputs).zip(macs) {
            known.mac = Some((chain.key_id, previous, mac));
        }
    }
    known
}
