//! What was recorded beside what came now, by the set it was decided with.

use serde::Serialize;
use witgate_ledger::{Decision, Outcome as Ended, PluginResult, Stage};
use witgate_policy::engine::Stage as Asked;
use witgate_policy::{Outcome, PolicySet};

use super::exchanges::Recorded;
use crate::record;

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Where.
    pub(super) stage: String,
    /// The plugin; `None`: the merged verdict.
    pub(super) plugin: Option<String>,
    /// What was recorded.
    pub(super) was: String,
    /// What came now.
    pub(super) now: String,
}

/// Everything that is not as it was recorded, to the byte, but for the time it took.
pub(super) fn differences(recorded: &Recorded, set: &PolicySet, outcomes: &[Outcome]) -> Vec<Difference> {
    let mut found = Vec::new();
    let now: Vec<Decision> = outcomes.iter().map(|outcome| decision(set, outcome)).collect();
    for stage in [Stage::Admission, Stage::Commitment, Stage::Inspection] {
        // The host's own decisions on what no plugin was asked about have no part of a plugin.
        let of = |d: &&Decision| d.stage == stage && !d.plugins.is_empty();
        let was: Vec<&Decision> = recorded.decisions.iter().filter(of).collect();
        let now: Vec<&Decision> = now.iter().filter(of).collect();
        for (was, now) in was.iter().zip(&now) {
            decided(was, now, &mut found);
        }
        // An answer whose client went away has no record of what was said of it until then.
        let gone = recorded.outcome == Ended::ClientGone;
        if was.len() != now.len() && !(gone && was.len() < now.len()) {
            found.push(Difference {
                stage: stage.to_string(),
                plugin: None,
                was: format!("{} decisions", was.len()),
                now: format!("{}", now.len()),
            });
        }
    }
    found
}

fn decision(set: &PolicySet, outcome: &Outcome) -> Decision {
    let stage = match outcome.stage {
        Asked::Admission => Stage::Admission,
        Asked::Inspection => Stage::Inspection,
        Asked::Commitment => Stage::Commitment,
        Asked::Recording => Stage::Recording,
    };
    record::decision(stage, set, &outcome.verdict, &outcome.opinions, None)
}

fn decided(was: &Decision, now: &Decision, found: &mut Vec<Difference>) {
    let said = |d: &Decision| match &d.reason {
        Some(reason) => format!("{} by {}: {}", d.verdict, reason.plugin, reason.code),
        None => d.verdict.to_string(),
    };
    // What the host refused because an edit did not fit is not of the policies.
    let hosts = was.reason.as_ref().is_some_and(|reason| reason.plugin == "witgate");
    if said(was) != said(now) && !hosts {
        found.push(Difference { stage: was.stage.to_string(), plugin: None, was: said(was), now: said(now) });
    }
    let longest = was.plugins.len().max(now.plugins.len());
    for index in 0..longest {
        let (before, after) = (was.plugins.get(index).map(timeless), now.plugins.get(index).map(timeless));
        if before == after {
            continue;
        }
        let name = before.as_ref().or(after.as_ref()).map(|part| part.plugin.clone());
        let (was_said, now_said) = told(before.as_ref(), after.as_ref());
        found.push(Difference { stage: was.stage.to_string(), plugin: name, was: was_said, now: now_said });
    }
}

/// A plugin's part without the time it took.
fn timeless(part: &PluginResult) -> PluginResult {
    PluginResult { elapsed_ns: 0, ..part.clone() }
}

/// Both sides in few words: the members that differ.
fn told(was: Option<&PluginResult>, now: Option<&PluginResult>) -> (String, String) {
    let (Some(was), Some(now)) = (was, now) else {
        let there = |part: Option<&PluginResult>| if part.is_some() { "asked" } else { "not asked" }.to_owned();
        return (there(was), there(now));
    };
    let members = |part: &PluginResult| match serde_json::to_value(part) {
        Ok(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (was, now) = (members(was), members(now));
    let names: std::collections::BTreeSet<&String> = was.keys().chain(now.keys()).collect();
    let differ: Vec<&String> = names.into_iter().filter(|name| was.get(*name) != now.get(*name)).collect();
    let said = |members: &serde_json::Map<String, serde_json::Value>| {
        let one = |name: &&String| format!("{name} {}", members.get(*name).unwrap_or(&serde_json::Value::Null));
        differ.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    (said(&was), said(&now))
}
