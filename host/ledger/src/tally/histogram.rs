//! Quantiles of numbers of any size, in fixed room.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// Each doubling is cut into so many parts, so a quantile is at most a thirty-second too large.
const PARTS: u32 = 32;
/// Numbers below are told apart.
const EXACT: u64 = 64;

/// Counts numbers by size. As JSON `{count, p50, p99, max}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    parts: Vec<u64>,
    count: u64,
    max: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, value: u64) {
        let part = part(value);
        if self.parts.len() <= part {
            self.parts.resize(part + 1, 0);
        }
        if let Some(count) = self.parts.get_mut(part) {
            *count += 1;
        }
        self.count += 1;
        self.max = self.max.max(value);
    }

    /// How many numbers there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The number that so many of a hundred do not pass; 0 where there is none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0u128;
        for (part, count) in self.parts.iter().enumerate() {
            seen += u128::from(*count);
            if seen >= rank {
                return largest(part).min(self.max);
            }
        }
        self.max
    }
}

/// The part that a number is counted in.
fn part(value: u64) -> usize {
    if value < EXACT {
        return usize::try_from(value).unwrap_or_default();
    }
    let doubling = 63 - value.leading_zeros();
    let within = (value >> (doubling - 5)) & u64::from(PARTS - 1);
    let before = EXACT + u64::from((doubling - 6) * PARTS);
    usize::try_from(before + within).unwrap_or_default()
}

/// The largest number of a part.
fn largest(part: usize) -> u64 {
    let part = part as u64;
    let Some(above) = part.checked_sub(EXACT) else { return part };
    let (doubling, within) = (above / u64::from(PARTS) + 6, above % u64::from(PARTS));
    let width = 1u64 << (doubling - 5);
    // The last part ends with the last number there is.
    (1u64 << doubling).saturating_add(within * width).saturating_add(width - 1)
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Histogram", 4)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("p50", &self.percentile(50))?;
        fields.serialize_field("p99", &self.percentile(99))?;
        fields.serialize_field("max", &self.max)?;
        fields.end()
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {}, p99 {}, max {}", self.percentile(50), self.percentile(99), self.max)
    }
}

#[cfg(test)]
mod tests;
