//! On which threads guests are called.

use tokio::sync::Semaphore;

/// From so many bytes on, a guest call may keep a worker busy for longer than other exchanges should wait: about a
/// millisecond for four policies at ten microseconds a KiB.
const LONG: usize = 32 << 10;

/// Where guests are called.
///
/// A short call of plugins that have shown that they are quick runs on the worker that serves the exchange. A plugin that is
/// new, slow, has just faulted or imports WASI might keep its thread until its deadline: as long as one of those that a
/// stage asks is such, its calls run in the lane, which is so many threads wide and no wider. The workers go on with everything else.
#[derive(Debug)]
pub(crate) struct Lanes {
    lane: Semaphore,
}

impl Default for Lanes {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { lane: Semaphore::new(2 * cores) }
    }
}

impl Lanes {
    /// Runs guest calls over `bytes` of text; `lane` says whether one of the plugins that are asked is one for the lane.
    pub(crate) async fn guest<T>(&self, lane: bool, bytes: usize, call: impl FnOnce() -> T) -> T {
        if lane {
            // Never closed; a permit is all that matters, and without one the call would be as right and only less fair.
            let _place = self.lane.acquire().await;
            return tokio::task::block_in_place(call);
        }
        match bytes >= LONG {
            true => tokio::task::block_in_place(call),
            false => call(),
        }
    }

    /// Places of the lane that are free.
    pub(crate) fn free(&self) -> usize {
        self.lane.available_permits()
    }
}
