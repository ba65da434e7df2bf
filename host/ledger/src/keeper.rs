//! Looks after finished segments, on a thread of its own: packs them, hands copies over, lets the oldest go.
//!
//! Nothing is removed before the ledger says so itself, in a RETENTION record that a published checkpoint covers, so that whoever
//! verifies what is left finds why it begins where it does. After a restart the rule is asked anew: a record that says the same
//! once more does no harm.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::body::Retention;
use crate::chain_state;
use crate::checkpoint::SignedCheckpoint;
use crate::chore::{Backoff, Stop};
use crate::directory::{self, SegmentName};
use crate::envelope::Envelope;
use crate::error::AppendError;
use crate::header::Header;
use crate::keeping::{Keeping, Notice};
use crate::ledger::Appended;
use crate::packed::{self, PIECE};
use crate::reader::created_ms;
use crate::record::Draft;
use crate::segment_reader::{Next, SegmentReader};
use crate::status::Status;
use crate::storage::{self, Storage};
use crate::words::Kind;

/// Which segments were handed over: the position of the first record that was not.
pub(crate) const SHIPPED: &str = "shipped";
/// Segments that are never let go, so that a start finds what it looks through.
const ALWAYS_KEPT: usize = 2;

/// Appends a record durably.
pub(crate) type Append = Box<dyn Fn(Draft) -> Result<Appended, AppendError> + Send>;

pub(crate) struct Keeper {
    dir: PathBuf,
    keeping: Keeping,
    storage: Arc<dyn Storage>,
    status: Arc<Status>,
    append: Append,
    always_kept: usize,
    /// Position of the first record that was not handed over.
    unshipped: u64,
    /// The RETENTION record that waits to be covered: its position, and the last record it lets go.
    said: Option<(u64, u64)>,
    tries: [Try; 3],
}

/// One of the three tasks: when it may be tried again.
struct Try {
    backoff: Backoff,
    not_before: Option<Instant>,
}

type Done = Result<(), String>;
type Task = fn(&mut Keeper, &Stop) -> Done;

fn words(error: io::Error) -> String {
    error.to_string()
}

impl Keeper {
    pub(crate) fn new(
        dir: PathBuf,
        keeping: Keeping,
        storage: Arc<dyn Storage>,
        status: Arc<Status>,
        recovery_segments: usize,
        append: Append,
    ) -> Self {
        let unshipped = load(&dir);
        let tries = [(); 3].map(|()| Try { backoff: Backoff::new(keeping.every), not_before: None });
        let always_kept = recovery_segments.max(ALWAYS_KEPT);
        Self { dir, keeping, storage, status, append, always_kept, unshipped, said: None, tries }
    }

    /// Does what there is to do.
    pub(crate) fn work(&mut self, stop: &Stop) {
        let tasks: [(&'static str, Task); 3] =
            [("pack", Self::pack_all), ("ship", Self::ship_all), ("retain", Self::retain)];
        for (index, (task, run)) in tasks.into_iter().enumerate() {
            let waits = |one: &Try| one.not_before.is_some_and(|until| Instant::now() < until);
            if stop.is_set() || self.tries.get(index).is_some_and(waits) {
                continue;
            }
            let done = run(self, stop);
            let Some(one) = self.tries.get_mut(index) else { continue };
            match done {
                Ok(()) => {
                    one.backoff.worked();
                    one.not_before = None;
                }
                // What the end interrupted did not fail.
                Err(_) if stop.is_set() => {}
                Err(detail) => {
                    let again = one.backoff.failed();
                    one.not_before = Some(Instant::now() + again);
                    let counters =
                        [&self.status.pack_failures, &self.status.ship_failures, &self.status.retain_failures];
                    if let Some(counter) = counters.get(index) {
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                    self.keeping.notices.notice(&Notice::Failed { task, detail, again });
                }
            }
        }
    }

    /// All segments. Those before the last are finished: nobody writes them any more.
    fn segments(&self) -> Result<Vec<SegmentName>, String> {
        Ok(directory::list(&self.dir).map_err(words)?.segments)
    }

    fn finished(&self) -> Result<Vec<SegmentName>, String> {
        let mut segments = self.segments()?;
        segments.pop();
        Ok(segments)
    }

    fn pack_all(&mut self, stop: &Stop) -> Done {
        if !self.keeping.pack {
            return Ok(());
        }
        for twin in directory::list(&self.dir).map_err(words)?.twins {
            // The one that was written counts; this one may be anything.
            self.storage.remove(&twin).map_err(words)?;
        }
        for name in self.finished()?.into_iter().filter(|name| !name.packed) {
            if stop.is_set() {
                return Ok(());
            }
            let packed = self.pack(&name, stop);
            let (from, to) = packed.map_err(|error| format!("{}: {error}", name.name))?;
            self.status.packed.fetch_add(1, Ordering::Relaxed);
            let segment = file_name(&directory::packed_path(&name.path));
            self.keeping.notices.notice(&Notice::Packed { segment, from, to });
        }
        Ok(())
    }

    /// Packs one, looks that it unpacks to the same, and only then removes it as it was written.
    fn pack(&self, name: &SegmentName, stop: &Stop) -> io::Result<(u64, u64)> {
        let target = directory::packed_path(&name.path);
        let temporary = target.with_extension("zst.tmp");
        match self.storage.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let made = self.fill(&name.path, &temporary, stop).and_then(|sizes| {
            self.storage.rename(&temporary, &target)?;
            self.storage.sync_dir(&self.dir)?;
            self.storage.remove(&name.path)?;
            self.storage.sync_dir(&self.dir)?;
            Ok(sizes)
        });
        if made.is_err() {
            let _ = self.storage.remove(&temporary);
        }
        made
    }

    fn fill(&self, from: &Path, to: &Path, stop: &Stop) -> io::Result<(u64, u64)> {
        let mut file = self.storage.create(to)?;
        let (mut read, mut wrote) = (0, 0);
        self.pieces(from, |piece| {
            if stop.is_set() {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "the gate ends"));
            }
            let frame = packed::pack(piece)?;
            file.write_all_at(&frame, wrote)?;
            read += piece.len() as u64;
            wrote += frame.len() as u64;
            Ok(())
        })?;
        file.sync_data()?;
        let mut unpacker = packed::Unpacker::new(self.storage.reading(to, fs::File::open(to)?));
        let mut at = 0;
        self.pieces(from, |piece| {
            let unpacked = unpacker.piece_at(at)?;
            at += unpacked.len() as u64;
            match unpacked == piece {
                true => Ok(()),
                false => Err(io::Error::other("what was packed does not unpack to the same")),
            }
        })?;
        Ok((read, wrote))
    }

    /// Tells a file in pieces, all but the last of the same length; none of it is left out.
    fn pieces(&self, path: &Path, mut tell: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        let file = self.storage.reading(path, file);
        let (mut piece, mut at) = (vec![0; PIECE], 0);
        loop {
            let read = storage::fill(&*file, &mut piece, at)?;
            if read == 0 {
                break;
            }
            at += read as u64;
            tell(piece.get(..read).unwrap_or_default())?;
        }
        if at == length {
            return Ok(());
        }
        let what = format!("reading at offset {at}: the file has {length} bytes, and none came");
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, what))
    }

    fn ship_all(&mut self, stop: &Stop) -> Done {
        let Some(ship) = self.keeping.ship.clone() else { return Ok(()) };
        let segments = self.segments()?;
        let mut waiting: Vec<_> =
            segments.windows(2).filter(|pair| pair.iter().all(|name| name.first_seq >= self.unshipped)).collect();
        self.status.unshipped.store(waiting.len() as u64, Ordering::Relaxed);
        for pair in waiting.drain(..) {
            let [name, next] = pair else { continue };
            if stop.is_set() {
                return Ok(());
            }
            ship.file(&name.path, stop).map_err(|error| format!("{}: {error}", name.name))?;
            save(&self.storage, &self.dir, next.first_seq).map_err(words)?;
            self.unshipped = next.first_seq;
            self.status.shipped.fetch_add(1, Ordering::Relaxed);
            self.status.unshipped.fetch_sub(1, Ordering::Relaxed);
            self.keeping.notices.notice(&Notice::Shipped { segment: name.name.clone() });
        }
        Ok(())
    }

    fn retain(&mut self, _: &Stop) -> Done {
        if !self.keeping.lets_go() {
            return Ok(());
        }
        match self.said {
            None => self.say(),
            Some((seq, through)) if self.covered() >= seq => {
                self.remove(through)?;
                self.said = None;
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    /// Up to which record the newest checkpoint goes.
    fn covered(&self) -> u64 {
        let note = self.status.checkpoint();
        note.and_then(|note| note.parse::<SignedCheckpoint>().ok()).map_or(0, |signed| signed.checkpoint.size)
    }

    /// Asks the rule, and records what it lets go.
    fn say(&mut self) -> Done {
        let segments = self.segments()?;
        let sizes: Vec<u64> =
            segments.iter().map(|name| fs::metadata(&name.path).map_or(0, |stat| stat.len())).collect();
        let mut left: u64 = sizes.iter().sum();
        let now = crate::now_ms();
        let (mut count, mut rule) = (0, ("", 0));
        for (index, pair) in segments.windows(2).enumerate() {
            let [_, next] = pair else { break };
            let shipped = self.keeping.ship.is_none() || next.first_seq <= self.unshipped;
            if !shipped || segments.len() - index <= self.always_kept {
                break;
            }
            // All of its records are older than the segment after it.
            let old = self
                .keeping
                .max_age
                .map(millis)
                .filter(|age| created_ms(next).is_some_and(|created| now.saturating_sub(created) > *age));
            let large = self.keeping.max_bytes.filter(|bytes| left > *bytes);
            rule = match (old, large) {
                (Some(age), _) => ("age", age),
                (None, Some(bytes)) => ("size", bytes),
                (None, None) => break,
            };
            left = left.saturating_sub(sizes.get(index).copied().unwrap_or_default());
            count = index + 1;
        }
        // The tree goes on only from a segment that says how it looks there.
        let first = (1..=count).rev().find_map(|at| segments.get(at).and_then(|name| Some((at, begins_whole(name)?))));
        let Some((count, header)) = first else { return Ok(()) };
        let through = header.first_seq.saturating_sub(1);
        let retention = Retention {
            through,
            mac: header.previous,
            until_ms: header.created_ms,
            segments: count as u64,
            bytes: sizes.iter().take(count).sum(),
            rule: rule.0.to_owned(),
            bound: rule.1,
            shipped: self.keeping.ship.is_some(),
        };
        let appended = (self.append)(Draft::new("", retention)).map_err(|error| error.to_string())?;
        self.said = Some((appended.seq, through));
        Ok(())
    }

    /// Removes the segments up to a record, the oldest first: what is there is at any moment the end of the ledger.
    fn remove(&mut self, through: u64) -> Done {
        let segments = self.segments()?;
        let mut removed = 0;
        for pair in segments.windows(2) {
            let [name, next] = pair else { continue };
            if next.first_seq > through.saturating_add(1) {
                break;
            }
            let failed = |error| format!("{}: {error}", name.name);
            if !name.packed {
                // Left by packing that was interrupted; it would take this one's place.
                match self.storage.remove(&directory::packed_path(&name.path)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                    _ => {}
                }
            }
            self.storage.remove(&name.path).map_err(failed)?;
            self.storage.sync_dir(&self.dir).map_err(words)?;
            removed += 1;
            self.status.let_go.fetch_add(1, Ordering::Relaxed);
        }
        self.keeping.notices.notice(&Notice::LetGo { through, segments: removed });
        Ok(())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The header of a segment that begins with a CHECKPOINT record.
fn begins_whole(name: &SegmentName) -> Option<Header> {
    let mut reader = SegmentReader::open(&storage::Disk, name).ok()?;
    let header = Header::decode(&reader.header().ok()??).ok()?;
    let Ok(Next::Entry(entry)) = reader.next() else { return None };
    Envelope::decode(entry.payload).is_ok_and(|envelope| envelope.kind == Kind::Checkpoint).then_some(header)
}

/// What was handed over before; a file that cannot be read means nothing was: handing over once more does no harm.
fn load(dir: &Path) -> u64 {
    let text = fs::read_to_string(dir.join(SHIPPED)).unwrap_or_default();
    text.lines().find(|line| !line.starts_with('#')).and_then(|line| line.trim().parse().ok()).unwrap_or(1)
}

fn save(storage: &Arc<dyn Storage>, dir: &Path, next: u64) -> io::Result<()> {
    let text =
        format!("# witgate ledger: segments before the one that begins with this record were handed over\n{next}\n");
    chain_state::replace(storage, dir, SHIPPED, text.as_bytes(), true)
}

#[cfg(test)]
mod tests;
