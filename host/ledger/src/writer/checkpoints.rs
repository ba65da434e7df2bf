//! When the writer makes checkpoints, and publishes them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Writer;
use crate::chain_state;
use crate::checkpointer;
use crate::record::{Draft, Prepared};

impl Writer {
    /// Writes a CHECKPOINT record when one is due, and publishes the one that became durable.
    pub(super) fn tend_checkpoints(&mut self) {
        let Some(checkpointer) = &mut self.checkpointer else { return };
        if !self.healthy || self.durable != self.head {
            return;
        }
        if let Some(note) = checkpointer.to_publish() {
            let replaced =
                chain_state::replace(&self.options.storage, &self.dir, checkpointer::FILE, note.as_bytes(), false);
            // The statement is true whether or not the file could be written; that is tried again with the next sync.
            self.status.set_checkpoint(note.into());
            match replaced {
                Ok(()) => {
                    checkpointer.published();
                    self.status.checkpoints.fetch_add(1, Ordering::Relaxed);
                }
                Err(_) => drop(self.status.checkpoint_failures.fetch_add(1, Ordering::Relaxed)),
            }
        }
        if checkpointer.due_in() == Some(Duration::ZERO) {
            self.checkpoint();
        }
    }

    /// Writes a CHECKPOINT record over all before it, which are on disk. It gets there with the next sync.
    pub(super) fn checkpoint(&mut self) {
        self.take_checkpoint();
        match self.flush() {
            Ok(()) => self.acknowledge(),
            Err(failure) => drop(self.fail(&failure)),
        }
    }

    /// Adds a CHECKPOINT record to the batch; everything before it must be on disk.
    pub(super) fn take_checkpoint(&mut self) {
        let Some(checkpointer) = &mut self.checkpointer else { return };
        // Signed text, a few keys and at most 64 hashes: it always fits.
        if let Ok(prepared) = Prepared::new(&Draft::new("", checkpointer.record())) {
            self.take(&prepared, false, Box::new(|_| {}));
        }
    }
}
