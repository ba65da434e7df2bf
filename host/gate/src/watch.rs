//! Sees that the policy directory or the configuration changed.
//!
//! Events only say "look again": what is built is what is read after the changes have settled. So a burst of a thousand
//! writes is one build, and an editor's rename, a deletion and Kubernetes' `..data` swap are all the same thing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::config::Watched;

/// Quiet time after the last event before anything is read.
const SETTLE: Duration = Duration::from_millis(150);
/// A stream of events that never settles is not waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watches folders; [`Watch::changed`] answers once for each burst of changes.
#[derive(Debug)]
pub(crate) struct Watch {
    event: Arc<Notify>,
    _watcher: RecommendedWatcher,
}

/// Which events matter.
#[derive(Debug)]
struct Ours {
    /// The names of the configuration and of the keys it trusts, and those of the files they are links to.
    names: Vec<OsString>,
    policies: Option<PathBuf>,
}

impl Ours {
    fn new(watched: &Watched) -> Self {
        let real = watched.files.iter().filter_map(|file| file.canonicalize().ok());
        let files = watched.files.iter().cloned().chain(real);
        let names = files.filter_map(|file| Some(file.file_name()?.to_owned())).collect();
        Self { names, policies: watched.directory.clone() }
    }

    /// Reading changes nothing. Neither does more text in a file that happens to lie beside the configuration: a log that
    /// is kept there grows with every exchange. Names that come and go always matter, since a swapped link is seen by them.
    fn matters(&self, event: &Event) -> bool {
        let own = |path: &PathBuf| {
            let named = path.file_name().is_some_and(|name| self.names.iter().any(|own| own == name));
            named || self.policies.as_ref().is_some_and(|policies| path.starts_with(policies))
        };
        match event.kind {
            EventKind::Access(_) => false,
            EventKind::Modify(ModifyKind::Data(_)) => {
                event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(own)
            }
            _ => true,
        }
    }
}

impl Watch {
    /// Watches the folders of the files (a file that is replaced is another file, so its folder tells) and the folder of
    /// plugins. A folder that is not there yet is seen by its parent.
    ///
    /// # Errors
    /// The system gives no watch.
    pub(crate) fn new(watched: &Watched) -> notify::Result<Self> {
        let event = Arc::new(Notify::new());
        let told = Arc::clone(&event);
        let ours = Ours::new(watched);
        let mut watcher = notify::recommended_watcher(move |seen: notify::Result<notify::Event>| {
            // What cannot be told may be anything, so it counts.
            if seen.as_ref().map_or(true, |event| ours.matters(event)) {
                told.notify_one();
            }
        })?;
        let policies = watched.directory.as_deref();
        let mut folders: Vec<PathBuf> = policies.map(Path::to_owned).into_iter().collect();
        // The directory itself may be swapped as well.
        folders.extend(policies.and_then(Path::parent).map(Path::to_owned));
        folders.extend(watched.files.iter().filter_map(|file| Some(file.parent()?.to_owned())));
        folders.sort();
        folders.dedup();
        for folder in folders.into_iter().filter(|f| f.is_dir()) {
            watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        }
        Ok(Self { event, _watcher: watcher })
    }

    /// Waits for a change, and then until the changes have settled.
    pub(crate) async fn changed(&self) {
        self.event.notified().await;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if tokio::time::timeout(SETTLE, self.event.notified()).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
