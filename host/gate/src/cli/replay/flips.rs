//! What another set would decide otherwise.

use serde::Serialize;
use witgate_ledger::{Decision, Stage};
use witgate_policy::engine::Stage as Asked;
use witgate_policy::{Outcome, PolicySet};

use super::exchanges::Recorded;

/// How an exchange would go otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// It passed, and would be refused, or lose a call.
    Refused,
    /// It was refused, or lost a call, and would pass.
    Passed,
    /// It would end the same way, by another plugin or code, or with other edits.
    Changed,
}

impl Kind {
    /// For people.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Refused => "would be refused now",
            Self::Passed => "would pass now",
            Self::Changed => "would be changed otherwise now",
        }
    }
}

/// One exchange that another set decides otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Flip {
    pub(super) kind: Kind,
    /// Where the first difference is.
    pub(super) stage: String,
    /// Who decides it: now, or, where it would pass, before.
    pub(super) plugin: String,
    pub(super) code: String,
}

/// A stage's outcome in few words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    passes: bool,
    plugin: String,
    code: String,
    /// Edits by plugins whose word counts.
    edits: Vec<(String, u64)>,
}

/// The first thing that would be otherwise; `None`: nothing.
pub(super) fn flip(recorded: &Recorded, set: &PolicySet, outcomes: &[Outcome]) -> Option<Flip> {
    for (stage, asked) in [
        (Stage::Admission, Asked::Admission),
        (Stage::Commitment, Asked::Commitment),
        (Stage::Inspection, Asked::Inspection),
    ] {
        let was = recorded.decisions.iter().filter(|d| d.stage == stage && !d.plugins.is_empty()).map(before);
        let was: Vec<Said> = was.collect();
        let now: Vec<Said> = outcomes.iter().filter(|o| o.stage == asked).map(|o| after(set, o)).collect();
        for index in 0..was.len().max(now.len()) {
            let (was, now) = (was.get(index), now.get(index));
            // What one of the sets was not asked is no difference by itself: another stage ended it, which is told there.
            let silent = Said { passes: true, plugin: String::new(), code: String::new(), edits: vec![] };
            let (was, now) = (was.unwrap_or(&silent), now.unwrap_or(&silent));
            let kind = match (was.passes, now.passes) {
                (true, false) => Kind::Refused,
                (false, true) => Kind::Passed,
                _ if was != now => Kind::Changed,
                _ => continue,
            };
            let by = match kind {
                Kind::Passed => was,
                Kind::Refused => now,
                Kind::Changed if now.passes => return Some(edited(&stage, was, now)),
                Kind::Changed => now,
            };
            return Some(Flip { kind, stage: stage.to_string(), plugin: by.plugin.clone(), code: by.code.clone() });
        }
    }
    None
}

/// The first plugin whose edits are others.
fn edited(stage: &Stage, was: &Said, now: &Said) -> Flip {
    let other = now.edits.iter().find(|edit| !was.edits.contains(edit));
    let plugin = other.or_else(|| was.edits.iter().find(|edit| !now.edits.contains(edit)));
    let plugin = plugin.map(|(plugin, _)| plugin.clone()).unwrap_or_default();
    Flip { kind: Kind::Changed, stage: stage.to_string(), plugin, code: "edits".to_owned() }
}

fn before(decision: &Decision) -> Said {
    let reason = decision.reason.clone().unwrap_or_default();
    let edits = decision.plugins.iter().filter(|part| part.verdict.is_some() && part.edits > 0);
    Said {
        passes: decision.verdict.as_str() == "allow",
        plugin: reason.plugin,
        code: reason.code,
        edits: edits.map(|part| (part.plugin.clone(), part.edits)).collect(),
    }
}

fn after(set: &PolicySet, outcome: &Outcome) -> Said {
    let asked = match outcome.stage {
        Asked::Admission => Stage::Admission,
        Asked::Commitment => Stage::Commitment,
        Asked::Inspection | Asked::Recording => Stage::Inspection,
    };
    before(&crate::record::decision(asked, set, &outcome.verdict, &outcome.opinions, None))
}
