//! Rules over words: ordered slots with bounded gaps, all followed at once.
//!
//! For each step of a rule only the latest place where the one before it was taken is kept, which is exact: with a greatest
//! gap, the latest start is always the best. The work for a word is a look-up and a comparison for each step that names it.

use std::borrow::Cow;

use crate::features::{Features, Seen};
use crate::lexicon::CLASSES;
use crate::plain::Plain;
use crate::rules;
use crate::scorer::{Scorer, Weights};
use crate::table::{Table, hash};
use crate::words::{self, MAX_WORD, Sink};

/// What a rule is evidence of. Rules of one family are not independent; only the best counts.
pub(crate) const FAMILIES: usize = 20;

/// A state of this bit is none of a rule: the others name a class.
const CLASS: u16 = 1 << 15;
/// Of this bit: it is not the first step of its rule. Those come first among a word's states, and nearly all of them come to
/// nothing.
const LATER: u16 = 1 << 14;

/// A step of a rule: what the next one must know of it. Its number is its state's.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The rule, where it is its last step.
    ends: Option<u16>,
    /// The greatest distance to the step after.
    gap: u16,
}

/// A rule's end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) family: u8,
    pub(crate) weight: u16,
    /// Only counts in text that a tool brought.
    pub(crate) tool_only: bool,
}

/// Compiled rules.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    table: Table,
    steps: Vec<Step>,
    pub(crate) rules: Vec<Rule>,
}

/// The words that may stand at a place of a rule, as [`rules::words`] reads them. They are not copied: what compiling
/// leaves behind in memory, every fresh sandbox has to carry.
pub(crate) type Slot = Cow<'static, str>;

/// A rule as it is written: its slots, and the greatest distance of each from the slot before.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) rule: Rule,
    pub(crate) slots: Vec<(u16, Slot)>,
}

/// Why rules could not be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Matcher {
    pub(crate) fn compile(sources: &[Source]) -> Result<Self, TooMany> {
        let slots = || sources.iter().flat_map(|s| &s.slots);
        let classed = || {
            (0..CLASS).zip(CLASSES).flat_map(|(class, (_, words))| words.split_whitespace().map(move |w| (w, class)))
        };
        let in_rules: usize = slots().map(|(_, slot)| rules::words(slot).count()).sum();
        let mut pairs = Vec::with_capacity(in_rules + classed().count());
        pairs.extend(classed().map(|(word, class)| (hash_of(word), CLASS | class)));
        let mut steps = Vec::with_capacity(slots().count());
        for (source, rule) in sources.iter().zip(0_u16..) {
            for (i, (_, slot)) in source.slots.iter().enumerate() {
                let state = u16::try_from(steps.len()).ok().filter(|state| *state < LATER).ok_or(TooMany)?;
                let later = if i == 0 { 0 } else { LATER };
                pairs.extend(rules::words(slot).map(|word| (hash_of(word), later | state)));
                let after = source.slots.get(i + 1).map(|(gap, _)| *gap);
                steps.push(Step { ends: after.is_none().then_some(rule), gap: after.unwrap_or(0) });
            }
        }
        Ok(Self { table: Table::new(pairs)?, steps, rules: sources.iter().map(|s| s.rule).collect() })
    }
}

impl Matcher {
    /// The classes of a word, a bit each.
    pub(crate) fn classes(&self, hash: u32) -> u32 {
        of_classes(self.table.by_hash(hash)).0
    }

    /// Whether some rule or class has the word.
    pub(crate) fn knows(&self, word: &[u8]) -> bool {
        !self.table.states(word).is_empty()
    }
}

/// The classes among a word's states, a bit each, and the states of rules.
#[inline]
fn of_classes(mut states: &[u16]) -> (u32, &[u16]) {
    let mut classes = 0;
    while let [class, rest @ ..] = states
        && *class >= CLASS
    {
        (classes, states) = (classes | 1 << (class & !CLASS), rest);
    }
    (classes, states)
}

/// The hash of a word of the rules. Words of other scripts are written there as they are, and read as a text's words are.
fn hash_of(word: &str) -> u32 {
    if word.is_ascii() {
        return hash(cut(word).as_bytes());
    }
    words::normalised(word).first().map_or(0, |word| hash(word.as_bytes()))
}

pub(crate) fn cut(word: &str) -> &str {
    let mut end = word.len().min(MAX_WORD);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    word.get(..end).unwrap_or_default()
}

/// The state of one reading.
#[derive(Debug)]
pub(crate) struct Run<'m> {
    matcher: &'m Matcher,
    /// Until which position each step but the first may be taken, by the last place where the one before it was.
    until: Vec<u32>,
    position: u32,
    tool: bool,
    features: Features,
    pub(crate) scorer: Scorer,
    pub(crate) hits: Hits,
    /// The points from which on rules and scorer may agree.
    half: u32,
    agreement: Agreement,
}

/// Whether rules and scorer spoke for the same place of a text.
#[derive(Debug, Clone, Copy, Default)]
struct Agreement {
    /// The last word, counted from one, at which rules had half of the points that refuse; and the scorer what agrees.
    ruled: u32,
    scored: u32,
    reached: bool,
}

impl Agreement {
    fn look(&mut self) {
        self.reached |= self.ruled > 0 && self.scored > 0 && self.ruled.abs_diff(self.scored) <= TOGETHER;
    }
}

/// How many words apart the rules' evidence and the scorer's are still about the same.
const TOGETHER: u32 = 48;

/// The best hits, by family.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hits {
    /// Weight, position and number of the rule.
    pub(crate) best: [(u16, u32, u16); FAMILIES],
    /// The highest sum that stood within one window.
    pub(crate) score: u32,
    /// The families that made it up, one bit each.
    pub(crate) families: u32,
}

/// How many words apart evidence still adds up.
const WINDOW: u32 = 120;

impl<'m> Run<'m> {
    /// `half`: the points from which on rules are enough where the scorer agrees.
    pub(crate) fn new(matcher: &'m Matcher, half: u32) -> Self {
        Self {
            matcher,
            half,
            agreement: Agreement::default(),
            until: vec![0; matcher.steps.len()],
            position: 0,
            tool: false,
            features: Features::new(),
            scorer: Scorer::new(Weights::new()),
            hits: Hits::default(),
        }
    }

    /// A new text, of which nothing before counts. `tool`: it came from a tool.
    pub(crate) fn begin(&mut self, tool: bool) {
        self.position = self.position.saturating_add(2 * WINDOW);
        self.tool = tool;
        self.features.begin();
        self.scorer.begin(tool);
        self.hits = Hits::default();
        self.agreement = Agreement::default();
    }

    /// The last word at which rules had half of the points that refuse; 0 is nowhere.
    pub(crate) fn ruled(&self) -> u32 {
        self.agreement.ruled
    }

    /// Whether rules and scorer agreed somewhere in the text.
    pub(crate) fn agreed(&self) -> bool {
        self.agreement.reached
    }
}

impl Hits {
    /// Answers the sum of what stands within one window that ends here.
    fn add(&mut self, rule: Rule, number: u16, position: u32) -> u32 {
        let Some(best) = self.best.get_mut(usize::from(rule.family)) else { return 0 };
        if rule.weight >= best.0 || position.saturating_sub(best.1) > WINDOW {
            *best = (rule.weight, position, number);
        }
        let (mut sum, mut families) = (0, 0);
        for (family, (weight, at, _)) in self.best.iter().enumerate() {
            if *weight > 0 && position.saturating_sub(*at) <= WINDOW {
                sum += u32::from(*weight);
                families |= 1 << family;
            }
        }
        if sum > self.score {
            (self.score, self.families) = (sum, families);
        }
        sum
    }
}

impl Sink for Run<'_> {
    fn word(&mut self, word: &[u8]) {
        self.next(Seen::word(word));
    }

    #[inline]
    fn plain(&mut self, word: Plain<'_>) {
        self.next(Seen::plain(word));
    }

    fn pause(&mut self) {
        self.position = self.position.saturating_add(2);
    }

    #[inline]
    fn sign(&mut self, sign: char) {
        let Self { features, scorer, .. } = self;
        features.sign(sign, |feature| scorer.add(feature));
    }

    fn knows(&self, word: &[u8]) -> bool {
        self.matcher.knows(word)
    }
}

impl Run<'_> {
    /// Goes on to the next word.
    #[inline]
    fn next(&mut self, word: Seen) {
        let (classes, states) = of_classes(self.matcher.table.by_hash(word.hash));
        let Self { features, scorer, .. } = self;
        scorer.step();
        features.word(word, classes, |feature| scorer.add(feature));
        if self.scorer.agrees() {
            self.agreement.scored = self.scorer.position();
            self.agreement.look();
        }
        self.position = self.position.saturating_add(1);
        if !states.is_empty() {
            self.go(states);
        }
    }

    /// Takes the steps of rules that a word may stand for.
    fn go(&mut self, mut states: &[u16]) {
        let now = self.position;
        while let [state, rest @ ..] = states
            && *state >= LATER
        {
            let state = usize::from(*state & !LATER);
            if self.until.get(state).is_some_and(|until| now <= *until) {
                self.take(state);
            }
            states = rest;
        }
        for state in states {
            self.take(usize::from(*state));
        }
    }

    /// Takes a step: what it leads to is open for a while, or its rule has come to its end.
    #[inline]
    fn take(&mut self, state: usize) {
        match self.matcher.steps.get(state) {
            Some(Step { ends: None, gap }) => {
                if let Some(until) = self.until.get_mut(state.wrapping_add(1)) {
                    *until = self.position.saturating_add(u32::from(*gap));
                }
            }
            Some(Step { ends: Some(number), .. }) => {
                if let Some(rule) = self.matcher.rules.get(usize::from(*number))
                    && (self.tool || !rule.tool_only)
                {
                    let sum = self.hits.add(*rule, *number, self.position);
                    if sum >= self.half {
                        self.agreement.ruled = self.scorer.position();
                        self.agreement.look();
                    }
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
