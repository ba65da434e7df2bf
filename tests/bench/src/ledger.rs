//! The ledger by itself: durable records beside a bare loop of writes and syncs on the same disk, and how fast records are verified.
//!
//! An exchange here is what a gate with four policies writes of one: INTENT and DECISION of admission, waited for until they are on
//! disk, then DECISION of inspection and EXECUTION, not waited for. The bare loop writes the bytes of one such exchange with one
//! write and one `fdatasync`, again and again, over blocks that were written before. All of them take turns.

mod durable;
mod records;
mod text;
mod verified;

use std::path::Path;

use serde::Serialize;

use crate::report::Mark;
use crate::stats::median;

pub(crate) use text::text;

use durable::Slice;

/// How many exchanges are open at once.
const CONCURRENT: [usize; 3] = [1, 16, 256];

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds: medians are over these.
    pub(crate) rounds: usize,
    /// Exchanges of each kind and round, for each that is open at once up to sixteen.
    pub(crate) exchanges: usize,
    /// Exchanges of the ledger that is verified.
    pub(crate) verified: usize,
}

/// Durable exchanges, so many at once.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// 0 is the bare loop.
    pub(crate) concurrent: usize,
    pub(crate) records_per_second: f64,
    pub(crate) syncs_per_second: f64,
    /// To what the bare loop did in the same round.
    pub(crate) ratio: f64,
    /// From handing over INTENT and DECISION to being told that they are on disk, in microseconds.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Of all threads, for a record, in microseconds.
    pub(crate) cpu_us: f64,
}

/// How fast a ledger is read from end to end, on one core.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    pub(crate) what: &'static str,
    pub(crate) records_per_second: f64,
    pub(crate) megabytes_per_second: f64,
}

/// The whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) rounds: usize,
    pub(crate) exchange_bytes: f64,
    pub(crate) record_bytes: f64,
    pub(crate) rows: Vec<Row>,
    pub(crate) verified_records: u64,
    pub(crate) verified: Vec<Verified>,
    pub(crate) marks: Vec<Mark>,
}

/// Measures it, on the disk of `work`.
pub(crate) fn measure(work: &Path, plan: Plan) -> anyhow::Result<Report> {
    let place = work.join("ledger");
    std::fs::create_dir(&place)?;
    let exchange_bytes = durable::exchange_bytes(&place)?;
    let mut bare = Vec::new();
    let mut slices: [Vec<Slice>; CONCURRENT.len()] = Default::default();
    for round in 0..plan.rounds {
        bare.push(durable::bare(&place, exchange_bytes, plan.exchanges)?);
        // Each round begins with another one.
        for turn in 0..CONCURRENT.len() {
            let at = (round + turn) % CONCURRENT.len();
            if let (Some(concurrent), Some(slices)) = (CONCURRENT.get(at), slices.get_mut(at)) {
                slices.push(durable::exchanges(&place, *concurrent, plan.exchanges * (*concurrent).min(16))?);
            }
        }
    }
    let mut rows = vec![row(0, &bare, &bare)];
    rows.extend(CONCURRENT.iter().zip(&slices).map(|(concurrent, slices)| row(*concurrent, slices, &bare)));
    let (verified_records, record_bytes, verified) = verified::measure(&place, plan)?;
    let marks = ["verify a record, both keys, one core", "verify a record, public key alone, one core"];
    let times = verified.iter().map(|v| 1e6 / v.records_per_second);
    let marks = marks.into_iter().zip(times);
    let marks = marks.map(|(what, measured)| Mark { what, below: 2.0, measured, unit: "µs" }).collect();
    Ok(Report { rounds: plan.rounds, exchange_bytes, record_bytes, rows, verified_records, verified, marks })
}

fn row(concurrent: usize, slices: &[Slice], bare: &[Slice]) -> Row {
    let over = |value: fn(&Slice) -> f64| median(slices.iter().map(value));
    let ratios = slices.iter().zip(bare).map(|(slice, bare)| slice.records_per_second / bare.records_per_second);
    Row {
        concurrent,
        records_per_second: over(|s| s.records_per_second),
        syncs_per_second: over(|s| s.syncs_per_second),
        ratio: median(ratios),
        p50_us: over(|s| s.p50_us),
        p99_us: over(|s| s.p99_us),
        cpu_us: over(|s| s.cpu_us),
    }
}
