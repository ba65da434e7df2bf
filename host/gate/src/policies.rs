//! The policy set in force, and how the next one comes into force.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use thiserror::Error;
use tokio::sync::watch;
use witgate_ledger as ledger;
use witgate_policy::engine::{Engine, EngineOptions};
use witgate_policy::trust::{Origin, Signature, Trust};
use witgate_policy::{BuildError, PolicySet, Spec};

use crate::config::{self, Config, ConfigErrors, Mistake, Mode, OnFault, PluginSource, PolicyEntry, signature_of};
use crate::{blame, builtin, kept};

/// Bytes of one plugin's file.
const PLUGIN_BYTES: u64 = 64 << 20;

/// The set in force and the engine it runs in.
#[derive(Debug)]
pub(crate) struct Policies {
    engine: Engine,
    current: ArcSwap<PolicySet>,
    /// The generation in force, for streams that began with an earlier one.
    generation: watch::Sender<u64>,
    failed: Mutex<Option<FailedReload>>,
    /// One build at a time: a later trigger waits, and then reads what is there by then.
    building: Mutex<()>,
}

/// The last reload that did not come into force.
#[derive(Debug, Clone)]
pub(crate) struct FailedReload {
    /// Stable code.
    pub(crate) code: String,
    /// What was wrong and where, in words.
    pub(crate) told: blame::Told,
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
    /// The ledger cannot say that the set is in force, so it is not.
    #[error("the new policy set cannot be recorded: {0}")]
    Ledger(#[from] ledger::AppendError),
}

impl ReloadError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "config_invalid",
            Self::File { .. } => "plugin_unreadable",
            Self::Build(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

impl Policies {
    /// Sets up the engine and the first generation.
    ///
    /// # Errors
    /// No engine on this machine, or a plugin that cannot serve, with its place in the configuration.
    pub(crate) fn start(config: &Config) -> anyhow::Result<Self> {
        // Each exchange may have one sandbox of each plugin, and recording plugins one more.
        let plugins = u32::try_from(config.policies.set.len()).unwrap_or(u32::MAX);
        let sandboxes = config.limits.exchanges.saturating_mul(plugins.saturating_add(1)).min(MOST_SANDBOXES);
        let cache_dir = Some(config.cache_dir.clone());
        let loader = crate::cli::load_plugin::loader(config.log.format);
        let engine = Engine::new(&EngineOptions { cache_dir, loader, sandboxes })?;
        let first = build(&engine, config, 1, None).map_err(|error| at_start(config, &error))?;
        Ok(Self {
            engine,
            current: ArcSwap::from_pointee(first),
            generation: watch::Sender::new(1),
            failed: Mutex::new(None),
            building: Mutex::new(()),
        })
    }

    /// The set in force; an exchange takes it once and keeps it.
    pub(crate) fn current(&self) -> Arc<PolicySet> {
        self.current.load_full()
    }

    /// Follows the generation in force.
    pub(crate) fn generation(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The last reload that failed after the set in force was made.
    pub(crate) fn failed(&self) -> Option<FailedReload> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Builds the set anew and puts it in force whole, once `recorded` says that the ledger names it: no decision is by a set
    /// that no record before it tells of. Whatever fails, the set in force stays. Answers whether there is a new set. Blocks
    /// while plugins compile.
    ///
    /// # Errors
    /// Why the set stays as it is.
    pub(crate) fn reload(
        &self,
        config: &Config,
        recorded: impl FnOnce(&PolicySet) -> Result<(), ledger::AppendError>,
    ) -> Result<bool, ReloadError> {
        let _one = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Instant::now();
        let generation = self.current().generation() + 1;
        match build(&self.engine, config, generation, Some(&self.current())) {
            Ok(next) if next.digest() == self.current().digest() => {
                // What decides is the same; who vouches for it may have changed, and is shown.
                if !next.same_trust(&self.current()) {
                    self.current.store(Arc::new(next.as_generation(generation - 1)));
                    tracing::info!("the policy set is the same; whom it trusts, or who signed it, changed");
                }
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(false)
            }
            Ok(next) => {
                if let Err(error) = recorded(&next) {
                    let error = error.into();
                    self.note_failure(Some(config), &error);
                    return Err(error);
                }
                let next = Arc::new(next);
                self.current.store(Arc::clone(&next));
                self.generation.send_replace(generation);
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
                tracing::info!(generation, digest = %next.digest(), took_ms = start.elapsed().as_millis(), "a new policy set is in force");
                Ok(true)
            }
            Err(error) => {
                self.note_failure(Some(config), &error);
                Err(error)
            }
        }
    }

    /// Remembers a reload that failed, for `/admin/policy`. `config` is what it was to be built from, where that could be
    /// read.
    pub(crate) fn note_failure(&self, config: Option<&Config>, error: &ReloadError) {
        let generation = self.current().generation();
        let told = blame::told(config, error);
        tracing::error!(code = error.code(), generation, "the policy set stays as it is: {}", told.message);
        let failed = FailedReload { code: error.code().to_owned(), told, time_ms: crate::now_ms() };
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
    }
}

fn build(
    engine: &Engine,
    config: &Config,
    generation: u64,
    before: Option<&PolicySet>,
) -> Result<PolicySet, ReloadError> {
    let policies = &config.policies;
    let specs = specs(policies)?;
    let set = witgate_policy::build(engine, &specs, &policies.trust, generation, before)?;
    if let Some(bodies) = &config.ledger.bodies
        && let Err(error) = kept::sets::keep(&bodies.directory, &specs, &set)
    {
        let folder = bodies.directory.display();
        tracing::error!(code = "policy_set_not_kept", %error, "{folder}: what this policy set decides cannot be replayed");
    }
    Ok(set)
}

/// A set that nothing is kept of, for tools.
///
/// # Errors
/// A plugin cannot be read, or cannot serve.
pub(crate) fn set_of(engine: &Engine, policies: &config::Policies) -> Result<PolicySet, ReloadError> {
    Ok(witgate_policy::build(engine, &specs(policies)?, &policies.trust, 1, None)?)
}

/// Why a gate does not start, as `validate` would tell it.
fn at_start(config: &Config, error: &ReloadError) -> anyhow::Error {
    match &config.source {
        Some(source) => anyhow::anyhow!("{}", source.errors(blame::mistakes(config, error))),
        None => anyhow::anyhow!("error[{}]: {error}", error.code()),
    }
}

/// Everything that keeps the plugins of a configuration from serving. Loads and configures them as a gate would, except
/// those that nobody vouches for, and keeps nothing but compiled code, where there is a folder for it.
pub(crate) fn check(config: &Config) -> Vec<Mistake> {
    let cache_dir = Some(config.cache_dir.clone()).filter(|dir| dir.is_dir());
    let engine = match Engine::new(&EngineOptions {
        cache_dir,
        loader: crate::cli::load_plugin::loader(config.log.format),
        sandboxes: CHECK_SANDBOXES,
    }) {
        Ok(engine) => engine,
        Err(error) => return vec![Mistake::new("plugin_engine", "/policies", error.to_string())],
    };
    let trust = &config.policies.trust;
    let (read, unread): (Vec<_>, Vec<_>) =
        config.policies.set.iter().map(|entry| spec(entry, trust)).partition(Result::is_ok);
    let specs: Vec<Spec> = read.into_iter().flatten().collect();
    let unread = unread.iter().filter_map(|spec| spec.as_ref().err()).flat_map(|error| blame::mistakes(config, error));
    let found = witgate_policy::check(&engine, &specs, trust);
    unread.chain(found.iter().flat_map(|error| blame::of_build(config, error))).collect()
}

/// Sandboxes for a check: one for each plugin that is configured.
const CHECK_SANDBOXES: u32 = 64;
/// 4 GiB of address space each; 64 TiB are half of what a process has on x86-64. Where there is less, the engine takes what there
/// is.
const MOST_SANDBOXES: u32 = 16384;

/// Reads every plugin's file.
fn specs(policies: &config::Policies) -> Result<Vec<Spec>, ReloadError> {
    policies.set.iter().map(|entry| spec(entry, &policies.trust)).collect()
}

/// Reads one plugin's file, and its signature where signatures count.
pub(crate) fn spec(entry: &PolicyEntry, trust: &Trust) -> Result<Spec, ReloadError> {
    let fail = |path: &dyn std::fmt::Display, why: &dyn std::fmt::Display| ReloadError::File {
        id: entry.id.clone(),
        path: path.to_string(),
        why: why.to_string(),
    };
    let (bytes, origin): (Arc<[u8]>, Origin) = match &entry.source {
        PluginSource::Builtin(name) => {
            let bytes = builtin::bytes(name).ok_or_else(|| fail(name, &"no such built-in plugin"))?;
            (bytes.into(), Origin::Builtin)
        }
        PluginSource::File(path) => {
            let bytes = read(path, PLUGIN_BYTES).map_err(|e| fail(&path.display(), &e))?;
            let signature_file = entry.signature.clone().unwrap_or_else(|| signature_of(path));
            let signature = match read(&signature_file, Signature::MAX_BYTES as u64) {
                _ if !trust.counts() => None,
                Ok(signature) => Some(signature),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(fail(&signature_file.display(), &error)),
            };
            (bytes.into(), Origin::File { signature_file, signature })
        }
    };
    // A file has the grants the operator wrote, a built-in what it is known to need.
    let grants = match (&entry.grants, &origin) {
        (Some(grants), _) => Some(grants.clone()),
        (None, Origin::Builtin) => None,
        (None, Origin::File { .. }) => Some(vec![]),
    };
    Ok(Spec {
        id: entry.id.clone(),
        bytes,
        origin,
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

/// A file of at most `most` bytes.
fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(std::io::Error::other(format!("larger than {most} bytes"))),
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
                signer: m
                    .signer
                    .as_ref()
                    .map(|signer| ledger::PluginSigner { key: signer.key.to_string(), name: signer.name.clone() }),
            })
            .collect(),
        accepted: refused.is_none(),
        code: refused.map(|e| e.code().to_owned()),
    }
}
