//! From a word to the places of rules where it may stand.

use std::cmp::Reverse;

use crate::plain::{Plain, eight};
use crate::program::{CLASS, LATER, TooMany};
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
    /// The number of a set of classes, if any; then later steps of rules; then first ones.
    states: &'static [[u8; 2]],
    /// A bit for each class.
    sets: &'static [[u8; 4]],
}

/// What a word may stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// A bit each.
    pub(crate) classes: u32,
    /// Steps of rules that are not their first.
    pub(crate) later: States,
    pub(crate) first: States,
}

impl Found {
    pub(crate) fn is_empty(self) -> bool {
        self.classes == 0 && self.later.is_empty() && self.first.is_empty()
    }
}

/// Steps of rules.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct States(&'static [[u8; 2]]);

impl States {
    #[inline]
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
        Some(u16::from_le_bytes(*first) & !LATER)
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

    let (mut states, mut lists, mut sets): (Vec<u16>, Vec<(u16, u16)>, Vec<u32>) = (vec![], vec![], vec![]);
    for word in &words {
        let (classes, steps): (Vec<u16>, Vec<u16>) =
            word.iter().map(|(_, state)| state).partition(|state| **state & CLASS != 0);
        let set = classes.iter().fold(0_u32, |bits, class| bits | 1 << (class & !CLASS));
        let number = sets.iter().position(|known| *known == set).unwrap_or(sets.len());
        if number == sets.len() {
            sets.push(set);
        }
        let list: Vec<u16> = if set == 0 { steps } else { [vec![CLASS | narrow(number)?], steps].concat() };
        let from = states.windows(list.len()).position(|known| known == list).unwrap_or(states.len());
        if from == states.len() {
            states.extend(&list);
        }
        lists.push((narrow(from)?, narrow(list.len())?));
    }
    for n in [size, words.len(), states.len(), sets.len()] {
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
    out.extend(sets.iter().flat_map(|set| set.to_le_bytes()));
    Ok(())
}

pub(crate) fn narrow(n: usize) -> Result<u16, TooMany> {
    u16::try_from(n).map_err(|_| TooMany)
}

/// The first `count` pieces of so many bytes, and what is left.
pub(crate) const fn take<const N: usize>(
    bytes: &'static [u8],
    count: usize,
) -> Option<(&'static [[u8; N]], &'static [u8])> {
    match bytes.split_at_checked(count * N) {
        Some((these, rest)) => Some((these.as_chunks().0, rest)),
        None => None,
    }
}

/// A number of two bytes.
const fn number(bytes: [u8; 2]) -> usize {
    u16::from_le_bytes(bytes) as usize
}

impl Table {
    /// Of no word.
    pub(crate) const NONE: Self = Self { some: &[], buckets: &[], hashes: &[], lists: &[], states: &[], sets: &[] };

    /// A table that [`write`] wrote, and what stands behind it.
    pub(crate) const fn read(bytes: &'static [u8]) -> Option<(Self, &'static [u8])> {
        let Some((&[size, words, states, sets], rest)) = take::<2>(bytes, 4) else { return None };
        let size = number(size);
        let Some((some, rest)) = take(rest, size * THINNER / 32) else { return None };
        let Some((buckets, rest)) = take(rest, size + 1) else { return None };
        let Some((hashes, rest)) = take(rest, number(words)) else { return None };
        let Some((lists, rest)) = take(rest, number(words)) else { return None };
        let Some((states, rest)) = take(rest, number(states)) else { return None };
        let Some((sets, rest)) = take(rest, number(sets)) else { return None };
        if size.is_power_of_two() { Some((Self { some, buckets, hashes, lists, states, sets }, rest)) } else { None }
    }

    /// What a normalised word stands for.
    #[inline]
    pub(crate) fn word(&self, word: &[u8]) -> Found {
        self.by_hash(hash(word))
    }

    /// The same by its hash.
    #[inline(always)]
    pub(crate) fn by_hash(&self, hash: u32) -> Found {
        let (at, bit) = bit(hash, self.some.len());
        match self.some.get(at) {
            Some(some) if u32::from_le_bytes(*some) & bit != 0 => self.find(hash),
            _ => Found::default(),
        }
    }

    #[inline(always)]
    fn find(&self, hash: u32) -> Found {
        // One more than the buckets, which are a power of two.
        let bucket = hash as usize & self.buckets.len().wrapping_sub(2);
        let Some([begin, end]) = self.buckets.get(bucket..).and_then(<[_]>::first_chunk) else {
            return Found::default();
        };
        let [begin, end] = [begin, end].map(|at| usize::from(u16::from_le_bytes(*at)));
        let known = |at: &usize| self.hashes.get(*at).is_some_and(|known| u32::from_le_bytes(*known) == hash);
        (begin..end).find(known).and_then(|at| self.list(at)).unwrap_or_default()
    }

    #[inline(always)]
    fn list(&self, word: usize) -> Option<Found> {
        let [from, count] = self.lists.get(word)?.as_chunks().0 else { return None };
        let [from, count] = [from, count].map(|n| usize::from(u16::from_le_bytes(*n)));
        let mut later = self.states.get(from..from.wrapping_add(count))?;
        let mut classes = 0;
        if let Some((first, rest)) = later.split_first()
            && let Some(set) = u16::from_le_bytes(*first).checked_sub(CLASS)
        {
            (classes, later) = (u32::from_le_bytes(*self.sets.get(usize::from(set))?), rest);
        }
        let is_later = |state: &[u8; 2]| u16::from_le_bytes(*state) & LATER != 0;
        let (later, first) = later.split_at(later.iter().rposition(is_later).map_or(0, |last| last.wrapping_add(1)));
        Some(Found { classes, later: States(later), first: States(first) })
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
