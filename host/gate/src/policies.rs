//! The policy set in force, and how the next one comes into force.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use thiserror::Error;
use witgate_ledger as ledger;
use witgate_policy::engine::{Engine, EngineOptions};
use witgate_policy::{BuildError, PolicySet, Spec};

use crate::builtin;
use crate::config::{Config, ConfigErrors, Mode, OnFault, PluginSource, PolicyEntry};

/// Bytes of one plugin's file.
const PLUGIN_BYTES: u64 = 64 << 20;

/// The set in force and the engine it runs in.
#[derive(Debug)]
pub(crate) struct Policies {
    engine: Engine,
    current: ArcSwap<PolicySet>,
    /// Sets tried, good or bad; the next generation's number.
    tried: AtomicU64,
    failed: Mutex<Option<FailedReload>>,
    /// One build at a time: a later trigger waits, and then reads what is there by then.
    building: Mutex<()>,
}

/// The last reload that did not come into force.
#[derive(Debug, Clone)]
pub(crate) struct FailedReload {
    /// Stable code.
    pub(crate) code: String,
    /// What was wrong, in words.
    pub(crate) message: String,
    /// Unix time in ms.
    pub(crate) time_ms: u64,
}

/// Why a set did not come into force.
#[derive(Debug, Error)]
pub(crate) enum ReloadError {
    /// The configuration has mistakes.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// A plugin's file cannot be read.
    #[error("plugin `{id}`: {path}: {why}")]
    File {
        /// The entry.
        id: String,
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// A plugin cannot serve.
    #[error("{0}")]
    Build(#[from] BuildError),
}

impl ReloadError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "config_invalid",
            Self::File { .. } => "plugin_unreadable",
            Self::Build(error) => error.code(),
        }
    }
}

impl Policies {
    /// Sets up the engine and the first generation.
    ///
    /// # Errors
    /// No engine on this machine, or a plugin that cannot serve.
    pub(crate) fn start(config: &Config) -> anyhow::Result<Self> {
        // Each exchange may have one sandbox of each plugin, and recording plugins one more.
        let plugins = u32::try_from(config.policies.set.len()).unwrap_or(u32::MAX);
        let sandboxes = config.limits.exchanges.saturating_mul(plugins.saturating_add(1)).min(MOST_SANDBOXES);
        let engine = Engine::new(&EngineOptions { cache_dir: Some(config.cache_dir.clone()), sandboxes })?;
        let first = witgate_policy::build(&engine, &specs(&config.policies.set)?, 1).map_err(ReloadError::from)?;
        Ok(Self {
            engine,
            current: ArcSwap::from_pointee(first),
            tried: AtomicU64::new(1),
            failed: Mutex::new(None),
            building: Mutex::new(()),
        })
    }

    /// The set in force; an exchange takes it once and keeps it.
    pub(crate) fn current(&self) -> Arc<PolicySet> {
        self.current.load_full()
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The last reload that failed after the set in force was made.
    pub(crate) fn failed(&self) -> Option<FailedReload> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Builds the set anew and puts it in force whole. Whatever fails, the set in force stays. Answers the new set, or
    /// `None` where nothing had changed. Blocks while plugins compile.
    ///
    /// # Errors
    /// Why the set stays as it is.
    pub(crate) fn reload(&self, set: &[PolicyEntry]) -> Result<Option<Arc<PolicySet>>, ReloadError> {
        let _one = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Instant::now();
        let generation = self.current().generation() + 1;
        self.tried.fetch_add(1, Ordering::Relaxed);
        let built = specs(set).and_then(|specs| Ok(witgate_policy::build(&self.engine, &specs, generation)?));
        match built {
            Ok(next) if next.digest() == self.current().digest() => {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(None)
            }
            Ok(next) => {
                let next = Arc::new(next);
                self.current.store(Arc::clone(&next));
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
                tracing::info!(generation, digest = %next.digest(), took_ms = start.elapsed().as_millis(), "a new policy set is in force");
                Ok(Some(next))
            }
            Err(error) => {
                self.note_failure(&error);
                Err(error)
            }
        }
    }

    /// Remembers a reload that failed, for `/admin/policy`.
    pub(crate) fn note_failure(&self, error: &ReloadError) {
        let generation = self.current().generation();
        tracing::error!(code = error.code(), generation, "the policy set stays as it is: {error}");
        let failed =
            FailedReload { code: error.code().to_owned(), message: error.to_string(), time_ms: crate::now_ms() };
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
    }
}

/// 4 GiB of address space each; 16 TiB are had on every 64-bit Linux.
const MOST_SANDBOXES: u32 = 4096;

/// Reads every plugin's file.
fn specs(set: &[PolicyEntry]) -> Result<Vec<Spec>, ReloadError> {
    set.iter().map(spec).collect()
}

fn spec(entry: &PolicyEntry) -> Result<Spec, ReloadError> {
    let fail = |path: &dyn std::fmt::Display, why: &dyn std::fmt::Display| ReloadError::File {
        id: entry.id.clone(),
        path: path.to_string(),
        why: why.to_string(),
    };
    let (bytes, builtin): (Arc<[u8]>, bool) = match &entry.source {
        PluginSource::Builtin(name) => {
            let bytes = builtin::bytes(name).ok_or_else(|| fail(name, &"no such built-in plugin"))?;
            (bytes.into(), true)
        }
        PluginSource::File(path) => (read(path).map_err(|e| fail(&path.display(), &e))?.into(), false),
    };
    // A file has the grants the operator wrote, a built-in what it is known to need.
    let grants = match (&entry.grants, builtin) {
        (Some(grants), _) => Some(grants.clone()),
        (None, true) => None,
        (None, false) => Some(vec![]),
    };
    Ok(Spec {
        id: entry.id.clone(),
        bytes,
        pin: entry.sha256.clone(),
        mode: match entry.mode {
            Mode::Enforce => witgate_policy::Mode::Enforce,
            Mode::Monitor => witgate_policy::Mode::Monitor,
        },
        on_fault: match entry.on_fault {
            OnFault::Deny => witgate_policy::OnFault::Deny,
            OnFault::Allow => witgate_policy::OnFault::Allow,
        },
        grants,
        memory_mib: entry.memory_mib,
        deadline_ms: entry.deadline_ms,
        config: entry.config.clone(),
    })
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(PLUGIN_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > PLUGIN_BYTES {
        true => Err(std::io::Error::other(format!("larger than {PLUGIN_BYTES} bytes"))),
        false => Ok(bytes),
    }
}

/// The POLICY record of a generation, one that did not come into force included.
pub(crate) fn record(set: &PolicySet, refused: Option<&ReloadError>) -> ledger::Policy {
    ledger::Policy {
        generation: set.generation() + u64::from(refused.is_some()),
        digest: ledger::Digest(set.digest().0),
        plugins: set
            .members()
            .iter()
            .map(|m| ledger::PluginRef {
                plugin: m.plugin.id().to_owned(),
                version: m.plugin.manifest().version.clone(),
                digest: ledger::Digest(m.plugin.digest().0),
                mode: crate::record::mode(m.mode),
            })
            .collect(),
        accepted: refused.is_none(),
        code: refused.map(|e| e.code().to_owned()),
    }
}
