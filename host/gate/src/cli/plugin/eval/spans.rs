//! Spans that were found beside those that are labelled, type by type.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::counts::{f1, places, real};
use super::types::Types;

/// A span of a row's text, in bytes, and what it is in somebody's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: String,
}

/// What there is to say of the spans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Spans {
    /// The types that the plugin declares and the data labels.
    pub(super) types: Vec<OfType>,
    /// All of them together.
    pub(super) total: OfType,
    /// Those of which at least one was found, where that is not all: what is off by default is declared, and never found.
    pub(super) total_of_found: Option<OfType>,
    /// Types that the data labels and the plugin does not declare among its codes, in the data's words, and how many spans.
    pub(super) not_declared: Vec<(String, usize)>,
    /// Types that were found and that the data labels nowhere, and how many spans.
    pub(super) not_labelled: Vec<(String, usize)>,
}

/// One type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct OfType {
    #[serde(rename = "type")]
    pub(super) name: String,
    pub(super) labelled: usize,
    pub(super) found: usize,
    /// The same start and end.
    pub(super) exact: Score,
    /// At least a byte in common.
    pub(super) overlapping: Score,
}

/// How much of what was found is right, and of what is there was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Score {
    pub(super) precision: Option<f64>,
    pub(super) recall: Option<f64>,
    pub(super) f1: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    labelled: usize,
    found: usize,
    exact: usize,
    /// Found ones that overlap a labelled one, and labelled ones that overlap a found one.
    found_overlap: usize,
    labelled_overlap: usize,
}

/// Type, start and end.
type Span = (String, usize, usize);

/// The types of a plugin's codes.
pub(super) fn declared(codes: &[String], types: &Types) -> BTreeSet<String> {
    codes.iter().map(|code| types.name(code)).collect()
}

fn named(marked: &[Marked], types: &Types) -> BTreeSet<Span> {
    marked.iter().map(|marked| (types.name(&marked.kind), marked.start, marked.end)).collect()
}

fn overlaps((name, start, end): &Span, others: &BTreeSet<Span>) -> bool {
    others.iter().any(|(n, s, e)| n == name && start < e && s < end)
}

/// Compares, row by row; none where no span is labelled at all. `rows` has what is labelled (none where nobody looked) and
/// what was found.
pub(super) fn compare<'a>(
    rows: impl Iterator<Item = (Option<&'a [Marked]>, &'a [Marked])>,
    codes: &[String],
    types: &Types,
) -> Option<Spans> {
    let declared = declared(codes, types);
    let mut by_type: BTreeMap<String, Tally> = BTreeMap::new();
    let mut not_declared: BTreeMap<String, usize> = BTreeMap::new();
    for (labelled, found) in rows {
        let Some(labelled) = labelled else { continue };
        for marked in labelled.iter().filter(|marked| !declared.contains(&types.name(&marked.kind))) {
            *not_declared.entry(marked.kind.clone()).or_default() += 1;
        }
        let mut labelled = named(labelled, types);
        labelled.retain(|(name, _, _)| declared.contains(name));
        let found = named(found, types);
        for one in &labelled {
            let tally = by_type.entry(one.0.clone()).or_default();
            tally.labelled += 1;
            tally.labelled_overlap += usize::from(overlaps(one, &found));
            tally.exact += usize::from(found.contains(one));
        }
        for one in &found {
            let tally = by_type.entry(one.0.clone()).or_default();
            tally.found += 1;
            tally.found_overlap += usize::from(overlaps(one, &labelled));
        }
    }
    let by_name = |kind: &str| if kind.is_empty() { "(no type)".to_owned() } else { kind.to_owned() };
    let (types, others): (Vec<_>, Vec<_>) = by_type.into_iter().partition(|(_, tally)| tally.labelled > 0);
    if types.is_empty() && not_declared.is_empty() {
        return None;
    }
    let some = types.iter().filter(|(_, tally)| tally.found > 0).count();
    let of_found = || total(types.iter().filter(|(_, tally)| tally.found > 0)).scored("those found".to_owned());
    let total_of_found = (some > 0 && some < types.len()).then(of_found);
    let total = total(types.iter()).scored("all".to_owned());
    let mut not_declared: Vec<_> = not_declared.into_iter().collect();
    not_declared.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Some(Spans {
        types: types.into_iter().map(|(name, tally)| tally.scored(name)).collect(),
        total,
        total_of_found,
        not_declared,
        not_labelled: others.into_iter().map(|(name, tally)| (by_name(&name), tally.found)).collect(),
    })
}

fn total<'a>(types: impl Iterator<Item = &'a (String, Tally)>) -> Tally {
    let mut total = Tally::default();
    for (_, tally) in types {
        total.labelled += tally.labelled;
        total.found += tally.found;
        total.exact += tally.exact;
        total.found_overlap += tally.found_overlap;
        total.labelled_overlap += tally.labelled_overlap;
    }
    total
}

impl Tally {
    fn scored(self, name: String) -> OfType {
        let share = |part: usize, of: usize| (of > 0).then(|| places(real(part) / real(of)));
        let exact = Score {
            precision: share(self.exact, self.found),
            recall: share(self.exact, self.labelled),
            f1: f1(self.exact, self.found - self.exact, self.labelled - self.exact),
        };
        // Two found spans may share one labelled span: the two shares have counts of their own.
        let (precision, recall) = (share(self.found_overlap, self.found), share(self.labelled_overlap, self.labelled));
        let mean = match (precision, recall) {
            (Some(p), Some(r)) if p + r > 0.0 => Some(places(2.0 * p * r / (p + r))),
            (_, Some(_)) => Some(0.0),
            (_, None) => None,
        };
        let overlapping = Score { precision, recall, f1: mean };
        OfType { name, labelled: self.labelled, found: self.found, exact, overlapping }
    }
}

#[cfg(test)]
mod tests;
