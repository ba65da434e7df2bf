//! What becomes of segments that are finished, and of checkpoints that are published.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::outside::Outside;

/// What becomes of finished segments and of checkpoints. By default nothing: they stay as they were written.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// Whether finished segments are compressed (zstd).
    pub pack: bool,
    /// Oldest segments are let go once all their records are this old.
    pub max_age: Option<Duration>,
    /// And once all segments together have more bytes than this.
    pub max_bytes: Option<u64>,
    /// Where copies of finished segments go. None is let go before.
    pub ship: Option<HandOver>,
    /// Where each newest checkpoint goes.
    pub witness: Option<HandOver>,
    /// Who is asked to vouch for checkpoints, each on a thread of its own.
    pub outside: Vec<Outside>,
    /// How often to look; work is done on threads of its own, never on the writer's.
    pub every: Duration,
    /// Is told what was done, and what failed.
    pub notices: Arc<dyn Notices>,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            pack: false,
            max_age: None,
            max_bytes: None,
            ship: None,
            witness: None,
            outside: Vec::new(),
            every: Duration::from_secs(1),
            notices: Arc::new(Silent),
        }
    }
}

impl Keeping {
    /// Whether anything is to be done with segments.
    pub(crate) fn has_chores(&self) -> bool {
        self.pack || self.lets_go() || self.ship.is_some()
    }

    pub(crate) fn lets_go(&self) -> bool {
        self.max_age.is_some() || self.max_bytes.is_some()
    }
}

/// Where files are handed over; with both, each must succeed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandOver {
    /// A folder of another disk or machine; one file each.
    pub folder: Option<PathBuf>,
    /// A program and its arguments; the file's path is added as the last. Never a shell. Exit status 0 means done.
    pub command: Vec<String>,
    /// After this the program and all that it started is killed.
    pub timeout: Duration,
}

/// What was done, or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A segment was compressed.
    Packed {
        /// Its file name now.
        segment: String,
        /// Bytes before.
        from: u64,
        /// Bytes now.
        to: u64,
    },
    /// A segment was handed over.
    Shipped {
        /// Its file name.
        segment: String,
    },
    /// Segments were removed, after the ledger said so.
    LetGo {
        /// The last record that is gone.
        through: u64,
        /// How many files.
        segments: u64,
    },
    /// Something did not work; it is tried again later.
    Failed {
        /// What: `pack`, `ship`, `retain`, `witness`, `cosign` or `timestamp`.
        task: &'static str,
        /// Why.
        detail: String,
        /// When it is tried again.
        again: Duration,
    },
}

/// Is told what becomes of segments and checkpoints. Called on the threads that do it.
pub trait Notices: Send + Sync + std::fmt::Debug {
    /// Something was done, or failed.
    fn notice(&self, notice: &Notice);
}

#[derive(Debug)]
struct Silent;

impl Notices for Silent {
    fn notice(&self, _: &Notice) {}
}
