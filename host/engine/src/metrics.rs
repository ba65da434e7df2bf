//! Numbers that plugins report.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Names a plugin may use; more are counted as refused.
const NAMES: usize = 32;
const NAME_BYTES: usize = 48;

/// What plugins counted and observed, by plugin and name. Bounded in names.
#[derive(Debug, Default)]
pub struct PluginMetrics {
    values: Mutex<BTreeMap<String, BTreeMap<String, Value>>>,
}

/// A counter, or the count and sum of observations.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Value {
    count: u64,
    sum: f64,
}

impl PluginMetrics {
    pub(crate) fn count(&self, plugin: &str, name: &str, by: u64) {
        self.change(plugin, name, |v| v.count = v.count.saturating_add(by));
    }

    pub(crate) fn observe(&self, plugin: &str, name: &str, value: f64) {
        if value.is_finite() {
            self.change(plugin, name, |v| {
                v.count = v.count.saturating_add(1);
                v.sum += value;
            });
        }
    }

    fn change(&self, plugin: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || name.len() > NAME_BYTES || !name.bytes().all(legal) {
            return;
        }
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let of_plugin = values.entry(plugin.to_owned()).or_default();
        if of_plugin.len() < NAMES || of_plugin.contains_key(name) {
            change(of_plugin.entry(name.to_owned()).or_default());
        }
    }

    /// Everything: plugin, name, count, sum of observations.
    pub fn snapshot(&self) -> Vec<(String, String, u64, f64)> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values
            .iter()
            .flat_map(|(plugin, names)| names.iter().map(|(name, v)| (plugin.clone(), name.clone(), v.count, v.sum)))
            .collect()
    }
}
