//! Good traffic, and how it fares.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;
use tokio::time::MissedTickBehavior;

use super::{Deed, Plan};
use crate::gates::Gate;
use crate::load::{Load, ask, connect};
use crate::prose;
use crate::report::mib;
use crate::scenario::Scenario;
use crate::stats::{median, percentile};

/// Connections of neighbours, each with one request at a time.
pub(crate) const CONNECTIONS: usize = 4;
/// Between an answer and the next question: a gate that is full would show how many cores there are, not who holds them.
pub(crate) const PAUSE: Duration = Duration::from_millis(5);
/// Between two misdeeds.
pub(crate) const PERIOD: Duration = Duration::from_millis(100);

/// The neighbours of one gate.
pub(crate) struct Neighbours<'a> {
    gate: &'a Gate,
    plan: Plan,
    load: Load,
}

/// How they fared for a while.
#[derive(Debug, Serialize)]
pub(crate) struct Slice {
    answered: usize,
    pub(crate) failed: usize,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Of the gate, for one request of a neighbour, in milliseconds: misdeeds are in it.
    pub(crate) cpu_ms: f64,
    /// Cores that the gate kept busy.
    pub(crate) cores: f64,
    pub(crate) misdeeds: usize,
    /// What the gate has more afterwards, in MiB.
    pub(crate) grown_mib: f64,
}

impl Slice {
    pub(crate) fn asked(&self) -> usize {
        self.answered + self.failed
    }
}

/// How they fared beside something: medians over the rounds, and of the ratios to the round's slice alone.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) beside: String,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p50_ratio: f64,
    pub(crate) p99_ratio: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) cores: f64,
    pub(crate) misdeeds: usize,
    pub(crate) failed: usize,
    /// Over all slices.
    pub(crate) grown_mib: f64,
}

impl<'a> Neighbours<'a> {
    pub(crate) fn new(gate: &'a Gate, plan: Plan) -> Self {
        let scenario = Scenario { prompt_bytes: 1024, stream: false, connections: CONNECTIONS };
        let bodies = Arc::new(prose::bodies(&scenario));
        let load = Load { target: gate.listen, bodies, stream: false, connections: CONNECTIONS, pause: PAUSE };
        Self { gate, plan, load }
    }

    /// Each arm in every round, in their order. The first is nobody beside.
    pub(crate) async fn rounds(&self, arms: &[Vec<Deed>]) -> anyhow::Result<Vec<Vec<Slice>>> {
        let mut rounds = Vec::new();
        for round in 1..=self.plan.rounds {
            // Progress; a reader that is gone is no reason to stop.
            let _ = writeln!(std::io::stderr(), "measuring: the zoo, round {round} of {}", self.plan.rounds);
            let mut slices = Vec::new();
            for arm in arms {
                slices.push(self.slice(arm).await?);
            }
            rounds.push(slices);
        }
        Ok(rounds)
    }

    /// A slice beside misdeeds in turn, or none.
    pub(crate) async fn slice(&self, deeds: &[Deed]) -> anyhow::Result<Slice> {
        let misbehave = misbehave(self.gate.listen, deeds, self.plan.slice);
        Ok(self.beside(self.plan.warm, misbehave).await?.0)
    }

    /// A slice for as long as `work` takes, which answers how many misdeeds it was.
    pub(crate) async fn beside(
        &self,
        warm: Duration,
        work: impl Future<Output = anyhow::Result<usize>>,
    ) -> anyhow::Result<(Slice, Duration)> {
        let process = &self.gate.process;
        let edge = || Ok((process.cpu_ms()?, process.memory()?.resident));
        let (latencies, before, after, lasted, misdeeds) = self.load.during(warm, work, edge).await?;
        let answered = latencies.total.len();
        ensure!(answered > 0, "no request of a neighbour was complete within a slice");
        #[expect(clippy::cast_precision_loss, reason = "requests of a slice")]
        let count = answered as f64;
        let cpu = after.0 - before.0;
        let slice = Slice {
            answered,
            failed: latencies.refused,
            p50_us: percentile(&latencies.total, 0.5),
            p99_us: percentile(&latencies.total, 0.99),
            cpu_ms: cpu / count,
            cores: cpu / (lasted.as_secs_f64() * 1000.0),
            misdeeds,
            grown_mib: mib(after.1) - mib(before.1),
        };
        Ok((slice, lasted))
    }
}

/// Asks for misdeeds, one after the other on one connection. Each of these exchanges goes on without the plugin.
async fn misbehave(target: SocketAddr, deeds: &[Deed], lasts: Duration) -> anyhow::Result<usize> {
    if deeds.is_empty() {
        tokio::time::sleep(lasts).await;
        return Ok(0);
    }
    let begun = Instant::now();
    let mut sender = connect(target).await?;
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut done = 0;
    for deed in deeds.iter().cycle() {
        ticks.tick().await;
        if begun.elapsed() >= lasts {
            break;
        }
        let answered = ask(&mut sender, deed.body(), false).await?;
        ensure!(answered.is_some(), "{}: the exchange was refused, though the plugin may fault", deed.what);
        done += 1;
    }
    Ok(done)
}

/// What the rounds come to, arm by arm.
pub(crate) fn rows(arms: &[Vec<Deed>], rounds: &[Vec<Slice>]) -> Vec<Row> {
    let row = |(at, deeds): (usize, &Vec<Deed>)| {
        let slices = || rounds.iter().filter_map(move |round| round.get(at));
        let over = |value: fn(&Slice) -> f64| median(slices().map(value));
        let against = |value: fn(&Slice) -> f64| {
            median(rounds.iter().filter_map(|round| Some(value(round.get(at)?) / value(round.first()?))))
        };
        Row {
            beside: match deeds.as_slice() {
                [] => "nobody".to_owned(),
                [one] => one.what.to_owned(),
                _ => "all of them in turn".to_owned(),
            },
            p50_us: over(|s| s.p50_us),
            p99_us: over(|s| s.p99_us),
            p50_ratio: against(|s| s.p50_us),
            p99_ratio: against(|s| s.p99_us),
            cpu_ms: over(|s| s.cpu_ms),
            cores: over(|s| s.cores),
            misdeeds: slices().map(|s| s.misdeeds).sum(),
            failed: slices().map(|s| s.failed).sum(),
            grown_mib: slices().map(|s| s.grown_mib).sum(),
        }
    };
    arms.iter().enumerate().map(row).collect()
}
