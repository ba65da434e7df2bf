//! A scanner that reads a text as a reader sees it.

use super::fold::Fold;
use super::hold_back::{Hit, Scan};
use super::normal::{Normal, REACH};

/// Scans the normalised text ([`Normal`]) and tells where matches stand in the original.
///
/// Of more than eight dropped characters in a row the rest stays: a match that is padded with more is not found, and what a
/// session holds back is at most 36 times the scanner's longest match.
#[derive(Debug, Clone)]
pub struct Normalised<S> {
    scan: S,
    fold: Fold,
}

impl<S: Scan> Normalised<S> {
    /// `scan`, on text that is normalised by `fold`. Patterns of `scan` are written as the normalised text is: in lower
    /// case, without accents.
    #[must_use]
    pub fn new(scan: S, fold: Fold) -> Self {
        Self { scan, fold }
    }

    /// All matches of a whole text, in order, as spans of the original.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Hit<S::Kind>> {
        let mut hits = vec![];
        self.scan(text, 0, true, &mut |hit| hits.push(hit));
        hits
    }
}

impl<S: Scan> Scan for Normalised<S> {
    type Kind = S::Kind;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<S::Kind>)) -> usize {
        let normal = Normal::new(text, self.fold);
        let decided = self.scan.scan(normal.text(), normal.normal(from), complete, &mut |Hit { kind, at }| {
            found(Hit { kind, at: normal.original(at) });
        });
        normal.start_of(decided)
    }

    fn context(&self) -> usize {
        self.scan.context().saturating_add(1).saturating_mul(REACH)
    }
}

#[cfg(test)]
mod tests;
