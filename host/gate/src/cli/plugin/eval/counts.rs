//! Right and wrong, counted, and what the counts come to.

use serde::Serialize;

/// The normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// What came of rows. A row is detected when a stage acted, noticed when there were findings or labels and nothing more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) true_positives: usize,
    pub(super) false_positives: usize,
    pub(super) true_negatives: usize,
    pub(super) false_negatives: usize,
    /// Positive rows that were noticed only.
    pub(super) noticed_positives: usize,
    /// Negative rows that were noticed only.
    pub(super) noticed_negatives: usize,
}

/// A share, with its Wilson interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Rate {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Rate {
    /// `part` of `of`; nothing of nothing is no share.
    pub(super) fn new(part: usize, of: usize) -> Option<Self> {
        if of == 0 {
            return None;
        }
        let (n, p) = (real(of), real(part) / real(of));
        let spread = 1.0 + Z * Z / n;
        let middle = (p + Z * Z / (2.0 * n)) / spread;
        let half = Z / spread * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        // Where all or none are, the interval ends there; floating point may stop a hair before.
        let low = if part == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if part == of { 1.0 } else { (middle + half).min(1.0) };
        Some(Self { value: places(p), low: places(low), high: places(high) })
    }
}

impl Counts {
    /// Counts a row.
    pub(super) fn add(&mut self, positive: bool, acted: bool, noticed: bool) {
        let place = match (positive, acted) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_negatives,
            (false, true) => &mut self.false_positives,
            (false, false) => &mut self.true_negatives,
        };
        *place += 1;
        if noticed && !acted {
            *(if positive { &mut self.noticed_positives } else { &mut self.noticed_negatives }) += 1;
        }
    }

    pub(super) fn positives(&self) -> usize {
        self.true_positives + self.false_negatives
    }

    pub(super) fn negatives(&self) -> usize {
        self.false_positives + self.true_negatives
    }

    /// Of what was detected, what is right.
    pub(super) fn precision(&self) -> Option<Rate> {
        Rate::new(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Of the positive rows, those detected.
    pub(super) fn recall(&self) -> Option<Rate> {
        Rate::new(self.true_positives, self.positives())
    }

    /// Of the negative rows, those detected.
    pub(super) fn fpr(&self) -> Option<Rate> {
        Rate::new(self.false_positives, self.negatives())
    }

    /// The harmonic mean of precision and recall; none where there is no positive row.
    pub(super) fn f1(&self) -> Option<f64> {
        f1(self.true_positives, self.false_positives, self.false_negatives)
    }
}

/// F1 of counts; none where nothing was there to be found.
pub(super) fn f1(right: usize, wrong: usize, missed: usize) -> Option<f64> {
    if right + missed == 0 {
        return None;
    }
    Some(places(2.0 * real(right) / (2.0 * real(right) + real(wrong) + real(missed))))
}

/// Four places: more is noise.
pub(super) fn places(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// A count as a number to reckon with.
pub(super) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
