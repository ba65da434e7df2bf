//! The rules, as text.
//!
//! A line is `family weight [tool] | slot slot ~3 slot`. A slot is a word, words divided by `/`, or `@class`; `~3` lets the
//! slot after it stand up to three words on, otherwise it stands next. The default threshold is 70: a rule of that weight
//! refuses alone, weaker ones only together with other families. They are compiled ahead (`program`).

use std::borrow::Cow;

use crate::lexicon::CLASSES;
use crate::matcher::FAMILIES;
use crate::program::{Rule, Slot, Source, class};

/// Families in the order of their numbers.
pub(crate) const FAMILY: [&str; FAMILIES] = [
    "override",
    "persona",
    "unrestricted",
    "compliance",
    "character",
    "mode",
    "policy",
    "harm",
    "split",
    "extraction",
    "template",
    "output",
    "directive",
    "exfiltration",
    "address",
    "extra",
    "secret",
    "private",
    "authority",
    "encoding",
];

/// The family of an operator's own phrases.
pub(crate) const EXTRA: u8 = 15;

const RULES: &str = include_str!("rules.txt");

/// The names of families given as bits.
pub(crate) fn families(bits: u32) -> String {
    let named: Vec<_> = FAMILY.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, name)| *name).collect();
    named.join(" ")
}

/// All rules. A line that does not parse is left out; a test sees to it that none is.
pub(crate) fn rules() -> Vec<Source> {
    RULES.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).filter_map(parse).collect()
}

/// One line.
fn parse(line: &'static str) -> Option<Source> {
    let (head, slots) = line.split_once('|')?;
    let mut head = head.split_whitespace();
    let family = head.next()?;
    let family = u8::try_from(FAMILY.iter().position(|f| *f == family)?).ok()?;
    let weight = head.next()?.parse().ok()?;
    let tool_only = match head.next() {
        None => false,
        Some("tool") => true,
        Some(_) => return None,
    };
    let slots = parse_slots(slots)?;
    (!slots.is_empty()).then_some(Source { rule: Rule { family, weight, tool_only }, slots })
}

fn parse_slots(text: &'static str) -> Option<Vec<(u16, Slot)>> {
    let mut slots = vec![];
    let mut gap = 1;
    for slot in text.split_whitespace() {
        if let Some(n) = slot.strip_prefix('~') {
            gap = n.parse().ok()?;
            continue;
        }
        let known =
            slot.split('/').all(|part| part.strip_prefix('@').is_none_or(|name| class(name, CLASSES).is_some()));
        if !known {
            return None;
        }
        if slot.is_ascii() || slot.contains('/') {
            slots.push((gap, Cow::Borrowed(slot)));
        } else {
            // Of a script without spaces: as many words as reading makes of it.
            let words = crate::words::normalised(slot).into_iter().enumerate();
            slots.extend(words.map(|(i, word)| (if i == 0 { gap } else { 1 }, Cow::Owned(word))));
        }
        gap = 1;
    }
    Some(slots)
}

#[cfg(test)]
mod tests;
