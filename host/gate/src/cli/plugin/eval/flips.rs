//! Rows that two plugins decide differently.

use serde::Serialize;

use super::rows::Row;
use super::told::Told;

/// Lines of the data, by what changes when the first plugin takes the place of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Flips {
    /// Positive rows that the first one detects and the other does not.
    pub(super) newly_detected: Vec<usize>,
    /// Positive rows that only the other detects.
    pub(super) newly_missed: Vec<usize>,
    /// Negative rows that only the first one acts on.
    pub(super) newly_wrong: Vec<usize>,
    /// Negative rows that only the other acts on.
    pub(super) no_longer_wrong: Vec<usize>,
}

impl Flips {
    pub(super) fn between(rows: &[Row], first: &[Told], other: &[Told]) -> Self {
        let mut flips = Self::default();
        for ((row, first), other) in rows.iter().zip(first).zip(other) {
            let place = match (row.positive, first.acted, other.acted) {
                (true, true, false) => &mut flips.newly_detected,
                (true, false, true) => &mut flips.newly_missed,
                (false, true, false) => &mut flips.newly_wrong,
                (false, false, true) => &mut flips.no_longer_wrong,
                _ => continue,
            };
            place.push(row.line);
        }
        flips
    }

    /// Each with its words, good and bad.
    pub(super) fn named(&self) -> [(&'static str, &[usize]); 4] {
        [
            ("positive, newly detected", &self.newly_detected),
            ("positive, no longer detected", &self.newly_missed),
            ("negative, newly acted on", &self.newly_wrong),
            ("negative, no longer acted on", &self.no_longer_wrong),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_where_the_two_differ() {
        let row = |line, positive| Row {
            line,
            positive,
            text: String::new(),
            kind: String::new(),
            source: String::new(),
            channel: None,
            spans: None,
        };
        let told = |acted: &[bool]| -> Vec<Told> {
            acted.iter().map(|acted| Told { acted: *acted, ..Told::default() }).collect()
        };
        let rows: Vec<Row> =
            [true, true, true, false, false, false].into_iter().zip(1..).map(|(p, n)| row(n, p)).collect();
        let flips = Flips::between(
            &rows,
            &told(&[true, false, true, true, false, false]),
            &told(&[false, true, true, false, true, false]),
        );
        let lines = flips.named().map(|(_, lines)| lines.to_vec());
        assert_eq!(lines, [vec![1], vec![2], vec![4], vec![5]]);
    }
}
