//! The rounds: each case, each way in turn.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::args::Plan;
use crate::arm::Arm;
use crate::gates::Gates;
use crate::load::{Latencies, Load};
use crate::process::own_cpu_ms;
use crate::prose;
use crate::scenario::Scenario;
use crate::stats::percentile;

/// One slice of one way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Slice {
    pub(crate) arm: Arm,
    pub(crate) requests: usize,
    /// Refused with 503, and counted nowhere else.
    pub(crate) refused: usize,
    pub(crate) requests_per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) first_byte_p50_us: f64,
    /// CPU of the gate for one request, in milliseconds; 0 without a gate.
    pub(crate) gate_cpu_ms: f64,
    /// Cores that the model kept busy.
    pub(crate) model_cores: f64,
    /// Cores that the load kept busy.
    pub(crate) load_cores: f64,
}

/// All slices of one case, in the order in which they were measured: three of a round, one of each way.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) scenario: Scenario,
    pub(crate) rounds: Vec<Vec<Slice>>,
}

#[derive(Debug, Clone, Copy)]
struct Cpu {
    gate: f64,
    model: f64,
    load: f64,
}

/// Measures every case.
pub(crate) async fn run(gates: &Gates, plan: &Plan) -> anyhow::Result<Vec<Measured>> {
    let mut out = Vec::new();
    for scenario in plan.scenarios.iter().copied() {
        // Progress; a reader that is gone is no reason to stop.
        let _ = writeln!(std::io::stderr(), "measuring: {}", scenario.name());
        let bodies = Arc::new(prose::bodies(&scenario));
        let mut rounds = Vec::new();
        for round in 0..plan.rounds {
            let mut slices = Vec::new();
            for arm in Arm::rotated(round) {
                let load = Load {
                    target: gates.target(arm),
                    bodies: Arc::clone(&bodies),
                    stream: scenario.stream,
                    connections: scenario.connections,
                    pause: Duration::ZERO,
                };
                let cpu = || {
                    let gate = gates.gate(arm).map_or(Ok(0.0), |gate| gate.process.cpu_ms())?;
                    Ok(Cpu { gate, model: gates.model.cpu_ms()?, load: own_cpu_ms()? })
                };
                let (latencies, before, after, lasted) = load.run(plan.warm, plan.slice, cpu).await?;
                slices.push(slice(arm, &latencies, before, after, lasted)?);
            }
            rounds.push(slices);
        }
        out.push(Measured { scenario, rounds });
    }
    Ok(out)
}

fn slice(arm: Arm, latencies: &Latencies, before: Cpu, after: Cpu, lasted: Duration) -> anyhow::Result<Slice> {
    let requests = latencies.total.len();
    anyhow::ensure!(requests > 0, "no request was complete within a slice");
    #[expect(clippy::cast_precision_loss, reason = "requests of a slice")]
    let count = requests as f64;
    let ms = lasted.as_secs_f64() * 1000.0;
    Ok(Slice {
        arm,
        requests,
        refused: latencies.refused,
        requests_per_second: count * 1000.0 / ms,
        p50_us: percentile(&latencies.total, 0.5),
        p99_us: percentile(&latencies.total, 0.99),
        first_byte_p50_us: percentile(&latencies.first, 0.5),
        gate_cpu_ms: (after.gate - before.gate) / count,
        model_cores: (after.model - before.model) / ms,
        load_cores: (after.load - before.load) / ms,
    })
}
