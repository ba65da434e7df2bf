//! From a list of plugins to a policy set. Runs off the path; any failure leaves the set in force alone.

use serde_json::Value;
use thiserror::Error;
use witgate_engine::{Digest, Engine, Grant, Grants, Limits, LoadError, Manifest, Source};

use crate::schema::{SchemaIssue, check_schema};
use crate::set::{Member, Mode, OnFault, PolicySet};

/// One entry of the policy configuration, its file already read.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Its name in this set.
    pub id: String,
    /// The component.
    pub bytes: std::sync::Arc<[u8]>,
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
            Self::Manifest { .. } => "plugin_manifest",
        }
    }

    /// The entry at fault.
    pub fn plugin(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Load { id, .. } | Self::Config { id, .. } | Self::Manifest { id, .. } => Some(id),
        }
    }
}

fn list(issues: &[SchemaIssue]) -> String {
    let each = |i: &SchemaIssue| format!("{}: {}", if i.pointer.is_empty() { "/" } else { &i.pointer }, i.message);
    issues.iter().take(8).map(each).collect::<Vec<_>>().join("; ")
}

/// Loads every plugin and makes a set of them. Plugins load in parallel: most of the time is compilation.
///
/// # Errors
/// The first entry, in order, that cannot serve.
pub fn build(engine: &Engine, specs: &[Spec], generation: u64) -> Result<PolicySet, BuildError> {
    if specs.is_empty() {
        return Err(BuildError::Empty);
    }
    let members = std::thread::scope(|scope| {
        let loads: Vec<_> = specs.iter().map(|spec| scope.spawn(|| member(engine, spec))).collect();
        loads
            .into_iter()
            .zip(specs)
            .map(|(load, spec)| {
                load.join().unwrap_or_else(|_| {
                    let error = LoadError::Compile("the loader panicked".into());
                    Err(BuildError::Load { id: spec.id.clone(), error })
                })
            })
            .collect::<Result<Vec<Member>, BuildError>>()
    })?;
    Ok(PolicySet::new(generation, members))
}

fn member(engine: &Engine, spec: &Spec) -> Result<Member, BuildError> {
    let id = || spec.id.clone();
    let load = |error| BuildError::Load { id: id(), error };
    if let Some(pinned) = &spec.pin {
        let found = Digest::of(&spec.bytes).to_string();
        if !pinned.eq_ignore_ascii_case(&found) {
            return Err(load(LoadError::Pin { pinned: pinned.clone(), found }));
        }
    }
    let manifest = Manifest::read(&spec.bytes).map_err(load)?;
    let issues = check_schema(manifest.config_schema.as_ref(), &spec.config).map_err(|message| {
        BuildError::Manifest { id: id(), message: format!("the schema in its manifest: {message}") }
    })?;
    if !issues.is_empty() {
        return Err(BuildError::Config { id: id(), issues });
    }
    let grants: Grants = spec
        .grants
        .as_ref()
        .unwrap_or(&manifest.grants)
        .iter()
        .map(|name| name.parse::<Grant>())
        .collect::<Result<_, _>>()
        .map_err(|e| BuildError::Manifest { id: id(), message: e.to_string() })?;
    let limits = limits(spec, &manifest);
    let config = spec.config.to_string();
    let source = Source { id: &spec.id, bytes: &spec.bytes, config: &config, limits, grants };
    let plugin = engine.load(&source).map_err(load)?;
    Ok(Member { plugin, mode: spec.mode, on_fault: spec.on_fault })
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
