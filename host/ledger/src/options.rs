//! How a ledger is kept.

use std::sync::Arc;
use std::time::Duration;

use crate::checkpointer::Checkpoints;
use crate::error::OpenError;
use crate::keeping::Keeping;
use crate::storage::{Disk, Storage};

/// The largest segment, in bytes: recovery looks through at most one.
const MAX_SEGMENT: u64 = 1 << 30;
/// What a CHECKPOINT record may add to a full segment, which asks for no room; with it, the largest still packs into 1,024 pieces.
const BEYOND: u64 = 8 << 20;
/// The smallest segment, in bytes.
const MIN_SEGMENT: u64 = 4096;

/// How a ledger is kept. The defaults suit a gate under load.
#[derive(Debug, Clone)]
pub struct Options {
    /// When a segment is full, in bytes, 4 KiB to 1 GiB. A record longer than that gets a segment of its own.
    pub segment_bytes: u64,
    /// How many records may wait; at least 1.
    pub queue_records: usize,
    /// How many bytes of records may wait; at least one record always may.
    pub queue_bytes: usize,
    /// How long a buffered record may stay off the disk.
    pub flush_after: Duration,
    /// How often a ledger that could not be written tries again.
    pub retry_after: Duration,
    /// How many of the last segments are looked through for exchanges that never ended; at least 1.
    pub recovery_segments: usize,
    /// How many such exchanges are followed at most.
    pub recovery_exchanges: usize,
    /// How the tree is signed; without it there are no checkpoints, and only the chain key can check the ledger.
    pub checkpoints: Option<Checkpoints>,
    /// What becomes of finished segments and of checkpoints.
    pub keeping: Keeping,
    /// The disk.
    pub storage: Arc<dyn Storage>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            queue_records: 4096,
            queue_bytes: 32 << 20,
            flush_after: Duration::from_millis(200),
            retry_after: Duration::from_millis(250),
            recovery_segments: 2,
            recovery_exchanges: 1 << 16,
            checkpoints: None,
            keeping: Keeping::default(),
            storage: Arc::new(Disk),
        }
    }
}

impl Options {
    /// Where the room of a segment ends.
    pub(crate) fn segment_limit(&self) -> u64 {
        self.segment_bytes.min(MAX_SEGMENT - BEYOND)
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let what = if !(MIN_SEGMENT..=MAX_SEGMENT).contains(&self.segment_bytes) {
            "a segment has 4 KiB to 1 GiB"
        } else if self.queue_records == 0 {
            "the queue needs room for one record"
        } else if self.recovery_segments == 0 {
            "recovery looks through at least one segment"
        } else if self.checkpoints.as_ref().is_some_and(|checkpoints| checkpoints.records == 0) {
            "a checkpoint covers at least one record"
        } else if self.checkpoints.is_none() && self.keeping.lets_go() {
            "segments are let go only from a ledger with checkpoints: without them, what is left could not be verified"
        } else {
            return Ok(());
        };
        Err(OpenError::Options { what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_segment_can_be_packed_with_what_asks_for_no_room() {
        let largest = Options { segment_bytes: MAX_SEGMENT, ..Options::default() };
        assert!(largest.check().is_ok());
        assert_eq!(largest.segment_limit(), 1016 << 20);
        assert_eq!(Options::default().segment_limit(), 64 << 20);
    }
}
