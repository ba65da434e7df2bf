//! What a gate adds to the first token and to the gaps between tokens, and what a chunk costs.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;
use tokio::task::JoinSet;

use super::client;
use crate::arm::Arm;
use crate::gates::{self, Gate};
use crate::load::connect;
use crate::plugins::Plugins;
use crate::stats::{median, percentile};

/// What the model answers with a steady stream.
pub(super) const ASK: &str = "Tell me about the harbour.";
/// Between two events: fifty a second, a model that is quick.
pub(super) const EVERY: Duration = Duration::from_millis(20);
/// Events with text in one stream.
pub(super) const EVENTS: usize = 75;
/// Streams at once.
const STREAMS: [usize; 3] = [1, 16, 64];

/// The model alone, and two gates before it.
pub(super) struct Trio {
    model: SocketAddr,
    bare: Gate,
    full: Gate,
}

/// So many streams at once, each way: medians over the rounds, what is added within a round.
#[derive(Debug, Serialize)]
pub(crate) struct Pace {
    pub(crate) streams: usize,
    pub(crate) ways: Vec<Way>,
}

/// One way, in microseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Way {
    pub(crate) arm: Arm,
    pub(crate) first_p50_us: f64,
    pub(crate) added_first_us: f64,
    pub(crate) gap_p50_us: f64,
    pub(crate) gap_p99_us: f64,
    /// Of the gap's p99, over the model's own in the same round.
    pub(crate) added_gap_p99_us: f64,
    /// CPU of the gate for a thousand events, in milliseconds; 0 without a gate.
    pub(crate) cpu_ms_a_thousand: f64,
}

#[derive(Debug, Clone, Copy)]
struct Slice {
    arm: Arm,
    first: f64,
    gap: [f64; 2],
    cpu: f64,
}

impl Trio {
    /// Two gates, with their code compiled.
    pub(super) async fn start(
        witgate: &Path,
        place: &Path,
        plugins: &Plugins,
        model: SocketAddr,
    ) -> anyhow::Result<Self> {
        let [bare, full] = ["bare", "full"].map(|name| place.join(name));
        gates::configure(witgate, &bare, model, gates::BARE_SET)?;
        std::fs::copy(plugins.noop(), bare.join("policies/noop.wasm"))?;
        gates::configure(witgate, &full, model, &gates::full_set())?;
        Ok(Self {
            model,
            bare: gates::start_warm(witgate, &bare).await?,
            full: gates::start_warm(witgate, &full).await?,
        })
    }

    pub(super) fn at(&self, arm: Arm) -> SocketAddr {
        self.gate(arm).map_or(self.model, |gate| gate.listen)
    }

    fn gate(&self, arm: Arm) -> Option<&Gate> {
        match arm {
            Arm::Direct => None,
            Arm::Bare => Some(&self.bare),
            Arm::Full => Some(&self.full),
        }
    }

    pub(super) async fn stop(self) {
        self.bare.process.stop().await;
        self.full.process.stop().await;
    }
}

/// Each number of streams, each way in every round.
pub(super) async fn measure(trio: &Trio, rounds: usize) -> anyhow::Result<Vec<Pace>> {
    let mut out = Vec::new();
    for streams in STREAMS {
        let _ = writeln!(std::io::stderr(), "measuring: {streams} streams at a steady pace");
        let mut measured = Vec::new();
        for round in 0..rounds {
            let mut slices = Vec::new();
            for arm in Arm::rotated(round) {
                slices.push(slice(trio, arm, streams).await?);
            }
            measured.push(slices);
        }
        out.push(Pace { streams, ways: Arm::ALL.map(|arm| way(arm, &measured)).into() });
    }
    Ok(out)
}

async fn slice(trio: &Trio, arm: Arm, streams: usize) -> anyhow::Result<Slice> {
    let mut tasks = JoinSet::new();
    let cpu = || trio.gate(arm).map_or(Ok(0.0), |gate| gate.process.cpu_ms());
    let before = cpu()?;
    for number in 0..streams {
        let mut sender = connect(trio.at(arm)).await?;
        tasks.spawn(async move {
            // Not all in step.
            tokio::time::sleep(Duration::from_millis(number as u64 % 20)).await;
            client::read(&mut sender, client::body(ASK)).await
        });
    }
    let (mut firsts, mut gaps) = (Vec::new(), Vec::new());
    while let Some(seen) = tasks.join_next().await {
        let seen = seen??;
        ensure!(seen.complete, "a stream ended without its end");
        firsts.push(seen.first_us());
        gaps.extend(seen.gaps_us());
    }
    let spent = cpu()? - before;
    firsts.sort_unstable();
    gaps.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "events of a slice")]
    let events = (streams * EVENTS) as f64;
    let gap = [0.5, 0.99].map(|share| percentile(&gaps, share));
    Ok(Slice { arm, first: percentile(&firsts, 0.5), gap, cpu: spent * 1000.0 / events })
}

fn way(arm: Arm, rounds: &[Vec<Slice>]) -> Way {
    let of = |round: &[Slice], arm| round.iter().find(|slice| slice.arm == arm).copied();
    let over = |value: fn(&Slice) -> f64| median(rounds.iter().filter_map(|r| of(r, arm)).map(|s| value(&s)));
    let added = |value: fn(&Slice) -> f64| {
        median(rounds.iter().filter_map(|r| Some(value(&of(r, arm)?) - value(&of(r, Arm::Direct)?))))
    };
    Way {
        arm,
        first_p50_us: over(|s| s.first),
        added_first_us: added(|s| s.first),
        gap_p50_us: over(|s| s.gap[0]),
        gap_p99_us: over(|s| s.gap[1]),
        added_gap_p99_us: added(|s| s.gap[1]),
        cpu_ms_a_thousand: over(|s| s.cpu),
    }
}
