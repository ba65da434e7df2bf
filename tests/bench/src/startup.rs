//! How long a gate takes until it is ready.

use std::path::Path;

use serde::Serialize;

use crate::args::Plan;
use crate::gates;
use crate::stats::median;

/// Milliseconds from the start of the process to `/readyz`, four built-in policies, a ledger that is there already.
#[derive(Debug, Serialize)]
pub(crate) struct Startup {
    /// Compiled code is in the cache: the median, and all.
    pub(crate) cached_ms: f64,
    pub(crate) cached: Vec<f64>,
    /// The cache is empty.
    pub(crate) compiled_ms: f64,
    pub(crate) compiled: Vec<f64>,
}

/// Starts and stops gates, one after the other.
pub(crate) async fn measure(witgate: &Path, work: &Path, plan: &Plan) -> anyhow::Result<Startup> {
    let dir = work.join("startup");
    gates::configure_full(witgate, &dir)?;
    // The first start makes the ledger; it is not counted.
    once(witgate, &dir).await?;
    let mut compiled = Vec::new();
    for _ in 0..plan.cold_starts {
        std::fs::remove_dir_all(dir.join("cache"))?;
        compiled.push(once(witgate, &dir).await?);
    }
    let mut cached = Vec::new();
    for _ in 0..plan.warm_starts {
        cached.push(once(witgate, &dir).await?);
    }
    Ok(Startup {
        cached_ms: median(cached.iter().copied()),
        cached,
        compiled_ms: median(compiled.iter().copied()),
        compiled,
    })
}

async fn once(witgate: &Path, dir: &Path) -> anyhow::Result<f64> {
    let gate = gates::start(witgate, dir).await?;
    gate.process.stop().await;
    Ok(gate.started_in.as_secs_f64() * 1000.0)
}
