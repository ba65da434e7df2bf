//! Edits of several plugins become one list.

use witgate_engine::{Edit, Replacement, Span};

/// A cut agreed on: where, and what stands there afterwards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cut {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) replacement: Replacement,
}

/// Merges the edits of all plugins, given in the plugins' order. Edits that overlap form a cluster, transitively; a
/// cluster is cut as one. In it plain text beats a token, because an irreversible edit must not be undone by a
/// reversible one; among equals the first plugin's stands.
pub(crate) fn clusters(edits: impl IntoIterator<Item = Edit>) -> Vec<Cut> {
    let mut edits: Vec<(usize, Edit)> = edits.into_iter().enumerate().collect();
    edits.sort_by_key(|(order, e)| (e.at.start, e.at.end, *order));
    let mut out: Vec<(Cut, usize)> = Vec::with_capacity(edits.len());
    for (order, edit) in edits {
        match out.last_mut() {
            Some((cut, first)) if overlaps(cut, edit.at) => {
                cut.end = cut.end.max(edit.at.end);
                let beats = match (&edit.replacement, &cut.replacement) {
                    (Replacement::Text(_), Replacement::Token(_)) => true,
                    (Replacement::Token(_), Replacement::Text(_)) => false,
                    _ => order < *first,
                };
                if beats {
                    cut.replacement = edit.replacement;
                    *first = order;
                }
            }
            _ => {
                let Span { start, end } = edit.at;
                out.push((Cut { start, end, replacement: edit.replacement }, order));
            }
        }
    }
    out.into_iter().map(|(cut, _)| cut).collect()
}

/// Sorted by start, so only the cluster's end decides. Two insertions at one place are one cluster as well.
fn overlaps(cut: &Cut, at: Span) -> bool {
    at.start < cut.end || (at.start == cut.start && at.end == cut.end)
}

#[cfg(test)]
mod tests;
