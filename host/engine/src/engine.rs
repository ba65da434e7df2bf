//! One wasmtime engine, its ticker, pool and cache.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::contract::witgate::policy as imports;
use crate::host::HostState;
use crate::metrics::PluginMetrics;
use crate::shelf::Filler;
use crate::state::StateStore;
use crate::stats::Counters;
use crate::trusted::Cache;
use crate::{Limits, Loader, Stats, ticker, wasi};

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Where compiled code is kept; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// Who configures and compiles plugins; `None` does it in this process, for tools and tests.
    pub loader: Option<Loader>,
    /// Sandboxes that may be alive at once. Each reserves 4 GiB of address space, none of memory.
    pub sandboxes: u32,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { cache_dir: None, loader: None, sandboxes: 1024 }
    }
}

/// Bytes of a sandbox's memory that stay resident between two exchanges, and are wiped instead of given back. They cover the
/// whole memory of a small plugin: nothing is given back then, so that a fresh sandbox takes no page fault and no other
/// core is told to forget its translations. A plugin that needs more pays for its rest alone. wasmtime could wipe just the
/// pages that were written (`pagemap_scan`), but passes over those that the kernel is moving or has swapped out, and what a
/// caller said must not be there for the next one.
const KEEP_RESIDENT: usize = 192 << 10;
/// Sandboxes that nobody uses and whose memory stays resident all the same: after a burst, and of sets that were replaced.
const WARM: u32 = 64;
/// Frames of a guest that are looked at when it traps; those nearest to the trap are told.
const FRAMES: usize = 64;
/// Address space is finite; below this many sandboxes a gate is of no use.
const FEWEST_SANDBOXES: u32 = 64;

/// Loads and runs plugins. One a process; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Linker<HostState>,
    pub(crate) cache: Cache,
    pub(crate) store: Arc<StateStore>,
    pub(crate) metrics: Arc<PluginMetrics>,
    pub(crate) counters: Counters,
    pub(crate) loader: Option<Loader>,
    pub(crate) filler: Filler,
    sandboxes: u32,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("sandboxes", &self.inner.sandboxes).finish_non_exhaustive()
    }
}

impl Engine {
    /// Sets up the engine. Where the address space does not allow the pool asked for, a smaller one is taken and said.
    ///
    /// # Errors
    /// When the machine can give no engine at all: no address space, no thread.
    pub fn new(options: &EngineOptions) -> Result<Self, std::io::Error> {
        let (wasmtime, sandboxes) = pooled(options.sandboxes)?;
        ticker::start(&wasmtime)?;
        let mut linker = Linker::new(&wasmtime);
        link(&mut linker).map_err(std::io::Error::other)?;
        Ok(Self {
            inner: Arc::new(Inner {
                wasmtime,
                linker,
                cache: Cache::open(options.cache_dir.as_deref()),
                store: Arc::default(),
                metrics: Arc::default(),
                counters: Counters::default(),
                loader: options.loader.clone(),
                filler: Filler::default(),
                sandboxes,
            }),
        })
    }

    /// What plugins counted and observed.
    pub fn plugin_metrics(&self) -> &PluginMetrics {
        &self.inner.metrics
    }

    /// The engine's own numbers.
    pub fn stats(&self) -> Stats {
        self.inner.counters.read()
    }

    /// Forgets what plugins keep beyond an exchange, for tools that run a plugin's test cases apart from each other.
    pub fn forget_state(&self) {
        self.inner.store.clear();
    }

    /// Sandboxes that may be alive at once.
    pub fn sandboxes(&self) -> u32 {
        self.inner.sandboxes
    }
}

fn pooled(wanted: u32) -> Result<(wasmtime::Engine, u32), std::io::Error> {
    let mut sandboxes = wanted.max(FEWEST_SANDBOXES);
    loop {
        match wasmtime::Engine::new(&config(sandboxes)) {
            Ok(engine) => return Ok((engine, sandboxes)),
            Err(why) if sandboxes > FEWEST_SANDBOXES => {
                tracing::warn!(sandboxes, %why, "no room for so many sandboxes; trying half");
                sandboxes = (sandboxes / 2).max(FEWEST_SANDBOXES);
            }
            Err(why) => return Err(std::io::Error::other(why)),
        }
    }
}

fn config(sandboxes: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    // A component of several core modules takes one core instance and often one table for each.
    pool.total_component_instances(sandboxes)
        .total_core_instances(sandboxes.saturating_mul(4))
        .total_memories(sandboxes)
        .total_tables(sandboxes.saturating_mul(2))
        .max_memories_per_component(4)
        .max_core_instances_per_component(32)
        .max_tables_per_component(16)
        // No call is asynchronous, so none needs a stack of its own.
        .total_stacks(0)
        .table_elements(Limits::TABLE_ELEMENTS)
        .max_memory_size(Limits::MAX_MEMORY)
        .max_unused_warm_slots(WARM)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(4 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(512 << 10)
        // A decision must be the same on every machine, so that it can be replayed.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // For whoever has to find where a guest trapped.
        .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES));
    config
}

fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    type Own = HasSelf<HostState>;
    imports::types::add_to_linker::<_, Own>(linker, |s| s)?;
    imports::log::add_to_linker::<_, Own>(linker, |s| s)?;
    imports::metrics::add_to_linker::<_, Own>(linker, |s| s)?;
    imports::clock::add_to_linker::<_, Own>(linker, |s| s)?;
    imports::state::add_to_linker::<_, Own>(linker, |s| s)?;
    wasi::link(linker)
}
