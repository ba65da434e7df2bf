//! What a marking is made of: level phrases, words that lead up to one, controls that follow.

use std::collections::BTreeMap;

use witgate_sdk::Issue;

use crate::config::Scheme;
use crate::controls::CONTROLS;
use crate::fold::{fold, is_word};
use crate::ladder::{Ladder, Rank, issue};
use crate::openings::Openings;
use crate::schemes::{self, Like};
use crate::words::{ROOT, Words};

/// How much it takes for a phrase to be a marking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Distinctive: in capitals it is one anywhere (`NATO SECRET`).
    Strong,
    /// In capitals alone on a line, in brackets, or before `//` (`TOP SECRET`).
    Name,
    /// As a name, but in brackets only where a portion begins (`CUI`).
    Word,
    /// An abbreviation: in brackets where a portion begins, or before a control (`S`).
    Short,
    /// Only before a control (`CONFIDENTIAL`, `U`).
    Base,
}

/// A phrase that names a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) level: Rank,
    pub(crate) kind: Kind,
    /// A firm's: alone on its line it may be written as a title is (`Strictly Confidential`).
    pub(crate) titled: bool,
}

/// The tables of the automaton.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) phrases: Words,
    table: Vec<Phrase>,
    /// Words after which a level's name is a marking: "CLASSIFICATION:", "classified SECRET".
    pub(crate) leads: Words,
    /// Values are indexes into [`CONTROLS`].
    pub(crate) controls: Words,
    pub(crate) openings: Openings,
}

/// Bytes that are looked at before a word is given to the automaton instead.
const SURE_WITHIN: usize = 24;
/// Bytes of a configured marking, and how many there may be.
const MARKING_BYTES: std::ops::RangeInclusive<usize> = 3..=48;
const MAX_MARKINGS: usize = 256;

impl Lexicon {
    /// `others`: the schemes beside that of the United States.
    pub(crate) fn new(
        ladder: &Ladder,
        scheme: Option<Scheme>,
        others: bool,
        own: &BTreeMap<String, String>,
        issues: &mut Vec<Issue>,
    ) -> Self {
        let mut lexicon = Self {
            phrases: Words::new(),
            table: vec![],
            leads: Words::new(),
            controls: Words::new(),
            openings: Openings::default(),
        };
        lexicon.levels(ladder, scheme == Some(Scheme::Corporate));
        lexicon.known(ladder, schemes::UNITED_STATES);
        if others {
            lexicon.known(ladder, schemes::OTHERS);
        }
        lexicon.configured(ladder, own, issues);
        for lead in LEADS {
            lexicon.leads.insert(lead.as_bytes(), 0);
        }
        for (index, (control, _)) in (0_u16..).zip(CONTROLS) {
            lexicon.controls.insert(control.as_bytes(), index);
        }
        lexicon.openings = Openings::new([&lexicon.phrases, &lexicon.leads]);
        lexicon
    }

    /// Whether a phrase, or the lead-up to one, may begin with this symbol.
    #[inline]
    pub(crate) fn begins(&self, symbol: u8) -> bool {
        self.openings.first(symbol)
    }

    /// Whether it is sure that no phrase or lead begins where `text` does, in a bracket or not, whatever comes after it.
    #[inline]
    pub(crate) fn leads_nowhere(&self, text: &[u8]) -> bool {
        let excluded = match text {
            [b'(', ..] => false,
            [first, second, third, ..] => self.openings.exclude([*first, *second, *third]),
            _ => false,
        };
        excluded || self.dead_ends(text)
    }

    /// The same, character by character.
    pub(crate) fn dead_ends(&self, text: &[u8]) -> bool {
        match text {
            [b'(', b' ', ..] | [b'('] => false,
            [b'(', rest @ ..] => Self::dead_end(&self.phrases, rest),
            _ => Self::dead_end(&self.phrases, text) && Self::dead_end(&self.leads, text),
        }
    }

    fn dead_end(words: &Words, text: &[u8]) -> bool {
        let (mut node, mut last) = (ROOT, 0);
        for b in text.iter().take(SURE_WITHIN) {
            let symbol = b.to_ascii_uppercase();
            if !matches!(symbol, b' '..=b'~') || words.value(node).is_some() && !is_word(symbol) {
                return false;
            }
            if symbol == b' ' && last == b' ' {
                continue;
            }
            last = symbol;
            match words.step(node, symbol) {
                Some(next) => node = next,
                None => return true,
            }
        }
        false
    }

    /// The phrase of a trie value.
    pub(crate) fn phrase(&self, value: u16) -> Option<Phrase> {
        self.table.get(usize::from(value)).copied()
    }

    fn levels(&mut self, ladder: &Ladder, titled: bool) {
        for (word, level) in ladder.words().filter(|(w, _)| !w.contains("//")) {
            let titled = titled && word.contains(' ');
            self.add(word, Phrase { level, kind: own_kind(word, level), titled });
        }
    }

    fn known(&mut self, ladder: &Ladder, table: &[(&str, Like, Kind)]) {
        for &(phrase, like, kind) in table {
            // A ladder that has the word itself knows better what it means.
            let own = ladder.level(phrase);
            let Some(level) = own.or_else(|| like.iter().find_map(|like| ladder.level(like))) else {
                continue;
            };
            let kind = if own.is_some() && kind == Kind::Base { own_kind(phrase, level) } else { kind };
            self.add(phrase, Phrase { level, kind, titled: false });
        }
    }

    fn configured(&mut self, ladder: &Ladder, own: &BTreeMap<String, String>, issues: &mut Vec<Issue>) {
        if own.len() > MAX_MARKINGS {
            issues.push(issue("/markings", &format!("at most {MAX_MARKINGS}")));
            return;
        }
        for (text, level) in own {
            let pointer = format!("/markings/{}", text.replace('~', "~0").replace('/', "~1"));
            match ladder.level(level) {
                None => issues.push(issue(&pointer, &format!("no such level; there are {}", ladder.names()))),
                Some(_) if !MARKING_BYTES.contains(&text.len()) || !begins_as_word(text) => {
                    issues.push(issue(&pointer, "a marking has 3 to 48 bytes and begins with a letter or digit"));
                }
                Some(level) => self.add(text, Phrase { level, kind: Kind::Strong, titled: false }),
            }
        }
    }

    /// Adds a phrase and the ways its words are joined.
    fn add(&mut self, phrase: &str, what: Phrase) {
        let symbols: Vec<u8> = phrase.chars().filter_map(fold).map(|s| s.byte).collect();
        let Ok(value) = u16::try_from(self.table.len()) else {
            return;
        };
        self.table.push(what);
        self.phrases.insert(&symbols, value);
        for joint in [&b"-"[..], b"_", b" ", b""] {
            let joined: Vec<u8> = symbols
                .iter()
                .flat_map(|s| if matches!(s, b' ' | b'-' | b'_') { joint } else { std::slice::from_ref(s) })
                .copied()
                .collect();
            self.phrases.insert(&joined, value);
        }
        if what.kind == Kind::Name {
            let letters = symbols.iter().filter(|s| s.is_ascii_alphanumeric());
            let spaced: Vec<u8> = letters.flat_map(|s| [*s, b' ']).collect();
            self.phrases.insert(spaced.strip_suffix(b" ").unwrap_or_default(), value);
        }
    }
}

fn begins_as_word(text: &str) -> bool {
    text.chars().find_map(fold).is_some_and(|s| s.is_word() && s.byte != b'_')
}

fn own_kind(word: &str, level: Rank) -> Kind {
    match word.len() {
        _ if level == 0 => Kind::Base,
        0..=3 => Kind::Short,
        _ => Kind::Word,
    }
}

const LEADS: &[&str] = &[
    "CLASSIFICATION",
    "CLASSIFICATION LEVEL",
    "CLASSIFICATION MARKING",
    "CLASSIFICATION IS",
    "CLASSIFIED",
    "CLASSIFIED AS",
];
