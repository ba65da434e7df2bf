//! From a word to the places of rules where it may stand.

use std::cmp::Reverse;

use crate::plain::{Plain, eight};
use crate::program::TooMany;
use crate::words::MAX_WORD;

/// Bits of `some` for each bucket.
const THINNER: usize = 16;

/// A hash table of words, by hash alone, read where it lies: what configuring leaves in memory, every fresh sandbox carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Table {
    /// A bit for each hash, [`THINNER`] times as many as there are buckets: most words are known by it to be in no rule.
    some: &'static [[u8; 4]],
    /// Where the words of each bucket begin, and after the last one their end.
    buckets: &'static [[u8; 2]],
    hashes: &'static [[u8; 4]],
    /// Of each word, where its states begin and how many they are. Words of the same states share them.
    lists: &'static [[u8; 4]],
    states: &'static [[u8; 2]],
}

/// The states of a word.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct States(&'static [[u8; 2]]);

impl States {
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl Iterator for States {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*first))
    }
}

/// Writes a table of hashes of words and the states they lead to.
pub(crate) fn write(mut pairs: Vec<(u32, u16)>, out: &mut Vec<u8>) -> Result<(), TooMany> {
    // Later states first, so that one word never serves two steps in a row.
    pairs.sort_unstable_by_key(|(hash, state)| (*hash, Reverse(*state)));
    pairs.dedup();
    let mut words: Vec<&[(u32, u16)]> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
    let size = words.len().next_power_of_two().max(4);
    let hash_of = |word: &[(u32, u16)]| word.first().map_or(0, |(hash, _)| *hash);
    words.sort_by_key(|word| hash_of(word) as usize & (size - 1));

    let (mut states, mut lists): (Vec<u16>, Vec<(u16, u16)>) = (vec![], vec![]);
    for word in &words {
        let list: Vec<u16> = word.iter().map(|(_, state)| *state).collect();
        let from = states.windows(list.len()).position(|known| known == list).unwrap_or(states.len());
        if from == states.len() {
            states.extend(&list);
        }
        lists.push((narrow(from)?, narrow(list.len())?));
    }
    for n in [size, words.len(), states.len()] {
        out.extend(narrow(n)?.to_le_bytes());
    }
    let mut some = vec![0_u32; size * THINNER / 32];
    for word in &words {
        let (at, bit) = bit(hash_of(word), some.len());
        if let Some(some) = some.get_mut(at) {
            *some |= bit;
        }
    }
    out.extend(some.iter().flat_map(|some| some.to_le_bytes()));
    for bucket in 0..=size {
        let before = words.partition_point(|word| (hash_of(word) as usize & (size - 1)) < bucket);
        out.extend(narrow(before)?.to_le_bytes());
    }
    out.extend(words.iter().flat_map(|word| hash_of(word).to_le_bytes()));
    for (from, count) in lists {
        out.extend(from.to_le_bytes());
        out.extend(count.to_le_bytes());
    }
    out.extend(states.iter().flat_map(|state| state.to_le_bytes()));
    Ok(())
}

pub(crate) fn narrow(n: usize) -> Result<u16, TooMany> {
    u16::try_from(n).map_err(|_| TooMany)
}

/// The first `count` pieces of so many bytes, and what is left.
pub(crate) fn take<const N: usize>(bytes: &'static [u8], count: usize) -> Option<(&'static [[u8; N]], &'static [u8])> {
    let (these, rest) = bytes.split_at_checked(count * N)?;
    Some((these.as_chunks().0, rest))
}

impl Table {
    /// A table that [`write`] wrote, and what stands behind it.
    pub(crate) fn read(bytes: &'static [u8]) -> Option<(Self, &'static [u8])> {
        let (head, rest) = take::<2>(bytes, 3)?;
        let [size, words, states] = *head else { return None };
        let number = |n| usize::from(u16::from_le_bytes(n));
        let size = number(size);
        let (some, rest) = take(rest, size * THINNER / 32)?;
        let (buckets, rest) = take(rest, size + 1)?;
        let (hashes, rest) = take(rest, number(words))?;
        let (lists, rest) = take(rest, number(words))?;
        let (states, rest) = take(rest, number(states))?;
        size.is_power_of_two().then_some((Self { some, buckets, hashes, lists, states }, rest))
    }

    /// The states of a normalised word.
    #[inline]
    pub(crate) fn states(&self, word: &[u8]) -> States {
        self.by_hash(hash(word))
    }

    /// The states of a word by its hash.
    #[inline]
    pub(crate) fn by_hash(&self, hash: u32) -> States {
        let (at, bit) = bit(hash, self.some.len());
        match self.some.get(at) {
            Some(some) if u32::from_le_bytes(*some) & bit != 0 => self.find(hash),
            _ => States(&[]),
        }
    }

    #[inline(never)]
    fn find(&self, hash: u32) -> States {
        // One more than the buckets, which are a power of two.
        let bucket = hash as usize & self.buckets.len().wrapping_sub(2);
        let ends = |at: usize| self.buckets.get(at).map_or(0, |end| usize::from(u16::from_le_bytes(*end)));
        let (mut at, end) = (ends(bucket), ends(bucket.wrapping_add(1)));
        while at < end {
            if self.hashes.get(at).is_some_and(|known| u32::from_le_bytes(*known) == hash) {
                let Some([a, b, c, d]) = self.lists.get(at) else { break };
                let from = usize::from(u16::from_le_bytes([*a, *b]));
                let count = usize::from(u16::from_le_bytes([*c, *d]));
                return States(self.states.get(from..from.wrapping_add(count)).unwrap_or_default());
            }
            at = at.wrapping_add(1);
        }
        States(&[])
    }
}

/// The word of `some` and the bit in it that a hash has.
#[inline]
fn bit(hash: u32, words: usize) -> (usize, u32) {
    // Not the bits that choose the bucket.
    ((hash >> 17) as usize & words.wrapping_sub(1), 1 << (hash >> 12 & 31))
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
