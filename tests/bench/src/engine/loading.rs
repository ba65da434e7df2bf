//! How long a load takes, by the wall: read, check, configure, snapshot and compile in the loader's process, or take what the
//! cache has.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use serde::Serialize;
use witgate_engine::{Engine, EngineOptions, Loader};
use witgate_policy::trust::Trust;
use witgate_policy::{Spec, build};

use super::{Plan, chain};
use crate::plugins::Plugins;
use crate::stats::median;

/// Milliseconds from bytes to a set that may serve.
#[derive(Debug, Serialize)]
pub(crate) struct Load {
    pub(crate) what: String,
    /// The compiled code is there.
    pub(crate) cached_ms: f64,
    /// The cache is empty.
    pub(crate) compiled_ms: f64,
}

/// Loads each built-in plugin, and the set of them as a reload does.
pub(crate) fn measure(witgate: &Path, work: &Path, plugins: &Plugins, plan: Plan) -> anyhow::Result<Vec<Load>> {
    let cache = work.join("engine-cache");
    let args = ["load-plugin", "--log", "text"].map(str::to_owned).to_vec();
    let loader = Some(Loader { program: witgate.to_owned(), args });
    // As `witgate serve` has it: the loader is its own program.
    let engine = Engine::new(&EngineOptions { cache_dir: Some(cache.clone()), loader, ..EngineOptions::default() })?;
    let set = chain::four(plugins)?;
    let mut sets: Vec<(String, Vec<Spec>)> = set.iter().map(|spec| (spec.id.clone(), vec![spec.clone()])).collect();
    sets.push(("the set of four".to_owned(), set));
    let mut rows = Vec::new();
    for (what, set) in sets {
        let (mut compiled, mut cached) = (Vec::new(), Vec::new());
        for _ in 0..plan.cold {
            for file in std::fs::read_dir(&cache)? {
                std::fs::remove_file(file?.path())?;
            }
            compiled.push(once(&engine, &set, false)?);
        }
        for _ in 0..plan.cached {
            cached.push(once(&engine, &set, true)?);
        }
        rows.push(Load { what, cached_ms: median(cached), compiled_ms: median(compiled) });
    }
    Ok(rows)
}

fn once(engine: &Engine, set: &[Spec], from_cache: bool) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let built = build(engine, set, &Trust::default(), 1, None)?;
    let took = begun.elapsed();
    for member in built.members() {
        ensure!(member.plugin.was_cached() == from_cache, "{}: the cache is not as it should be", member.plugin.id());
    }
    Ok(took.as_secs_f64() * 1000.0)
}
