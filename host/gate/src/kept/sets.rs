//! The policy sets that decided, and their components, kept beside the bodies so that they can decide again.
//!
//! `sets/DIGEST.json` says what a set was made of, `components/DIGEST.wasm` is a component. Nothing of it is trusted when it is
//! read: a set made from it must come to the digest that it is asked for by.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use witgate_policy::engine::{Digest, Engine};
use witgate_policy::trust::{Origin, Trust};
use witgate_policy::{BuildError, Mode, OnFault, PolicySet, Spec};

/// One plugin of a set.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptPlugin {
    id: String,
    component: String,
    mode: String,
    on_fault: String,
    grants: Vec<String>,
    memory_mib: u32,
    deadline_ms: u32,
    config: Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptSet {
    v: u32,
    plugins: Vec<KeptPlugin>,
}

/// A kept set cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetError {
    /// It was never kept, or was removed.
    #[error("the policy set {0} was not kept")]
    Unknown(String),
    /// A file of it cannot be read.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// One of its plugins cannot serve.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It is another set than its name says.
    #[error(
        "what was kept as policy set {named} is {found}: it was changed, or this version of witgate decides otherwise"
    )]
    Differs {
        /// Asked for.
        named: String,
        /// Found.
        found: String,
    },
}

impl SetError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "policy_set_unknown",
            Self::File { .. } => "policy_set_unreadable",
            Self::Build(error) => error.code(),
            Self::Differs { .. } => "policy_set_differs",
        }
    }
}

fn set_path(directory: &Path, digest: &str) -> PathBuf {
    directory.join("sets").join(format!("{digest}.json"))
}

fn component_path(directory: &Path, digest: &str) -> PathBuf {
    directory.join("components").join(format!("{digest}.wasm"))
}

/// Keeps a set, unless it is there already.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn keep(directory: &Path, specs: &[Spec], set: &PolicySet) -> io::Result<()> {
    let path = set_path(directory, &set.digest().to_string());
    if path.exists() {
        return Ok(());
    }
    let mut plugins = Vec::new();
    for (spec, member) in specs.iter().zip(set.members()) {
        let plugin = &member.plugin;
        let component = plugin.digest().to_string();
        write(&component_path(directory, &component), &spec.bytes)?;
        let limits = plugin.limits();
        plugins.push(KeptPlugin {
            id: plugin.id().to_owned(),
            component,
            mode: member.mode.name().to_owned(),
            on_fault: member.on_fault.name().to_owned(),
            grants: plugin.grants().names().into_iter().map(str::to_owned).collect(),
            memory_mib: u32::try_from(limits.memory >> 20).unwrap_or(u32::MAX),
            deadline_ms: u32::try_from(limits.deadline.as_millis()).unwrap_or(u32::MAX),
            config: spec.config.clone(),
        });
    }
    let text = serde_json::to_vec_pretty(&KeptSet { v: 1, plugins }).map_err(io::Error::other)?;
    // Last, so that a set is there only when all it names is.
    write(&path, &text)
}

/// Writes a file whole, unless it is there; 0600, since a configuration may hold what others are not to see.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let partial = path.with_extension("tmp");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    fs::rename(&partial, path)
}

/// Makes the set anew that had this digest, 64 hexadecimal digits.
///
/// # Errors
/// [`SetError`]: it was not kept, or is not what its name says.
pub(crate) fn load(engine: &Engine, directory: &Path, digest: &str) -> Result<PolicySet, SetError> {
    let specs = specs(directory, digest)?;
    let set = witgate_policy::build(engine, &specs, &Trust::default(), 1, None)?;
    let found = set.digest().to_string();
    if found != digest {
        return Err(SetError::Differs { named: digest.to_owned(), found });
    }
    Ok(set)
}

/// What the set was made of that had this digest, as it is kept: whether it comes to that digest is not looked at.
///
/// # Errors
/// [`SetError`]: it was not kept, or cannot be read.
pub(crate) fn specs(directory: &Path, digest: &str) -> Result<Vec<Spec>, SetError> {
    let path = set_path(directory, digest);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SetError::Unknown(digest.to_owned())),
        Err(error) => return Err(SetError::File { path, why: error.to_string() }),
    };
    let unreadable = |path: PathBuf, why: String| SetError::File { path, why };
    let kept: KeptSet = serde_json::from_slice(&text).map_err(|e| unreadable(path.clone(), e.to_string()))?;
    kept.plugins.into_iter().map(|plugin| spec(directory, plugin)).collect()
}

fn spec(directory: &Path, plugin: KeptPlugin) -> Result<Spec, SetError> {
    // A name that is no digest would be a path.
    let is_digest = plugin.component.len() == 64 && plugin.component.bytes().all(|b| b.is_ascii_hexdigit());
    let path = component_path(directory, if is_digest { &plugin.component } else { "no-digest" });
    let bytes = fs::read(&path).map_err(|e| SetError::File { path: path.clone(), why: e.to_string() })?;
    if Digest::of(&bytes).to_string() != plugin.component {
        return Err(SetError::File { path, why: "it is not the component that its name says".to_owned() });
    }
    Ok(Spec {
        id: plugin.id,
        bytes: bytes.into(),
        origin: Origin::Builtin,
        pin: None,
        mode: if plugin.mode == Mode::Monitor.name() { Mode::Monitor } else { Mode::Enforce },
        on_fault: if plugin.on_fault == OnFault::Allow.name() { OnFault::Allow } else { OnFault::Deny },
        grants: Some(plugin.grants),
        memory_mib: Some(plugin.memory_mib),
        deadline_ms: Some(plugin.deadline_ms),
        config: plugin.config,
    })
}
