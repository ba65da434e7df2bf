//! Rules over words: ordered slots with bounded gaps, all followed at once.
//!
//! For each step of a rule only the latest place where it was reached is kept, which is exact: with a greatest gap, the
//! latest start is always the best. The work for a word is a look-up and a few comparisons for each rule that names it.

use crate::plain::{Plain, eight};
use crate::words::{MAX_WORD, Sink};

/// What a rule is evidence of. Rules of one family are not independent; only the best counts.
pub(crate) const FAMILIES: usize = 16;

/// A step of a rule: the rule, which step, and the greatest distance from the step before.
#[derive(Debug, Clone, Copy)]
struct Step {
    rule: u16,
    state: u16,
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
    /// Open addressing by hash; an empty slot has no steps.
    table: Vec<Entry>,
    /// A bit for each hash, [`THINNER`] times as many as there are slots: most words are known by it to be in no rule.
    some: Vec<u32>,
    steps: Vec<Step>,
    pub(crate) rules: Vec<Rule>,
    states: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// The upper half.
    hash: u32,
    from: u16,
    count: u16,
}

/// A rule as it is written: its slots are the words that may stand there, and the greatest distance from the slot before.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) rule: Rule,
    pub(crate) slots: Vec<(u16, Vec<String>)>,
}

/// Why rules could not be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Matcher {
    pub(crate) fn compile(sources: &[Source]) -> Result<Self, TooMany> {
        let mut by_word: std::collections::BTreeMap<&str, Vec<Step>> = std::collections::BTreeMap::new();
        let (mut rules, mut states) = (vec![], 0usize);
        for source in sources {
            let rule = u16::try_from(rules.len()).map_err(|_| TooMany)?;
            for (i, (gap, words)) in source.slots.iter().enumerate() {
                let state = u16::try_from(states).map_err(|_| TooMany)?;
                let step = Step { rule, state, gap: *gap, first: i == 0, last: i + 1 == source.slots.len() };
                words.iter().for_each(|w| by_word.entry(cut(w)).or_default().push(step));
                states += 1;
            }
            rules.push(source.rule);
        }
        let mut matcher = Self { table: vec![], some: vec![], steps: vec![], rules, states };
        let size = (by_word.len() * 2).next_power_of_two().max(2);
        matcher.table = vec![Entry::default(); size];
        matcher.some = vec![0; (size * THINNER).div_ceil(32)];
        for (word, mut steps) in by_word {
            // Later steps first, so that one word never serves two steps in a row.
            steps.sort_by_key(|s| std::cmp::Reverse(s.state));
            steps.dedup_by_key(|s| s.state);
            let from = u16::try_from(matcher.steps.len()).map_err(|_| TooMany)?;
            let count = u16::try_from(steps.len()).map_err(|_| TooMany)?;
            matcher.steps.extend(steps);
            let hash = hash(word.as_bytes());
            let (at, bit) = matcher.some_of(hash);
            if let Some(some) = matcher.some.get_mut(at) {
                *some |= bit;
            }
            let mut slot = slot(hash) & (size - 1);
            while matcher.table.get(slot).is_some_and(|e| e.count > 0) {
                slot = (slot + 1) & (size - 1);
            }
            if let Some(entry) = matcher.table.get_mut(slot) {
                *entry = Entry { hash: upper(hash), from, count };
            }
        }
        Ok(matcher)
    }

    #[inline]
    fn steps_of(&self, word: &[u8]) -> &[Step] {
        self.steps_by(hash(word))
    }

    #[inline]
    fn steps_of_plain(&self, word: Plain<'_>) -> &[Step] {
        match word.letters {
            letters if letters.len() <= 8 => self.steps_by(mix(0, word.head)),
            letters => {
                let letters = letters.get(..MAX_WORD).unwrap_or(letters);
                self.steps_by(letters.chunks(8).fold(0, |h, c| mix(h, lower(eight(c)))))
            }
        }
    }

    /// The word of `some` and the bit in it that a hash has.
    #[inline]
    fn some_of(&self, hash: u64) -> (usize, u32) {
        // The lowest bits choose the slot, the highest ones are kept in it.
        let bit = (hash >> 8) as usize & (self.some.len() * 32).wrapping_sub(1);
        (bit / 32, 1 << (bit % 32))
    }

    #[inline]
    fn steps_by(&self, hash: u64) -> &[Step] {
        let (at, bit) = self.some_of(hash);
        if self.some.get(at).is_none_or(|some| some & bit == 0) {
            return &[];
        }
        let mask = self.table.len().wrapping_sub(1);
        let mut slot = slot(hash) & mask;
        while let Some(entry) = self.table.get(slot).filter(|e| e.count > 0) {
            if entry.hash == upper(hash) {
                let from = usize::from(entry.from);
                return self.steps.get(from..from + usize::from(entry.count)).unwrap_or_default();
            }
            slot = (slot + 1) & mask;
        }
        &[]
    }
}

fn cut(word: &str) -> &str {
    let mut end = word.len().min(MAX_WORD);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    word.get(..end).unwrap_or_default()
}

/// Bits of `some` for each slot of the table.
const THINNER: usize = 8;

/// Eight bytes a step. Collisions between words of one text and those of rules are rare and harmless: a rule needs
/// several words.
#[inline]
fn hash(word: &[u8]) -> u64 {
    word.chunks(8).fold(0, |h, c| mix(h, eight(c)))
}

#[inline]
fn mix(hash: u64, eight: u64) -> u64 {
    let product = (hash ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}

#[inline]
fn upper(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Up to eight letters in lower case.
#[inline]
fn lower(eight: u64) -> u64 {
    // A letter has 0x40 and never is zero, which fills up.
    eight | eight >> 1 & 0x2020_2020_2020_2020
}

/// The state of one reading.
#[derive(Debug)]
pub(crate) struct Run<'m> {
    matcher: &'m Matcher,
    /// The last position at which each state was reached, plus one.
    reached: Vec<u32>,
    position: u32,
    tool: bool,
    pub(crate) hits: Hits,
    pub(crate) hidden: String,
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
/// Most letters kept of a hidden text.
const MAX_HIDDEN: usize = 4096;

impl<'m> Run<'m> {
    pub(crate) fn new(matcher: &'m Matcher) -> Self {
        Self {
            matcher,
            reached: vec![0; matcher.states],
            position: 0,
            tool: false,
            hits: Hits::default(),
            hidden: String::new(),
        }
    }

    /// A new text, of which nothing before counts. `tool`: it came from a tool.
    pub(crate) fn begin(&mut self, tool: bool) {
        self.position = self.position.saturating_add(2 * WINDOW);
        self.tool = tool;
        self.hits = Hits::default();
        self.hidden.clear();
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
        self.follow(self.matcher.steps_of(word));
    }

    #[inline]
    fn plain(&mut self, word: Plain<'_>) {
        self.follow(self.matcher.steps_of_plain(word));
    }

    fn pause(&mut self) {
        self.position = self.position.saturating_add(2);
    }

    fn knows(&self, word: &[u8]) -> bool {
        !self.matcher.steps_of(word).is_empty()
    }

    fn hidden(&mut self, letter: char) {
        if self.hidden.len() < MAX_HIDDEN {
            self.hidden.push(letter);
        }
    }
}

impl<'m> Run<'m> {
    /// Goes on to the next word, which has these steps.
    #[inline]
    fn follow(&mut self, steps: &'m [Step]) {
        self.position = self.position.saturating_add(1);
        let now = self.position;
        for step in steps {
            let state = usize::from(step.state);
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

/// Where a hash's place in the table is looked for: its low bits, as many as every machine's `usize` has.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
fn slot(hash: u64) -> usize {
    hash as u32 as usize
}

#[cfg(test)]
mod tests;
