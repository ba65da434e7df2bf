//! Sees that the policy directory or the configuration changed.
//!
//! Events only say "look again": what is built is what is read after the changes have settled. So a burst of a thousand
//! writes is one build, and an editor's rename, a deletion and Kubernetes' `..data` swap are all the same thing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::Instant;

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

impl Watch {
    /// Watches the folders that hold the given files and folders: a file that is replaced is another file, so its folder
    /// tells.
    ///
    /// # Errors
    /// The system gives no watch.
    pub(crate) fn new(config: Option<&Path>, policies: Option<&Path>) -> notify::Result<Self> {
        let event = Arc::new(Notify::new());
        let told = Arc::clone(&event);
        let mut watcher = notify::recommended_watcher(move |seen: notify::Result<notify::Event>| {
            let only_read = matches!(&seen, Ok(e) if e.kind.is_access());
            if !only_read {
                told.notify_one();
            }
        })?;
        let mut folders: Vec<PathBuf> = Vec::new();
        folders.extend(policies.map(Path::to_owned));
        // The directory itself may be swapped as well.
        folders.extend(policies.and_then(Path::parent).map(Path::to_owned));
        folders.extend(config.and_then(Path::parent).map(Path::to_owned));
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
