//! Hands each newest checkpoint to a witness, on a thread of its own: what is kept elsewhere shows a cut tail and a fork.
//!
//! A checkpoint says all that those before it said, so a witness that was away gets the newest and misses nothing.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::chain_state;
use crate::checkpoint::SignedCheckpoint;
use crate::chore::{Backoff, Stop};
use crate::keeping::{HandOver, Keeping, Notice};
use crate::status::Status;
use crate::storage::Storage;

/// How long the last one may take while the gate ends.
const AT_THE_END: Duration = Duration::from_secs(5);
/// The folder in the ledger's directory that holds what is being handed over.
pub(crate) const FOLDER: &str = "witness";

pub(crate) struct Witness {
    folder: PathBuf,
    keeping: Keeping,
    to: HandOver,
    storage: Arc<dyn Storage>,
    status: Arc<Status>,
    /// Size of the last one that was handed over.
    last: Option<u64>,
    backoff: Backoff,
    not_before: Option<Instant>,
}

impl Witness {
    pub(crate) fn new(
        dir: PathBuf,
        keeping: Keeping,
        to: HandOver,
        storage: Arc<dyn Storage>,
        status: Arc<Status>,
    ) -> Self {
        let backoff = Backoff::new(keeping.every);
        Self { folder: dir.join(FOLDER), keeping, to, storage, status, last: None, backoff, not_before: None }
    }

    pub(crate) fn work(&mut self, stop: &Stop) {
        if self.not_before.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let Some(note) = self.status.checkpoint() else { return };
        let Ok(signed) = note.parse::<SignedCheckpoint>() else { return };
        let size = signed.checkpoint.size;
        if self.last == Some(size) {
            return;
        }
        match self.hand_over(size, &note, stop) {
            Ok(()) => {
                self.last = Some(size);
                self.status.witnessed.fetch_add(1, Ordering::Relaxed);
                self.backoff.worked();
                self.not_before = None;
            }
            Err(_) if stop.is_set() => {}
            Err(detail) => {
                let again = self.backoff.failed();
                self.not_before = Some(Instant::now() + again);
                self.status.witness_failures.fetch_add(1, Ordering::Relaxed);
                self.keeping.notices.notice(&Notice::Failed { task: "witness", detail, again });
            }
        }
    }

    /// The writer has ended: its last checkpoint, within a bounded time.
    pub(crate) fn last(&mut self) {
        self.to.timeout = self.to.timeout.min(AT_THE_END);
        self.not_before = None;
        self.work(&Stop::default());
    }

    /// Under a name that sorts by size: `checkpoint-LEDGER-SIZE`.
    fn hand_over(&self, size: u64, note: &str, stop: &Stop) -> Result<(), String> {
        let ledger = note.lines().next().and_then(|origin| origin.rsplit('/').next()).unwrap_or_default();
        let name = format!("checkpoint-{ledger}-{size:016}");
        let io = |error: io::Error| error.to_string();
        match std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
            _ => {}
        }
        chain_state::replace(&self.storage, &self.folder, &name, note.as_bytes(), false).map_err(io)?;
        let path = self.folder.join(&name);
        let done = self.to.file(&path, stop);
        let _ = self.storage.remove(&path);
        done
    }
}
