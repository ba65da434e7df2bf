//! From text to a stream of normalised words.
//!
//! One pass, linear in the text and without allocation: lower case, look-alikes and marks folded, hidden characters
//! dropped and counted, digits inside words read as the letters they stand for, letters that were spaced out joined. What
//! only punctuation can say (chat templates, role prefixes) comes as words of its own, named in [`signal`].

use crate::fold::{Folded, fold};

/// Words that stand for what punctuation says.
pub(crate) mod signal {
    /// A control token of a chat template, such as those between `<|` and `|>`.
    pub(crate) const TEMPLATE: &str = "\u{1}template";
    /// A tag or bracket that names the system role.
    pub(crate) const SYSTEM: &str = "\u{1}system";
    /// A line that begins as a turn of a conversation does.
    pub(crate) const TURN: &str = "\u{1}turn";
    /// Three exclamation marks.
    pub(crate) const SHOUT: &str = "\u{1}shout";
}

/// Longest word that is kept, in bytes; what follows is dropped.
pub(crate) const MAX_WORD: usize = 24;
/// How many spaced letters are joined into one piece at most.
const MAX_JOINED: usize = 96;
/// From how many single letters on they count as spaced out.
const MIN_JOINED: usize = 5;

/// Who takes the words.
pub(crate) trait Sink {
    /// The next word.
    fn word(&mut self, word: &str);
    /// The end of a sentence.
    fn pause(&mut self);
    /// Whether this is a word that some rule speaks of.
    fn knows(&self, word: &str) -> bool;
    /// A letter written in hidden characters.
    fn hidden(&mut self, letter: char);
}

/// Reads `text`, telling `sink` its words. Answers how many invisible characters there were.
pub(crate) fn read(text: &str, sink: &mut impl Sink) -> usize {
    let mut reader = Reader { sink, word: Word::default(), joined: Word96::default(), hidden: 0, line_start: true };
    let mut rest = text.char_indices().peekable();
    let mut bangs = 0;
    while let Some((at, c)) = rest.next() {
        match fold(c) {
            Folded::Word(c) => reader.word.push(c),
            Folded::Pair(a, b) => {
                reader.word.push(a);
                reader.word.push(b);
            }
            Folded::Mark => {}
            Folded::Hidden(letter) => {
                reader.hidden += 1;
                if let Some(letter) = letter {
                    reader.sink.hidden(letter);
                }
            }
            Folded::Other(c) => {
                // A sign for a letter, as in `p@ssword`.
                if let ('@' | '$', false, Some((_, next))) = (c, reader.word.is_empty(), rest.peek())
                    && next.is_ascii_alphabetic()
                {
                    reader.word.push(if c == '@' { 'a' } else { 's' });
                    reader.word.coded = true;
                    continue;
                }
                bangs = if c == '!' { bangs + 1 } else { 0 };
                reader.end_word(c);
                if bangs == 3 {
                    reader.sink.word(signal::SHOUT);
                }
                if matches!(c, '<' | '[' | '(')
                    && let Some(word) = text.get(at..).and_then(marker)
                {
                    reader.sink.word(word);
                }
            }
        }
    }
    reader.end_word('\n');
    reader.end_joined();
    reader.hidden
}

struct Reader<'s, S> {
    sink: &'s mut S,
    word: Word,
    joined: Word96,
    hidden: usize,
    line_start: bool,
}

impl<S: Sink> Reader<'_, S> {
    /// `c` is what stands after the word.
    fn end_word(&mut self, c: char) {
        if !self.word.is_empty() {
            if self.word.chars == 1 && self.word.as_str().is_ascii() {
                self.joined.push(self.word.as_str());
            } else {
                self.end_joined();
                if c == ':' && self.line_start && is_role(self.word.as_str()) {
                    self.sink.word(signal::TURN);
                }
                self.emit();
            }
            self.word.clear();
            self.line_start = false;
        } else if c == ' ' && !self.joined.is_empty() {
            self.joined.gap = true;
        }
        match c {
            '.' | '?' | ';' => {
                if self.joined.is_empty() {
                    self.sink.pause();
                }
            }
            '\n' => {
                self.line_start = true;
                if self.joined.is_empty() {
                    self.sink.pause();
                }
            }
            _ => {}
        }
    }

    fn emit(&mut self) {
        let word = self.word.as_str();
        if (self.word.digits > 0 && self.word.digits < self.word.chars || self.word.coded) && !self.sink.knows(word) {
            let mut plain = Word::default();
            word.chars().for_each(|c| plain.push(uncoded(c, 'i')));
            if !self.sink.knows(plain.as_str()) {
                plain.clear();
                word.chars().for_each(|c| plain.push(uncoded(c, 'l')));
            }
            self.sink.word(plain.as_str());
        } else {
            self.sink.word(word);
        }
    }

    /// Single letters: few are words of their own, many were spaced out and are cut into words that rules know.
    fn end_joined(&mut self) {
        if self.joined.is_empty() {
            return;
        }
        let joined = std::mem::take(&mut self.joined);
        let text = joined.as_str();
        if text.len() < MIN_JOINED {
            text.char_indices().for_each(|(i, c)| {
                if let Some(letter) = text.get(i..i + c.len_utf8()) {
                    self.sink.word(letter);
                }
            });
            return;
        }
        let mut at = 0;
        while at < text.len() {
            let longest = (3..=MAX_WORD.min(text.len() - at))
                .rev()
                .filter_map(|n| text.get(at..at + n))
                .find(|w| self.sink.knows(w));
            if let Some(word) = longest {
                self.sink.word(word);
            }
            at += longest.map_or(1, str::len);
        }
    }
}

/// The letter a digit stands for; a one is an `i` or an `l`.
fn uncoded(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        c => c,
    }
}

fn is_role(word: &str) -> bool {
    matches!(word, "system" | "user" | "assistant" | "human" | "ai" | "developer" | "chatgpt" | "gpt" | "bot" | "model")
}

/// What a bracket opens: a control token of a chat template, or the system's part.
fn marker(text: &str) -> Option<&'static str> {
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix));
    if starts("<|") {
        let name = text.bytes().skip(2).take(24).take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        return (name > 0 && text.get(2 + name..).is_some_and(|t| t.starts_with("|>"))).then_some(signal::TEMPLATE);
    }
    if ["[inst]", "[/inst]", "<<sys>>", "<</sys>>", "<start_of_turn>", "<end_of_turn>"].into_iter().any(starts) {
        return Some(signal::TEMPLATE);
    }
    ["[system]", "[system ", "[system:", "<system>", "</system>", "(system:", "<system_prompt>", "[admin]", "<admin>"]
        .into_iter()
        .any(starts)
        .then_some(signal::SYSTEM)
}

macro_rules! short_text {
    ($name:ident, $max:expr) => {
        /// A short text in place.
        #[derive(Debug)]
        struct $name {
            bytes: [u8; $max],
            len: usize,
            chars: usize,
            digits: usize,
            coded: bool,
            gap: bool,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { bytes: [0; $max], len: 0, chars: 0, digits: 0, coded: false, gap: false }
            }
        }

        impl $name {
            fn is_empty(&self) -> bool {
                self.chars == 0
            }

            fn as_str(&self) -> &str {
                self.bytes.get(..self.len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
            }
        }
    };
}

short_text!(Word, MAX_WORD);
short_text!(Word96, MAX_JOINED);

impl Word {
    #[inline]
    fn push(&mut self, c: char) {
        self.chars += 1;
        self.digits += usize::from(c.is_ascii_digit());
        if let Some(room) = self.bytes.get_mut(self.len..self.len + c.len_utf8()) {
            c.encode_utf8(room);
            self.len += c.len_utf8();
        }
    }

    fn clear(&mut self) {
        (self.len, self.chars, self.digits, self.coded) = (0, 0, 0, false);
    }
}

impl Word96 {
    fn push(&mut self, letter: &str) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + letter.len()) {
            room.copy_from_slice(letter.as_bytes());
            self.len += letter.len();
            self.chars += 1;
        }
    }
}

#[cfg(test)]
mod tests;
