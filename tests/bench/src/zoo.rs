//! The zoo: one gate, good traffic, and beside it a plugin that does what it should not.
//!
//! A gate has one policy set for all exchanges, so the hostile plugin is in the set of the neighbours and does what the text of
//! an exchange tells it to, with `on_fault: allow`: the exchanges that tell it nothing are the neighbours. Modules that must not
//! load are thrown at the same gate as reloads, in the place of another plugin.

mod deed;
mod module;
mod neighbours;
mod text;
mod thrown;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::gates::{self, Gate};
use crate::plugins::{Plugins, read};
use crate::prose;
use crate::report::{Mark, mib};

use deed::Deed;
use neighbours::{Neighbours, Slice};

pub(crate) use module::unknown_to_the_snapshotter;
pub(crate) use neighbours::Row;
pub(crate) use text::text;
pub(crate) use thrown::Thrown;

/// How long it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds: medians are over these.
    pub(crate) rounds: usize,
    /// Load that is not measured, at the beginning of each slice.
    pub(crate) warm: Duration,
    /// Load that is.
    pub(crate) slice: Duration,
}

/// The whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) rounds: usize,
    pub(crate) slice_ms: u128,
    /// Between two misdeeds.
    pub(crate) period_ms: u128,
    pub(crate) connections: usize,
    pub(crate) pause_ms: u128,
    /// Neighbours alone, beside each misdeed, and beside all of them.
    pub(crate) rows: Vec<Row>,
    /// The same with a plugin that cannot be snapshotted in the set: alone, and with its misdeed.
    pub(crate) table_rows: Vec<Row>,
    pub(crate) thrown: Vec<Thrown>,
    /// Resident memory of the gate: before any misdeed, after all of them, and at most.
    pub(crate) before_mib: f64,
    pub(crate) after_mib: f64,
    pub(crate) peak_mib: f64,
    /// Exchanges of neighbours.
    pub(crate) asked: usize,
    /// Those that were refused. One that failed otherwise ends the run.
    pub(crate) failed: usize,
    pub(crate) marks: Vec<Mark>,
}

/// Measures it.
pub(crate) async fn measure(witgate: &Path, work: &Path, plugins: &Plugins, plan: Plan) -> anyhow::Result<Report> {
    let place = work.join("zoo");
    std::fs::create_dir(&place)?;
    let (model, model_at) = gates::model(witgate, &place, &prose::script()).await?;
    let dir = place.join("gate");
    gates::configure(witgate, &dir, model_at, &set())?;
    let noop = read(&plugins.noop())?;
    std::fs::write(dir.join("policies/visitor.wasm"), &noop)?;
    std::fs::copy(plugins.hostile(), dir.join("policies/hostile.wasm"))?;
    let gate = gates::start_warm(witgate, &dir).await?;

    let neighbours = Neighbours::new(&gate, plan);
    neighbours.slice(&[]).await?;
    let before = gate.process.memory()?.resident;
    let mut arms = vec![vec![]];
    arms.extend(Deed::ALL.map(|deed| vec![deed]));
    arms.push(Deed::ALL.to_vec());
    let slices = neighbours.rounds(&arms).await?;
    let rows = neighbours::rows(&arms, &slices);

    thrown::accepted(&gate, &dir, &module::handmade(&noop, module::Trick::TableBomb)).await?;
    let tables = vec![vec![], vec![Deed::TABLE], vec![Deed::LOOP]];
    let table_slices = neighbours.rounds(&tables).await?;
    let table_rows = neighbours::rows(&tables, &table_slices);
    thrown::accepted(&gate, &dir, &noop).await?;

    let thrown = thrown::measure(&gate, &dir, &noop, &read(&plugins.hostile())?, &neighbours, &rows).await?;
    // What waits to be given back is.
    neighbours.slice(&[]).await?;
    let memory = gate.process.memory()?;
    gate.process.stop().await;
    drop(model);

    let all = || slices.iter().chain(&table_slices).flatten();
    let asked = all().map(Slice::asked).sum::<usize>() + thrown.iter().map(|t| t.asked).sum::<usize>();
    let failed = all().map(|s| s.failed).sum::<usize>() + thrown.iter().map(|t| t.failed).sum::<usize>();
    let (before_mib, after_mib, peak_mib) = (mib(before), mib(memory.resident), mib(memory.peak));
    Ok(Report {
        rounds: plan.rounds,
        slice_ms: plan.slice.as_millis(),
        period_ms: neighbours::PERIOD.as_millis(),
        connections: neighbours::CONNECTIONS,
        pause_ms: neighbours::PAUSE.as_millis(),
        marks: marks(&rows, after_mib - before_mib),
        rows,
        table_rows,
        thrown,
        before_mib,
        after_mib,
        peak_mib,
        asked,
        failed,
    })
}

fn marks(rows: &[Row], grown: f64) -> Vec<Mark> {
    let all = rows.last().map_or(f64::NAN, |row| row.p99_ratio);
    vec![
        Mark { what: "neighbours' p99 beside all misdeeds, to their own", below: 2.0, measured: all, unit: "times" },
        Mark { what: "memory that the gate has more afterwards", below: 32.0, measured: grown, unit: "MiB" },
    ]
}

/// The four policies at their defaults, the hostile one, and one that is replaced. The last is in monitor mode: a module that
/// was damaged may come to say anything.
fn set() -> String {
    format!(
        "{}    - {{ id: hostile, plugin: hostile.wasm, grants: [edit, escalate, state, clock], on_fault: allow, \
         config: {{ at: admission, do: as_told, value_bytes: 65535 }} }}\n\
         {:4}- {{ id: visitor, plugin: visitor.wasm, mode: monitor }}\n",
        gates::full_set(),
        ""
    )
}

/// What the administrators' listener says of the policy set.
async fn policy(gate: &Gate) -> anyhow::Result<serde_json::Value> {
    let answer = gates::get(gate.admin, "/admin/policy").await?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(serde_json::from_str(body)?)
}
