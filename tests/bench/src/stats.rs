//! Numbers that do not mind a bad moment.

/// The middle value; the mean of the two middle ones when their number is even; 0 of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or_default();
    match values.len() % 2 {
        0 if middle > 0 => f64::midpoint(values.get(middle - 1).copied().unwrap_or_default(), upper),
        _ => upper,
    }
}

/// The smallest value that at least `share` of all are not above (nearest rank); 0 of none.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank within a slice"
    )]
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let found = sorted.get(rank.saturating_sub(1).min(sorted.len().saturating_sub(1)));
    found.copied().map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests;
