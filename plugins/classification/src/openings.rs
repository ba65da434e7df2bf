//! The first three characters of all phrases and leads: nearly all of a text is passed at one look at many places.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, mask8x16, u8x16};

use crate::fold::is_word;
use crate::words::{Node, ROOT, Words};

/// Places that are looked at at once, and the bytes that are needed for it.
pub(crate) const STEP: usize = 64;
pub(crate) const NEEDED: usize = STEP + 2;

/// First symbols are told apart by one bit of these, several sharing one.
const LETTERS: u8 = 6;
/// A bracket.
const BRACKET: u8 = 1 << 6;
/// What is complete with its first symbol: what follows does not matter.
const SHORT: u8 = 1 << 7;

/// For each half of a byte the bits of those bytes that have it. A byte may have the bits that both its halves have.
#[derive(Debug, Clone, Copy, Default)]
struct Halves {
    low: [u8; 16],
    high: [u8; 16],
}

/// Which characters may follow one another where a phrase begins. "May" where more than three must tell, or the halves of
/// other characters make up one.
#[derive(Debug, Default)]
pub(crate) struct Openings {
    /// The first symbols, one bit each.
    firsts: u128,
    places: [Halves; 3],
    /// The same without what halves make up: a bit for each three characters, a few of which share one.
    threes: Vec<u64>,
}

/// Words of 64 bits in [`Openings::threes`].
const THREES: usize = 128;

impl Openings {
    /// Of all phrases and leads.
    pub(crate) fn new(all: [&Words; 2]) -> Self {
        let mut openings = Self { threes: vec![0; THREES], ..Self::default() };
        openings.put(0, b'(', BRACKET);
        for b in 0..128 {
            openings.put(1, b, BRACKET);
            openings.put(2, b, BRACKET | SHORT);
        }
        for words in all {
            for first in b'!'..=b'~' {
                if let Some(node) = words.step(ROOT, first.to_ascii_uppercase()) {
                    openings.add(words, first, node);
                }
            }
        }
        openings
    }

    /// Adds what begins with `first`, in both cases of what follows.
    fn add(&mut self, words: &Words, first: u8, node: Node) {
        let bit = 1 << (first.to_ascii_uppercase() % LETTERS);
        for second in b' '..=b'~' {
            let symbol = second.to_ascii_uppercase();
            let short = words.value(node).is_some() && !is_word(symbol);
            let next = words.step(node, symbol);
            if short || next.is_some() {
                self.firsts |= 1 << first;
            }
            if short {
                self.put(0, first, SHORT);
                self.put(1, second, SHORT);
                (b' '..=b'~').for_each(|third| self.put_three([first, second, third]));
            }
            let Some(next) = next else { continue };
            self.put(1, second, bit);
            for third in b' '..=b'~' {
                let symbol = third.to_ascii_uppercase();
                let ends = words.value(next).is_some() && !is_word(symbol);
                // Further spaces are as one.
                if ends || (second, third) == (b' ', b' ') || words.step(next, symbol).is_some() {
                    self.put(2, third, bit);
                    self.put_three([first, second, third]);
                }
            }
        }
        self.put(0, first, bit);
    }

    fn put(&mut self, place: usize, b: u8, bits: u8) {
        let Some(Halves { low, high }) = self.places.get_mut(place) else { return };
        for (half, of) in [(low, b & 15), (high, b >> 4)] {
            if let Some(known) = half.get_mut(usize::from(of)) {
                *known |= bits;
            }
        }
    }

    fn put_three(&mut self, chars: [u8; 3]) {
        let (word, bit) = three(chars);
        if let Some(word) = self.threes.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Whether it is sure that no phrase or lead begins with these characters: the second look.
    #[inline]
    pub(crate) fn exclude(&self, chars: [u8; 3]) -> bool {
        let (word, bit) = three(chars);
        let seen = chars.iter().all(|b| matches!(b, b' '..=b'~'));
        seen && self.threes.get(word).is_some_and(|word| word >> bit & 1 == 0)
    }

    /// Whether something begins with this symbol.
    #[inline]
    pub(crate) fn first(&self, symbol: u8) -> bool {
        self.firsts.checked_shr(symbol.into()).is_some_and(|firsts| firsts & 1 == 1)
    }

    /// One bit for each place, the lowest for the first: whether a candidate may begin there, or a character that is not
    /// ASCII does. `within`: a word's letter stands before the first; within a word nothing begins.
    #[inline]
    pub(crate) fn find(&self, bytes: &[u8; NEEDED], within: bool) -> u64 {
        dispatch!(Level::new(), simd => self.find_by(simd, bytes, within))
    }

    #[inline(always)]
    fn find_by<S: Simd>(&self, simd: S, bytes: &[u8; NEEDED], within: bool) -> u64 {
        let [first, second, third] = self.places.map(|place| Table::new(simd, &place));
        let (mut may, mut words, mut others) = (0, 0, 0);
        for at in (0..STEP).step_by(16).rev() {
            let [a, b, c] = [0, 1, 2].map(|place| load(simd, bytes, at.wrapping_add(place)));
            // What is not seen may be anything, and what is behind it too.
            let bits = first.bits(a) & (second.bits(b) & (third.bits(c) | unseen(c)) | unseen(b));
            may = may << 16 | simd.to_bitmask_mask8x16(bits.simd_gt(0));
            words = words << 16 | simd.to_bitmask_mask8x16(word(a));
            others = others << 16 | simd.to_bitmask_mask8x16(a.simd_gt(0x7f));
        }
        may & !(words << 1 | u64::from(within)) | others
    }
}

/// The place of three characters: a word, and a bit of it. Both cases of a letter have the same.
#[inline]
fn three([first, second, third]: [u8; 3]) -> (usize, u8) {
    let word = (first & 31) << 2 ^ second & 31;
    (usize::from(word), third & 31 | (second & 64) >> 1)
}

#[inline(always)]
fn load<S: Simd>(simd: S, bytes: &[u8; NEEDED], at: usize) -> u8x16<S> {
    let chars = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<16>());
    u8x16::simd_from(simd, chars.copied().unwrap_or_default())
}

/// [`Halves`] in vectors.
struct Table<S: Simd> {
    simd: S,
    low: u8x16<S>,
    high: u8x16<S>,
}

impl<S: Simd> Table<S> {
    #[inline(always)]
    fn new(simd: S, halves: &Halves) -> Self {
        Self { simd, low: u8x16::simd_from(simd, halves.low), high: u8x16::simd_from(simd, halves.high) }
    }

    #[inline(always)]
    fn bits(&self, chars: u8x16<S>) -> u8x16<S> {
        let low = self.simd.swizzle_dyn_precise_u8x16(self.low, chars & 15);
        low & self.simd.swizzle_dyn_precise_u8x16(self.high, chars >> 4)
    }
}

/// All bits where a character is not seen (controls), or is not ASCII.
#[inline(always)]
fn unseen<S: Simd>(chars: u8x16<S>) -> u8x16<S> {
    let unseen = (chars - b' ').simd_gt(b'~' - b' ');
    unseen.select(u8x16::splat(chars.simd, 0xff), u8x16::splat(chars.simd, 0))
}

/// [`is_ascii_word`](crate::fold::is_ascii_word), by arithmetic.
#[inline(always)]
fn word<S: Simd>(chars: u8x16<S>) -> mask8x16<S> {
    let letter = ((chars | 0x20) - b'a').simd_lt(26);
    letter | (chars - b'0').simd_lt(10) | chars.simd_eq(b'_')
}

#[cfg(test)]
mod tests;
