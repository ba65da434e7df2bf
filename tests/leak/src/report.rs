//! The score: counted by field, with a case to repeat for each kind of leak.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::case::Ran;
use crate::dialect::Dialect;
use crate::fields::Form;
use crate::outcome::{Outcome, judge};

/// Of what arrived, so much is shown.
const SHOWN: usize = 400;

/// One field in one form.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) cases: usize,
    pub(crate) leaked_bytes: usize,
    pub(crate) outcomes: BTreeMap<Outcome, usize>,
}

impl Row {
    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    fn add(&mut self, outcome: Outcome, leaked: usize) {
        self.cases += 1;
        self.leaked_bytes += leaked;
        *self.outcomes.entry(outcome).or_default() += 1;
    }
}

/// One case in place of all of its field, kind and outcome.
#[derive(Debug, Serialize)]
pub(crate) struct Example {
    /// For `--case`.
    pub(crate) case: String,
    pub(crate) outcome: Outcome,
    pub(crate) bytes: usize,
    pub(crate) alike: usize,
    pub(crate) status: u16,
    /// What broke.
    pub(crate) broken: Option<String>,
    /// The end of what arrived.
    pub(crate) arrived: String,
}

/// All of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) rows: BTreeMap<(Dialect, Form, String), Row>,
    examples: BTreeMap<(Outcome, String), Example>,
}

impl Report {
    pub(crate) fn add(&mut self, ran: &Ran) {
        let (outcome, leaked) = judge(ran);
        let script = &ran.case.script;
        let block = &script.block;
        self.rows.entry((block.dialect, block.form, block.name.clone())).or_default().add(outcome, leaked);
        if matches!(outcome, Outcome::Leaked | Outcome::Bare | Outcome::Failed | Outcome::Blocked) {
            let of = format!("{}/{}/{}/{}", block.dialect.name(), block.form.name(), block.name, script.kind.name());
            let example = self.examples.entry((outcome, of)).or_insert_with(|| example(ran, outcome, leaked));
            example.alike += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (key, row) in other.rows {
            let mine = self.rows.entry(key).or_default();
            mine.cases += row.cases;
            mine.leaked_bytes += row.leaked_bytes;
            for (outcome, count) in row.outcomes {
                *mine.outcomes.entry(outcome).or_default() += count;
            }
        }
        for (key, example) in other.examples {
            match self.examples.get_mut(&key) {
                Some(mine) => mine.alike += example.alike,
                None => {
                    self.examples.insert(key, example);
                }
            }
        }
    }

    pub(crate) fn examples(&self) -> impl Iterator<Item = &Example> {
        self.examples.values()
    }

    /// Over all rows, or those of a dialect and form.
    pub(crate) fn total(&self, of: Option<(Dialect, Form)>) -> Row {
        let mut total = Row::default();
        for ((dialect, form, _), row) in &self.rows {
            if of.is_some_and(|of| of != (*dialect, *form)) {
                continue;
            }
            total.cases += row.cases;
            total.leaked_bytes += row.leaked_bytes;
            for (outcome, count) in &row.outcomes {
                *total.outcomes.entry(*outcome).or_default() += count;
            }
        }
        total
    }
}

fn example(ran: &Ran, outcome: Outcome, bytes: usize) -> Example {
    let arrived = if ran.case.script.block.form == Form::Request && outcome == Outcome::Leaked {
        &ran.upstream_saw
    } else {
        &ran.answer.body
    };
    let from = arrived.len().saturating_sub(SHOWN);
    Example {
        case: ran.case.name(),
        outcome,
        bytes,
        alike: 0,
        status: ran.answer.status,
        broken: ran.answer.broken.clone(),
        arrived: String::from_utf8_lossy(arrived.get(from..).unwrap_or_default()).into_owned(),
    }
}
