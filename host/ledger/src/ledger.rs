//! The handle to a ledger being written, and the thread behind it.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::body::{Execution, Recovery};
use crate::chain_state;
use crate::directory::{self, Lock};
use crate::error::{AppendError, OpenError};
use crate::fixed_bytes::{Digest, KeyBytes, LedgerId, Mac};
use crate::head::Head;
use crate::keys::{ChainKey, PublicKey};
use crate::options::Options;
use crate::ratchet::Ratchet;
use crate::record::Draft;
use crate::recover::{self, Cut, Last};
use crate::segment_writer::SegmentWriter;
use crate::status::{Health, Listener, Stats, Status};
use crate::thread_ids::ThreadIds;
use crate::words::Outcome;
use crate::writer::{Done, Start, Writer};

use chores::Chores;
use queue::{Message, Queue};

mod chores;
mod queue;

/// What a record must have survived before its caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A sync: it is there after a power cut.
    Durable,
    /// A write: it is there after the process is killed, and after a power cut once [`Options::flush_after`] is over.
    Buffered,
}

/// A record's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its position.
    pub seq: u64,
    /// Its MAC.
    pub mac: Mac,
    /// When the writer took it, in milliseconds since 1970.
    pub time_ms: u64,
    /// Its digest, which names it for ever: its leaf in the tree. Of durable records alone; nobody names the others at once.
    pub digest: Option<Digest>,
}

/// What was found when the ledger was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The ledger's random name.
    pub ledger: LedgerId,
    /// Whether there was none and it was made now.
    pub created: bool,
    /// The last record, before any that the recovery itself added.
    pub head: Head,
    /// Bytes that were cut because a write had been interrupted.
    pub cut: Option<Cut>,
    /// Exchanges that had no end and were closed as aborted.
    pub aborted: Vec<Unended>,
}

/// An exchange that had no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unended {
    /// The exchange.
    pub exchange: String,
    /// The names its client gave it, which its end has, too.
    pub ids: ThreadIds,
}

struct Inner {
    chores: Mutex<Chores>,
    queue: Option<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
    status: Arc<Status>,
    ledger: LedgerId,
    keys: Vec<KeyBytes>,
}

/// A ledger open for writing. Cloned freely; when the last clone is dropped everything is written and the files are closed.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

impl Ledger {
    /// Opens the ledger in `dir`, or begins one when there is none. `key` is the ledger's first chain key.
    ///
    /// Cuts what an interrupted write left, closes exchanges that never ended as aborted, and records both. Blocks for
    /// as long as it takes to read the last [`Options::recovery_segments`].
    ///
    /// # Errors
    /// When another writer has it, a record in the middle does not fit, the key is another, or others could change the files.
    pub fn open(dir: &Path, key: &ChainKey, options: Options) -> Result<(Self, Recovered), OpenError> {
        Self::open_with(dir, Some(key), options)
    }

    /// Opens a ledger that is there with the key in force that is kept beside its segments. The first key need not be on the
    /// machine, and with it gone, nobody there can rewrite what came before.
    ///
    /// # Errors
    /// As [`Ledger::open`], and when there is no ledger yet, or it keeps no key because an older version wrote it.
    pub fn reopen(dir: &Path, options: Options) -> Result<(Self, Recovered), OpenError> {
        Self::open_with(dir, None, options)
    }

    fn open_with(dir: &Path, key: Option<&ChainKey>, options: Options) -> Result<(Self, Recovered), OpenError> {
        options.check()?;
        directory::prepare(dir)?;
        let lock = Lock::take(dir)?;
        let io = |source| OpenError::Io { path: dir.to_owned(), source };
        let kept = chain_state::load(dir)?;
        let saved_step = kept.as_ref().map(|kept| kept.step);
        let end = recover::find_end(dir, key, kept, &options)?;
        let created = end.is_none();
        let mut recovered =
            Recovered { ledger: LedgerId::default(), created, head: Head::default(), cut: None, aborted: Vec::new() };
        let (mut segment, mut ratchet, mut signed) = (None, key.map(Ratchet::first), None);
        if let Some(end) = end {
            let Last { path, offset, header } = end.last;
            let resumed =
                SegmentWriter::resume(&options.storage, &path, offset, options.segment_limit()).map_err(io)?;
            segment = Some((resumed, header));
            recovered = Recovered { ledger: end.ledger, created, head: end.head, cut: end.cut, aborted: end.open };
            (ratchet, signed) = (Some(end.ratchet), end.signed);
        } else {
            getrandom::fill(&mut recovered.ledger.0).map_err(|error| io(std::io::Error::other(error)))?;
        }
        let Some(ratchet) = ratchet else { return Err(OpenError::NoKey { dir: dir.to_owned() }) };
        let (ledger, head) = (recovered.ledger, recovered.head);
        let checkpointer = match options.checkpoints.clone() {
            Some(settings) => Some(recover::checkpointer(dir, settings, ledger, signed.unwrap_or_default())?),
            None => None,
        };
        let published = checkpointer.as_ref().and_then(|(_, note)| note.clone());
        let checkpointer = checkpointer.map(|(checkpointer, _)| checkpointer);
        let (sender, receiver) = sync_channel(options.queue_records);
        let queue_bytes = options.queue_bytes;
        let (keeping, storage) = (options.keeping.clone(), Arc::clone(&options.storage));
        let recovery_segments = options.recovery_segments;
        let start = Start { dir: dir.to_owned(), ledger, head, ratchet, saved_step, segment, checkpointer };
        let mut writer = Writer::new(start, options);
        if let Some(note) = published {
            writer.status.set_checkpoint(note);
        }
        writer.begin().map_err(io)?;
        let keys = writer.signing_keys();
        let status = Arc::clone(&writer.status);
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                queue::run(&mut writer, &receiver);
                drop(lock);
            })
            .map_err(io)?;
        let queue = Queue { sender, status: Arc::clone(&status), bytes: queue_bytes };
        let chores = chores::start(dir, &keeping, &storage, recovery_segments, &queue).map_err(io)?;
        let inner = Inner {
            chores: Mutex::new(chores),
            queue: Some(queue),
            thread: Mutex::new(Some(thread)),
            status,
            ledger: recovered.ledger,
            keys,
        };
        let ledger = Self { inner: Arc::new(inner) };
        ledger.record_recovery(&recovered).map_err(OpenError::Append)?;
        Ok((ledger, recovered))
    }

    fn record_recovery(&self, recovered: &Recovered) -> Result<(), AppendError> {
        let Recovered { cut, aborted, .. } = recovered;
        if cut.is_none() && aborted.is_empty() {
            return Ok(());
        }
        let recovery = Recovery {
            reason: if cut.is_some() { "torn_tail" } else { "open_exchanges" }.to_owned(),
            segment: cut.as_ref().map(|cut| cut.segment.clone()),
            at_offset: cut.as_ref().map_or(0, |cut| cut.at_offset),
            truncated_bytes: cut.as_ref().map_or(0, |cut| cut.bytes),
            aborted: aborted.len() as u64,
        };
        self.append_wait(Draft::new("", recovery), Durability::Durable)?;
        for Unended { exchange, ids } in aborted {
            let execution = Execution {
                outcome: Outcome::Aborted,
                code: Some(Execution::RECOVERED.to_owned()),
                ..Execution::default()
            };
            let draft = Draft { attributes: ids.attributes(), ..Draft::new(exchange.as_str(), execution) };
            self.append_wait(draft, Durability::Buffered)?;
        }
        self.flush()
    }

    /// Appends a record. `done` is called exactly once: on this thread when the record is refused at once, else on the
    /// writer's, where it must not block and must not wait for the ledger. Never blocks.
    pub fn append(
        &self,
        draft: Draft,
        durability: Durability,
        done: impl FnOnce(Result<Appended, AppendError>) + Send + 'static,
    ) {
        self.append_after(&[], &draft, durability, done);
    }

    /// Appends records that belong together, `draft` as the last; all of them are taken, or none. `done` is told of the last
    /// one, and what is true of it is true of those before it. One call in place of several wakes the writer once.
    pub fn append_after(
        &self,
        before: &[Draft],
        draft: &Draft,
        durability: Durability,
        done: impl FnOnce(Result<Appended, AppendError>) + Send + 'static,
    ) {
        let done: Done = Box::new(done);
        let put = match &self.inner.queue {
            Some(queue) => queue.put(before, draft, durability, done),
            None => Err((AppendError::Closed, done)),
        };
        if let Err((error, done)) = put {
            done(Err(error));
        }
    }

    /// Appends a record and waits for its fate. Not from within a `done`, nor on a thread that must not block.
    ///
    /// # Errors
    /// When the record was not taken.
    pub fn append_wait(&self, draft: Draft, durability: Durability) -> Result<Appended, AppendError> {
        let (sender, receiver) = sync_channel(1);
        self.append(draft, durability, move |result| {
            // The receiver waits below, so there is somebody to tell.
            let _ = sender.send(result);
        });
        receiver.recv().unwrap_or(Err(AppendError::Closed))
    }

    /// Waits until all that was acknowledged is on disk.
    ///
    /// # Errors
    /// When that failed, or the ledger is unhealthy.
    pub fn flush(&self) -> Result<(), AppendError> {
        let (sender, receiver) = sync_channel(1);
        let queue = self.inner.queue.as_ref().ok_or(AppendError::Closed)?;
        queue.sender.send(Message::Flush(sender)).map_err(|_| AppendError::Closed)?;
        match receiver.recv() {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.inner.status.refusal().unwrap_or(AppendError::Closed)),
            Err(_) => Err(AppendError::Closed),
        }
    }

    /// Has `listener` told, after each sync, the position of the last record that is on disk. It runs on the writer's thread: it
    /// must not block, nor wait for the ledger. False when there is one already.
    pub fn on_durable(&self, listener: impl Fn(u64) + Send + Sync + 'static) -> bool {
        self.inner.status.listener.set(Listener(Box::new(listener))).is_ok()
    }

    /// The last record that is on disk.
    #[must_use]
    pub fn head(&self) -> Head {
        self.inner.status.head()
    }

    /// Whether the ledger takes records.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner.status.health()
    }

    /// Counts since the ledger was opened.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.status.stats()
    }

    /// The newest checkpoint, as a C2SP signed note, over records that are on disk; `None` until there is one.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Arc<str>> {
        self.inner.status.checkpoint()
    }

    /// The public keys that signed this ledger's checkpoints, in order; the last one signs now.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<PublicKey> {
        self.inner.keys.iter().filter_map(|key| PublicKey::from_bytes(&key.0).ok()).collect()
    }

    /// The ledger's random name.
    #[must_use]
    pub fn id(&self) -> LedgerId {
        self.inner.ledger
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let on_writer = thread.as_ref().is_some_and(|thread| thread.thread().id() == thread::current().id());
        let Chores { keeper, witness, outsiders } =
            std::mem::take(&mut *self.chores.lock().unwrap_or_else(PoisonError::into_inner));
        match keeper {
            // It may wait for the writer, so the writer cannot wait for it.
            Some(keeper) if on_writer => keeper.let_run_out(),
            keeper => drop(keeper),
        }
        // The thread ends when nobody can send any more.
        self.queue = None;
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
        outsiders.tell();
        match witness {
            Some(witness) if on_writer => witness.let_run_out(),
            witness => drop(witness),
        }
        if on_writer { outsiders.let_run_out() } else { drop(outsiders) }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("id", &self.inner.ledger).field("head", &self.head()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
