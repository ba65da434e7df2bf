//! Rules over words: ordered slots with bounded gaps, all followed at once.
//!
//! For each step of a rule only the latest place where the one before it was taken is kept, which is exact: with a greatest
//! gap, the latest start is always the best. The work for a word is a look-up and a comparison for each step that names it.

use crate::features::{Features, Seen};
use crate::plain::Plain;
use crate::program::{BUILT_IN, Program, Rule, Source, Step, TooMany};
use crate::scorer::{Scorer, Weights};
use crate::table::Found;
use crate::words::Sink;

/// What a rule is evidence of. Rules of one family are not independent; only the best counts.
pub(crate) const FAMILIES: usize = 20;

/// The rules that are built in, and the operator's own.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    own: Option<Program>,
}

impl Matcher {
    /// The built-in rules and these.
    pub(crate) fn with(own: &[Source]) -> Result<Self, TooMany> {
        let own = if own.is_empty() { None } else { Some(Program::own(own)?) };
        Ok(Self { own })
    }

    /// The classes of a word, a bit each.
    pub(crate) fn classes(&self, hash: u32) -> u32 {
        BUILT_IN.table.by_hash(hash).classes
    }

    /// Whether some rule or class has the word.
    pub(crate) fn knows(&self, word: &[u8]) -> bool {
        !BUILT_IN.table.word(word).is_empty() || self.own.is_some_and(|own| !own.table.word(word).is_empty())
    }
}

/// The state of one reading.
#[derive(Debug)]
pub(crate) struct Run<'m> {
    matcher: &'m Matcher,
    built_in: Steps,
    own: Option<Steps>,
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

/// How far the rules of a program have come.
#[derive(Debug)]
struct Steps {
    program: Program,
    /// Until which position each step but the first may be taken, by the last place where the one before it was.
    until: Vec<u32>,
    /// The greatest of them: beyond it no step but a first one may be taken.
    open: u32,
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
const WINDOW: u32 = 120;

impl<'m> Run<'m> {
    /// `half`: the points from which on rules are enough where the scorer agrees.
    pub(crate) fn new(matcher: &'m Matcher, half: u32) -> Self {
        Self {
            matcher,
            half,
            agreement: Agreement::default(),
            built_in: Steps::new(BUILT_IN),
            own: matcher.own.map(Steps::new),
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
    #[inline(never)]
    fn word(&mut self, word: &[u8]) {
        self.next(Seen::word(word));
    }

    #[inline(always)]
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
    #[inline(always)]
    fn next(&mut self, word: Seen) {
        let found = BUILT_IN.table.by_hash(word.hash);
        let Self { features, scorer, .. } = self;
        scorer.step();
        let mut noted = 0;
        features.letters(word, |feature| noted = scorer.note(feature, noted));
        scorer.add_noted(noted);
        if found.classes != 0 {
            features.classes(word, found.classes, |feature| scorer.add(feature));
        }
        features.end(word);
        if self.scorer.agrees() {
            self.agreement.scored = self.scorer.position();
            self.agreement.look();
        }
        self.position = self.position.saturating_add(1);
        let mut sum = self.built_in.go(found, self.position, self.tool, &mut self.hits);
        if self.own.is_some() {
            sum = sum.max(self.own(word.hash));
        }
        if sum >= self.half {
            self.agreement.ruled = self.scorer.position();
            self.agreement.look();
        }
    }

    /// What the operator's rules make of a word.
    #[inline(never)]
    fn own(&mut self, hash: u32) -> u32 {
        let Some(own) = &mut self.own else { return 0 };
        let found = own.program.table.by_hash(hash);
        own.go(found, self.position, self.tool, &mut self.hits)
    }
}

impl Steps {
    fn new(program: Program) -> Self {
        Self { program, until: vec![0; program.len()], open: 0 }
    }

    /// Takes the steps of rules that a word may stand for. Answers the highest sum that a rule which ends here makes.
    #[inline]
    fn go(&mut self, found: Found, now: u32, tool: bool, hits: &mut Hits) -> u32 {
        let mut sum = 0;
        if now <= self.open {
            for state in found.later.map(usize::from) {
                if self.until.get(state).is_some_and(|until| now <= *until) {
                    sum = sum.max(self.take(state, now, tool, hits));
                }
            }
        }
        for state in found.first.map(usize::from) {
            sum = sum.max(self.take(state, now, tool, hits));
        }
        sum
    }

    /// Takes a step: what it leads to is open for a while, or its rule has come to its end.
    fn take(&mut self, state: usize, now: u32, tool: bool, hits: &mut Hits) -> u32 {
        match self.program.step(state) {
            Some(Step { ends: None, gap }) => {
                if let Some(until) = self.until.get_mut(state.wrapping_add(1)) {
                    *until = now.saturating_add(u32::from(gap));
                    self.open = self.open.max(*until);
                }
            }
            Some(Step { ends: Some(number), .. }) => {
                if let Some(rule) = self.program.rule(number)
                    && (tool || !rule.tool_only)
                {
                    return hits.add(rule, number, now);
                }
            }
            None => {}
        }
        0
    }
}

#[cfg(test)]
mod tests;
