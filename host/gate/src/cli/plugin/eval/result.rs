//! All figures of a plugin over rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::counts::{Counts, Rate};
use super::ranking::{Cut, Ranking};
use super::rows::Row;
use super::spans::{Spans, compare, declared};
use super::subject::Subject;
use super::time::Time;
use super::told::Told;
use super::types::Types;

/// What came of a plugin. Its JSON is described in docs/policies.md; it holds no text of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figures {
    pub(super) plugin: String,
    pub(super) id: String,
    pub(super) version: String,
    #[serde(flatten)]
    pub(super) all: Group,
    /// Positive rows with a span of a type that the plugin declares, and all negative ones; where spans are labelled.
    pub(super) declared_only: Option<Group>,
    pub(super) auc: Option<f64>,
    pub(super) thresholds: Vec<Cut>,
    pub(super) kinds: Vec<Named>,
    pub(super) sources: Vec<Named>,
    pub(super) spans: Option<Spans>,
    pub(super) time: Time,
    pub(super) faults: Vec<Faulted>,
    pub(super) worst: Worst,
}

/// Counts and their rates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Group {
    pub(super) counts: Counts,
    pub(super) precision: Option<Rate>,
    pub(super) recall: Option<Rate>,
    pub(super) f1: Option<f64>,
    pub(super) fpr: Option<Rate>,
}

/// A kind or a source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Named {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) group: Group,
}

/// Rows without an answer of some stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Faulted {
    pub(super) code: &'static str,
    pub(super) rows: usize,
    pub(super) first_line: usize,
}

/// Rows that went wrong, a few of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Worst {
    pub(super) false_positives: Vec<Wrong>,
    pub(super) misses: Vec<Wrong>,
}

/// A row that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) kind: String,
    pub(super) source: String,
    pub(super) score: u8,
    /// In the rows.
    #[serde(skip)]
    pub(super) index: usize,
}

impl From<Counts> for Group {
    fn from(counts: Counts) -> Self {
        Self { counts, precision: counts.precision(), recall: counts.recall(), f1: counts.f1(), fpr: counts.fpr() }
    }
}

impl Figures {
    /// Of a plugin that told of each row; `worst` rows of each kind are picked.
    pub(super) fn of(
        subject: &Subject,
        rows: &[Row],
        told: &[Told],
        types: &Types,
        worst: usize,
        workers: usize,
    ) -> Self {
        let both = || rows.iter().zip(told);
        let mut ranking = Ranking::default();
        let mut faults: BTreeMap<&'static str, Faulted> = BTreeMap::new();
        for (row, told) in both() {
            ranking.add(told.score, row.positive);
            let mut codes = told.faults.clone();
            codes.dedup();
            for code in codes {
                faults.entry(code).or_insert(Faulted { code, rows: 0, first_line: row.line }).rows += 1;
            }
        }
        let codes = &subject.manifest.codes;
        let spans = compare(both().map(|(row, told)| (row.spans.as_deref(), told.found.as_slice())), codes, types);
        let declared = declared(codes, types);
        let in_scope = |row: &Row| {
            let types = row.spans.iter().flatten().map(|span| types.name(&span.kind));
            !row.positive || types.into_iter().any(|name| declared.contains(&name))
        };
        let wrong = |positive: bool| {
            let wrong: Vec<Wrong> = both()
                .enumerate()
                .filter(|(_, (row, told))| row.positive == positive && told.acted != positive)
                .map(|(index, (row, told))| Wrong {
                    line: row.line,
                    kind: row.kind.clone(),
                    source: row.source.clone(),
                    score: told.score,
                    index,
                })
                .collect();
            picked(wrong, positive, worst)
        };
        Self {
            plugin: subject.name.clone(),
            id: subject.manifest.id.clone(),
            version: subject.manifest.version.clone(),
            all: counted(both()).into(),
            declared_only: spans.is_some().then(|| counted(both().filter(|(row, _)| in_scope(row))).into()),
            auc: ranking.auc(),
            thresholds: ranking.cuts(),
            kinds: groups(both(), |row| &row.kind),
            sources: groups(both(), |row| &row.source),
            spans,
            time: Time::of(
                both().flat_map(|(row, told)| told.took.iter().map(|took| (row.text.len(), *took))),
                workers,
            ),
            faults: faults.into_values().collect(),
            worst: Worst { false_positives: wrong(false), misses: wrong(true) },
        }
    }
}

fn counted<'a>(rows: impl Iterator<Item = (&'a Row, &'a Told)>) -> Counts {
    let mut counts = Counts::default();
    rows.for_each(|(row, told)| counts.add(row.positive, told.acted, told.noticed));
    counts
}

/// By a name of the rows; the largest first.
fn groups<'a>(rows: impl Iterator<Item = (&'a Row, &'a Told)>, name: fn(&Row) -> &String) -> Vec<Named> {
    let mut groups: BTreeMap<&String, Counts> = BTreeMap::new();
    rows.for_each(|(row, told)| groups.entry(name(row)).or_default().add(row.positive, told.acted, told.noticed));
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.positives() + counts.negatives()));
    groups.into_iter().map(|(name, counts)| Named { name: name.clone(), group: counts.into() }).collect()
}

/// A few of those that went wrong: of each source in turn, so that one cannot hide the others, the source with most of them
/// first. Within one: false positives with the most confidence first, misses with the least.
fn picked(wrong: Vec<Wrong>, misses: bool, most: usize) -> Vec<Wrong> {
    let mut by_source: BTreeMap<String, Vec<Wrong>> = BTreeMap::new();
    for one in wrong {
        by_source.entry(one.source.clone()).or_default().push(one);
    }
    let mut sources: Vec<Vec<Wrong>> = by_source.into_values().collect();
    sources.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    for rows in &mut sources {
        rows.sort_by_key(|one| if misses { one.score } else { super::ranking::MOST - one.score });
    }
    let longest = sources.first().map_or(0, Vec::len);
    let turns = (0..longest).flat_map(|turn| sources.iter().filter_map(move |rows| rows.get(turn)));
    turns.take(most).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(line: usize, source: &str, score: u8) -> Wrong {
        Wrong { line, kind: "k".to_owned(), source: source.to_owned(), score, index: line }
    }

    #[test]
    fn the_worst_rows_are_of_every_source() {
        let all = vec![wrong(1, "a", 10), wrong(2, "a", 90), wrong(3, "a", 50), wrong(4, "b", 0), wrong(5, "b", 70)];
        let lines =
            |misses, most| -> Vec<usize> { picked(all.clone(), misses, most).iter().map(|one| one.line).collect() };
        assert_eq!(lines(false, 3), [2, 5, 3]);
        assert_eq!(lines(true, 9), [1, 4, 3, 5, 2]);
        assert!(lines(true, 0).is_empty());
    }
}
