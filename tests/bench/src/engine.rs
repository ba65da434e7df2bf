//! The sandbox without a gate around it: what a fresh one costs beside a warm one, a chain of policies, and a load.
//!
//! All of it is processor time of this process, in one run and in turn, so that ratios hold where figures move.

mod calls;
mod chain;
mod cpu;
mod loading;
mod text;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::plugins::Plugins;
use crate::report::Mark;

pub(crate) use calls::{Call, Open, Start, memory_kib};
pub(crate) use chain::Chain;
pub(crate) use cpu::{own, used};
pub(crate) use loading::Load;
pub(crate) use text::text;

/// How long it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds: medians are over these.
    pub(crate) rounds: usize,
    /// Calls in a row of one kind, by the wall.
    pub(crate) batch: Duration,
    /// Loads with an empty cache.
    pub(crate) cold: usize,
    /// Loads of what is in the cache.
    pub(crate) cached: usize,
}

/// The whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) rounds: usize,
    pub(crate) batch_ms: u128,
    pub(crate) opens: Vec<Open>,
    pub(crate) calls: Vec<Call>,
    pub(crate) starts: Vec<Start>,
    pub(crate) chains: Vec<Chain>,
    pub(crate) loads: Vec<Load>,
    pub(crate) marks: Vec<Mark>,
}

/// Measures it. Blocks.
pub(crate) fn measure(witgate: &Path, work: &Path, plugins: &Plugins, plan: Plan) -> anyhow::Result<Report> {
    let engine = calls::engine()?;
    let bench = calls::Bench::new(&engine, plugins)?;
    let chains = chain::Chains::new(&engine, plugins)?;
    let mut arms = bench.arms()?;
    arms.extend(chains.arms()?);
    let measured = cpu::rounds(arms, plan)?;
    let (opens, calls, starts) = (bench.opens(&measured), bench.calls(&measured), bench.starts(&measured));
    let chains = chains.rows(&measured);
    let loads = loading::measure(witgate, work, plugins, plan)?;
    let marks = marks(&calls, &chains);
    Ok(Report { rounds: plan.rounds, batch_ms: plan.batch.as_millis(), opens, calls, starts, chains, loads, marks })
}

fn marks(calls: &[Call], chains: &[Chain]) -> Vec<Mark> {
    let ratio = |plugin: &str| calls.iter().find(|c| c.plugin == plugin && c.bytes == 1024).map(|c| c.ratio);
    let four = |bytes: usize| chains.iter().find(|c| c.plugins == 4 && c.bytes == bytes).map(|c| c.cpu_us);
    let marks = [
        ("pii at 1 KB: fresh against warm", 4.0, ratio("pii"), "times"),
        ("classification at 1 KB: fresh against warm", 4.0, ratio("classification"), "times"),
        ("four policies at 1 KB, fresh", 60.0, four(1024), "µs"),
        ("four policies at 10 KB, fresh", 250.0, four(10 * 1024), "µs"),
    ];
    let mark = |(what, below, measured, unit)| Some(Mark { what, below, measured: measured?, unit });
    marks.into_iter().filter_map(mark).collect()
}
