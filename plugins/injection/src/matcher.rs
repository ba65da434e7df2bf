//! Rules over words: ordered slots with bounded gaps, all followed at once.
//!
//! For each step of a rule only the latest place where it was reached is kept, which is exact: with a greatest gap, the
//! latest start is always the best. The work for a word is a look-up and a few comparisons for each rule that names it.

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

/// A step of a rule: the rule, and the greatest distance from the step before. Its number is its state's.
#[derive(Debug, Clone, Copy)]
struct Step {
    rule: u16,
    gap: u16,
    first: bool,
    last: bool,
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
            for (i, (gap, slot)) in source.slots.iter().enumerate() {
                let state = u16::try_from(steps.len()).ok().filter(|state| *state < CLASS).ok_or(TooMany)?;
                pairs.extend(rules::words(slot).map(|word| (hash_of(word), state)));
                steps.push(Step { rule, gap: *gap, first: i == 0, last: i + 1 == source.slots.len() });
            }
        }
        Ok(Self { table: Table::new(pairs)?, steps, rules: sources.iter().map(|s| s.rule).collect() })
    }
}

impl Matcher {
    /// The classes of a word, a bit each.
    pub(crate) fn classes(&self, hash: u32) -> u32 {
        let classes = self.table.by_hash(hash).iter().take_while(|state| **state >= CLASS);
        classes.fold(0, |bits, class| bits | 1 << (class & !CLASS))
    }

    /// Whether some rule or class has the word.
    pub(crate) fn knows(&self, word: &[u8]) -> bool {
        !self.table.states(word).is_empty()
    }
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
    /// The last position at which each state was reached, plus one.
    reached: Vec<u32>,
    position: u32,
    tool: bool,
    features: Features,
    pub(crate) scorer: Scorer,
    pub(crate) hits: Hits,
}

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
const WINDOW: u32 = 500;

impl<'m> Run<'m> {
    pub(crate) fn new(matcher: &'m Matcher) -> Self {
        Self {
            matcher,
            reached: vec![0; matcher.steps.len()],
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
    }
}

impl Hits {
    fn add(&mut self, rule: Rule, number: u16, position: u32) {
        let Some(best) = self.best.get_mut(usize::from(rule.family)) else { return };
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
        let states = self.matcher.table.by_hash(word.hash);
        let of_rules = states.partition_point(|state| *state >= CLASS);
        let (classes, states) = states.split_at_checked(of_rules).unwrap_or_default();
        let classes = classes.iter().fold(0, |bits, class| bits | 1 << (class & !CLASS));
        let Self { features, scorer, .. } = self;
        scorer.step();
        features.word(word, classes, |feature| scorer.add(feature));
        self.position = self.position.saturating_add(1);
        let now = self.position;
        for &state in states {
            let state = usize::from(state);
            let Some(step) = self.matcher.steps.get(state) else { continue };
            if !step.first {
                let before = self.reached.get(state.wrapping_sub(1)).copied().unwrap_or(0);
                if before == 0 || now - before > u32::from(step.gap) {
                    continue;
                }
            }
            if step.last {
                if let Some(rule) = self.matcher.rules.get(usize::from(step.rule))
                    && (self.tool || !rule.tool_only)
                {
                    self.hits.add(*rule, step.rule, now);
                }
            } else if let Some(reached) = self.reached.get_mut(state) {
                *reached = now;
            }
        }
    }
}

#[cfg(test)]
mod tests;
