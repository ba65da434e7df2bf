//! Rules, compiled: a run of bytes that is read where it lies.
//!
//! Those that are built in are compiled ahead (`rules.bin`, by `examples/compile.rs`): so neither their text nor what
//! compiling needs stands in the memory that every fresh sandbox carries.

use std::borrow::Cow;

use crate::table::{self, Table, hash, narrow, take};
use crate::words::{self, MAX_WORD};

/// A state of this bit is none of a rule: the others name a class.
pub(crate) const CLASS: u16 = 1 << 15;
/// Of this bit: it is not the first step of its rule. Those come first among a word's states, and nearly all of them come to
/// nothing.
pub(crate) const LATER: u16 = 1 << 14;

/// Stands for the number of a rule where a step is not its last.
const NONE: u16 = u16::MAX;

static BYTES: &[u8] = include_bytes!("rules.bin");

/// The rules that are built in. That they are read where they are compiled makes every length and place in them a constant.
pub(crate) const BUILT_IN: Program = match Program::read(BYTES) {
    Some(program) => program,
    // The test that compares them with their text says so.
    None => Program::NONE,
};

/// Names of classes and their words.
pub(crate) type Classes = [(&'static str, &'static str)];

/// A step of a rule: what the next one must know of it. Its number is its state's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The rule, where it is its last step.
    pub(crate) ends: Option<u16>,
    /// The greatest distance to the step after.
    pub(crate) gap: u16,
}

/// A rule's end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) family: u8,
    pub(crate) weight: u16,
    /// Only counts in text that a tool brought.
    pub(crate) tool_only: bool,
}

/// The words that may stand at a place of a rule, as [`words_of`] reads them.
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

/// Compiled rules.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Program {
    pub(crate) table: Table,
    steps: &'static [[u8; 4]],
    rules: &'static [[u8; 4]],
}

impl Program {
    /// None, which never says anything.
    const NONE: Self = Self { table: Table::NONE, steps: &[], rules: &[] };

    /// What [`compile`] wrote.
    pub(crate) const fn read(bytes: &'static [u8]) -> Option<Self> {
        let Some((&[steps, rules], rest)) = take::<2>(bytes, 2) else { return None };
        let Some((steps, rest)) = take(rest, u16::from_le_bytes(steps) as usize) else { return None };
        let Some((rules, rest)) = take(rest, u16::from_le_bytes(rules) as usize) else { return None };
        match Table::read(rest) {
            Some((table, [])) => Some(Self { table, steps, rules }),
            _ => None,
        }
    }

    /// Rules that are compiled while configuring; they stay until the process ends.
    pub(crate) fn own(sources: &[Source]) -> Result<Self, TooMany> {
        Ok(Self::read(compile(sources, &[])?.leak()).unwrap_or_default())
    }

    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    #[inline]
    pub(crate) fn step(&self, state: usize) -> Option<Step> {
        let [a, b, c, d] = *self.steps.get(state)?;
        let ends = u16::from_le_bytes([a, b]);
        Some(Step { ends: (ends != NONE).then_some(ends), gap: u16::from_le_bytes([c, d]) })
    }

    pub(crate) fn rule(&self, number: u16) -> Option<Rule> {
        let [family, tool, a, b] = *self.rules.get(usize::from(number))?;
        Some(Rule { family, weight: u16::from_le_bytes([a, b]), tool_only: tool != 0 })
    }
}

/// Compiles rules, and the words of these classes, each of which is a state of its own.
pub(crate) fn compile(sources: &[Source], classes: &Classes) -> Result<Vec<u8>, TooMany> {
    let mut pairs = vec![];
    for ((_, words), class) in classes.iter().zip(0..CLASS) {
        pairs.extend(words.split_whitespace().map(|word| (hash_of(word), CLASS | class)));
    }
    let mut steps = vec![];
    for (source, rule) in sources.iter().zip(0..NONE) {
        for (i, (_, slot)) in source.slots.iter().enumerate() {
            let state = narrow(steps.len()).ok().filter(|state| *state < LATER).ok_or(TooMany)?;
            let later = if i == 0 { 0 } else { LATER };
            pairs.extend(words_of(slot, classes).map(|word| (hash_of(word), later | state)));
            let after = source.slots.get(i + 1).map(|(gap, _)| *gap);
            steps.push((if after.is_none() { rule } else { NONE }, after.unwrap_or(0)));
        }
    }
    let mut out = vec![];
    for n in [steps.len(), sources.len()] {
        out.extend(narrow(n)?.to_le_bytes());
    }
    for (ends, gap) in steps {
        out.extend(ends.to_le_bytes());
        out.extend(gap.to_le_bytes());
    }
    for Source { rule, .. } in sources {
        out.extend([rule.family, u8::from(rule.tool_only)]);
        out.extend(rule.weight.to_le_bytes());
    }
    table::write(pairs, &mut out)?;
    Ok(out)
}

/// The words that may stand in a slot.
pub(crate) fn words_of<'s>(slot: &'s str, classes: &'s Classes) -> impl Iterator<Item = &'s str> {
    slot.split('/').flat_map(|part| {
        part.strip_prefix('@').map_or(part, |name| class(name, classes).unwrap_or_default()).split_whitespace()
    })
}

/// The words of a class.
pub(crate) fn class(name: &str, classes: &Classes) -> Option<&'static str> {
    classes.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
}

/// The hash of a word of the rules. Words of other scripts are written there as they are, and read as a text's words are.
fn hash_of(word: &str) -> u32 {
    if word.is_ascii() {
        return hash(cut(word).as_bytes());
    }
    words::normalised(word).first().map_or(0, |word| hash(word.as_bytes()))
}

pub(crate) fn cut(word: &str) -> &str {
    word.get(..word.floor_char_boundary(MAX_WORD)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
