//! Many slow streams at once: whether they are all carried, and what one takes.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use tokio::task::JoinSet;

use super::{Plan, client};
use crate::engine::memory_kib;
use crate::gates::{self, Gate};
use crate::load::connect;
use crate::plugins::Plugins;
use crate::report::mib;

/// What the model answers slowly.
pub(super) const ASK: &str = "Take your time.";
/// Between two events.
pub(super) const EVERY: Duration = Duration::from_secs(1);
/// Over which the streams begin.
const RAMP: Duration = Duration::from_secs(8);
/// After the last one began, until memory is read.
const SETTLED: Duration = Duration::from_secs(3);
/// One policy that has a sandbox for as long as an answer lasts.
const ONE: &str = "    - { id: pii, plugin: \"builtin:pii\" }\n";

/// Which policies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Set {
    /// `pii` alone.
    One,
    /// The four built-in ones.
    Four,
}

/// A crowd, and what it took.
#[derive(Debug, Serialize)]
pub(crate) struct Crowd {
    pub(crate) set: Set,
    pub(crate) streams: usize,
    pub(crate) complete: usize,
    pub(crate) failed: usize,
    /// Sandboxes that were open while all streams ran.
    pub(crate) sandboxes: u64,
    /// How many there may be.
    pub(crate) sandboxes_most: u64,
    /// Open files of the gate meanwhile, and how many it may have.
    pub(crate) files: usize,
    pub(crate) files_most: u64,
    pub(crate) threads: usize,
    /// Before any, and with all of them.
    pub(crate) idle_mib: f64,
    pub(crate) with_mib: f64,
    /// Memory of one stream, all counted.
    pub(crate) each_kib: f64,
    /// The same without its sandboxes.
    pub(crate) beyond_kib: f64,
    /// Cores that the gate kept busy while all of them ran.
    pub(crate) cores: f64,
}

/// Starts a gate, begins the streams, looks, and lets them end.
pub(super) async fn measure(
    witgate: &Path,
    place: &Path,
    plugins: &Plugins,
    model: SocketAddr,
    set: Set,
    plan: Plan,
) -> anyhow::Result<Crowd> {
    let _ = writeln!(std::io::stderr(), "measuring: {} streams at once, {set:?}", plan.crowd);
    let (name, entries) = match set {
        Set::One => ("crowd-one", ONE.to_owned()),
        Set::Four => ("crowd-four", gates::full_set()),
    };
    // The built-in plugins' sandboxes have the same size.
    let sandbox_kib = memory_kib(plugins, "pii")?;
    let dir = place.join(name);
    let more = format!("limits: {{ exchanges: {} }}\n", plan.crowd + plan.crowd / 5);
    gates::configure_with(witgate, &dir, model, &entries, &more)?;
    let gate = gates::start_warm(witgate, &dir).await?;
    let mut streams = JoinSet::new();
    let pause = RAMP / u32::try_from(plan.crowd.max(1))?;
    let body = client::body(ASK);
    for _ in 0..plan.crowd {
        let (target, body) = (gate.listen, body.clone());
        streams.spawn(async move {
            let mut sender = connect(target).await?;
            client::read(&mut sender, body).await
        });
        tokio::time::sleep(pause).await;
    }
    tokio::time::sleep(SETTLED).await;
    let (began, before) = (tokio::time::Instant::now(), gate.process.cpu_ms()?);
    tokio::time::sleep(SETTLED).await;
    let cores = (gate.process.cpu_ms()? - before) / (began.elapsed().as_secs_f64() * 1000.0);
    let memory = gate.process.memory()?;
    let (threads, files) = (gate.process.threads()?, gate.process.files()?);
    let [sandboxes, sandboxes_most] = sandboxes(&gate).await?;
    let (mut complete, mut failed) = (0, 0);
    while let Some(seen) = streams.join_next().await {
        match seen? {
            Ok(seen) if seen.complete => complete += 1,
            Ok(_) | Err(_) => failed += 1,
        }
    }
    let files_most = gate.process.files_most()?;
    let idle = gate.idle.resident;
    gate.process.stop().await;
    ensure!(complete > 0, "no stream of the crowd had its end");
    #[expect(clippy::cast_precision_loss, reason = "KiB of a process, and some thousand streams")]
    let (each_kib, sandbox_kib) = {
        let streams = plan.crowd as f64;
        let all = memory.resident.saturating_sub(idle) as f64;
        (all / streams, sandbox_kib as f64 * sandboxes as f64 / streams)
    };
    Ok(Crowd {
        set,
        streams: plan.crowd,
        complete,
        failed,
        sandboxes,
        sandboxes_most,
        files,
        files_most,
        threads,
        idle_mib: mib(idle),
        with_mib: mib(memory.resident),
        each_kib,
        beyond_kib: each_kib - sandbox_kib,
        cores,
    })
}

/// Sandboxes that are open, and how many may be.
async fn sandboxes(gate: &Gate) -> anyhow::Result<[u64; 2]> {
    let metrics = gates::get(gate.admin, "/metrics").await?;
    let read = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).with_context(|| format!("/metrics does not tell {name}"))
    };
    Ok([read("witgate_sandboxes_open")?, read("witgate_sandboxes_most")?])
}
