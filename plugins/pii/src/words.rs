//! What the words before a number say that it is.

use crate::view::{CONTEXT, View};

mod lexicon;

use lexicon::{PHRASES, SCRIPTS, WORDS};

/// Most words between a topic and a number, fillers left out.
const MAX_GAP: usize = 6;

/// What a word speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Telephones.
    Phone,
    /// An account at a bank.
    Account,
    /// A US bank's routing number.
    Routing,
    /// A UK bank's sort code.
    SortCode,
    /// US social security.
    Ssn,
    /// A number that a state gave a person.
    National,
    /// A passport.
    Passport,
    /// A driving licence.
    Licence,
    /// A day of birth.
    Birth,
    /// A payment card.
    Card,
    /// Another thing that has a number: an order, a version, an amount.
    Other,
    /// Nothing: `number`, `is`, `my`.
    Filler,
}

/// The nearest topic before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) topic: Topic,
    /// How many words lie between, fillers left out.
    pub(crate) gap: usize,
}

impl Said {
    /// Whether it is `topic`, with at most `gap` words between.
    pub(crate) fn is(self, topic: Topic, gap: usize) -> bool {
        self.topic == topic && self.gap <= gap
    }
}

/// All words that have a topic.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// By their first byte.
    words: Vec<(&'static str, Topic)>,
    /// By the first byte of the second word.
    phrases: Vec<(&'static str, &'static str, Topic)>,
}

impl Lexicon {
    /// Sorts the words, once.
    pub(crate) fn new() -> Self {
        let mut words: Vec<_> =
            WORDS.iter().flat_map(|(topic, words)| words.split(' ').map(|word| (word, *topic))).collect();
        words.sort_unstable_by_key(|(word, _)| first_of(word));
        let mut phrases = PHRASES.to_vec();
        phrases.sort_by_key(|(_, word, _)| first_of(word));
        Self { words, phrases }
    }

    /// What the nearest word that has a topic says, within [`CONTEXT`] bytes before `at`.
    pub(crate) fn before(&self, view: View<'_>, at: usize) -> Said {
        let mut words = Backwards::new(view, at);
        let (mut gap, mut next) = (0, words.next());
        while let Some(word) = next {
            let previous = words.next();
            match previous.and_then(|p| self.phrase(p, word)).or_else(|| self.topic(word)) {
                Some(Topic::Filler) => {}
                Some(topic) => return Said { topic, gap },
                None if gap == MAX_GAP => break,
                None => gap += 1,
            }
            next = previous;
        }
        Said { topic: Topic::Filler, gap: usize::MAX }
    }

    /// What a word speaks of.
    pub(crate) fn topic(&self, word: &str) -> Option<Topic> {
        let first = lower(*word.as_bytes().first()?);
        if !first.is_ascii() {
            return SCRIPTS.iter().find(|(part, _)| word.contains(part)).map(|(_, topic)| *topic);
        }
        let from = self.words.partition_point(|(w, _)| first_of(w) < first);
        let same = self.words.get(from..)?.iter().take_while(|(w, _)| first_of(w) == first);
        same.filter(|(w, _)| spells(word, w)).map(|(_, topic)| *topic).next()
    }

    fn phrase(&self, before: &str, word: &str) -> Option<Topic> {
        let first = lower(first_of(word));
        let from = self.phrases.partition_point(|(_, w, _)| first_of(w) < first);
        let same = self.phrases.get(from..)?.iter().take_while(|(_, w, _)| first_of(w) == first);
        same.filter(|(a, b, _)| spells(before, a) && spells(word, b)).map(|(.., topic)| *topic).next()
    }
}

/// A word's first byte.
fn first_of(word: &str) -> u8 {
    word.as_bytes().first().copied().unwrap_or_default()
}

/// Whether a word is `entry`, or begins with it where `entry` ends in `*`. Of letters that are not ASCII the case counts.
fn spells(word: &str, entry: &str) -> bool {
    let (entry, prefix) = entry.strip_suffix('*').map_or((entry, false), |entry| (entry, true));
    let fits = if prefix { word.len() >= entry.len() } else { word.len() == entry.len() };
    fits && word.bytes().zip(entry.bytes()).all(|(w, e)| lower(w) == e)
}

fn lower(b: u8) -> u8 {
    b.to_ascii_lowercase()
}

/// The words before a place, the nearest first. Words within one name (`phoneNumber`, `phone_number`) count apart.
struct Backwards<'a> {
    text: &'a str,
    /// The words up to here are still to be told.
    end: usize,
    /// Where the window begins.
    start: usize,
}

impl<'a> Backwards<'a> {
    fn new(view: View<'a>, at: usize) -> Self {
        let text = view.text();
        Self { text, end: at, start: text.ceil_char_boundary(at.saturating_sub(CONTEXT)) }
    }
}

impl<'a> Iterator for Backwards<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let window = bytes.get(self.start..self.end)?;
        let end = self.start + window.iter().rposition(|b| is_letter(*b))? + 1;
        let mut start = end;
        while start > self.start {
            let (Some(&b), next) = (bytes.get(start - 1), bytes.get(start)) else { break };
            let humps = start < end && b.is_ascii_lowercase() && next.is_some_and(u8::is_ascii_uppercase);
            if !is_letter(b) || humps {
                break;
            }
            start -= 1;
        }
        self.end = start;
        // A word that the window cuts is not known.
        let cut = start == self.start && start.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(|b| is_letter(*b));
        (!cut).then(|| self.text.get(start..end)).flatten()
    }
}

/// A letter, or part of a character that is not ASCII.
fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80
}

#[cfg(test)]
mod tests;
