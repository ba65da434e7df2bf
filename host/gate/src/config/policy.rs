//! `policies`: the plugins in force, in order.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};
use witgate_policy::trust::Trust;

use super::document::child;
use super::files::Kind;
use super::reader::Reader;
use super::schema::{closest, cut};
use super::trust;

/// `policies`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policies {
    /// The watched folder of plugin files; always there when an entry names a file.
    pub(crate) directory: Option<PathBuf>,
    /// Whose plugins may serve.
    pub(crate) trust: Trust,
    /// In order; at least one.
    pub(crate) set: Vec<PolicyEntry>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyEntry {
    /// Its name in findings and records; unique.
    pub(crate) id: String,
    /// Where its code is.
    pub(crate) source: PluginSource,
    /// The only SHA-256 that is taken, 64 small hexadecimal digits; only for files.
    pub(crate) sha256: Option<String>,
    /// Where its signature is, an absolute path inside the policy directory; `None`: not said, so beside the file. Only for
    /// files.
    pub(crate) signature: Option<PathBuf>,
    /// Applied, or only recorded.
    pub(crate) mode: Mode,
    /// What holds when it cannot decide.
    pub(crate) on_fault: OnFault,
    /// What it may do besides allow and deny; `None`: not said, so a built-in has what its manifest asks for and a file nothing.
    pub(crate) grants: Option<Vec<String>>,
    /// MiB of one sandbox; `None`: not said.
    pub(crate) memory_mib: Option<u32>,
    /// Milliseconds of one call; `None`: not said.
    pub(crate) deadline_ms: Option<u32>,
    /// The plugin's own configuration, an object, not yet checked with its manifest's schema.
    pub(crate) config: Value,
}

/// Where a plugin's code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PluginSource {
    /// In this binary, under this name.
    Builtin(String),
    /// In this file, an absolute path inside the policy directory.
    File(PathBuf),
}

/// Whether verdicts are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Yes.
    #[default]
    Enforce,
    /// Recorded as would-have, never applied.
    Monitor,
}

/// What holds when a plugin cannot decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnFault {
    /// The exchange is denied.
    #[default]
    Deny,
    /// It goes on without the plugin, and each call skipped is recorded.
    Allow,
}

/// The plugins inside the binary.
pub(crate) const BUILTINS: [&str; 7] =
    ["pii", "secrets", "injection", "payloads", "classification", "tool-tiers", "patterns"];
/// Those that `serve --dev` and the configuration of `witgate init` begin with.
pub(crate) const USUAL: [&str; 4] = ["pii", "injection", "classification", "tool-tiers"];

impl PolicyEntry {
    /// A built-in with nothing said about it.
    pub(super) fn builtin(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            source: PluginSource::Builtin(name.to_owned()),
            sha256: None,
            signature: None,
            mode: Mode::Enforce,
            on_fault: OnFault::Deny,
            grants: None,
            memory_mib: None,
            deadline_ms: None,
            config: Value::Object(Map::new()),
        }
    }
}

const SET: &str = "/policies/set";

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Policies> {
    let directory = reader.file("/policies", "directory", Kind::PolicyDirectory);
    let count = reader.list(SET).len();
    reader.unique(SET, "id", "duplicate_policy_id");
    let read: Vec<Option<PolicyEntry>> =
        (0..count).map(|index| one(reader, &format!("{SET}/{index}"), directory.as_ref())).collect();
    let trust = trust::read(reader);
    Some(Policies { directory, trust: trust?, set: read.into_iter().collect::<Option<_>>()? })
}

fn one(reader: &mut Reader<'_>, at: &str, directory: Option<&PathBuf>) -> Option<PolicyEntry> {
    let id = reader.text(at, "id").map(str::to_owned);
    let source = reader.text(at, "plugin").and_then(|plugin| source(reader, &child(at, "plugin"), plugin, directory));
    let sha256 = reader.text(at, "sha256").map(str::to_ascii_lowercase);
    if sha256.is_some() && matches!(source, Some(PluginSource::Builtin(_))) {
        let help = "remove it: a built-in is part of this binary";
        reader.mistake("pin_of_builtin", &child(at, "sha256"), "a built-in has no file to pin".to_owned(), help);
    }
    let signature = trust::signature(reader, at, source.as_ref(), directory);
    let mode = reader.block(at, "mode");
    let on_fault = reader.block(at, "on_fault");
    let grants = reader.block(at, "grants");
    let limits = child(at, "limits");
    let memory_mib = reader.block(&limits, "memory_mib");
    let deadline_ms = reader.block(&limits, "deadline_ms");
    let config = reader.block::<Map<String, Value>>(at, "config");
    Some(PolicyEntry {
        id: id?,
        source: source?,
        sha256,
        signature: signature?,
        mode: mode?,
        on_fault: on_fault?,
        grants: grants?,
        memory_mib: memory_mib?,
        deadline_ms: deadline_ms?,
        config: Value::Object(config?),
    })
}

fn source(reader: &mut Reader<'_>, at: &str, plugin: &str, directory: Option<&PathBuf>) -> Option<PluginSource> {
    let all = BUILTINS.map(|name| format!("builtin:{name}")).join(", ");
    if let Some(name) = plugin.strip_prefix("builtin:") {
        if BUILTINS.contains(&name) {
            return Some(PluginSource::Builtin(name.to_owned()));
        }
        let help = match closest(name, &BUILTINS) {
            Some(close) => format!("did you mean `builtin:{close}`? there are {all}"),
            None => format!("there are {all}"),
        };
        reader.mistake("unknown_builtin", at, format!("there is no built-in `{}`", cut(name)), help);
        return None;
    }
    if BUILTINS.contains(&plugin) {
        reader.mistake(
            "plugin_form",
            at,
            format!("`{plugin}` is no file name"),
            format!("did you mean `builtin:{plugin}`?"),
        );
        return None;
    }
    let bare = !plugin.contains(['/', '\\', '\0']) && !plugin.starts_with('.');
    if !bare || !plugin.ends_with(".wasm") {
        let help = format!("write the name of a .wasm file in the policy directory, without a folder, or one of {all}");
        reader.mistake("plugin_form", at, format!("`{}` is neither a built-in nor a plugin file", cut(plugin)), help);
        return None;
    }
    let Some(directory) = directory else {
        // A directory that is named but wrong is a mistake told already.
        if reader.text("/policies", "directory").is_none() {
            let help = "add `directory:` under `policies:`, the folder with this file";
            reader.mistake(
                "policy_directory_unnamed",
                at,
                format!("`{plugin}` is a file, and no policy directory is named"),
                help,
            );
        }
        return None;
    };
    reader.check_file(at, directory.join(plugin), Kind::Plugin).map(PluginSource::File)
}

#[cfg(test)]
mod tests;
