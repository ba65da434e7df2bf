//! How well the confidence of findings tells positive rows from negative ones, wherever the line is drawn.

use serde::Serialize;

use super::counts::{Counts, Rate, places, real};

/// The most confidence that a finding has.
pub(super) const MOST: u8 = 100;

/// Rows by score, the positive and the negative ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ranking {
    /// By score, from 0 to [`MOST`].
    rows: Vec<(usize, usize)>,
}

/// What would be so if rows counted as detected from a score on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Cut {
    pub(super) score: u8,
    pub(super) detected_positives: usize,
    pub(super) detected_negatives: usize,
    pub(super) recall: Option<f64>,
    pub(super) fpr: Option<f64>,
    pub(super) precision: Option<f64>,
    pub(super) f1: Option<f64>,
}

impl Default for Ranking {
    fn default() -> Self {
        Self { rows: vec![(0, 0); usize::from(MOST) + 1] }
    }
}

impl Ranking {
    pub(super) fn add(&mut self, score: u8, positive: bool) {
        if let Some((positives, negatives)) = self.rows.get_mut(usize::from(score.min(MOST))) {
            *(if positive { positives } else { negatives }) += 1;
        }
    }

    fn totals(&self) -> (usize, usize) {
        self.rows.iter().fold((0, 0), |(p, n), (positives, negatives)| (p + positives, n + negatives))
    }

    /// Area under the curve of recall over FPR: how likely a positive row scores above a negative one, a tie being half.
    /// None where there is one score only, or one label only.
    pub(super) fn auc(&self) -> Option<f64> {
        let (positives, negatives) = self.totals();
        let scores = self.rows.iter().filter(|(p, n)| p + n > 0).count();
        if positives == 0 || negatives == 0 || scores < 2 {
            return None;
        }
        let mut below = 0;
        let mut won = 0.0;
        for (p, n) in &self.rows {
            won += real(*p) * (real(below) + real(*n) / 2.0);
            below += n;
        }
        Some(places(won / (real(positives) * real(negatives))))
    }

    /// Every score above none that there is, the highest first.
    pub(super) fn cuts(&self) -> Vec<Cut> {
        let (positives, negatives) = self.totals();
        let (mut right, mut wrong) = (0, 0);
        let mut cuts = Vec::new();
        for (score, (p, n)) in (0..=MOST).zip(&self.rows).rev() {
            (right, wrong) = (right + p, wrong + n);
            if score == 0 || p + n == 0 {
                continue;
            }
            let counts = Counts {
                true_positives: right,
                false_positives: wrong,
                true_negatives: negatives - wrong,
                false_negatives: positives - right,
                ..Counts::default()
            };
            let value = |rate: Option<Rate>| rate.map(|rate| rate.value);
            cuts.push(Cut {
                score,
                detected_positives: right,
                detected_negatives: wrong,
                recall: value(counts.recall()),
                fpr: value(counts.fpr()),
                precision: value(counts.precision()),
                f1: counts.f1(),
            });
        }
        cuts
    }
}

#[cfg(test)]
mod tests;
