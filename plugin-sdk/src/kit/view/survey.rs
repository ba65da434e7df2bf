//! Which views are worth making: one look at each byte.

use super::decode::MIN_TOKEN;
use super::letters::{MIN_SPACED, is_between, is_leet};

/// Frequent words, and those that orders to a model have. None of them is a word when it is read backwards or turned by
/// thirteen.
const WORDS: [&str; 67] = [
    "the",
    "and",
    "you",
    "all",
    "your",
    "this",
    "that",
    "with",
    "from",
    "have",
    "for",
    "were",
    "what",
    "ignore",
    "previous",
    "instructions",
    "instruction",
    "prompt",
    "system",
    "secret",
    "password",
    "please",
    "tell",
    "print",
    "show",
    "rules",
    "about",
    "which",
    "there",
    "their",
    "would",
    "reveal",
    "disregard",
    "forget",
    "und",
    "nicht",
    "alle",
    "anweisungen",
    "les",
    "toutes",
    "para",
    "todas",
    "instrucciones",
    "everything",
    "could",
    "should",
    "will",
    "they",
    "send",
    "user",
    "answer",
    "response",
    "email",
    "account",
    "write",
    "provide",
    "give",
    "where",
    "how",
    "can",
    "model",
    "character",
    "never",
    "always",
    "without",
    "using",
    "into",
];

const SLOTS: usize = 512;
const BACKWARDS: u8 = 1;
const TURNED: u8 = 2;

/// How often a coded word must come.
const MIN_CODED: usize = 2;

/// The first eight letters of words, read backwards and turned.
static CODED: [(u64, u8); SLOTS] = {
    let (mut table, mut i) = ([(0, 0); SLOTS], 0);
    while i < WORDS.len() {
        let word = WORDS[i].as_bytes();
        let (mut back, mut turned, mut k) = (0_u64, 0_u64, 0);
        while k < word.len() && k < 8 {
            back |= (word[word.len() - 1 - k] as u64) << (k * 8);
            turned |= (((word[k] - b'a' + 13) % 26 + b'a') as u64) << (k * 8);
            k += 1;
        }
        let mut way = 0;
        while way < 2 {
            let (key, kind) = if way == 0 { (back, BACKWARDS) } else { (turned, TURNED) };
            let mut slot = slot(key);
            while table[slot].1 != 0 {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = (key, kind);
            way += 1;
        }
        i += 1;
    }
    table
};

/// A bit for each twelve first bits of a product ([`slot`]) that a coded word has: most words are known by it to be none.
static SOME: [u64; 64] = {
    let (mut some, mut slot) = ([0; 64], 0);
    while slot < SLOTS {
        if CODED[slot].1 != 0 {
            let bit = product(CODED[slot].0) >> 52;
            some[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        slot += 1;
    }
    some
};

const fn product(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

const fn slot(key: u64) -> usize {
    (product(key) >> 55) as usize
}

#[inline]
fn may_be_coded(key: u64) -> bool {
    let bit = product(key) >> 52;
    SOME.get((bit / 64) as usize).is_some_and(|some| some >> (bit % 64) & 1 == 1)
}

fn coded(key: u64) -> u8 {
    let mut at = slot(key);
    while let Some((known, kind)) = CODED.get(at).filter(|(_, kind)| *kind != 0) {
        if *known == key {
            return *kind;
        }
        at = (at + 1) % SLOTS;
    }
    0
}

/// The letters that a text begins with, how many, their [`key`], and what is behind them: where a word of two to seven stands
/// there alone.
#[inline]
fn short(text: &[u8]) -> Option<(usize, u64, u8)> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let bytes = u64::from_le_bytes(*text.first_chunk()?);
    let lower = bytes | (0x20 * EACH);
    // The highest bit of each byte that is a letter. No sum goes beyond its byte: both are below 0x9f.
    let seven = lower & !HIGH;
    let letters = seven.wrapping_add((0x80 - 0x61) * EACH) & !seven.wrapping_add((0x7f - 0x7a) * EACH) & !bytes & HIGH;
    let bits = (letters ^ HIGH).trailing_zeros() & !7;
    if !(16..64).contains(&bits) {
        return None;
    }
    let [after, ..] = (bytes >> bits).to_le_bytes();
    let alone = after == b' ' || CLASS.get(usize::from(after)).is_some_and(|class| class & WORD == 0);
    alone.then_some(((bits >> 3) as usize, lower & ((1 << bits) - 1), after))
}

/// The first eight letters of a word, in lower case, the first one lowest.
#[inline]
fn key(bytes: &[u8], start: usize, length: usize) -> u64 {
    let rest = bytes.get(start..).unwrap_or_default();
    let eight = match rest.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().take(8).rev().fold(0, |eight, b| eight << 8 | u64::from(*b)),
    };
    let mask = if length < 8 { (1 << (length * 8)) - 1 } else { u64::MAX };
    (eight | 0x2020_2020_2020_2020) & mask
}

/// Whether digits or signs stand among a word's letters as letters would: between two, or before four. `5th`, `k8s` and
/// `python3` are words.
fn is_coded(word: &[u8]) -> bool {
    let between = word
        .windows(3)
        .any(|w| matches!(w, [a, b, c] if a.is_ascii_alphabetic() && is_leet(*b) && c.is_ascii_alphabetic()));
    let before = word.first().is_some_and(|b| is_leet(*b));
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    word.len() > 3 && letters * 2 >= word.len() && (between || before && letters > 3)
        || letters > 2 && word.windows(4).any(|w| matches!(w, [a, b, c, d] if a.is_ascii_alphabetic() && is_leet(*b) && is_leet(*c) && d.is_ascii_alphabetic()))
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
/// A sign that may stand for a letter.
const SIGN: u8 = 4;
const TAG: u8 = 8;
/// What goes on with a token, and with no word.
const JOINT: u8 = 16;
const ESCAPE: u8 = 32;
const WORD: u8 = LETTER | DIGIT | SIGN;

static CLASS: [u8; 256] = {
    let (mut table, mut b) = ([0; 256], 0_u8);
    while b < 128 {
        table[b as usize] = match b {
            _ if b.is_ascii_alphabetic() => LETTER,
            _ if b.is_ascii_digit() => DIGIT,
            b'@' | b'$' | b'!' | b'|' | b'+' => SIGN,
            b'/' | b'-' | b'_' => JOINT,
            b'%' | b'&' | b'\\' => ESCAPE,
            b'<' => TAG,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// How many coded words there were.
#[derive(Debug, Default)]
struct Kinds {
    backwards: usize,
    turned: usize,
}

impl Kinds {
    #[inline]
    fn count(&mut self, key: u64, length: usize) {
        if length > 2 && may_be_coded(key) {
            self.count_coded(key);
        }
    }

    #[inline(never)]
    fn count_coded(&mut self, key: u64) {
        match coded(key) {
            BACKWARDS => self.backwards += 1,
            TURNED => self.turned += 1,
            _ => {}
        }
    }
}

/// Passes over short words with a space after each, which are most of a text. A loop of its own, so that what it needs stays in
/// registers.
#[inline(never)]
fn spaced_words(bytes: &[u8], mut at: usize, kinds: &mut Kinds) -> usize {
    while let Some((length, key, b' ')) = bytes.get(at..).and_then(short) {
        kinds.count(key, length);
        at = at.wrapping_add(length.wrapping_add(1));
    }
    at
}

/// What a text has a sign of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Survey {
    pub(super) leet: bool,
    /// A one among them, which may be an `l`.
    pub(super) ones: bool,
    pub(super) spaced: bool,
    pub(super) backwards: bool,
    pub(super) turned: bool,
    pub(super) tags: bool,
    /// Something that may decode.
    pub(super) coded: bool,
}

impl Survey {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut survey = Self::default();
        let (mut kinds, mut singles) = (Kinds::default(), 0);
        // Where the token begins that goes on here.
        let mut token = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let class = CLASS.get(usize::from(*byte)).copied().unwrap_or(0);
            if class & (LETTER | DIGIT) == 0 {
                survey.tags |= class == TAG;
                survey.coded |= class == ESCAPE;
                if class != JOINT && *byte != b'+' {
                    token = at + 1;
                }
                singles = if is_between(*byte) { singles } else { 0 };
                at += 1;
                continue;
            }
            // None of these ends a token that is long enough.
            let start = at;
            if token == at {
                at = spaced_words(bytes, at, &mut kinds);
            }
            if at > start {
                (token, singles) = (at, 0);
                continue;
            }
            if let Some((length, key, after)) = bytes.get(at..).and_then(short) {
                at = at.wrapping_add(length);
                survey.coded |= at.wrapping_sub(token) >= MIN_TOKEN;
                singles = 0;
                kinds.count(key, length);
                // What stands behind most words ends whatever goes on.
                if after == b' ' {
                    at = at.wrapping_add(1);
                    token = at;
                }
                continue;
            }
            let mut all = 0;
            while let Some(b) = bytes.get(at) {
                let class = CLASS.get(usize::from(*b)).copied().unwrap_or(0);
                if class & WORD == 0 {
                    break;
                }
                all |= class;
                at += 1;
            }
            survey.coded |= at - token >= MIN_TOKEN;
            let length = at - start;
            if length == 1 {
                singles += 1;
                survey.spaced |= singles >= MIN_SPACED - 1;
                continue;
            }
            singles = 0;
            if all == LETTER {
                kinds.count(key(bytes, start, length), length);
            } else if all & LETTER != 0 && length > 2 {
                let word = bytes.get(start..at).unwrap_or_default();
                // An address goes on behind the sign.
                let address = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
                if !is_coded(word) || address {
                    continue;
                }
                survey.leet = true;
                survey.ones |= word.iter().any(|b| matches!(b, b'1' | b'!' | b'|'));
            }
        }
        survey.backwards = kinds.backwards >= MIN_CODED;
        survey.turned = kinds.turned >= MIN_CODED;
        survey
    }
}

#[cfg(test)]
mod tests;
