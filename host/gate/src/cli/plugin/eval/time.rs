//! What the answers took.

use std::time::Duration;

use serde::Serialize;

use super::counts::real;

/// Shorter texts cost what a sandbox costs, whatever their length.
pub(super) const LONG: usize = 1 << 10;

/// Microseconds, each question in a fresh sandbox, with all workers busy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Time {
    pub(super) workers: usize,
    pub(super) questions: usize,
    pub(super) call_us_median: f64,
    pub(super) call_us_p99: f64,
    /// Of texts of 1 KiB and more; none where there are none.
    pub(super) long_questions: usize,
    pub(super) us_per_kib_median: Option<f64>,
    pub(super) us_per_kib_p99: Option<f64>,
}

impl Time {
    /// Of questions, each with the bytes of its text.
    pub(super) fn of(questions: impl Iterator<Item = (usize, Duration)>, workers: usize) -> Self {
        let (mut calls, mut long) = (Vec::new(), Vec::new());
        for (bytes, took) in questions {
            let us = took.as_secs_f64() * 1e6;
            calls.push(us);
            if bytes >= LONG {
                long.push(us / (real(bytes) / 1024.0));
            }
        }
        calls.sort_by(f64::total_cmp);
        long.sort_by(f64::total_cmp);
        let at = |sorted: &[f64], percent: usize| {
            let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
            sorted.get(place).map(|us| (us * 10.0).round() / 10.0)
        };
        Self {
            workers,
            questions: calls.len(),
            call_us_median: at(&calls, 50).unwrap_or_default(),
            call_us_p99: at(&calls, 99).unwrap_or_default(),
            long_questions: long.len(),
            us_per_kib_median: at(&long, 50),
            us_per_kib_p99: at(&long, 99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_slowest_are_told() {
        let questions = (1..=200).map(|us| (if us % 2 == 0 { 2048 } else { 10 }, Duration::from_micros(us)));
        let time = Time::of(questions, 2);
        assert_eq!((time.questions, time.call_us_median, time.call_us_p99), (200, 101.0, 199.0));
        assert_eq!((time.long_questions, time.us_per_kib_median, time.us_per_kib_p99), (100, Some(51.0), Some(100.0)));
        assert_eq!(Time::of([(5, Duration::from_micros(7))].into_iter(), 1).us_per_kib_median, None);
    }
}
