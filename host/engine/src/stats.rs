//! The engine's own numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the engine did since it was set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Sandboxes that were opened.
    pub opened: u64,
    /// Sandboxes that are open now.
    pub open: u64,
    /// Sandboxes that could not be opened, because the pool was exhausted or the plugin failed at its start.
    pub not_opened: u64,
    /// Plugins whose compiled code came from the cache.
    pub loaded_from_cache: u64,
    /// Plugins that were configured and compiled.
    pub compiled: u64,
    /// Plugins that were refused.
    pub refused: u64,
}

/// The same, counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) opened: AtomicU64,
    pub(crate) closed: AtomicU64,
    pub(crate) not_opened: AtomicU64,
    pub(crate) loaded_from_cache: AtomicU64,
    pub(crate) compiled: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // Read in this order, so that no sandbox seems closed before it was opened.
        let closed = get(&self.closed);
        let opened = get(&self.opened);
        Stats {
            opened,
            open: opened.saturating_sub(closed),
            not_opened: get(&self.not_opened),
            loaded_from_cache: get(&self.loaded_from_cache),
            compiled: get(&self.compiled),
            refused: get(&self.refused),
        }
    }
}
