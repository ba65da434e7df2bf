//! From a word to the places of rules where it may stand.

use std::cmp::Reverse;

use crate::matcher::TooMany;
use crate::plain::{Plain, eight};
use crate::words::MAX_WORD;

/// Bits of `some` for each entry.
const THINNER: usize = 8;

/// A hash table of words, by hash alone. It is small, and made without much that is thrown away: what stands in memory after
/// configuring, every fresh sandbox carries.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Open addressing; an entry without states is free.
    entries: Vec<Entry>,
    /// A bit for each hash, [`THINNER`] times as many as there are entries: most words are known by it to be in no rule.
    some: Vec<u32>,
    states: Vec<u16>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    hash: u32,
    from: u16,
    count: u16,
}

impl Table {
    /// A table of hashes of words and the states they lead to.
    pub(crate) fn new(mut pairs: Vec<(u32, u16)>) -> Result<Self, TooMany> {
        // Later states first, so that one word never serves two steps in a row.
        pairs.sort_unstable_by_key(|(hash, state)| (*hash, Reverse(*state)));
        pairs.dedup();
        let words = || pairs.chunk_by(|a, b| a.0 == b.0);
        let size = (words().count() * 2).next_power_of_two().max(4);
        let mut table = Self {
            entries: vec![Entry::default(); size],
            some: vec![0; size * THINNER / 32],
            states: pairs.iter().map(|(_, state)| *state).collect(),
        };
        let mut from = 0;
        for word in words() {
            let hash = word.first().map_or(0, |(hash, _)| *hash);
            let count = u16::try_from(word.len()).map_err(|_| TooMany)?;
            let (at, bit) = table.bit(hash);
            if let Some(some) = table.some.get_mut(at) {
                *some |= bit;
            }
            let mut at = hash as usize & (size - 1);
            while table.entries.get(at).is_some_and(|e| e.count > 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(entry) = table.entries.get_mut(at) {
                *entry = Entry { hash, from, count };
            }
            from = from.checked_add(count).ok_or(TooMany)?;
        }
        Ok(table)
    }

    /// The states of a normalised word.
    #[inline]
    pub(crate) fn states(&self, word: &[u8]) -> &[u16] {
        self.by_hash(hash(word))
    }

    /// The states of a word by its hash.
    #[inline]
    pub(crate) fn by_hash(&self, hash: u32) -> &[u16] {
        let (at, bit) = self.bit(hash);
        match self.some.get(at) {
            Some(some) if some & bit != 0 => self.find(hash),
            _ => &[],
        }
    }

    #[inline(never)]
    fn find(&self, hash: u32) -> &[u16] {
        let mask = self.entries.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        while let Some(entry) = self.entries.get(at).filter(|e| e.count > 0) {
            if entry.hash == hash {
                let from = usize::from(entry.from);
                return self.states.get(from..from + usize::from(entry.count)).unwrap_or_default();
            }
            at = (at + 1) & mask;
        }
        &[]
    }

    /// The word of `some` and the bit in it that a hash has.
    #[inline]
    fn bit(&self, hash: u32) -> (usize, u32) {
        // Not the bits that choose the entry.
        ((hash >> 17) as usize & self.some.len().wrapping_sub(1), 1 << (hash >> 12 & 31))
    }
}

/// Eight bytes a step. Collisions between words of a text and those of rules are rare and harmless, since a rule needs several
/// words; between the built-in rules' own words there are none.
#[inline]
pub(crate) fn hash(word: &[u8]) -> u32 {
    upper(word.chunks(8).fold(0, |h, c| mix(h, eight(c))))
}

/// The same for a plain word.
#[inline]
pub(crate) fn hash_plain(word: Plain<'_>) -> u32 {
    match word.letters {
        letters if letters.len() <= 8 => upper(mix(0, word.head)),
        letters => long(word.head, letters),
    }
}

/// The same for one of more than eight letters.
fn long(head: u64, letters: &[u8]) -> u32 {
    let letters = letters.get(..MAX_WORD).unwrap_or(letters);
    let (mut hash, mut at) = (mix(0, head), 8);
    while let Some(eight) = letters.get(at..).and_then(<[u8]>::first_chunk) {
        (hash, at) = (mix(hash, lower(u64::from_le_bytes(*eight))), at + 8);
    }
    if at < letters.len()
        && let Some(last) = letters.last_chunk()
    {
        // Of the last eight those that were not read yet.
        let read = 8 - letters.len() % 8;
        hash = mix(hash, lower(u64::from_le_bytes(*last) >> (8 * read)));
    }
    upper(hash)
}

/// The same for a word of up to eight bytes, the first one lowest.
#[inline]
pub(crate) fn hash_eight(eight: u64) -> u32 {
    upper(mix(0, eight))
}

#[inline]
fn mix(hash: u64, eight: u64) -> u64 {
    let product = (hash ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}

#[inline]
fn upper(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Up to eight letters in lower case.
#[inline]
fn lower(eight: u64) -> u64 {
    // A letter has 0x40; zero, which fills up, has not.
    eight | eight >> 1 & 0x2020_2020_2020_2020
}

#[cfg(test)]
mod tests;
