//! What the scorer sees of a text: words, pairs of words, beginnings of words, and classes of words near each other.
//!
//! The trainer reads the same features through [`Trace`], so that what is learnt is what is seen.

use crate::lexicon::CLASSES;
use crate::matcher::{Matcher, Run};
use crate::plain::Plain;
use crate::table::{hash, hash_plain};
use crate::words::Sink;

/// Most classes of words.
const MAX_CLASSES: usize = 32;
const _: () = assert!(CLASSES.len() <= MAX_CLASSES, "a bit each");

/// How far apart two classes are still a pair, in words; and how far a close one.
const NEAR: u32 = 12;
const CLOSE: u32 = 3;
/// Letters of a beginning, and from how many letters on a word has one.
const STEM: usize = 5;

/// Kinds of features.
mod kind {
    pub(super) const WORD: u32 = 1;
    pub(super) const PAIR: u32 = 2;
    pub(super) const SKIP: u32 = 3;
    pub(super) const STEM: u32 = 4;
    pub(super) const CLASS: u32 = 5;
    pub(super) const NEAR: u32 = 6;
    pub(super) const CLOSE: u32 = 7;
    pub(super) const FIRST: u32 = 8;
    pub(super) const FIRST_PAIR: u32 = 9;
    pub(super) const FIRST_CLASS: u32 = 10;
    pub(super) const QUESTION: u32 = 11;
    pub(super) const CAPITAL: u32 = 12;
}

/// A word as features see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) hash: u32,
    /// Of its beginning; none where it is short.
    pub(crate) stem: Option<u32>,
    /// Written with one capital letter, the first.
    pub(crate) capital: bool,
}

impl Seen {
    pub(crate) fn word(word: &[u8]) -> Self {
        let stem = word.get(..STEM).filter(|_| word.len() > STEM).map(hash);
        Self { hash: hash(word), stem, capital: false }
    }

    #[inline(always)]
    pub(crate) fn plain(word: Plain<'_>) -> Self {
        // As the hash of the first letters alone: the others are zeros there.
        let stem = (word.letters.len() > STEM).then(|| crate::table::hash_eight(word.head & ((1 << (8 * STEM)) - 1)));
        Self { hash: hash_plain(word), stem, capital: word.is_capital() }
    }
}

/// What came before, as far as features need it.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    last: Left,
    last_but_one: Left,
    position: u32,
    /// Where a word of each class was last; 0 is nowhere.
    classes: [u32; MAX_CLASSES],
    known: u32,
    /// The next word begins a sentence.
    begins: bool,
    /// The last word did.
    began: bool,
    first: Left,
    /// Line ends in a row.
    lines: u32,
}

impl Features {
    pub(crate) fn new() -> Self {
        Self {
            last: Left::default(),
            last_but_one: Left::default(),
            position: NEAR,
            classes: [0; MAX_CLASSES],
            known: 0,
            begins: true,
            began: false,
            first: Left::default(),
            lines: 0,
        }
    }

    /// A text of which nothing before counts.
    pub(crate) fn begin(&mut self) {
        *self = Self { position: self.position.saturating_add(2 * NEAR), ..Self::new() };
    }

    /// The features that a word of these classes (a bit each) brings.
    pub(crate) fn word(&mut self, word: Seen, classes: u32, mut each: impl FnMut(u32)) {
        self.letters(word, &mut each);
        self.classes(word, classes, &mut each);
        self.end(word);
    }

    /// Those that it brings whatever its classes: at most five.
    #[inline(always)]
    pub(crate) fn letters(&mut self, word: Seen, mut each: impl FnMut(u32)) {
        self.position = self.position.wrapping_add(1);
        self.lines = 0;
        let this = Left::of(word.hash);
        each(feature(kind::WORD, this, 0));
        each(feature(kind::PAIR, self.last, word.hash));
        each(feature(kind::SKIP, self.last_but_one, word.hash));
        if let Some(stem) = word.stem {
            each(feature(kind::STEM, Left::of(stem), 0));
        }
        if self.begins {
            each(feature(kind::FIRST, this, 0));
            self.first = this;
        } else if self.began {
            each(feature(kind::FIRST_PAIR, self.last, word.hash));
        }
    }

    /// What the next word must know of it.
    #[inline(always)]
    pub(crate) fn end(&mut self, word: Seen) {
        (self.began, self.begins) = (self.begins, false);
        (self.last_but_one, self.last) = (self.last, Left::of(word.hash));
    }

    /// Those of its classes.
    pub(crate) fn classes(&mut self, word: Seen, classes: u32, mut each: impl FnMut(u32)) {
        for class in bits(classes) {
            let this = Left::of(class);
            each(feature(kind::CLASS, this, 0));
            if self.begins {
                each(feature(kind::FIRST_CLASS, this, 0));
            } else if word.capital {
                each(feature(kind::CAPITAL, this, 0));
            }
            for other in bits(self.known) {
                let at = self.classes.get(other as usize).copied().unwrap_or(0);
                match self.position.wrapping_sub(at) {
                    0..=CLOSE => each(feature(kind::CLOSE, Left::of(other), class)),
                    4..=NEAR => each(feature(kind::NEAR, Left::of(other), class)),
                    _ => self.known &= !(1 << other),
                }
            }
        }
        for class in bits(classes) {
            self.known |= 1 << class;
            if let Some(at) = self.classes.get_mut(class as usize) {
                *at = self.position;
            }
        }
    }

    /// A sign between words.
    #[inline]
    pub(crate) fn sign(&mut self, sign: char, mut each: impl FnMut(u32)) {
        match sign {
            '?' => {
                each(feature(kind::QUESTION, self.first, 0));
                each(feature(kind::QUESTION, Left::default(), self.last.hash()));
                self.begins = true;
            }
            // A line may end anywhere; a paragraph does not.
            '\n' => {
                self.lines += 1;
                self.begins |= self.lines > 1;
            }
            '.' | '!' | ';' | ':' | '"' | '|' | '{' | '[' | '(' | '>' | '*' | '#' => self.begins = true,
            _ => {}
        }
    }
}

fn bits(mut bits: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(bit)
    })
}

/// The left one of two hashes, as [`feature`] mixes it in: it stays the same for several features.
#[derive(Debug, Clone, Copy, Default)]
struct Left(u64);

impl Left {
    #[inline]
    fn of(hash: u32) -> Self {
        let high = u64::from(hash) << 32;
        Self(high ^ high >> 29)
    }

    /// The hash itself.
    fn hash(self) -> u32 {
        let high = u32::try_from(self.0 >> 32).unwrap_or(0);
        // The three bits that reached the upper half are of the uppermost ones, which they leave as they are.
        high ^ high >> 29
    }
}

#[inline(always)]
fn feature(kind: u32, left: Left, b: u32) -> u32 {
    let low = u64::from(b.rotate_left(9) ^ kind.wrapping_mul(0x9e37_79b1));
    let product = (left.0 ^ low ^ low >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u32::try_from((product ^ product >> 31) >> 32).unwrap_or(0)
}

/// The features of a text, word by word.
pub(crate) struct Trace<'m> {
    pub(crate) matcher: &'m Matcher,
    pub(crate) features: Features,
    pub(crate) words: Vec<Vec<u32>>,
}

impl Trace<'_> {
    fn take(&mut self, seen: Seen) {
        let mut new = vec![];
        self.features.word(seen, self.matcher.classes(seen.hash), |feature| new.push(feature));
        self.words.push(new);
    }
}

impl Sink for Trace<'_> {
    fn word(&mut self, word: &[u8]) {
        self.take(Seen::word(word));
    }
    fn plain(&mut self, word: Plain<'_>) {
        self.take(Seen::plain(word));
    }
    fn pause(&mut self) {}
    fn sign(&mut self, sign: char) {
        let Self { features, words, .. } = self;
        features.sign(sign, |feature| {
            if let Some(last) = words.last_mut() {
                last.push(feature);
            }
        });
    }
    fn knows(&self, word: &[u8]) -> bool {
        self.matcher.knows(word)
    }
}

/// Where rules have half of the points that refuse, in words from one.
pub(crate) struct Halves<'m> {
    pub(crate) run: Run<'m>,
    pub(crate) at: Vec<u32>,
}

impl Halves<'_> {
    fn look(&mut self) {
        let last = self.run.ruled();
        if last > 0 && self.at.last() != Some(&last) {
            self.at.push(last);
        }
    }
}

impl Sink for Halves<'_> {
    fn word(&mut self, word: &[u8]) {
        self.run.word(word);
        self.look();
    }
    fn plain(&mut self, word: Plain<'_>) {
        self.run.plain(word);
        self.look();
    }
    fn pause(&mut self) {
        self.run.pause();
    }
    fn sign(&mut self, sign: char) {
        self.run.sign(sign);
    }
    fn knows(&self, word: &[u8]) -> bool {
        self.run.knows(word)
    }
}

#[cfg(test)]
mod tests;
