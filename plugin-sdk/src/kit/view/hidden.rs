//! What is not seen: what it says, and whether it has an honest use.

use super::map::Maker;
use crate::kit::fold::{Fold, Folded};

/// Fewest hidden letters that are read as a text. A flag is spelt with six at most.
const MIN_LETTERS: usize = 4;
/// Most letters after the black flag.
const FLAG: usize = 7;

/// The text that is written in tag characters (U+E0020 to U+E007E) and variation selectors.
pub(super) fn hidden(text: &str, room: usize) -> Option<Maker> {
    let mut made = Maker::new(room);
    let mut flag = 0;
    // Of several bytes to a character, those that are still to come.
    let mut open = Open::default();
    for (at, c) in text.char_indices() {
        if c == '\u{1f3f4}' {
            flag = FLAG;
            continue;
        }
        match u32::from(c) {
            letter @ 0xe0020..=0xe007e if flag == 0 => {
                if let Some(c) = char::from_u32(letter - 0xe0000) {
                    made.push(c, at, c_len(letter));
                }
            }
            0xe0020..=0xe007f => flag -= usize::from(flag > 0),
            selector @ (0xfe00..=0xfe0f | 0xe0100..=0xe01ef) => {
                let byte = if selector < 0xe0100 { selector - 0xfe00 } else { selector - 0xe0100 + 16 };
                open.take(u8::try_from(byte).unwrap_or(0), at, c.len_utf8(), &mut made);
            }
            _ => flag = 0,
        }
        if !made.has_room() {
            break;
        }
    }
    (made.len() >= MIN_LETTERS).then_some(made)
}

fn c_len(scalar: u32) -> usize {
    char::from_u32(scalar).map_or(1, char::len_utf8)
}

/// A UTF-8 character of which some bytes are there.
#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    from: usize,
}

impl Open {
    fn take(&mut self, byte: u8, at: usize, length: usize, made: &mut Maker) {
        if self.bytes.is_empty() {
            self.from = at;
        }
        self.bytes.push(byte);
        match str::from_utf8(&self.bytes).map(|s| s.chars().next()) {
            // What is no text is the use that selectors are for.
            Ok(Some(c)) if c.is_control() && !c.is_ascii_whitespace() => self.bytes.clear(),
            Ok(Some(c)) => {
                made.push(c, self.from, (at + length).saturating_sub(self.from));
                self.bytes.clear();
            }
            Ok(None) => {}
            Err(e) if e.error_len().is_some() => self.bytes.clear(),
            Err(_) => {}
        }
    }
}

/// What a text has that a plain one has not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signals {
    /// Characters that are not seen, but for those with an honest use: joiners and selectors in emoji and in scripts that
    /// need them, the tags of a flag.
    pub hidden: usize,
    /// Characters that turn the direction of writing.
    pub bidi: usize,
    /// Words that have Latin letters and letters of another script that look like Latin ones.
    pub mixed: usize,
    /// Combining marks on ASCII letters.
    pub marks: usize,
}

/// Folds a text that is not ASCII, but for its case.
pub(super) fn folded(text: &str, room: usize, signals: &mut Signals) -> Maker {
    let fold = Fold { case: false, ..Fold::default() };
    let mut made = Maker::new(room);
    let mut word = Word::default();
    let mut before = '\0';
    let mut rest = text;
    while !rest.is_empty() && made.has_room() {
        let at = text.len() - rest.len();
        let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        if ascii > 0 {
            let (plain, after) = rest.split_at(ascii);
            made.copy(plain, at);
            word.ascii(plain, signals);
            (before, rest) = (plain.chars().next_back().unwrap_or('\0'), after);
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        let (plain, after) = rest.split_at(c.len_utf8());
        match fold.read(c) {
            Folded::Same => made.copy(plain, at),
            Folded::One(to) => {
                made.push(to, at, c.len_utf8());
                word.other |= is_other(c);
            }
            Folded::Two(a, b) => {
                made.units(&String::from_iter([a, b]), at..at + c.len_utf8(), a.len_utf8() + b.len_utf8(), c.len_utf8())
            }
            Folded::Dropped => signals.count(c, before),
        }
        if !c.is_alphanumeric() && !matches!(fold.read(c), Folded::Dropped) {
            word.end(signals);
        }
        if !matches!(c, '\u{200b}'..='\u{200f}' | '\u{e0020}'..='\u{e007f}') {
            before = c;
        } else if before == '\u{1f3f4}' && c == '\u{e007f}' {
            before = '\0';
        }
        rest = after;
    }
    word.end(signals);
    made
}

impl Signals {
    fn count(&mut self, c: char, before: char) {
        match c {
            '\u{300}'..='\u{36f}' => self.marks += usize::from(before.is_ascii_alphabetic()),
            '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' => {}
            '\u{200e}' | '\u{200f}' | '\u{61c}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.bidi += 1,
            // In emoji and in scripts that need them; after a digit, a key.
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'
                if !before.is_ascii() || before.is_ascii_digit() || matches!(before, '#' | '*') => {}
            '\u{ad}' => {}
            '\u{e0020}'..='\u{e007f}' if before == '\u{1f3f4}' => {}
            _ => self.hidden += 1,
        }
    }
}

/// Whether a letter is of a script whose letters can be taken for Latin ones.
fn is_other(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{52f}')
}

/// The word that is being read.
#[derive(Default)]
struct Word {
    latin: bool,
    other: bool,
}

impl Word {
    fn ascii(&mut self, text: &str, signals: &mut Signals) {
        let letters = |b: &u8| b.is_ascii_alphabetic();
        let bytes = text.as_bytes();
        let head = bytes.iter().take_while(|b| b.is_ascii_alphanumeric());
        self.latin |= head.clone().any(letters);
        if head.count() < bytes.len() {
            self.end(signals);
            self.latin = bytes.iter().rev().take_while(|b| b.is_ascii_alphanumeric()).any(letters);
        }
    }

    fn end(&mut self, signals: &mut Signals) {
        signals.mixed += usize::from(self.latin && self.other);
        *self = Self::default();
    }
}
