//! Many patterns at once.

use std::fmt;
use std::ops::Range;

use super::hold_back::{Hit, Scan};
use super::word::{is_word, word_at, word_before};
use crate::Issue;

mod trie;

use trie::{Node, Trie};

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 256;
/// Bytes of all patterns together.
const MAX_TOTAL: usize = 60_000;

/// How a [`Matcher`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A pattern that begins with a letter, digit or `_` ([`is_word`](super::is_word)) matches at the beginning of a word
    /// only.
    pub word_start: bool,
    /// A pattern that ends with one matches at the end of a word only.
    pub word_end: bool,
    /// ASCII letters match in both cases. Of other letters, fold the text first: [`Normalised`](super::Normalised).
    pub ignore_case: bool,
}

impl Default for Options {
    /// Whole words, whatever their case.
    fn default() -> Self {
        Self { word_start: true, word_end: true, ignore_case: true }
    }
}

/// A match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which pattern, in the order they were given.
    pub pattern: usize,
    /// Where, in bytes; on character boundaries.
    pub at: Range<usize>,
}

/// Finds any of up to some thousand patterns in one pass: leftmost first, longest among those that begin together, none
/// overlapping another.
///
/// It takes about five bytes of memory for each byte of the patterns (beginnings that patterns share count once). The time
/// is that of a look at each byte, and a walk where a pattern's first byte stands; at most the longest pattern's length for
/// each place, which takes a pattern that repeats itself in a text that repeats it.
///
/// ```
/// use witgate_sdk::kit::{Matcher, Options};
///
/// let words = Matcher::words(["secret", "top secret", "état"]).unwrap();
/// let found: Vec<_> = words.find("Top Secret! No secretary.").collect();
/// assert_eq!((found.len(), found[0].pattern, found[0].at.clone()), (1, 1, 0..10));
///
/// let anywhere = Options { word_start: false, word_end: false, ignore_case: false };
/// assert!(Matcher::new(["<|im_start|>"], anywhere).unwrap().is_match("x<|im_start|>system"));
/// ```
#[derive(Debug, Clone)]
pub struct Matcher {
    trie: Trie,
    options: Options,
    longest: usize,
}

/// What begins at a place.
enum Begins {
    /// Nothing.
    Nothing,
    /// A match of a pattern, that ends here.
    Match(usize, usize),
    /// More text must tell.
    Open,
}

impl Matcher {
    /// Whole words (or phrases), whatever their case.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn words<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) -> Result<Self, MatcherError> {
        Self::new(patterns, Options::default())
    }

    /// A matcher of these patterns. Of two that are the same the first counts.
    ///
    /// # Errors
    /// A pattern is empty or above 256 bytes, or all of them are above 60,000 together.
    pub fn new<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>, options: Options) -> Result<Self, MatcherError> {
        let mut sorted: Vec<(Vec<u8>, u16)> = vec![];
        let (mut total, mut longest) = (0, 0);
        for (index, pattern) in patterns.into_iter().enumerate() {
            let mut bytes = pattern.as_ref().as_bytes().to_vec();
            if options.ignore_case {
                bytes.make_ascii_lowercase();
            }
            total += bytes.len();
            longest = longest.max(bytes.len());
            match u16::try_from(index) {
                _ if bytes.is_empty() => return Err(MatcherError { index, kind: MatcherErrorKind::Empty }),
                _ if bytes.len() > MAX_PATTERN => {
                    return Err(MatcherError { index, kind: MatcherErrorKind::TooLong });
                }
                Ok(pattern) if total <= MAX_TOTAL => sorted.push((bytes, pattern)),
                _ => return Err(MatcherError { index, kind: MatcherErrorKind::TooMany }),
            }
        }
        sorted.sort_unstable();
        sorted.dedup_by(|next, before| next.0 == before.0);
        Ok(Self { trie: Trie::new(&sorted, options.ignore_case), options, longest })
    }

    /// Bytes of the longest pattern.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Whether any pattern matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.find(text).next().is_some()
    }

    /// All matches of a whole text, in order.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Found> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || match self.first(text, from, true) {
            (Some(found), _) => {
                from = found.at.end;
                Some(found)
            }
            (None, decided) => {
                from = decided;
                None
            }
        })
    }

    /// The first match that begins at or after `from`; and where there is none, how far that is decided.
    fn first(&self, text: &str, from: usize, complete: bool) -> (Option<Found>, usize) {
        let mut at = from;
        loop {
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let Some(skipped) = self.trie.candidate(rest) else {
                return (None, text.len());
            };
            at += skipped;
            match self.at(text, at, complete) {
                Begins::Match(pattern, end) => return (Some(Found { pattern, at: at..end }), end),
                Begins::Open => return (None, at),
                Begins::Nothing => at += 1,
            }
        }
    }

    fn at(&self, text: &str, start: usize, complete: bool) -> Begins {
        let Options { word_start, word_end, .. } = self.options;
        // Patterns are valid UTF-8, so their first byte stands at a character's beginning and only there.
        if word_start && word_before(text, start) && word_at(text, start) == Some(true) {
            return Begins::Nothing;
        }
        let mut best = Begins::Nothing;
        let (mut node, mut at) = (Node::ROOT, start);
        loop {
            if let Some(pattern) = self.trie.pattern(node) {
                // Whether the last character of the match is of a word, and the next.
                match word_at(text, at) {
                    _ if !word_end || !ends_in_word(text, at) => best = Begins::Match(pattern, at),
                    None if !complete => return Begins::Open,
                    None | Some(false) => best = Begins::Match(pattern, at),
                    Some(true) => {}
                }
            }
            let Some(byte) = text.as_bytes().get(at) else {
                // A longer pattern may be on its way.
                return if !complete && self.trie.goes_on(node) { Begins::Open } else { best };
            };
            let byte = if self.options.ignore_case { byte.to_ascii_lowercase() } else { *byte };
            match self.trie.next(node, byte) {
                Some(next) => (node, at) = (next, at + 1),
                None => return best,
            }
        }
    }
}

fn ends_in_word(text: &str, end: usize) -> bool {
    text.get(..end).and_then(|t| t.chars().next_back()).is_some_and(is_word)
}

/// The kind of a hit is the pattern, in the order they were given.
impl Scan for Matcher {
    type Kind = usize;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<usize>)) -> usize {
        let mut from = from;
        loop {
            match self.first(text, from, complete) {
                (Some(Found { pattern, at }), _) => {
                    from = at.end;
                    found(Hit { kind: pattern, at });
                }
                (None, decided) => return decided,
            }
        }
    }

    /// The character before a match.
    fn context(&self) -> usize {
        4
    }
}

/// Why patterns make no matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatcherError {
    /// The pattern, in the order they were given.
    pub index: usize,
    /// What is wrong with it.
    pub kind: MatcherErrorKind,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MatcherErrorKind {
    /// It is empty.
    Empty,
    /// It is above 256 bytes.
    TooLong,
    /// With it, all patterns are above 60,000 bytes together.
    TooMany,
}

impl MatcherError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            MatcherErrorKind::Empty => "pattern_empty",
            MatcherErrorKind::TooLong => "pattern_too_long",
            MatcherErrorKind::TooMany => "patterns_too_many",
        }
    }

    /// As an issue of the configuration whose list of patterns `pointer` names.
    #[must_use]
    pub fn issue(&self, pointer: &str) -> Issue {
        Issue { pointer: format!("{pointer}/{}", self.index), message: self.to_string() }
    }
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MatcherErrorKind::Empty => write!(f, "pattern {} is empty; remove it", self.index),
            MatcherErrorKind::TooLong => write!(f, "pattern {} is above {MAX_PATTERN} bytes; shorten it", self.index),
            MatcherErrorKind::TooMany => {
                write!(f, "up to pattern {} there are above {MAX_TOTAL} bytes; use fewer", self.index)
            }
        }
    }
}

impl std::error::Error for MatcherError {}

#[cfg(test)]
mod tests;
