//! All that was measured, and what it comes to.

use serde::Serialize;

use crate::args::Plan;
use crate::arm::Arm;
use crate::machine::Machine;
use crate::process::Memory;
use crate::rounds::{Measured, Slice};
use crate::scenario::Scenario;
use crate::startup::Startup;
use crate::stats::median;

/// The whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    pub(crate) slice_ms: u128,
    pub(crate) cases: Vec<Case>,
    pub(crate) memory: Vec<GateMemory>,
    pub(crate) startup: Startup,
    pub(crate) marks: Vec<Mark>,
    /// Every slice.
    pub(crate) measured: Vec<Measured>,
}

/// One case.
#[derive(Debug, Serialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) ways: Vec<Way>,
}

/// One way in one case: medians over the rounds. What is added, and ratios, are medians of what was added within a round.
#[derive(Debug, Serialize)]
pub(crate) struct Way {
    pub(crate) arm: Arm,
    pub(crate) requests_per_second: f64,
    /// Of the direct way's requests a second.
    pub(crate) throughput_ratio: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) added_p50_us: f64,
    pub(crate) added_p99_us: f64,
    pub(crate) first_byte_p50_us: f64,
    pub(crate) added_first_byte_p50_us: f64,
    pub(crate) gate_cpu_ms: f64,
    pub(crate) model_cores: f64,
    pub(crate) load_cores: f64,
}

/// Memory of one gate, in MiB.
#[derive(Debug, Serialize)]
pub(crate) struct GateMemory {
    pub(crate) arm: Arm,
    pub(crate) idle_mib: f64,
    pub(crate) after_mib: f64,
    pub(crate) peak_mib: f64,
}

/// A first mark, and where this run is. Told, not asserted: machines differ.
#[derive(Debug, Serialize)]
pub(crate) struct Mark {
    pub(crate) what: &'static str,
    pub(crate) below: f64,
    pub(crate) measured: f64,
    pub(crate) unit: &'static str,
}

impl Report {
    pub(crate) fn new(
        machine: Machine,
        plan: &Plan,
        measured: Vec<Measured>,
        memory: [(Memory, Memory); 2],
        startup: Startup,
    ) -> Self {
        let cases: Vec<Case> = measured.iter().map(case).collect();
        let memory: Vec<GateMemory> = [Arm::Bare, Arm::Full].into_iter().zip(memory).map(gate_memory).collect();
        let marks = marks(&cases, &memory, &startup);
        Self { machine, rounds: plan.rounds, slice_ms: plan.slice.as_millis(), cases, memory, startup, marks, measured }
    }
}

fn case(measured: &Measured) -> Case {
    let ways = Arm::ALL.map(|arm| way(arm, measured)).into();
    Case { name: measured.scenario.name(), scenario: measured.scenario, ways }
}

fn way(arm: Arm, measured: &Measured) -> Way {
    let of = |round: &'_ [Slice], arm| round.iter().find(|slice| slice.arm == arm).cloned();
    let over = |value: fn(&Slice) -> f64| median(measured.rounds.iter().filter_map(|r| of(r, arm)).map(|s| value(&s)));
    let against = |value: fn(&Slice, &Slice) -> f64| {
        median(measured.rounds.iter().filter_map(|r| Some(value(&of(r, arm)?, &of(r, Arm::Direct)?))))
    };
    Way {
        arm,
        requests_per_second: over(|s| s.requests_per_second),
        throughput_ratio: against(|s, direct| s.requests_per_second / direct.requests_per_second),
        p50_us: over(|s| s.p50_us),
        p99_us: over(|s| s.p99_us),
        added_p50_us: against(|s, direct| s.p50_us - direct.p50_us),
        added_p99_us: against(|s, direct| s.p99_us - direct.p99_us),
        first_byte_p50_us: over(|s| s.first_byte_p50_us),
        added_first_byte_p50_us: against(|s, direct| s.first_byte_p50_us - direct.first_byte_p50_us),
        gate_cpu_ms: over(|s| s.gate_cpu_ms),
        model_cores: over(|s| s.model_cores),
        load_cores: over(|s| s.load_cores),
    }
}

fn gate_memory((arm, (idle, after)): (Arm, (Memory, Memory))) -> GateMemory {
    GateMemory { arm, idle_mib: mib(idle.resident), after_mib: mib(after.resident), peak_mib: mib(after.peak) }
}

/// KiB in MiB.
pub(crate) fn mib(kib: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "memory of a process")]
    let kib = kib as f64;
    kib / 1024.0
}

fn marks(cases: &[Case], memory: &[GateMemory], startup: &Startup) -> Vec<Mark> {
    let full = |prompt, connections, value: fn(&Way) -> f64| {
        let fits = |c: &&Case| {
            c.scenario.prompt_bytes == prompt && c.scenario.connections == connections && !c.scenario.stream
        };
        let way = cases.iter().find(fits).and_then(|c| c.ways.iter().find(|w| w.arm == Arm::Full));
        way.map_or(f64::NAN, value)
    };
    let resident =
        |value: fn(&GateMemory) -> f64| memory.iter().find(|m| m.arm == Arm::Full).map(value).unwrap_or_default();
    let marks = vec![
        Mark {
            what: "added p50, 10 KB whole, 1 connection",
            below: 1.0,
            measured: full(10 * 1024, 1, |w| w.added_p50_us) / 1000.0,
            unit: "ms",
        },
        Mark {
            what: "CPU of a request, 1 KB whole, 16 connections",
            below: 0.25,
            measured: full(1024, 16, |w| w.gate_cpu_ms),
            unit: "ms",
        },
        Mark { what: "resident, idle", below: 40.0, measured: resident(|m| m.idle_mib), unit: "MiB" },
        Mark { what: "resident, at most in the run", below: 40.0, measured: resident(|m| m.peak_mib), unit: "MiB" },
        Mark { what: "start with compiled code cached", below: 200.0, measured: startup.cached_ms, unit: "ms" },
    ];
    // A case that was left out has no mark.
    marks.into_iter().filter(|mark| !mark.measured.is_nan()).collect()
}
