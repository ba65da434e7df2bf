//! Edits of several plugins become one list: `witgate_policy`'s merge.
//!
//! An input is read three bytes an edit: where it starts, how long it is, and what it puts there; its place in the input
//! is its plugin's place in the order.

use witgate_engine::{Edit, Replacement, Span};
use witgate_policy::merge_edits;
use witgate_wire::document::{TextEdit, check_edits};

/// More edits than this make the comparison slow, and show nothing new.
const MOST: usize = 256;

/// Compares the merge with its definition, written down the slow way.
///
/// # Panics
/// If they differ, or what is merged cannot be applied.
pub fn target(data: &[u8]) {
    let edits: Vec<Edit> = data.chunks_exact(3).take(MOST).enumerate().map(|(at, b)| edit(at, b)).collect();
    let merged = merge_edits(edits.clone());
    assert_eq!(merged, by_definition(&edits), "of {edits:?}");
    assert_eq!(merge_edits(merged.clone()), merged, "merging once more changes nothing");

    let text = "x".repeat(1024);
    let plain: Vec<TextEdit> = merged.iter().map(|e| TextEdit::new(e.at.start, e.at.end, "")).collect();
    assert_eq!(check_edits(&text, 0, &plain), Ok(()), "in order, and none overlaps");
}

fn edit(at: usize, bytes: &[u8]) -> Edit {
    let [start, length, what] = [0, 1, 2].map(|i| u64::from(bytes[i]));
    let replacement =
        if what % 2 == 0 { Replacement::Text(format!("t{at}")) } else { Replacement::Token(format!("k{at}")) };
    Edit { at: Span { start, end: start + length % 32 }, replacement }
}

/// Whether one of two edits covers a byte of the other, or a place inside it; or both insert at one place.
fn meet(a: &Edit, b: &Edit) -> bool {
    let (a, b) = ((a.at.start, a.at.end), (b.at.start, b.at.end));
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    first == second || second.0 < first.1
}

/// Edits that meet, transitively, are one; text beats tokens; then the first plugin's stands.
fn by_definition(edits: &[Edit]) -> Vec<Edit> {
    let mut cluster: Vec<usize> = (0..edits.len()).collect();
    for a in 0..edits.len() {
        for b in 0..a {
            if cluster[a] != cluster[b] && meet(&edits[a], &edits[b]) {
                let (from, to) = (cluster[a], cluster[b]);
                cluster.iter_mut().filter(|c| **c == from).for_each(|c| *c = to);
            }
        }
    }
    let mut out = Vec::new();
    for id in 0..edits.len() {
        let members = || edits.iter().zip(&cluster).filter(move |(_, c)| **c == id).map(|(e, _)| e);
        let Some(first) = members().next() else { continue };
        let (start, end) = members().fold((u64::MAX, 0), |(start, end), e| (start.min(e.at.start), end.max(e.at.end)));
        let winner = members().find(|e| matches!(e.replacement, Replacement::Text(_))).unwrap_or(first);
        out.push(Edit { at: Span { start, end }, replacement: winner.replacement.clone() });
    }
    out.sort_by_key(|e| (e.at.start, e.at.end));
    out
}
