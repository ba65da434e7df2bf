//! Finds markings above a level in a text that arrives character by character.

use crate::candidate::{Candidate, DECORATION, Next, Place, Rules};
use crate::fold::{OTHER_SIGN, Symbol, fold, is_ascii_word, is_word};
use crate::ladder::Rank;
use crate::starts::Starts;

/// Most bytes that are held back for one candidate. Padding beyond it gets through; the rest of the marking does not.
pub(crate) const MAX_HELD: u64 = 96;
/// Most candidates at once; the oldest gives way. A phrase has a handful of words, so ordinary text never has as many.
const MAX_LIVE: usize = 16;

/// A marking above the declared level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) level: Rank,
    /// Byte offsets in the text.
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The automaton. What it answers does not depend on how the text was cut.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    rules: Rules<'a>,
    /// Bytes read.
    at: u64,
    before: Before,
    live: Vec<Candidate>,
    spare: Vec<Candidate>,
}

/// What stands before the next symbol.
#[derive(Debug, Clone, Copy)]
struct Before {
    /// The last symbol.
    last: u8,
    /// The last one that was not a space.
    sign: u8,
    word: bool,
    line: Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Nothing yet but spaces.
    Start,
    /// Only signs such as `**` or `##`: the first, and whether there are more.
    Decorated(u8, bool),
    /// A list item begins.
    Item,
    Within,
}

impl<'a> Scanner<'a> {
    /// A scanner for one text. `alone`: a text that is nothing but a level's name counts as a banner.
    pub(crate) fn new(rules: Rules<'a>, alone: bool) -> Self {
        let (last, line) = if alone { (b'\n', Line::Start) } else { (b' ', Line::Within) };
        let before = Before { last, sign: b'\n', word: false, line };
        Self { rules, at: 0, before, live: vec![], spare: vec![] }
    }

    /// From now on only what is above `level`.
    pub(crate) fn raise(&mut self, level: Rank) {
        self.rules.declared = level;
    }

    /// Everything before this offset belongs to no marking that could still come.
    pub(crate) fn settled(&self) -> u64 {
        self.live.iter().filter_map(|c| c.hold).min().unwrap_or(self.at)
    }

    /// Reads a text, to its end or to the first marking in it; answers that and how many bytes were read.
    pub(crate) fn feed(&mut self, text: &str) -> (usize, Option<Found>) {
        let mut starts = Starts::new(text.as_bytes(), &self.rules.lexicon.openings);
        let mut read = 0;
        while read < text.len() {
            if self.live.is_empty() {
                let start = self.skip(text.as_bytes(), read, &mut starts);
                self.at += (start - read) as u64;
                read = start;
            }
            let Some(c) = text.get(read..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            read += c.len_utf8();
            if let Some(found) = self.feed_char(c) {
                return (read, Some(found));
            }
        }
        (read, None)
    }

    /// Passes ASCII that no marking begins in, as [`Self::feed_char`] would have, only faster. Answers where it ends.
    fn skip(&mut self, text: &[u8], from: usize, starts: &mut Starts<'_>) -> usize {
        // In most scripts hardly a character is ASCII.
        if text.get(from).is_some_and(|b| !b.is_ascii()) {
            return from;
        }
        let lexicon = self.rules.lexicon;
        let (mut passed, mut at) = (from, from);
        loop {
            at = starts.next(at);
            let rest = text.get(at..).unwrap_or_default();
            let ascii = rest.first().is_some_and(u8::is_ascii);
            // A word goes on behind a character that is not ASCII.
            let within = at == passed && self.before.word;
            if !ascii || !within && !lexicon.leads_nowhere(rest) {
                // Only here what stands before matters.
                self.before.pass_ascii(text.get(passed..at).unwrap_or_default());
                passed = at;
                if !ascii || !self.before.word {
                    return at;
                }
            }
            at += 1;
        }
    }

    /// Reads a character.
    fn feed_char(&mut self, c: char) -> Option<Found> {
        let from = self.at;
        self.at += c.len_utf8() as u64;
        let found = match fold(c) {
            Some(s) if self.says_something(s) => self.read_symbol(s, from),
            _ => None,
        };
        if self.live.is_empty() { found } else { found.or_else(|| self.let_go()) }
    }

    /// The text is over.
    pub(crate) fn finish(&mut self) -> Option<Found> {
        let found = self.read_symbol(Symbol::END, self.at);
        self.live.clear();
        found
    }

    /// A run of spaces is one space, a run of line ends one line end.
    fn says_something(&self, s: Symbol) -> bool {
        match s.byte {
            b' ' => !matches!(self.before.last, b' ' | b'\n'),
            b'\n' => self.before.last != b'\n',
            _ => true,
        }
    }

    fn read_symbol(&mut self, s: Symbol, from: u64) -> Option<Found> {
        let mut found = None;
        if !self.live.is_empty() {
            let mut old = std::mem::take(&mut self.live);
            for candidate in old.drain(..) {
                self.step(candidate, s, from, &mut found);
            }
            self.live = std::mem::replace(&mut self.spare, old);
        }
        if !self.before.word {
            self.begin(s, from, &mut found);
        }
        self.before.pass(s.byte);
        found
    }

    /// Steps a candidate; what remains of it goes to `spare`, which becomes `live`.
    fn step(&mut self, candidate: Candidate, s: Symbol, from: u64, found: &mut Option<Found>) {
        match candidate.step(s, from, self.rules) {
            Next::Dead => {}
            Next::Keep(next) => self.spare.push(next),
            Next::Both(longer, done) => self.spare.extend([longer, done]),
            Next::Found(level, more) => {
                self.spare.extend(more);
                let here = Found { level, start: candidate.start, end: self.at };
                *found = (*found).filter(|f| f.level >= level).or(Some(here));
            }
        }
    }

    fn begin(&mut self, s: Symbol, from: u64, found: &mut Option<Found>) {
        let lexicon = self.rules.lexicon;
        if s.byte != b'(' && !lexicon.begins(s.byte) {
            return;
        }
        std::mem::swap(&mut self.live, &mut self.spare);
        if s.byte == b'(' {
            self.spare.push(Candidate::paren(from, self.before.portion()));
        }
        if s.is_word() {
            self.step(Candidate::word(from, self.before.place()), s, from, found);
            self.step(Candidate::lead(from), s, from, found);
        }
        std::mem::swap(&mut self.live, &mut self.spare);
        let surplus = self.live.len().saturating_sub(MAX_LIVE);
        self.live.drain(..surplus);
    }

    /// Keeps what is held within its bound. A banner that is followed by as much blank as that ends its line.
    fn let_go(&mut self) -> Option<Found> {
        let mut found = None;
        for c in &mut self.live {
            if c.hold.is_some_and(|hold| self.at.saturating_sub(hold) > MAX_HELD) {
                c.hold = Some(self.at);
                let alone = c.stands_alone().filter(|level| *level > self.rules.declared);
                found = found.or(alone.map(|level| Found { level, start: c.start, end: self.at }));
            }
        }
        found
    }
}

impl Before {
    /// Passes ASCII. What stands before a word's last letter changes nothing, and which letter that is makes no difference.
    fn pass_ascii(&mut self, text: &[u8]) {
        let word = text.iter().rposition(|b| is_ascii_word(*b));
        if word.is_some() {
            *self = Self { last: b'A', sign: b'A', word: true, line: Line::Within };
        }
        for b in text.get(word.map_or(0, |at| at + 1)..).unwrap_or_default() {
            match b {
                b' '..=b'~' => self.pass(*b),
                _ => fold(char::from(*b)).into_iter().for_each(|s| self.pass(s.byte)),
            }
        }
    }

    #[inline]
    fn pass(&mut self, symbol: u8) {
        if symbol == b' ' && self.line == Line::Within {
            (self.last, self.word) = (symbol, false);
            return;
        }
        self.line = match (self.line, symbol) {
            (Line::Within, b'\n') => Line::Start,
            (Line::Within, _) => Line::Within,
            (_, b'\n') => Line::Start,
            (Line::Decorated(b'-' | b'*' | b'+', false), b' ') => Line::Item,
            (line, b' ') => line,
            (Line::Start, OTHER_SIGN) => Line::Item,
            (Line::Start, b) if b == b'+' || DECORATION.contains(&b) => Line::Decorated(b, false),
            (Line::Decorated(first, _), b) if DECORATION.contains(&b) => Line::Decorated(first, true),
            (Line::Item, b) if DECORATION.contains(&b) => Line::Item,
            _ => Line::Within,
        };
        self.last = symbol;
        self.word = is_word(symbol);
        if symbol != b' ' {
            self.sign = symbol;
        }
    }

    fn place(&self) -> Place {
        let decorated = matches!(self.line, Line::Decorated(..));
        let line = decorated || self.line == Line::Start;
        Place { line, decorated, portion: self.portion(), ..Place::default() }
    }

    /// Where a portion may begin: a line, a list item, a table's cell, after a sentence.
    fn portion(&self) -> bool {
        self.line != Line::Within || self.last == b' ' && matches!(self.sign, b'.' | b'!' | b'?' | b';' | b'|')
    }
}

#[cfg(test)]
mod tests;
