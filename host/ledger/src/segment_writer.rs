//! Writes one segment: reserved in advance and zeroed a little ahead, so that a sync writes data and no metadata.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::header::HEADER_LEN_U64;
use crate::storage::{SegmentFile, Storage};

/// How far ahead of the records the file is zeroed. Blocks that are reserved but never written change the file's
/// metadata when they first are, and a sync then waits for the file system's journal.
const ZERO_AHEAD: u64 = 256 << 10;

/// The segment being written.
pub(crate) struct SegmentWriter {
    file: Box<dyn SegmentFile>,
    /// Where the next entry goes.
    pub(crate) offset: u64,
    /// Up to here everything is on disk.
    pub(crate) synced: u64,
    /// Up to here the file was written at least once; `u64::MAX` when nothing is reserved.
    zeroed: u64,
    limit: u64,
    padded: Vec<u8>,
}

impl SegmentWriter {
    /// Makes a segment under a temporary name and gives it its own once header and name are durable, so that a
    /// segment with a torn header cannot exist.
    pub(crate) fn create(storage: &Arc<dyn Storage>, path: &Path, header: &[u8], limit: u64) -> io::Result<Self> {
        let temporary = path.with_extension("wgl.tmp");
        // Left by a try that failed; usually there is none.
        let _ = storage.remove(&temporary);
        let made = Self::fill(storage, &temporary, header, limit).and_then(|segment| {
            storage.rename(&temporary, path)?;
            storage.sync_dir(path.parent().unwrap_or(Path::new(".")))?;
            Ok(segment)
        });
        if made.is_err() {
            let _ = storage.remove(&temporary);
        }
        made
    }

    fn fill(storage: &Arc<dyn Storage>, temporary: &Path, header: &[u8], limit: u64) -> io::Result<Self> {
        let mut segment = Self::over(storage.create(temporary)?, 0, limit)?;
        segment.write(header)?;
        segment.sync()?;
        Ok(segment)
    }

    /// Goes on with a segment at `offset` and cuts what stands behind.
    pub(crate) fn resume(storage: &Arc<dyn Storage>, path: &Path, offset: u64, limit: u64) -> io::Result<Self> {
        let mut file = storage.open(path)?;
        file.truncate(offset)?;
        Self::over(file, offset, limit)
    }

    fn over(mut file: Box<dyn SegmentFile>, offset: u64, limit: u64) -> io::Result<Self> {
        let reserved = file.reserve(limit.max(offset))?;
        let zeroed = if reserved { offset } else { u64::MAX };
        Ok(Self { file, offset, synced: offset, zeroed, limit, padded: Vec::new() })
    }

    /// Whether `more` bytes still belong into this segment, behind `waiting` ones. The first record always does.
    pub(crate) fn has_room(&self, waiting: usize, more: usize) -> bool {
        let end = self.offset.saturating_add(waiting as u64);
        end <= HEADER_LEN_U64 || end.saturating_add(more as u64) <= self.limit
    }

    /// Whether it has no record yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.offset <= HEADER_LEN_U64
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.offset.saturating_add(bytes.len() as u64);
        if end > self.zeroed && end < self.limit {
            let ahead = end.saturating_add(ZERO_AHEAD).min(self.limit);
            self.padded.clear();
            self.padded.extend_from_slice(bytes);
            self.padded.resize(usize::try_from(ahead - self.offset).unwrap_or(bytes.len()), 0);
            self.file.write_all_at(&self.padded, self.offset)?;
            self.zeroed = ahead;
        } else {
            self.file.write_all_at(bytes, self.offset)?;
        }
        self.offset = end;
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.synced = self.offset;
        Ok(())
    }

    /// Gives back the room that was reserved and not used.
    pub(crate) fn seal(&mut self) -> io::Result<()> {
        self.file.truncate(self.offset)
    }

    /// Cuts whatever came after the last successful sync.
    pub(crate) fn cut_to_synced(&mut self) -> io::Result<()> {
        self.file.truncate(self.synced)
    }
}
