//! How often each word came, for a bounded number of words.

use std::collections::BTreeMap;

use serde::Serialize;

/// Words that are told apart. Some come from outside, and there is no end to those.
const WORDS: usize = 1000;
/// Under which the others are counted.
pub(super) const OTHERS: &str = "(others)";

/// Counts by word. As JSON a map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Counts one.
    pub(super) fn add(&mut self, word: &str) {
        if let Some(count) = self.0.get_mut(word) {
            *count += 1;
            return;
        }
        let word = if self.0.len() < WORDS { word } else { OTHERS };
        *self.0.entry(word.to_owned()).or_default() += 1;
    }

    /// How often a word came.
    #[must_use]
    pub fn of(&self, word: &str) -> u64 {
        self.0.get(word).copied().unwrap_or_default()
    }

    /// The most frequent first.
    pub(super) fn most(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self.0.iter().map(|(word, count)| (word.as_str(), *count)).collect();
        all.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        all
    }
}
