//! One marking that may be on its way: a small state machine over folded symbols.

use crate::controls::{CONTROLS, LONG};
use crate::fold::Symbol;
use crate::ladder::{Ladder, Rank};
use crate::lexicon::{Kind, Lexicon, Phrase};
use crate::words::{Node, ROOT};

/// Signs that stand around a banner on its line.
pub(crate) const DECORATION: &[u8] = b"*#>=~-";

/// A candidate and what it has seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Where the marking would begin.
    pub(crate) start: u64,
    /// From where the text is held back for it; none while only the lead-up to a marking was seen.
    pub(crate) hold: Option<u64>,
    place: Place,
    /// No lower-case letter so far.
    upper: bool,
    /// Every word so far begins with a capital letter.
    titled: bool,
    /// The next letter begins a word.
    fresh: bool,
    state: State,
}

/// Where a candidate begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Nothing but decoration before it on its line.
    pub(crate) line: bool,
    /// There was such decoration.
    pub(crate) decorated: bool,
    /// A portion may begin here: a line, a list item, the end of a sentence.
    pub(crate) portion: bool,
    pub(crate) paren: bool,
    pub(crate) lead: Lead,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Lead {
    #[default]
    None,
    /// "classified SECRET": only capitals are a marking.
    Word,
    /// "Classification: Secret": any case is.
    Colon,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Within the words that lead up to a level.
    Leading(Node),
    /// After them.
    Led { gap: bool, colon: bool },
    /// After `(`.
    Open,
    /// Within the level's phrase.
    Phrase(Node),
    /// After it.
    After { phrase: Phrase, spaced: bool },
    /// After `SECRET/`.
    Slash { phrase: Phrase, spaced: bool },
    /// After `SECRET//`, or after a space or dash that may stand for it (`loose`).
    Control { level: Rank, node: Node, letters: usize, spaced: bool, loose: bool },
    /// After a control that did not lift the level: only `/` leads to another.
    Separator { level: Rank },
}

/// What a symbol makes of a candidate.
#[derive(Debug)]
pub(crate) enum Next {
    Dead,
    Keep(Candidate),
    /// A phrase is complete, and a longer one may still be.
    Both(Candidate, Candidate),
    /// A marking of this level, which is above the declared one; what follows it may lift it further.
    Found(Rank, Option<Candidate>),
}

/// What a candidate is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) lexicon: &'a Lexicon,
    pub(crate) ladder: &'a Ladder,
    pub(crate) declared: Rank,
}

impl Candidate {
    fn new(start: u64, state: State) -> Self {
        Self { start, hold: None, place: Place::default(), upper: true, titled: true, fresh: true, state }
    }

    /// A phrase, or the lead-up to one, that begins at `start`. Step it with the symbol that stands there.
    pub(crate) fn word(start: u64, place: Place) -> Self {
        Self { hold: Some(start), place, ..Self::new(start, State::Phrase(ROOT)) }
    }

    pub(crate) fn lead(start: u64) -> Self {
        Self::new(start, State::Leading(ROOT))
    }

    /// A bracket was opened at `start`.
    pub(crate) fn paren(start: u64, portion: bool) -> Self {
        let place = Place { portion, paren: true, ..Place::default() };
        Self { hold: Some(start), place, ..Self::new(start, State::Open) }
    }

    /// Whether the text so far is a marking if the line ends here.
    pub(crate) fn stands_alone(&self) -> Option<Rank> {
        match self.state {
            State::After { phrase, .. } if self.place.line && self.is_set(phrase) => match phrase.kind {
                Kind::Strong | Kind::Name | Kind::Word => Some(phrase.level),
                Kind::Short | Kind::Base => None,
            },
            _ => None,
        }
    }

    /// Reads the symbol at offset `at`.
    pub(crate) fn step(self, s: Symbol, at: u64, rules: Rules<'_>) -> Next {
        match self.state {
            State::Leading(node) => self.leading(node, s, rules),
            State::Led { gap, colon } => self.led(gap, colon, s, at, rules),
            State::Open if s.byte == b' ' => Next::Keep(self),
            State::Open => self.phrase(ROOT, s, rules),
            State::Phrase(node) => self.phrase(node, s, rules),
            State::After { phrase, spaced } => self.after(phrase, spaced, s, rules),
            State::Slash { phrase, spaced } => self.slash(phrase, spaced, s, rules),
            State::Control { .. } => self.control(s, rules),
            State::Separator { level } => match s.byte {
                b'/' | b' ' => Next::Keep(self),
                _ => self.to_control(level, false, false).control(s, rules),
            },
        }
    }

    fn with(self, state: State) -> Self {
        Self { state, ..self }
    }

    fn leading(self, node: Node, s: Symbol, rules: Rules<'_>) -> Next {
        let leads = &rules.lexicon.leads;
        let Some(node) = leads.step(node, s.byte) else {
            return Next::Dead;
        };
        let longer = self.with(State::Leading(node));
        match leads.value(node) {
            Some(_) => Next::Both(longer, self.with(State::Led { gap: false, colon: false })),
            None => Next::Keep(longer),
        }
    }

    fn led(self, gap: bool, colon: bool, s: Symbol, at: u64, rules: Rules<'_>) -> Next {
        match s.byte {
            b':' | b'=' => Next::Keep(self.with(State::Led { gap: true, colon: true })),
            b' ' | b'"' | b'\'' | b'*' | b'`' | b'-' | b'(' | b'[' => {
                Next::Keep(self.with(State::Led { gap: true, colon }))
            }
            b'\n' if colon => Next::Keep(self),
            _ if gap && s.is_word() => {
                let lead = if colon { Lead::Colon } else { Lead::Word };
                Self::word(at, Place { lead, ..Place::default() }).phrase(ROOT, s, rules)
            }
            _ => Next::Dead,
        }
    }

    fn phrase(mut self, node: Node, s: Symbol, rules: Rules<'_>) -> Next {
        let phrases = &rules.lexicon.phrases;
        let Some(node) = phrases.step(node, s.byte) else {
            return Next::Dead;
        };
        self.upper &= s.upper;
        self.titled &= s.upper || !self.fresh;
        self.fresh = !s.is_word();
        let longer = self.with(State::Phrase(node));
        match phrases.value(node).and_then(|v| rules.lexicon.phrase(v)) {
            None => Next::Keep(longer),
            Some(phrase) => {
                let done = self.with(State::After { phrase, spaced: false });
                if phrases.continues(node) { Next::Both(longer, done) } else { Next::Keep(done) }
            }
        }
    }

    fn after(self, phrase: Phrase, spaced: bool, s: Symbol, rules: Rules<'_>) -> Next {
        if s.is_word() {
            // `SECRET NOFORN`, as it was written before the double slash.
            return match spaced && self.upper {
                true => self.to_control(phrase.level, true, true).control(s, rules),
                false => Next::Dead,
            };
        }
        let alone = if s.byte == b'\n' { self.stands_alone() } else { None };
        let marked = self.is_marking(phrase, s).then_some(phrase.level);
        if let Some(level) = alone.or(marked)
            && level > rules.declared
        {
            return Next::Found(level, None);
        }
        let spaced = match s.byte {
            b'/' => return Next::Keep(self.with(State::Slash { phrase, spaced })),
            b' ' | b'\n' | b'-' => true,
            b'=' if !self.place.decorated => return Next::Dead,
            b if self.place.line && DECORATION.contains(&b) => spaced,
            _ => return Next::Dead,
        };
        let place = Place { line: self.place.line && s.byte != b'\n', ..self.place };
        Next::Keep(Self { place, ..self }.with(State::After { phrase, spaced }))
    }

    /// Whether a complete phrase with `s` after it is a marking by itself.
    fn is_marking(&self, phrase: Phrase, s: Symbol) -> bool {
        let kind = phrase.kind;
        let lead = match self.place.lead {
            Lead::None => false,
            Lead::Colon => kind != Kind::Base && (self.upper || kind != Kind::Short),
            Lead::Word => kind != Kind::Base && self.upper,
        };
        let bracket = self.place.paren
            && s.byte == b')'
            && match kind {
                Kind::Strong | Kind::Name => true,
                Kind::Word | Kind::Short => self.place.portion,
                Kind::Base => false,
            };
        // "Strictly Confidential - Example Ltd", at the beginning of a line.
        let heads = phrase.titled
            && self.place.line
            && matches!(self.state, State::After { spaced: true, .. })
            && matches!(s.byte, b'-' | b'|');
        lead || self.upper && kind == Kind::Strong || self.is_set(phrase) && (bracket || heads)
    }

    /// Whether it is written as a marking is: in capitals, or, of a firm's, as a title.
    fn is_set(&self, phrase: Phrase) -> bool {
        self.upper || phrase.titled && self.titled
    }

    fn slash(self, phrase: Phrase, spaced: bool, s: Symbol, rules: Rules<'_>) -> Next {
        match s.byte {
            b'/' => {
                let plain = self.place.paren || !matches!(phrase.kind, Kind::Short | Kind::Base);
                let controls = self.to_control(phrase.level, spaced, false);
                if plain && self.upper && !spaced && phrase.level > rules.declared {
                    return Next::Found(phrase.level, Some(controls));
                }
                Next::Keep(controls)
            }
            b' ' => Next::Keep(self.with(State::Slash { phrase, spaced: true })),
            _ if self.upper => self.to_control(phrase.level, spaced, true).control(s, rules),
            _ => Next::Dead,
        }
    }

    fn to_control(self, level: Rank, spaced: bool, loose: bool) -> Self {
        self.with(State::Control { level, node: ROOT, letters: 0, spaced, loose })
    }

    fn control(mut self, s: Symbol, rules: Rules<'_>) -> Next {
        let State::Control { level, node, letters, spaced, loose } = self.state else {
            return Next::Dead;
        };
        let controls = &rules.lexicon.controls;
        if s.is_word() {
            self.upper &= s.upper;
            let Some(node) = controls.step(node, s.byte) else {
                return Next::Dead;
            };
            return Next::Keep(self.with(State::Control { level, node, letters: letters + 1, spaced, loose }));
        }
        if node == ROOT {
            return match s.byte {
                b' ' | b'\n' => Next::Keep(self.with(State::Control { level, node, letters, spaced: true, loose })),
                _ => Next::Dead,
            };
        }
        // Short controls in loose surroundings are words of ordinary prose and of comments in code.
        let known = if loose { self.upper && letters >= LONG } else { self.upper || !spaced || letters >= LONG };
        let control = controls.value(node).and_then(|v| CONTROLS.get(usize::from(v)));
        let Some((_, raise)) = control.filter(|_| known) else {
            return Next::Dead;
        };
        let level = rules.ladder.raised(*raise).map_or(level, |raised| raised.max(level));
        match s.byte {
            _ if level > rules.declared => Next::Found(level, None),
            b'/' => Next::Keep(self.with(State::Separator { level })),
            _ => Next::Dead,
        }
    }
}
