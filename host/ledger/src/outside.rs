//! Others who vouch for checkpoints: a witness that cosigns them, an authority that stamps them with the time. How they are
//! asked is not said here, where there is no network; when, and where what they answer is kept, is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::chain_state;
use crate::checkpoint::SignedCheckpoint;
use crate::chore::{Backoff, Chore, Stop};
use crate::keeping::{Keeping, Notice};
use crate::note::NoteError;
use crate::status::Status;
use crate::storage::Storage;

/// How long the last question may take while the gate ends.
const AT_THE_END: Duration = Duration::from_secs(5);
/// The newest checkpoint that a witness cosigned, in the ledger's directory.
pub(crate) const WITNESSED: &str = "checkpoint.witnessed";
/// Where tokens over checkpoints are kept, in the ledger's directory.
const TIMESTAMPS: &str = "timestamps";

/// Somebody who vouches for checkpoints.
#[derive(Debug, Clone)]
pub struct Outside {
    /// What is asked for.
    pub wanted: Wanted,
    /// At most one question in so long a time; zero for each newest checkpoint.
    pub every: Duration,
    /// Asks.
    pub ask: Arc<dyn Ask>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A witness's signature. The newest checkpoint that has one is kept in the file `checkpoint.witnessed`.
    Cosignature,
    /// A time-stamp token (RFC 3161). Each is kept in the folder `timestamps`, beside the checkpoint it is over.
    Timestamp,
}

impl Wanted {
    /// Its name in notices and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosignature => "cosign",
            Self::Timestamp => "timestamp",
        }
    }
}

/// One question.
pub struct Asking<'a> {
    /// The ledger's directory, for proofs.
    pub ledger: &'a Path,
    /// The checkpoint.
    pub signed: &'a SignedCheckpoint,
    /// No longer than this.
    pub within: Duration,
    /// Says whether to give up at once.
    pub stopped: &'a dyn Fn() -> bool,
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking").field("signed", &self.signed.checkpoint).finish_non_exhaustive()
    }
}

/// Asks somebody outside, on a thread where it may block.
pub trait Ask: Send + Sync + std::fmt::Debug {
    /// Gives what is to be kept: the checkpoint with its cosignature, or the token.
    ///
    /// # Errors
    /// Why there is none, in words; it is asked again later.
    fn ask(&self, asking: &Asking<'_>) -> Result<Vec<u8>, String>;
}

/// The newest checkpoint that the witness cosigned, as it was kept in the ledger's directory; `None` when there is none.
#[must_use]
pub fn witnessed(dir: &Path) -> Option<SignedCheckpoint> {
    SignedCheckpoint::read(&dir.join(WITNESSED)).ok()??.ok()
}

/// The threads that ask. They end after the writer, whose last checkpoint they take along.
#[derive(Debug, Default)]
pub(crate) struct Outsiders(Vec<Chore>);

impl Outsiders {
    pub(crate) fn start(
        dir: &Path,
        keeping: &Keeping,
        storage: &Arc<dyn Storage>,
        status: &Arc<Status>,
    ) -> io::Result<Self> {
        let chores = keeping.outside.iter().map(|outside| {
            let name = format!("ledger-{}", outside.wanted.name());
            let asker = Asker {
                dir: dir.to_owned(),
                outside: outside.clone(),
                keeping: keeping.clone(),
                storage: Arc::clone(storage),
                status: Arc::clone(status),
                last: None,
                asked: None,
                backoff: Backoff::new(keeping.every),
                not_before: None,
            };
            Chore::start(&name, keeping.every, asker, Asker::work, Asker::last)
        });
        chores.collect::<io::Result<_>>().map(Self)
    }

    /// Tells all of them to end without waiting for that.
    pub(crate) fn let_run_out(self) {
        self.0.into_iter().for_each(Chore::let_run_out);
    }

    /// Tells all of them to end. They are waited for when this is dropped: no longer than for the slowest.
    pub(crate) fn tell(&self) {
        self.0.iter().for_each(Chore::tell);
    }
}

struct Asker {
    dir: PathBuf,
    outside: Outside,
    keeping: Keeping,
    storage: Arc<dyn Storage>,
    status: Arc<Status>,
    /// Size of the last checkpoint that was vouched for.
    last: Option<u64>,
    /// When that was.
    asked: Option<Instant>,
    backoff: Backoff,
    not_before: Option<Instant>,
}

impl Asker {
    fn work(&mut self, stop: &Stop) {
        let now = Instant::now();
        let too_soon = self.asked.is_some_and(|asked| now.duration_since(asked) < self.outside.every);
        if too_soon || self.not_before.is_some_and(|until| now < until) {
            return;
        }
        self.newest(Duration::MAX, stop);
    }

    /// The writer has ended: its last checkpoint, within a bounded time.
    fn last(&mut self) {
        self.newest(AT_THE_END, &Stop::default());
    }

    /// A checkpoint says all that those before it said, so only the newest is taken, however long nobody answered.
    fn newest(&mut self, within: Duration, stop: &Stop) {
        let Some(note) = self.status.checkpoint() else { return };
        let Ok(signed) = note.parse::<SignedCheckpoint>() else { return };
        let size = signed.checkpoint.size;
        if self.last == Some(size) || self.is_kept(&signed) {
            self.last = Some(size);
            return;
        }
        let stopped = || stop.is_set();
        let asking = Asking { ledger: &self.dir, signed: &signed, within, stopped: &stopped };
        let counts = self.status.outside(self.outside.wanted);
        let answered = self.outside.ask.ask(&asking);
        match answered.and_then(|answer| self.keep(&signed, &note, &answer).map_err(|error| error.to_string())) {
            Ok(()) => {
                (self.last, self.asked, self.not_before) = (Some(size), Some(Instant::now()), None);
                counts.done.fetch_add(1, Ordering::Relaxed);
                counts.records.store(size, Ordering::Relaxed);
                self.backoff.worked();
            }
            Err(_) if stop.is_set() => {}
            Err(detail) => {
                let again = self.backoff.failed();
                self.not_before = Some(Instant::now() + again);
                counts.failed.fetch_add(1, Ordering::Relaxed);
                let task = self.outside.wanted.name();
                self.keeping.notices.notice(&Notice::Failed { task, detail, again });
            }
        }
    }

    /// Whether this very checkpoint has a token already, from before a restart: an earlier time says more than a later one.
    fn is_kept(&self, signed: &SignedCheckpoint) -> bool {
        self.outside.wanted == Wanted::Timestamp && self.dir.join(TIMESTAMPS).join(name(signed, "tsr")).exists()
    }

    fn keep(&self, signed: &SignedCheckpoint, note: &str, answer: &[u8]) -> io::Result<()> {
        match self.outside.wanted {
            Wanted::Cosignature => chain_state::replace(&self.storage, &self.dir, WITNESSED, answer, true),
            Wanted::Timestamp => {
                let folder = self.dir.join(TIMESTAMPS);
                match std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(&folder) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => {}
                }
                // The token last: where it is, what it is over is, too.
                chain_state::replace(&self.storage, &folder, &name(signed, "note"), note.as_bytes(), false)?;
                chain_state::replace(&self.storage, &folder, &name(signed, "tsr"), answer, true)
            }
        }
    }
}

/// Names sort by size.
fn name(signed: &SignedCheckpoint, ending: &str) -> String {
    format!("checkpoint-{:016}.{ending}", signed.checkpoint.size)
}

/// The checkpoints that tokens were asked over, in order, with the path of each token. In place of a file that holds none, why.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn timestamps(dir: &Path) -> io::Result<Vec<(PathBuf, Result<SignedCheckpoint, NoteError>)>> {
    let folder = dir.join(TIMESTAMPS);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut tokens = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "tsr") {
            let over = path.with_extension("note");
            let note = SignedCheckpoint::read(&over)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", over.display())))?;
            tokens.push((path, note.unwrap_or(Err(NoteError("there is none")))));
        }
    }
    tokens.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(tokens)
}

#[cfg(test)]
mod tests;
