//! The writer: gives records their place, writes them in batches, and starts afresh when a disk has failed.
//!
//! Three heads are kept apart. `durable` is on disk. `acknowledged` was told to callers; what lies between the two is
//! kept in memory (`unsynced`), so that a failed sync cannot lose it. The batch being written is neither, until it is.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::chain::Chain;
use crate::checkpointer::Checkpointer;
use crate::error::AppendError;
use crate::fixed_bytes::{Digest, KeyBytes, LedgerId};
use crate::head::Head;
use crate::ledger::{Appended, Durability};
use crate::options::Options;
use crate::ratchet::Ratchet;
use crate::record::Prepared;
use crate::segment_writer::SegmentWriter;
use crate::status::Status;

use batch::Batch;
use failure::Failure;

mod batch;
mod checkpoints;
mod failure;
mod segments;

/// Called once when a record's fate is known.
pub(crate) type Done = Box<dyn FnOnce(Result<Appended, AppendError>) + Send>;

/// At most so much is acknowledged and not on disk.
const MAX_UNSYNCED: usize = 1 << 20;

/// A record on its way.
pub(crate) struct Item {
    pub(crate) prepared: Prepared,
    /// The bytes that must have room in the segment: of the first of records that belong together, those of all of them; 0 of the
    /// others, so that none of them is where the segment ends.
    pub(crate) room: usize,
    pub(crate) durability: Durability,
    pub(crate) done: Done,
}

/// Where a writer goes on.
pub(crate) struct Start {
    pub(crate) dir: PathBuf,
    pub(crate) ledger: LedgerId,
    pub(crate) head: Head,
    /// The key of the segment, or of the first one to be made.
    pub(crate) ratchet: Ratchet,
    /// The step of the key in the file beside the segments.
    pub(crate) saved_step: Option<u64>,
    /// The segment, and the digest of its header.
    pub(crate) segment: Option<(SegmentWriter, Digest)>,
    pub(crate) checkpointer: Option<Checkpointer>,
}

pub(crate) struct Writer {
    dir: PathBuf,
    chain: Chain,
    ratchet: Ratchet,
    saved_step: Option<u64>,
    ledger: LedgerId,
    pub(crate) options: Options,
    pub(crate) status: Arc<Status>,
    segment: Option<SegmentWriter>,
    /// Digest of that segment's header.
    header: Digest,
    checkpointer: Option<Checkpointer>,
    durable: Head,
    acknowledged: Head,
    unsynced: Vec<u8>,
    unsynced_since: Option<Instant>,
    /// What no write has taken yet, or was written and not yet told.
    batch: Batch,
    /// The last record that was written.
    head: Head,
    healthy: bool,
}

impl Writer {
    pub(crate) fn new(start: Start, options: Options) -> Self {
        let Start { dir, ledger, head, ratchet, saved_step, segment, checkpointer } = start;
        let (segment, header) = segment.map_or((None, Digest::default()), |(segment, header)| (Some(segment), header));
        let status = Arc::new(Status::default());
        status.set_healthy();
        status.set_head(head);
        Self {
            dir,
            chain: Chain::new(&ratchet.key),
            ratchet,
            saved_step,
            ledger,
            options,
            status,
            segment,
            header,
            checkpointer,
            durable: head,
            acknowledged: head,
            unsynced: Vec::new(),
            unsynced_since: None,
            batch: Batch::default(),
            head,
            healthy: true,
        }
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.healthy
    }

    /// Begins the first segment, or keeps the key of the one that is gone on with.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        // One in which a kill left no record: it has yet to say how the tree looks, and the key before checks what that is over.
        let begins = self.checkpointer.is_some() && self.segment.as_ref().is_some_and(SegmentWriter::is_empty);
        if self.segment.is_none() {
            self.segment = Some(self.create_segment()?);
        }
        if !begins {
            self.keep_key()?;
        }
        if self.checkpointer.as_ref().is_some_and(|it| begins || it.is_behind() || it.changes_key()) {
            self.checkpoint();
        }
        Ok(())
    }

    /// The keys that signed so far.
    pub(crate) fn signing_keys(&self) -> Vec<KeyBytes> {
        self.checkpointer.as_ref().map_or_else(Vec::new, |checkpointer| checkpointer.keys().to_vec())
    }

    /// When there is something to do though nobody asks; `None` when there is nothing.
    pub(crate) fn wakes_in(&self) -> Option<Duration> {
        let flush = self.unsynced_since.map(|since| self.options.flush_after.saturating_sub(since.elapsed()));
        let checkpoint = self.checkpointer.as_ref().and_then(Checkpointer::due_in);
        flush.into_iter().chain(checkpoint).min()
    }

    /// Does it.
    pub(crate) fn wake(&mut self) {
        self.sync_now();
        self.tend_checkpoints();
    }

    /// Writes a batch with one write and, when any of it must be durable, one sync; then tells each caller.
    pub(crate) fn write_batch(&mut self, items: impl Iterator<Item = Item>) {
        let mut durable = false;
        let mut failed: Option<AppendError> = self.status.refusal();
        for item in items {
            durable |= item.durability == Durability::Durable;
            if let Some(error) = &failed {
                call(item.done, Err(error.clone()));
                continue;
            }
            if item.room > 0
                && let Err(failure) = self.make_room(item.room)
            {
                failed = Some(self.fail(&failure));
                call(item.done, Err(failure.error()));
                continue;
            }
            self.take(&item.prepared, item.durability == Durability::Durable, item.done);
        }
        if failed.is_some() {
            return;
        }
        let late = self.unsynced_since.is_some_and(|since| since.elapsed() >= self.options.flush_after);
        let much = self.unsynced.len() + self.batch.bytes().len() > MAX_UNSYNCED;
        let written = self.flush().and_then(|()| if durable || late || much { self.sync() } else { Ok(()) });
        match written {
            Ok(()) => {
                self.acknowledge();
                if let Err(failure) = self.key_follows() {
                    self.fail(&failure);
                }
                self.tend_checkpoints();
            }
            Err(failure) => {
                self.fail(&failure);
            }
        }
    }

    /// Puts everything acknowledged on disk. False when that failed.
    pub(crate) fn sync_now(&mut self) -> bool {
        if !self.healthy {
            return false;
        }
        if self.durable == self.acknowledged {
            return true;
        }
        match self.sync().and_then(|()| self.key_follows()) {
            Ok(()) => true,
            Err(failure) => {
                self.fail(&failure);
                false
            }
        }
    }

    /// Ends cleanly: everything on disk, no room left over.
    pub(crate) fn close(&mut self) {
        if !self.healthy {
            self.heal();
        }
        self.wake();
        if self.healthy && self.checkpointer.as_ref().is_some_and(Checkpointer::is_behind) {
            self.checkpoint();
        }
        self.wake();
        if self.sync_now()
            && let Some(segment) = &mut self.segment
        {
            // The room behind the last record is zeros; a ledger is as well ended with as without it.
            let _ = segment.seal();
        }
    }

    /// Adds a record to the batch; its caller may want to name it by its digest.
    fn take(&mut self, prepared: &Prepared, named: bool, done: Done) {
        let seq = self.head.seq.saturating_add(self.batch.len() as u64).saturating_add(1);
        self.batch.push(prepared, seq, self.durable.seq, named, done);
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.push(self.header);
        }
    }

    /// Chains the batch and writes it. What it holds then is acknowledged, or given up, before anything is added to it.
    fn flush(&mut self) -> Result<(), Failure> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let Some(segment) = &mut self.segment else {
            return Err(Failure { code: "ledger_write_failed", detail: "no segment is open".into() });
        };
        let mac = self.batch.seal(&self.chain, self.head.mac);
        segment
            .write(self.batch.bytes())
            .map_err(|error| Failure::new("writing records", "ledger_write_failed", &error))?;
        self.head = Head { seq: self.head.seq.saturating_add(self.batch.len() as u64), mac };
        Ok(())
    }

    /// Puts on disk what was written. The batch must have been flushed.
    fn sync(&mut self) -> Result<(), Failure> {
        let Some(segment) = &mut self.segment else {
            return Err(Failure { code: "ledger_sync_failed", detail: "no segment is open".into() });
        };
        segment.sync().map_err(|error| Failure::new("syncing records", "ledger_sync_failed", &error))?;
        self.status.syncs.fetch_add(1, Ordering::Relaxed);
        self.durable = self.head;
        self.status.set_head(self.durable);
        self.status.tell_durable(self.durable.seq);
        self.acknowledged = self.head;
        self.unsynced.clear();
        self.unsynced_since = None;
        Ok(())
    }

    /// Tells the callers of the batch that their records are in.
    fn acknowledge(&mut self) {
        let bytes = self.batch.bytes();
        if self.durable != self.head {
            self.unsynced.extend_from_slice(bytes);
            self.unsynced_since.get_or_insert_with(Instant::now);
        }
        self.acknowledged = self.head;
        self.status.records.fetch_add(self.batch.len() as u64, Ordering::Relaxed);
        self.status.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        for (appended, done) in self.batch.acknowledged() {
            call(done, Ok(appended));
        }
        let leaves = self.batch.take_leaves();
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.acknowledge(leaves);
        }
    }

    /// Gives the batch up. First the ledger is unhealthy, then the callers learn it.
    fn fail(&mut self, failure: &Failure) -> AppendError {
        self.healthy = false;
        self.status.set_unhealthy(failure.code, Arc::clone(&failure.detail));
        self.head = self.acknowledged;
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.roll_back();
        }
        for done in self.batch.give_up() {
            call(done, Err(failure.error()));
        }
        failure.error()
    }
}

/// A caller's panic is the caller's: it must not take the ledger down.
fn call(done: Done, result: Result<Appended, AppendError>) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| done(result)));
}

#[cfg(test)]
mod tests;
