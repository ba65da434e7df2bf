//! Which stages, verdicts and codes a plugin's cases show, and which they don't.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use witgate_engine::{Manifest, Stages};

use super::cases::CaseStage;
use super::outcome::{Outcome, Said};
use super::plain;

/// What has come of the cases so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Cases by stage and verdict.
    verdicts: BTreeMap<(CaseStage, &'static str), usize>,
    /// Of those, the ones that edited the text.
    edited: BTreeMap<CaseStage, usize>,
    /// Cases in which a code was told.
    codes: BTreeMap<String, usize>,
}

/// What a stage's cases show.
struct Row {
    stage: CaseStage,
    seen: Vec<(&'static str, usize)>,
    never: Vec<&'static str>,
}

impl Coverage {
    /// Takes what came of one case, asked with the whole text.
    pub(super) fn note(&mut self, stage: CaseStage, text: Option<&str>, outcome: &Outcome) {
        *self.verdicts.entry((stage, outcome.said.name())).or_default() += 1;
        if outcome.text.is_some() && outcome.text.as_deref() != text {
            *self.edited.entry(stage).or_default() += 1;
        }
        let of_verdict = match &outcome.said {
            Said::Deny { code } | Said::Escalate { code, .. } => Some(code),
            Said::Allow | Said::Fault { .. } => None,
        };
        let mut codes: Vec<&String> = of_verdict.into_iter().chain(&outcome.findings).collect();
        codes.sort();
        codes.dedup();
        for code in codes {
            *self.codes.entry(code.clone()).or_default() += 1;
        }
    }

    fn rows(&self, manifest: &Manifest, stages: Stages) -> Vec<Row> {
        let grant = |name: &str| manifest.grants.iter().any(|grant| grant == name);
        let there = [
            (CaseStage::Admission, stages.admission),
            (CaseStage::Inspection, stages.inspection),
            (CaseStage::Commitment, stages.commitment),
        ];
        let row = |stage: CaseStage| {
            let count = |verdict| self.verdicts.get(&(stage, verdict)).copied().unwrap_or(0);
            let edit = self.edited.get(&stage).copied().unwrap_or(0);
            let possible = [
                ("allow", count("allow"), true),
                ("edit", edit, grant("edit")),
                ("deny", count("deny"), true),
                ("escalate", count("escalate"), grant("escalate")),
                ("fault", count("fault"), false),
            ];
            let seen = possible.iter().filter(|(_, n, _)| *n > 0).map(|(name, n, _)| (*name, *n)).collect();
            let never = possible.iter().filter(|(_, n, may)| *n == 0 && *may).map(|(name, ..)| *name).collect();
            Row { stage, seen, never }
        };
        there.into_iter().filter(|(_, there)| *there).map(|(stage, _)| row(stage)).collect()
    }

    fn unseen<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a String> {
        manifest.codes.iter().filter(|code| !self.codes.contains_key(*code))
    }

    /// `edit` beside the verdicts counts cases in which the text was changed.
    pub(super) fn json(&self, manifest: &Manifest, stages: Stages) -> Value {
        let row = |row: Row| {
            let seen: serde_json::Map<String, Value> =
                row.seen.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
            json!({"stage": row.stage.name(), "seen": seen, "never": row.never})
        };
        let rows: Vec<Value> = self.rows(manifest, stages).into_iter().map(row).collect();
        json!({"stages": rows, "codes": self.codes, "codes_never": self.unseen(manifest).collect::<Vec<_>>()})
    }

    pub(super) fn human(&self, manifest: &Manifest, stages: Stages) -> String {
        let mut text = String::from("covered by the cases\n");
        let mut row = |name: &str, seen: &[String], never: &[String]| {
            let seen = if seen.is_empty() { "none".to_owned() } else { seen.join(", ") };
            let never = if never.is_empty() { String::new() } else { format!("  never: {}", never.join(", ")) };
            let _ = writeln!(text, "{}", format!("  {name:<11} {:<30}{never}", plain(&seen)).trim_end());
        };
        for Row { stage, seen, never } in self.rows(manifest, stages) {
            let seen: Vec<String> = seen.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
            let never: Vec<String> = never.iter().map(|verdict| (*verdict).to_owned()).collect();
            row(stage.name(), &seen, &never);
        }
        if stages.recording {
            row("recording", &["not asked by cases".to_owned()], &[]);
        }
        if !manifest.codes.is_empty() {
            let declared = manifest.codes.iter().filter_map(|code| self.codes.get(code).map(|n| format!("{code} {n}")));
            let unseen: Vec<String> = self.unseen(manifest).map(|code| plain(code)).collect();
            row("codes", &declared.collect::<Vec<_>>(), &unseen);
        }
        text
    }
}

#[cfg(test)]
mod tests;
