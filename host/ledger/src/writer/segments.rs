//! The segments of a writer: the next one when one is full, a fresh one when a disk failed.

use std::io;
use std::sync::atomic::Ordering;

use super::Writer;
use super::failure::Failure;
use crate::chain::Chain;
use crate::chain_state;
use crate::directory;
use crate::fixed_bytes::Digest;
use crate::header::Header;
use crate::segment_writer::SegmentWriter;
use crate::sha256::sha256;

impl Writer {
    /// Tries to write again after a failure. What the failed segment holds past its last sync is cut, never trusted; what
    /// was acknowledged since goes from memory into a fresh segment.
    pub(crate) fn heal(&mut self) {
        match self.start_afresh() {
            Ok(()) => {
                self.healthy = true;
                self.status.set_healthy();
            }
            Err(failure) => {
                self.fail(&failure);
            }
        }
    }

    fn start_afresh(&mut self) -> Result<(), Failure> {
        if let Some(segment) = &mut self.segment {
            // One without records is replaced by the next, which has its name: at no moment is the key in force without its segment.
            segment
                .cut_to_synced()
                .map_err(|error| Failure::new("cutting a failed segment", "ledger_write_failed", &error))?;
            self.segment = None;
        }
        let mut segment = self
            .create_segment()
            .map_err(|error| Failure::new("beginning a segment", "ledger_write_failed", &error))?;
        let moved = segment.write(&self.unsynced);
        self.segment = Some(segment);
        moved.map_err(|error| Failure::new("writing records", "ledger_write_failed", &error))?;
        self.head = self.acknowledged;
        if self.unsynced.is_empty() {
            // As in a segment that follows a full one; what it says covers the header of the failed one.
            self.take_checkpoint();
            self.flush()?;
        } else if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.moved(self.header);
        }
        self.sync()?;
        self.acknowledge();
        self.key_follows()
    }

    /// Goes on to the next segment when this one has no room for `more` bytes.
    pub(super) fn make_room(&mut self, more: usize) -> Result<(), Failure> {
        let Some(segment) = &self.segment else {
            return Err(Failure { code: "ledger_write_failed", detail: "no segment is open".into() });
        };
        if segment.has_room(self.batch.bytes().len(), more) {
            return Ok(());
        }
        self.flush()?;
        self.sync()?;
        self.acknowledge();
        self.key_follows()?;
        if let Some(segment) = &mut self.segment {
            segment.seal().map_err(|error| Failure::new("sealing a segment", "ledger_write_failed", &error))?;
        }
        // Sealed and durable: should the next step fail, nothing of it needs to be cut.
        self.segment = None;
        self.ratchet.advance();
        self.chain = Chain::new(&self.ratchet.key);
        self.segment = Some(
            self.create_segment()
                .map_err(|error| Failure::new("beginning a segment", "ledger_write_failed", &error))?,
        );
        self.take_checkpoint();
        Ok(())
    }

    /// The segment that follows the last durable record.
    pub(super) fn create_segment(&mut self) -> io::Result<SegmentWriter> {
        let first_seq = self.durable.seq.saturating_add(1);
        let header = Header {
            ledger: self.ledger,
            key: self.chain.key_id,
            first_seq,
            previous: self.durable.mac,
            created_ms: crate::now_ms(),
            step: self.ratchet.step,
        }
        .encode(&self.chain);
        let path = self.dir.join(directory::segment_name(first_seq));
        let segment = SegmentWriter::create(&self.options.storage, &path, &header, self.options.segment_limit())?;
        self.header = Digest(sha256(&[&header]));
        self.status.segments.fetch_add(1, Ordering::Relaxed);
        Ok(segment)
    }

    /// Lets the key before go once the CHECKPOINT record is on disk with which this segment begins. Until then a restart goes on
    /// from the CHECKPOINT record before it, and checks with that key what it signs anew.
    pub(super) fn key_follows(&mut self) -> Result<(), Failure> {
        if self.durable != self.head {
            return Ok(());
        }
        self.keep_key().map_err(|error| Failure::new("keeping the chain key", "ledger_write_failed", &error))
    }

    /// Replaces the key beside the segments by the one of the last segment, where it is an earlier one.
    pub(super) fn keep_key(&mut self) -> io::Result<()> {
        if self.saved_step != Some(self.ratchet.step) {
            chain_state::save(&self.options.storage, &self.dir, &self.ratchet)?;
            self.saved_step = Some(self.ratchet.step);
        }
        Ok(())
    }
}
