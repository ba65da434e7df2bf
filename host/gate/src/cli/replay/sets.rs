//! Policy sets by digest, made once each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use witgate_policy::PolicySet;
use witgate_policy::engine::Engine;

use crate::kept;

/// Sets at hand: a gate that was reloaded often has more, and few of them at a time.
const SETS: usize = 16;

/// A stable code and a sentence.
pub(super) type Why = (String, String);
type Made = Result<Arc<PolicySet>, Why>;

/// The sets that were kept.
#[derive(Debug)]
pub(super) struct Sets {
    directory: PathBuf,
    made: Mutex<HashMap<String, Made>>,
}

impl Sets {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), made: Mutex::default() }
    }

    /// The set with a digest. One at a time is made, so that none is made twice.
    pub(super) fn get(&self, engine: &Engine, digest: &str) -> Made {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(set) = made.get(digest) {
            return set.clone();
        }
        if made.len() >= SETS {
            made.clear();
        }
        let set = kept::sets::load(engine, &self.directory, digest);
        let set = set.map(Arc::new).map_err(|error| (error.code().to_owned(), error.to_string()));
        made.insert(digest.to_owned(), set.clone());
        set
    }
}
