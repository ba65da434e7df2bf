//! Matches that wait to be told, and what they lead to.

use std::cmp::Reverse;

use witgate_sdk::{Decision, Finding, Label, Span};

use crate::FOUND;
use crate::pattern::Pattern;
use crate::scanner::Hit;
use crate::words::Mask;

/// Most edits of one decision, as the contract has it, findings and labels.
pub(crate) const MAX_EDITS: usize = 4096;
const MAX_FINDINGS: usize = 256;
const MAX_LABELS: usize = 64;

/// Matches of one text, or of all texts of a document one behind the other.
#[derive(Debug)]
pub(crate) struct Hits {
    waiting: Vec<Hit>,
    /// For each pattern the end of its last match.
    ends: Vec<u64>,
    /// For each pattern how many more are wanted.
    room: Vec<usize>,
    /// The end of the last edit: of matches that overlap, each later one is cut to what is left of it.
    edited: u64,
}

/// What a match leads to.
#[derive(Debug)]
pub(crate) enum Told {
    /// A finding at most.
    Noted,
    /// Its text is replaced, as far as it was not already.
    Edit(Span),
    /// A refusal.
    Refused,
}

impl Hits {
    /// None yet. `most`: how many matches of a pattern are told; of edits all are, up to one more than fit a decision.
    pub(crate) fn new(patterns: &[Pattern], most: usize) -> Self {
        let room = patterns.iter().map(|p| if p.replacement().is_some() { usize::MAX } else { most });
        Self { waiting: vec![], ends: vec![0; patterns.len()], room: room.collect(), edited: 0 }
    }

    /// Takes a match, unless it lies within another of its pattern.
    pub(crate) fn take(&mut self, hit: Hit) {
        let (Some(end), Some(room)) = (self.ends.get_mut(hit.pattern), self.room.get_mut(hit.pattern)) else {
            return;
        };
        if hit.at.end <= *end || *room == 0 {
            return;
        }
        (*end, *room) = (hit.at.end, *room - 1);
        self.waiting.push(hit);
    }

    /// Brings what waits into the order in which it is told: by where it begins, of those that begin together the longest
    /// first.
    pub(crate) fn sort(&mut self) {
        self.waiting.sort_unstable_by_key(|hit| (hit.at.start, Reverse(hit.at.end), hit.pattern));
    }

    /// Takes out all matches that begin before `frontier`, in order. `told` says of each with its edit whether it is told
    /// now; what is not, waits on.
    pub(crate) fn drain(
        &mut self,
        patterns: &[Pattern],
        frontier: u64,
        mut told: impl FnMut(&Hit, &Pattern, Told) -> bool,
    ) {
        let waiting = std::mem::take(&mut self.waiting);
        for hit in waiting {
            let Some(pattern) = patterns.get(hit.pattern).filter(|_| hit.at.start < frontier) else {
                self.waiting.push(hit);
                continue;
            };
            let what = match pattern.replacement() {
                _ if pattern.blocks() => Told::Refused,
                Some(_) if hit.at.end > self.edited => {
                    Told::Edit(Span { start: hit.at.start.max(self.edited), end: hit.at.end })
                }
                _ => Told::Noted,
            };
            let edit = matches!(what, Told::Edit(_));
            match told(&hit, pattern, what) {
                true if edit => self.edited = hit.at.end,
                true => {}
                false => self.waiting.push(hit),
            }
        }
    }
}

/// What is said of matches: findings, and each pattern's labels once.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    labelled: Mask,
}

impl Notes {
    /// Adds the finding of a match, and its pattern's labels if it is the first.
    pub(crate) fn add(&mut self, hit: &Hit, pattern: &Pattern, decision: &mut Decision) {
        if decision.findings.len() < MAX_FINDINGS {
            let at = Some(Span { start: hit.at.start, end: hit.at.end });
            let detail = pattern.name.clone();
            decision.findings.push(Finding { code: FOUND.into(), at, confidence: pattern.confidence, detail });
        }
        let bit = 1 << hit.pattern;
        if self.labelled & bit == 0 {
            self.labelled |= bit;
            let own = Label { key: "pattern".into(), value: pattern.name.clone() };
            let more = pattern.labels.iter().map(|(key, value)| Label { key: key.clone(), value: value.clone() });
            let room = MAX_LABELS.saturating_sub(decision.labels.len());
            decision.labels.extend(std::iter::once(own).chain(more).take(room));
        }
    }
}
