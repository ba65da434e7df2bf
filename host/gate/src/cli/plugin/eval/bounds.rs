//! What a plugin must reach, for build servers.

use serde::Serialize;

use super::super::error::PluginError;
use super::result::{Figures, Group};

/// Bounds on the shares, from 0 to 1; each may be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Bounds {
    pub(super) min_recall: Option<f64>,
    pub(super) max_fpr: Option<f64>,
}

impl Bounds {
    /// Whether there are rows to hold each against.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn fit(&self, positives: usize, negatives: usize) -> Result<(), PluginError> {
        let without = |bound: &'static str, label: &'static str| Err(PluginError::NoSuchRows { bound, label });
        if self.min_recall.is_some() && positives == 0 {
            return without("--min-recall", "positive");
        }
        if self.max_fpr.is_some() && negatives == 0 {
            return without("--max-fpr", "negative");
        }
        Ok(())
    }

    /// In words, what is not met. Counts decide, not the shares as they are shown.
    pub(super) fn missed(&self, figures: &Figures) -> Vec<String> {
        let Group { counts, .. } = figures.all;
        let share = |part: usize, of: usize| super::counts::real(part) / super::counts::real(of.max(1));
        let recall = share(counts.true_positives, counts.positives());
        let fpr = share(counts.false_positives, counts.negatives());
        let mut missed = Vec::new();
        if let Some(least) = self.min_recall.filter(|least| recall < *least) {
            missed.push(format!("recall is {recall:.4}, and {least} is wanted at least"));
        }
        if let Some(most) = self.max_fpr.filter(|most| fpr > *most) {
            missed.push(format!("FPR is {fpr:.4}, and {most} is wanted at most"));
        }
        missed
    }
}

/// A share on the command line.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a number from 0 to 1".to_owned()),
    }
}
