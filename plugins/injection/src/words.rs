//! From text to a stream of normalised words.
//!
//! One pass, linear in the text and without allocation: lower case, look-alikes and marks folded, hidden characters
//! dropped and counted, digits inside words read as the letters they stand for, letters that were spaced out joined. What
//! only punctuation can say (chat templates, role prefixes) comes as words of its own, named in [`signal`].

use witgate_sdk::kit::{Fold, Normal};

use crate::fold::{Folded, fold};
use crate::plain::Plain;

/// Words that stand for what punctuation says. No word of a text has a `!`.
pub(crate) mod signal {
    /// A control token of a chat template, such as those between `<|` and `|>`.
    pub(crate) const TEMPLATE: &str = "!template";
    /// A tag or bracket that names the system role.
    pub(crate) const SYSTEM: &str = "!system";
    /// A line that begins as a turn of a conversation does.
    pub(crate) const TURN: &str = "!turn";
    /// Three exclamation marks.
    pub(crate) const SHOUT: &str = "!shout";
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
    fn word(&mut self, word: &[u8]);
    /// The next word, which normalising changes in case alone.
    fn plain(&mut self, word: Plain<'_>) {
        let mut lower = Word::default();
        word.letters.iter().for_each(|b| lower.push_byte(b.to_ascii_lowercase()));
        self.word(lower.as_bytes());
    }
    /// The end of a sentence.
    fn pause(&mut self);
    /// What stands between words, but for spaces.
    fn sign(&mut self, _: char) {}
    /// Whether this is a word that some rule speaks of.
    fn knows(&self, word: &[u8]) -> bool;
}

/// Reads `text`, telling `sink` its words.
pub(crate) fn read(text: &str, sink: &mut impl Sink) {
    let mut reader = Reader { sink, word: Word::default(), joined: String::new(), line_start: true };
    let bytes = text.as_bytes();
    let (mut at, mut bangs) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if reader.word.is_empty() {
            if byte == b' ' {
                (at, bangs) = (at + 1, 0);
                continue;
            }
            // Most of a text is this.
            let start = at;
            while let Some((word, after)) = bytes.get(at..).and_then(Plain::read) {
                reader.plain(word, after);
                at = at.wrapping_add(word.letters.len());
                if after != b' ' {
                    break;
                }
                (at, bangs) = (at.wrapping_add(1), 0);
            }
            if at > start {
                continue;
            }
        }
        if byte.is_ascii_alphanumeric() {
            if reader.word.is_empty() && bytes.get(at + 1) == Some(&b' ') {
                // The most frequent of the short words.
                reader.single(byte.to_ascii_lowercase());
                at += 1;
                continue;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let run = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
            rest.iter().take(run).for_each(|b| reader.word.push_byte(b.to_ascii_lowercase()));
            at += run;
            continue;
        }
        let c = if byte.is_ascii() { Some(char::from(byte)) } else { text.get(at..).and_then(|t| t.chars().next()) };
        let Some(c) = c else { break };
        let here = at;
        at += c.len_utf8();
        match fold(c) {
            Folded::Word(c) if is_syllable(c) => {
                // Written without spaces: each a word of its own.
                reader.end_word(' ');
                reader.word.push(c);
                reader.end_word(' ');
            }
            Folded::Word(c) => reader.word.push(c),
            Folded::Pair(a, b) => {
                reader.word.push(a);
                reader.word.push(b);
            }
            Folded::Mark => {}
            Folded::Hidden => {}
            Folded::Other(c) => {
                // A sign for a letter, as in `p@ssword`.
                if matches!(c, '@' | '$')
                    && !reader.word.is_empty()
                    && bytes.get(at).is_some_and(u8::is_ascii_alphabetic)
                {
                    reader.word.push(if c == '@' { 'a' } else { 's' });
                    reader.word.coded = true;
                    continue;
                }
                bangs = if c == '!' { bangs + 1 } else { 0 };
                reader.end_word(c);
                if c == '\n' && !bytes.get(at).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii()) {
                    reader.pause();
                }
                if bangs == 3 {
                    reader.sink.word(signal::SHOUT.as_bytes());
                }
                if matches!(c, '<' | '[' | '(')
                    && let Some(word) = text.get(here..).and_then(marker)
                {
                    reader.sink.word(word.as_bytes());
                }
            }
        }
    }
    reader.end_word('\n');
    reader.end_joined();
}

/// The words of a phrase.
pub(crate) fn normalised(phrase: &str) -> Vec<String> {
    struct Words(Vec<String>);
    impl Sink for Words {
        fn word(&mut self, word: &[u8]) {
            self.0.push(String::from_utf8_lossy(word).into_owned());
        }
        fn pause(&mut self) {}
        fn knows(&self, _: &[u8]) -> bool {
            true
        }
    }
    let mut words = Words(vec![]);
    read(Normal::new(phrase, Fold::default()).text(), &mut words);
    words.0
}

struct Reader<'s, S> {
    sink: &'s mut S,
    word: Word,
    /// Words of one letter, ASCII, that stand next to each other.
    joined: String,
    line_start: bool,
}

impl<S: Sink> Reader<'_, S> {
    /// `c` is what stands after the word.
    fn end_word(&mut self, c: char) {
        if !self.word.is_empty() {
            if let (1, &[letter]) = (self.word.chars, self.word.as_bytes()) {
                self.single(letter);
            } else {
                self.end_joined();
                if c == ':' && self.line_start && is_role(self.word.as_str()) {
                    self.sink.word(signal::TURN.as_bytes());
                }
                self.emit();
            }
            self.word.clear();
            self.line_start = false;
        }
        self.sink.sign(c);
        match c {
            '\n' => self.line_start = true,
            '.' | '?' | ';' | '\u{3002}' | '\u{ff1f}' => self.pause(),
            _ => {}
        }
    }

    /// The end of a sentence, or of a line: one that goes on with a letter is only broken.
    fn pause(&mut self) {
        if self.joined.is_empty() {
            self.sink.pause();
        }
    }

    /// A word of one ASCII letter or digit, in lower case.
    #[inline]
    fn single(&mut self, letter: u8) {
        if self.joined.len() == MAX_JOINED {
            self.end_joined();
        }
        self.joined.push(char::from(letter));
        self.line_start = false;
    }

    /// A plain word when there was none before: as reading it letter by letter, and [`end_word`](Self::end_word) up to
    /// what `after` itself says.
    #[inline]
    fn plain(&mut self, word: Plain<'_>, after: u8) {
        if !self.joined.is_empty() {
            self.end_joined();
        }
        if after == b':'
            && self.line_start
            && str::from_utf8(word.letters).is_ok_and(|w| is_role(&w.to_ascii_lowercase()))
        {
            self.sink.word(signal::TURN.as_bytes());
        }
        self.sink.plain(word);
        self.line_start = false;
    }

    fn emit(&mut self) {
        let letters = self.word.as_bytes();
        if (self.word.digits > 0 && self.word.digits < self.word.chars || self.word.coded) && !self.sink.knows(letters)
        {
            let word = self.word.as_str();
            let mut plain = Word::default();
            word.chars().for_each(|c| plain.push(uncoded(c, 'i')));
            if !self.sink.knows(plain.as_bytes()) {
                plain.clear();
                word.chars().for_each(|c| plain.push(uncoded(c, 'l')));
            }
            self.sink.word(plain.as_bytes());
        } else {
            self.sink.word(letters);
        }
    }

    /// Single letters: few are words of their own, many were spaced out and are cut into words that rules know.
    fn end_joined(&mut self) {
        if self.joined.is_empty() {
            return;
        }
        let mut joined = std::mem::take(&mut self.joined);
        self.cut_joined(&joined);
        joined.clear();
        self.joined = joined;
    }

    fn cut_joined(&mut self, text: &str) {
        if text.len() < MIN_JOINED {
            text.as_bytes().chunks(1).for_each(|letter| self.sink.word(letter));
            return;
        }
        let mut at = 0;
        while at < text.len() {
            let longest = (3..=MAX_WORD.min(text.len() - at))
                .rev()
                .filter_map(|n| text.get(at..at + n))
                .find(|w| self.sink.knows(w.as_bytes()));
            if let Some(word) = longest {
                self.sink.word(word.as_bytes());
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

/// Whether a character of a script that is written without spaces, or whose words take endings that rules cannot list.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
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

/// A word in place.
#[derive(Debug, Default)]
struct Word {
    bytes: [u8; MAX_WORD],
    len: usize,
    chars: usize,
    digits: usize,
    /// A sign stood for a letter.
    coded: bool,
}

impl Word {
    fn is_empty(&self) -> bool {
        self.chars == 0
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }

    #[inline]
    fn push(&mut self, c: char) {
        self.chars += 1;
        self.digits += usize::from(c.is_ascii_digit());
        if let Some(room) = self.bytes.get_mut(self.len..self.len + c.len_utf8()) {
            c.encode_utf8(room);
            self.len += c.len_utf8();
        }
    }

    #[inline]
    fn push_byte(&mut self, b: u8) {
        self.chars += 1;
        self.digits += usize::from(b.is_ascii_digit());
        if let Some(room) = self.bytes.get_mut(self.len) {
            *room = b;
            self.len += 1;
        }
    }

    fn clear(&mut self) {
        (self.len, self.chars, self.digits, self.coded) = (0, 0, 0, false);
    }
}

#[cfg(test)]
mod tests;
