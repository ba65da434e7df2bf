//! `witgate plugin check`: is it fit to be put in force? What it needs and asks for, how large it is, and whether it answers
//! the same twice.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use witgate_engine::{Anatomy, Manifest, Plugin, Source, Start, componentize};

use super::cases::Case;
use super::error::PluginError;
use super::paint::Paint;
use super::report::config_mistakes;
use super::target::{Found, Target, config, engine};
use super::{FAILED, Format, OK, plain, test};

mod advice;
mod behaviour;
mod manifest;

use advice::{Advice, Level};
use behaviour::Behaviour;

/// A Rust policy with its tables stays below this; more makes loading slow.
const LARGE: usize = 8 << 20;

/// What is wanted of a check.
pub(super) struct Wanted<'a> {
    pub(super) config: Option<&'a Path>,
    pub(super) cases: Option<&'a Path>,
    /// Warnings fail it too.
    pub(super) strict: bool,
    pub(super) format: Format,
    pub(super) paint: Paint,
}

/// Everything that was found out.
struct Checked {
    name: String,
    id: String,
    version: String,
    bytes: usize,
    stages: Vec<&'static str>,
    imports: Vec<String>,
    grants: Grants,
    start: Option<Start>,
    /// Bytes of linear memory after `configure`.
    memory: Option<usize>,
    behaviour: Option<Behaviour>,
    advice: Vec<Advice>,
}

/// Grants by name.
#[derive(Debug, Default)]
struct Grants {
    wanted: Vec<String>,
    /// Those that its imports need.
    needed: Vec<&'static str>,
}

/// Checks a plugin: 0 when it may be put in force, 1 when it should not.
pub(super) fn run(
    target: &Target,
    wanted: &Wanted<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let name = target.to_string();
    let found = target.found(err)?;
    let checked = check(&name, target, &found, wanted)?;
    match wanted.format {
        Format::Json => writeln!(out, "{}", checked.json(wanted.strict))?,
        Format::Human => write!(out, "{}", checked.human(wanted.paint, wanted.strict))?,
    }
    Ok(if checked.passes(wanted.strict) { OK } else { FAILED })
}

fn check(name: &str, target: &Target, found: &Found, wanted: &Wanted<'_>) -> Result<Checked, PluginError> {
    let load = |error| PluginError::Load { name: name.to_owned(), error };
    let bytes: &[u8] = &found.bytes;
    let own = Manifest::read(bytes).map_err(load)?;
    let component = componentize(bytes).map_err(load)?;
    let anatomy = Anatomy::read(&component).map_err(load)?;
    let stages = anatomy.stages();
    let mut checked = Checked {
        name: name.to_owned(),
        id: own.id.clone(),
        version: own.version.clone(),
        bytes: bytes.len(),
        stages: stages.names(),
        imports: anatomy.imports.clone(),
        grants: Grants { wanted: own.grants.clone(), needed: vec![] },
        start: None,
        memory: None,
        behaviour: None,
        advice: manifest::check(&own),
    };
    checked.world(&anatomy, &own);
    checked.size();

    // The cases give the inputs, and the configurations where none is named.
    let cases = match test::find(target, wanted.cases, found) {
        Ok((file, text)) => test::cases(name, &file, &text, &own, None)?,
        Err(error) if wanted.cases.is_some() => return Err(error),
        Err(_) => vec![],
    };
    if cases.is_empty() {
        checked.advice.push(Advice::new(
            Level::Warning,
            "check_no_cases",
            "there are no cases",
            "write a cases.yaml: it is what this policy promises, and what a reviewer reads first",
        ));
    }
    let named = config(wanted.config)?;
    let mistakes = config_mistakes(&own, &named);
    let usable = mistakes.is_empty();
    if !usable && (wanted.config.is_some() || cases.is_empty()) {
        return Err(PluginError::Config { name: name.to_owned(), given: wanted.config.is_some(), mistakes });
    }
    // Without a manifest that can be believed, and with imports that are not there, nothing can be run.
    if checked.advice.iter().any(|advice| advice.level == Level::Error) {
        return Ok(checked);
    }
    let inputs = behaviour::inputs(cases, &named, usable, wanted.config.is_some(), stages);
    checked.behave(bytes, &own, inputs)?;
    Ok(checked)
}

impl Checked {
    fn world(&mut self, anatomy: &Anatomy, own: &Manifest) {
        if self.stages.is_empty() {
            self.advice.push(Advice::new(
                Level::Error,
                "plugin_no_stage",
                "it exports no stage",
                "export one of admission, inspection, commitment, recording of witgate:policy@0.1.0",
            ));
        }
        match anatomy.needs() {
            Err(error) => self.advice.push(Advice::new(
                Level::Error,
                error.code(),
                error.to_string(),
                "build it without that import: the host will not load it",
            )),
            Ok(needs) => {
                for (import, grant) in needs {
                    let grant = grant.name();
                    if !self.grants.needed.contains(&grant) {
                        self.grants.needed.push(grant);
                    }
                    if !own.grants.iter().any(|wanted| wanted == grant) {
                        self.advice.push(Advice::new(
                            Level::Error,
                            "check_grant_missing",
                            format!("it imports {import}, which needs the grant `{grant}`, and its manifest does not ask for it"),
                            format!("add \"{grant}\" to the manifest's `grants`, so that an operator knows what to give; or do without the import"),
                        ));
                    }
                }
            }
        }
        for grant in own.grants.iter().filter(|grant| ["clock", "state"].contains(&grant.as_str())) {
            if !self.grants.needed.contains(&grant.as_str()) {
                self.advice.push(Advice::new(
                    Level::Warning,
                    "check_grant_unused",
                    format!("the manifest asks for the grant `{grant}`, and nothing is imported that needs it"),
                    "take it out of the manifest: an operator should give no more than is used",
                ));
            }
        }
        if anatomy.imports.iter().any(|import| import.starts_with("wasi:")) {
            self.advice.push(Advice::new(
                Level::Note,
                "check_wasi",
                "it imports WASI: the host gives it no files, no environment and no sockets, and runs it apart from other plugins",
                "nothing to do; a policy that must be fast is built without WASI, as those in Rust are",
            ));
        }
    }

    fn size(&mut self) {
        if self.bytes > LARGE {
            self.advice.push(Advice::new(
                Level::Note,
                "check_large",
                format!("it has {:.1} MiB", mib(self.bytes)),
                "expect seconds to load it the first time; interpreters inside a component are that large, tables need not be",
            ));
        }
    }

    /// Loads and asks it.
    fn behave(&mut self, bytes: &[u8], own: &Manifest, inputs: Vec<Case>) -> Result<(), PluginError> {
        let engine = engine(bytes.len())?;
        let grants = own.wanted().map_err(|error| PluginError::Load { name: self.name.clone(), error })?;
        let mut behaviour = Behaviour::default();
        let mut loaded: Option<(String, Plugin)> = None;
        for input in &inputs {
            let config = Value::Object(input.config.clone()).to_string();
            if loaded.as_ref().is_none_or(|(of, _)| *of != config) {
                let source =
                    Source { id: &own.id, bytes, config: &config, limits: own.limits.limits(), grants: grants.clone() };
                match engine.load(&source) {
                    Ok(plugin) => loaded = Some((config, plugin)),
                    Err(error) => {
                        self.advice.push(Advice::new(
                            Level::Error,
                            error.code(),
                            error.to_string(),
                            "it would be refused by a gate in the same way; `witgate plugin inspect` tells more of it",
                        ));
                        return Ok(());
                    }
                }
            }
            let Some((_, plugin)) = &loaded else { continue };
            if self.start.is_none() {
                self.start = Some(plugin.start());
                self.memory = plugin.open(&input.context()).ok().map(|sandbox| sandbox.memory_bytes());
            }
            behaviour.ask(&engine, plugin, own, input);
        }
        if self.start == Some(Start::Configure) {
            self.advice.push(Advice::new(
                Level::Warning,
                "check_no_snapshot",
                "no snapshot can be made of it: `configure` runs again for every exchange",
                "do without a start function, table changes and `data.drop` where you can; else keep `configure` short",
            ));
        }
        if let Some(memory) =
            self.memory.filter(|memory| memory.saturating_mul(4) > own.limits.limits().memory.saturating_mul(3))
        {
            self.advice.push(Advice::new(
                Level::Warning,
                "check_memory_tight",
                format!(
                    "after `configure` it has {:.1} MiB of the {:.0} MiB it asks for",
                    mib(memory),
                    mib(own.limits.limits().memory)
                ),
                "raise `limits.memory_mib` in the manifest: a long prompt needs room, and a plugin without it faults",
            ));
        }
        self.advice.extend(behaviour.advice(own));
        self.behaviour = Some(behaviour);
        Ok(())
    }

    fn passes(&self, strict: bool) -> bool {
        let least = if strict { Level::Warning } else { Level::Error };
        self.advice.iter().all(|advice| advice.level < least)
    }

    fn json(&self, strict: bool) -> Value {
        json!({
            "plugin": self.name,
            "id": self.id,
            "version": self.version,
            "passed": self.passes(strict),
            "bytes": self.bytes,
            "stages": self.stages,
            "imports": self.imports,
            "grants": {"wanted": self.grants.wanted, "needed": self.grants.needed},
            "start": self.start.map(Start::name),
            "memory_bytes": self.memory,
            "behaviour": self.behaviour.as_ref().map(Behaviour::json),
            "findings": self.advice.iter().map(Advice::json).collect::<Vec<_>>(),
        })
    }

    fn human(&self, paint: Paint, strict: bool) -> String {
        let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { plain(&items.join(", ")) };
        let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let mut rows = vec![
            ("stages", list(&owned(&self.stages))),
            (
                "grants",
                format!("wants {}; its imports need {}", list(&self.grants.wanted), list(&owned(&self.grants.needed))),
            ),
            ("size", format!("{:.1} KiB", kib(self.bytes))),
        ];
        if let Some(memory) = self.memory {
            let start = match self.start {
                Some(Start::Snapshot) => ", an instance starts from a snapshot",
                _ => "",
            };
            rows.push(("memory", format!("{:.0} KiB after `configure`{start}", kib(memory))));
        }
        if let Some(behaviour) = &self.behaviour {
            rows.push(("answers", behaviour.told()));
        }
        let mut text = format!("{} {}\n", paint.bold(&plain(&self.id)), plain(&self.version));
        for (name, value) in rows {
            text.push_str(&format!("  {name:<8} {value}\n"));
        }
        for advice in &self.advice {
            text.push_str(&advice.human(paint));
        }
        let count = |level: Level| self.advice.iter().filter(|advice| advice.level == level).count();
        let outcome = match self.passes(strict) {
            true => paint.green("✓ may be put in force"),
            false => paint.red("✗ should not be put in force"),
        };
        text.push_str(&format!(
            "\n{outcome}: {}, {}, {}\n",
            many(count(Level::Error), "error"),
            many(count(Level::Warning), "warning"),
            many(count(Level::Note), "note")
        ));
        text
    }
}

fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn kib(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1024.0
}

fn mib(bytes: usize) -> f64 {
    kib(bytes) / 1024.0
}

#[cfg(test)]
mod tests;
