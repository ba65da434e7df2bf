//! What the writer's thread tells the rest of the program.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::error::AppendError;
use crate::head::Head;
use crate::outside::Wanted;

/// How long a queue that was full is told of.
const FULL_FOR_MS: u64 = 1000;

/// Whether the ledger takes records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// It does.
    #[default]
    Healthy,
    /// It does not. It tries by itself until it works again.
    Unhealthy {
        /// The stable code of the cause.
        code: &'static str,
        /// What failed.
        detail: Arc<str>,
        /// Since when, in milliseconds since 1970.
        since_ms: u64,
    },
}

impl Health {
    /// Whether the ledger takes records.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }
}

/// Counts since the ledger was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Records taken.
    pub records: u64,
    /// Bytes of records and what stands around them.
    pub bytes: u64,
    /// Syncs of data: many records share one.
    pub syncs: u64,
    /// Segments begun.
    pub segments: u64,
    /// Times the ledger became unhealthy.
    pub failures: u64,
    /// Records refused because the queue was full.
    pub refused: u64,
    /// Checkpoints published.
    pub checkpoints: u64,
    /// Times the file `checkpoint` could not be written.
    pub checkpoint_failures: u64,
    /// Segments packed.
    pub packed: u64,
    /// Times packing failed.
    pub pack_failures: u64,
    /// Segments handed over.
    pub shipped: u64,
    /// Finished segments that wait to be handed over.
    pub unshipped: u64,
    /// Times handing over failed.
    pub ship_failures: u64,
    /// Segments removed by the rule.
    pub let_go: u64,
    /// Times that failed.
    pub retain_failures: u64,
    /// Checkpoints handed to the witness.
    pub witnessed: u64,
    /// Times that failed.
    pub witness_failures: u64,
    /// Checkpoints that a witness cosigned.
    pub cosigned: Vouches,
    /// Checkpoints that have a time-stamp token.
    pub timestamps: Vouches,
}

/// What became of asking somebody outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vouches {
    /// Checkpoints that were vouched for.
    pub done: u64,
    /// Times that failed.
    pub failed: u64,
    /// Records that the newest of these covers; 0 before the first.
    pub records: u64,
}

/// The same while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) done: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) records: AtomicU64,
}

impl Counts {
    fn read(&self) -> Vouches {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Vouches { done: read(&self.done), failed: read(&self.failed), records: read(&self.records) }
    }
}

/// Told of the last record on disk, on the writer's thread.
pub(crate) struct Listener(pub(crate) Box<dyn Fn(u64) + Send + Sync>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

/// Shared by the handles and the writer's thread. No lock is held while anything is done.
#[derive(Debug, Default)]
pub(crate) struct Status {
    healthy: AtomicBool,
    health: Mutex<Health>,
    head: Mutex<Head>,
    /// When a record last found no room, in milliseconds since 1970; 0 for never.
    full_ms: AtomicU64,
    pub(crate) queued_bytes: AtomicUsize,
    pub(crate) records: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) segments: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) checkpoint_failures: AtomicU64,
    pub(crate) packed: AtomicU64,
    pub(crate) pack_failures: AtomicU64,
    pub(crate) shipped: AtomicU64,
    pub(crate) unshipped: AtomicU64,
    pub(crate) ship_failures: AtomicU64,
    pub(crate) let_go: AtomicU64,
    pub(crate) retain_failures: AtomicU64,
    pub(crate) witnessed: AtomicU64,
    pub(crate) witness_failures: AtomicU64,
    cosigned: Counts,
    timestamps: Counts,
    checkpoint: Mutex<Option<Arc<str>>>,
    pub(crate) listener: OnceLock<Listener>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Status {
    pub(crate) fn set_healthy(&self) {
        *lock(&self.health) = Health::Healthy;
        self.healthy.store(true, Ordering::Release);
    }

    pub(crate) fn set_unhealthy(&self, code: &'static str, detail: Arc<str>) {
        self.healthy.store(false, Ordering::Release);
        let mut health = lock(&self.health);
        if let Health::Unhealthy { code: named, detail: what, .. } = &mut *health {
            // It began when it began; what is the matter now is told, and by its own name.
            (*named, *what) = (code, detail);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
            *health = Health::Unhealthy { code, detail, since_ms: crate::now_ms() };
        }
    }

    /// The error to refuse with, when there is one.
    pub(crate) fn refusal(&self) -> Option<AppendError> {
        if self.healthy.load(Ordering::Acquire) {
            return None;
        }
        match &*lock(&self.health) {
            Health::Healthy => None,
            Health::Unhealthy { code, detail, .. } => Some(AppendError::Failed { code, detail: Arc::clone(detail) }),
        }
    }

    pub(crate) fn health(&self) -> Health {
        let health = lock(&self.health).clone();
        let full_ms = self.full_ms.load(Ordering::Acquire);
        if health.is_healthy() && crate::now_ms().saturating_sub(full_ms) < FULL_FOR_MS {
            let detail = AppendError::QueueFull.to_string().into();
            return Health::Unhealthy { code: AppendError::QueueFull.code(), detail, since_ms: full_ms };
        }
        health
    }

    /// A record found no room.
    pub(crate) fn refuse_full(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.full_ms.store(crate::now_ms(), Ordering::Release);
    }

    pub(crate) fn set_head(&self, head: Head) {
        *lock(&self.head) = head;
    }

    pub(crate) fn head(&self) -> Head {
        *lock(&self.head)
    }

    /// All records up to `seq` are on disk now. A listener's panic is the listener's: it must not take the ledger down.
    pub(crate) fn tell_durable(&self, seq: u64) {
        if let Some(listener) = self.listener.get() {
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (listener.0)(seq)));
        }
    }

    pub(crate) fn set_checkpoint(&self, note: Arc<str>) {
        *lock(&self.checkpoint) = Some(note);
    }

    /// The newest checkpoint, over records that are on disk.
    pub(crate) fn checkpoint(&self) -> Option<Arc<str>> {
        lock(&self.checkpoint).clone()
    }

    /// Where asking for this is counted.
    pub(crate) fn outside(&self, wanted: Wanted) -> &Counts {
        match wanted {
            Wanted::Cosignature => &self.cosigned,
            Wanted::Timestamp => &self.timestamps,
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            records: read(&self.records),
            bytes: read(&self.bytes),
            syncs: read(&self.syncs),
            segments: read(&self.segments),
            failures: read(&self.failures),
            refused: read(&self.refused),
            checkpoints: read(&self.checkpoints),
            checkpoint_failures: read(&self.checkpoint_failures),
            packed: read(&self.packed),
            pack_failures: read(&self.pack_failures),
            shipped: read(&self.shipped),
            unshipped: read(&self.unshipped),
            ship_failures: read(&self.ship_failures),
            let_go: read(&self.let_go),
            retain_failures: read(&self.retain_failures),
            witnessed: read(&self.witnessed),
            witness_failures: read(&self.witness_failures),
            cosigned: self.cosigned.read(),
            timestamps: self.timestamps.read(),
        }
    }
}
