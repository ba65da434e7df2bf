//! All that is known of a plugin, for people and for programs.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use witgate_engine::{Anatomy, Digest, Limits, LoadError, Manifest, Source, Start, componentize};

use super::error::PluginError;
use super::members::Member;
use super::plain;
use super::target::engine;
use crate::config::render_schema_errors;

/// What is known of a plugin.
pub(super) struct Report {
    name: String,
    size: usize,
    digest: Digest,
    module: bool,
    manifest: Manifest,
    anatomy: Anatomy,
    limits: Limits,
    members: Vec<Member>,
    loads: Loads,
}

/// What came of loading it.
enum Loads {
    /// It is ready to serve.
    Ready { start: Start, took: Duration },
    /// It would not serve.
    Refused { code: &'static str, message: String },
    /// It needs a configuration and was given none.
    NeedsConfig(Vec<String>),
}

impl Report {
    /// Reads a plugin, and loads it with a configuration and all the grants it wants.
    ///
    /// # Errors
    /// Not even its manifest can be read, or this machine can run no plugin.
    pub(super) fn of(name: &str, bytes: &[u8], config: &Value) -> Result<Self, PluginError> {
        let load = |error| PluginError::Load { name: name.to_owned(), error };
        let manifest = Manifest::read(bytes).map_err(load)?;
        let component = componentize(bytes).map_err(load)?;
        let anatomy = Anatomy::read(&component).map_err(load)?;
        let limits = manifest.limits.limits();
        let members = manifest.config_schema.as_ref().map(Member::all).unwrap_or_default();
        let loads = loads(bytes, &manifest, limits, config)?;
        Ok(Self {
            name: name.to_owned(),
            size: bytes.len(),
            digest: Digest::of(bytes),
            module: component.len() != bytes.len() || component != bytes,
            manifest,
            anatomy,
            limits,
            members,
            loads,
        })
    }

    /// The code with which it would not load.
    pub(super) fn refused(&self) -> Option<&'static str> {
        match &self.loads {
            Loads::Refused { code, .. } => Some(code),
            Loads::Ready { .. } | Loads::NeedsConfig(_) => None,
        }
    }

    /// `witgate:policy@VERSION`, from its exports.
    fn contract(&self) -> Option<String> {
        let (interface, version) = self.anatomy.exports.iter().find_map(|name| name.rsplit_once('@'))?;
        let (package, _) = interface.split_once('/')?;
        Some(format!("{package}@{version}"))
    }

    /// Its imports, each with the grant it needs.
    fn imports(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        let needs = self.anatomy.needs().unwrap_or_default();
        self.anatomy.imports.iter().map(move |import| {
            let grant = needs.iter().find(|(name, _)| name == import).map(|(_, grant)| grant.name());
            (import.as_str(), grant)
        })
    }

    /// What compiled it, by its own word: the language first.
    fn made_by(&self) -> Vec<String> {
        let tools = self.anatomy.producers.iter();
        tools
            .map(|(_, tool, version)| if version.is_empty() { tool.clone() } else { format!("{tool} {version}") })
            .collect()
    }

    pub(super) fn json(&self) -> Value {
        let (loads, start, load_ms, error, needs) = match &self.loads {
            Loads::Ready { start, took } => {
                (json!(true), json!(start.name()), json!(took.as_millis()), Value::Null, json!([]))
            }
            Loads::Refused { code, message } => {
                (json!(false), Value::Null, Value::Null, json!({"code": code, "message": message}), json!([]))
            }
            Loads::NeedsConfig(mistakes) => (Value::Null, Value::Null, Value::Null, Value::Null, json!(mistakes)),
        };
        let imports: Vec<Value> =
            self.imports().map(|(name, grant)| json!({"interface": name, "grant": grant})).collect();
        let tool = |(field, name, version): &(String, String, String)| json!({"field": field, "name": name, "version": version});
        json!({
            "plugin": self.name,
            "id": self.manifest.id,
            "version": self.manifest.version,
            "description": self.manifest.description,
            "form": if self.module { "module" } else { "component" },
            "bytes": self.size,
            "sha256": self.digest.to_string(),
            "contract": self.contract(),
            "stages": self.anatomy.stages().names(),
            "admission_reads": self.manifest.admission_reads.as_ref().map(|all| {
                all.iter().map(|reads| json!({"kind": reads.kind, "role": reads.role})).collect::<Vec<_>>()
            }),
            "imports": imports,
            "grants": self.manifest.grants,
            "codes": self.manifest.codes,
            "limits": {
                "memory_mib": self.limits.memory >> 20,
                "deadline_ms": u64::try_from(self.limits.deadline.as_millis()).unwrap_or(u64::MAX),
            },
            "producers": self.anatomy.producers.iter().map(tool).collect::<Vec<_>>(),
            "config": self.members.iter().map(Member::json).collect::<Vec<_>>(),
            "loads": loads,
            "start": start,
            "load_ms": load_ms,
            "needs_config": needs,
            "error": error,
        })
    }

    pub(super) fn human(&self) -> String {
        let manifest = &self.manifest;
        let mut text =
            format!("{} {}  {}\n", plain(&manifest.id), plain(&manifest.version), plain(&manifest.description));
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "  {name:<10} {}", plain(value));
        };
        let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
        let form = if self.module { "core module with its component type" } else { "component" };
        row("file", &format!("{}: {form}, {} bytes", self.name, self.size));
        row("sha256", &self.digest.to_string());
        row("contract", &self.contract().unwrap_or_else(|| "none".to_owned()));
        row("compiler", &list(&self.made_by()));
        row("stages", &list(&self.anatomy.stages().names().map_owned()));
        if let Some(reads) = &manifest.admission_reads {
            let reads: Vec<String> = reads.iter().map(ToString::to_string).collect();
            row("reads", &format!("at admission {}", reads.join(", ")));
        }
        for (at, (import, grant)) in self.imports().enumerate() {
            let needs = grant.map_or_else(String::new, |grant| format!("  needs the grant {grant}"));
            row(if at == 0 { "imports" } else { "" }, &format!("{import}{needs}"));
        }
        let wanted = if manifest.grants.is_empty() { "" } else { " (wanted; the operator gives them or not)" };
        row("grants", &format!("{}{wanted}", list(&manifest.grants)));
        row("codes", &list(&manifest.codes));
        let Limits { memory, deadline } = self.limits;
        row("limits", &format!("{} MiB of memory, {} ms for a call", memory >> 20, deadline.as_millis()));
        match &self.loads {
            Loads::Ready { start: Start::Snapshot, took } => {
                row("loads", &format!("in {} ms; an instance starts from a snapshot", took.as_millis()))
            }
            Loads::Ready { start: Start::Configure, took } => {
                row(
                    "loads",
                    &format!(
                        "in {} ms; each instance is configured anew, which is slower: no snapshot can be made",
                        took.as_millis()
                    ),
                );
            }
            Loads::Refused { code, message } => row("loads", &format!("no: error[{code}] {message}")),
            Loads::NeedsConfig(mistakes) => {
                row(
                    "loads",
                    &format!(
                        "not tried: it needs a configuration; give one with --config FILE ({})",
                        mistakes.join("; ")
                    ),
                );
            }
        }
        if self.members.is_empty() {
            row("config", "none");
        } else {
            text.push_str("  config\n");
            self.members.iter().for_each(|member| member.human(&mut text));
        }
        text
    }
}

/// Names as strings of their own.
trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for Vec<&'static str> {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|name| (*name).to_owned()).collect()
    }
}

fn loads(bytes: &[u8], manifest: &Manifest, limits: Limits, config: &Value) -> Result<Loads, PluginError> {
    let mistakes = config_mistakes(manifest, config);
    if !mistakes.is_empty() {
        return Ok(match config.as_object().is_some_and(serde_json::Map::is_empty) {
            true => Loads::NeedsConfig(mistakes),
            false => Loads::Refused { code: "plugin_config_invalid", message: mistakes.join("; ") },
        });
    }
    let engine = engine(bytes.len())?;
    let began = Instant::now();
    let loaded = manifest.wanted().and_then(|grants| {
        engine.load(&Source { id: &manifest.id, bytes, config: &config.to_string(), limits, grants })
    });
    Ok(match loaded {
        Ok(plugin) => Loads::Ready { start: plugin.start(), took: began.elapsed() },
        Err(error) => refusal(&error),
    })
}

fn refusal(error: &LoadError) -> Loads {
    Loads::Refused { code: error.code(), message: error.to_string() }
}

/// What is wrong with a configuration, each mistake with its pointer.
pub(super) fn config_mistakes(manifest: &Manifest, config: &Value) -> Vec<String> {
    let Some(schema) = &manifest.config_schema else {
        let empty = config.as_object().is_some_and(serde_json::Map::is_empty);
        return if empty { vec![] } else { vec!["the plugin has no configuration".to_owned()] };
    };
    let mistakes = render_schema_errors(config, schema, "");
    mistakes
        .iter()
        .map(|m| if m.pointer.is_empty() { m.message.clone() } else { format!("{}: {}", m.pointer, m.message) })
        .collect()
}

#[cfg(test)]
mod tests;
