//! From a list of plugins to a policy set. Runs off the path; any failure leaves the set in force alone.

use serde_json::Value;
use thiserror::Error;
use witgate_engine::{Digest, Engine, Grant, Grants, Limits, LoadError, Manifest, Plugin, Source};

use crate::schema::{SchemaIssue, check_schema};
use crate::set::{Member, Mode, OnFault, PolicySet};
use crate::trust::{Origin, Signer, Trust, TrustError, Vouched};

/// The longest deadline of one call, in ms.
pub const MAX_DEADLINE_MS: u32 = 60_000;

/// One entry of the policy configuration, its file already read.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Its name in this set.
    pub id: String,
    /// The component.
    pub bytes: std::sync::Arc<[u8]>,
    /// Where they came from, and what vouches for them.
    pub origin: Origin,
    /// sha256 the operator pinned, as hex.
    pub pin: Option<String>,
    /// Whether its decisions apply.
    pub mode: Mode,
    /// What its faults do.
    pub on_fault: OnFault,
    /// What it may do; `None` gives what its manifest wants, which is right for built-in plugins only.
    pub grants: Option<Vec<String>>,
    /// Linear memory in MiB; `None` takes what the manifest suggests.
    pub memory_mib: Option<u32>,
    /// Time for one call in ms; `None` takes what the manifest suggests.
    pub deadline_ms: Option<u32>,
    /// Its configuration.
    pub config: Value,
}

/// Why a set could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// There is nothing to enforce.
    #[error("the policy set is empty; list at least one plugin under `policies.set`")]
    Empty,
    /// A plugin could not be loaded.
    #[error("plugin `{id}`: {error}")]
    Load {
        /// The entry.
        id: String,
        /// Why.
        error: LoadError,
    },
    /// A configuration does not meet the manifest's schema.
    #[error("plugin `{id}`: its configuration: {}", list(.issues))]
    Config {
        /// The entry.
        id: String,
        /// Every mistake.
        issues: Vec<SchemaIssue>,
    },
    /// Nobody who counts vouches for a plugin.
    #[error("plugin `{id}`: {}: {error}", file.display())]
    Trust {
        /// The entry.
        id: String,
        /// Its signature's file, there or not.
        file: std::path::PathBuf,
        /// Why.
        error: TrustError,
    },
    /// A call would have no time, or no bound.
    #[error("plugin `{id}`: a deadline of {found} ms is not from 1 to {max}", max = MAX_DEADLINE_MS)]
    Deadline {
        /// The entry.
        id: String,
        /// What was asked for.
        found: u32,
    },
    /// A grant or the schema of a manifest is no such thing.
    #[error("plugin `{id}`: {message}")]
    Manifest {
        /// The entry.
        id: String,
        /// What is wrong.
        message: String,
    },
}

impl BuildError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "policy_set_empty",
            Self::Load { error, .. } => error.code(),
            Self::Config { .. } => "plugin_config_invalid",
            Self::Trust { error, .. } => error.code(),
            Self::Deadline { .. } => "plugin_deadline_limit",
            Self::Manifest { .. } => "plugin_manifest",
        }
    }

    /// The entry at fault.
    pub fn plugin(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Load { id, .. }
            | Self::Config { id, .. }
            | Self::Trust { id, .. }
            | Self::Deadline { id, .. }
            | Self::Manifest { id, .. } => Some(id),
        }
    }
}

fn list(issues: &[SchemaIssue]) -> String {
    let each = |i: &SchemaIssue| format!("{}: {}", if i.pointer.is_empty() { "/" } else { &i.pointer }, i.message);
    issues.iter().take(8).map(each).collect::<Vec<_>>().join("; ")
}

/// Loads every plugin and makes a set of them. Plugins load in parallel: most of the time is compilation. A plugin that
/// serves in the set `before`, under the same id and with the same bytes, configuration, limits and grants, is taken
/// over as it is, with its record of good and bad behaviour.
///
/// # Errors
/// The first entry, in order, that cannot serve.
pub fn build(
    engine: &Engine,
    specs: &[Spec],
    trust: &Trust,
    generation: u64,
    before: Option<&PolicySet>,
) -> Result<PolicySet, BuildError> {
    if specs.is_empty() {
        return Err(BuildError::Empty);
    }
    let members = each(specs, |spec| member(engine, spec, trust, before))
        .into_iter()
        .zip(specs)
        .map(|(member, spec)| member.unwrap_or_else(|| Err(panicked(spec))));
    Ok(PolicySet::new(generation, members.collect::<Result<Vec<Member>, BuildError>>()?, trust.clone()))
}

/// Everything that keeps these plugins from serving, in order; [`build`] stops at the first. A plugin that is wrong in
/// what can be read of it, or that nobody vouches for, is not run.
pub fn check(engine: &Engine, specs: &[Spec], trust: &Trust) -> Vec<BuildError> {
    let found = each(specs, |spec| faults(engine, spec, trust)).into_iter().zip(specs);
    found.flat_map(|(faults, spec)| faults.unwrap_or_else(|| vec![panicked(spec)])).collect()
}

/// Does the same for every entry, at the same time. `None` where it panicked.
fn each<T: Send>(specs: &[Spec], work: impl Fn(&Spec) -> T + Sync) -> Vec<Option<T>> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = specs.iter().map(|spec| scope.spawn(move || work(spec))).collect();
        threads.into_iter().map(|thread| thread.join().ok()).collect()
    })
}

fn panicked(spec: &Spec) -> BuildError {
    BuildError::Load { id: spec.id.clone(), error: LoadError::Compile("the loader panicked".into()) }
}

/// What is known of an entry before any of it runs.
struct Read {
    grants: Grants,
    limits: Limits,
    signer: Option<Signer>,
}

fn member(engine: &Engine, spec: &Spec, trust: &Trust, before: Option<&PolicySet>) -> Result<Member, BuildError> {
    let mut errors = Vec::new();
    let read = read(spec, trust, &mut errors);
    match (read, errors.into_iter().next()) {
        (Some(read), None) => load(engine, spec, read, before),
        (_, Some(first)) => Err(first),
        (None, None) => Err(panicked(spec)),
    }
}

fn faults(engine: &Engine, spec: &Spec, trust: &Trust) -> Vec<BuildError> {
    let mut errors = Vec::new();
    let Some(read) = read(spec, trust, &mut errors) else { return errors };
    if errors.is_empty() {
        errors.extend(load(engine, spec, read, None).err().into_iter().flat_map(each_grant));
    }
    errors
}

/// What keeps a plugin from being looked into at all: it is not the file that was pinned, or nobody who counts vouches
/// for it.
pub fn vouch(spec: &Spec, trust: &Trust) -> Vec<BuildError> {
    let mut errors = Vec::new();
    vouched(spec, trust, &mut errors);
    errors
}

/// Hash, pin and signature.
fn vouched<'a>(spec: &Spec, trust: &'a Trust, errors: &mut Vec<BuildError>) -> Option<Vouched<'a>> {
    let id = || spec.id.clone();
    let digest = Digest::of(&spec.bytes);
    if let Some(pinned) = &spec.pin {
        let found = digest.to_string();
        if !pinned.eq_ignore_ascii_case(&found) {
            errors.push(BuildError::Load { id: id(), error: LoadError::Pin { pinned: pinned.clone(), found } });
        }
    }
    trust.check(digest, &spec.origin).map_err(|error| errors.push(untrusted(spec, error))).ok().flatten()
}

fn untrusted(spec: &Spec, error: TrustError) -> BuildError {
    BuildError::Trust { id: spec.id.clone(), file: spec.origin.signature_file(), error }
}

/// What vouches for the component, and only then what it says of itself. Notes everything that is wrong; `None` when its
/// manifest was not read.
fn read(spec: &Spec, trust: &Trust, errors: &mut Vec<BuildError>) -> Option<Read> {
    let id = || spec.id.clone();
    let vouched = vouched(spec, trust, errors);
    // What is not the file that was meant, or comes from nobody knows where, is not read any further.
    if !errors.is_empty() {
        return None;
    }
    let manifest =
        Manifest::read(&spec.bytes).map_err(|error| errors.push(BuildError::Load { id: id(), error })).ok()?;
    let signer = vouched.and_then(|vouched| vouched.names(&manifest).map_err(|e| errors.push(untrusted(spec, e))).ok());
    match check_schema(manifest.config_schema.as_ref(), &spec.config) {
        Ok(issues) if issues.is_empty() => {}
        Ok(issues) => errors.push(BuildError::Config { id: id(), issues }),
        Err(why) => {
            let message = format!("the schema in its manifest: {why}");
            errors.push(BuildError::Manifest { id: id(), message });
        }
    }
    let grants = spec.grants.as_ref().unwrap_or(&manifest.grants).iter().map(|name| name.parse::<Grant>());
    let grants = grants.collect::<Result<Grants, _>>().unwrap_or_else(|e| {
        errors.push(BuildError::Manifest { id: id(), message: e.to_string() });
        Grants::default()
    });
    let limits = limits(spec, &manifest);
    if limits.memory > Limits::MAX_MEMORY {
        errors.push(BuildError::Load { id: id(), error: LoadError::MemoryLimit(limits.memory) });
    }
    let deadline = u32::try_from(limits.deadline.as_millis()).unwrap_or(u32::MAX);
    if deadline == 0 || deadline > MAX_DEADLINE_MS {
        errors.push(BuildError::Deadline { id: id(), found: deadline });
    }
    Some(Read { grants, limits, signer })
}

/// A failed load as so many errors as there are grants to give.
fn each_grant(error: BuildError) -> Vec<BuildError> {
    let BuildError::Load { id, error: LoadError::MissingGrant { import, grant, more } } = error else {
        return vec![error];
    };
    let one = |(import, grant)| {
        let error = LoadError::MissingGrant { import, grant, more: vec![] };
        BuildError::Load { id: id.clone(), error }
    };
    std::iter::once((import, grant)).chain(more).map(one).collect()
}

fn load(engine: &Engine, spec: &Spec, read: Read, before: Option<&PolicySet>) -> Result<Member, BuildError> {
    let Read { grants, limits, signer } = read;
    let config = spec.config.to_string();
    let source = Source { id: &spec.id, bytes: &spec.bytes, config: &config, limits, grants };
    let serving = before.and_then(|set| set.members().iter().find(|member| member.plugin.is(&source)));
    let plugin = serving.map(|member| Ok(Plugin::clone(&member.plugin))).unwrap_or_else(|| engine.load(&source));
    let plugin = plugin.map_err(|error| BuildError::Load { id: spec.id.clone(), error })?;
    Ok(Member { plugin, mode: spec.mode, on_fault: spec.on_fault, signer })
}

fn limits(spec: &Spec, manifest: &Manifest) -> Limits {
    let default = Limits::default();
    let memory = spec.memory_mib.or(manifest.limits.memory_mib);
    let deadline = spec.deadline_ms.or(manifest.limits.deadline_ms);
    Limits {
        memory: memory.map_or(default.memory, |mib| (mib as usize).saturating_mul(1 << 20)),
        deadline: deadline.map_or(default.deadline, |ms| std::time::Duration::from_millis(ms.into())),
    }
}

#[cfg(test)]
mod tests;
