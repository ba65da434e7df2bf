//! `witgate plugin test`: the cases of a plugin against its compiled component.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use witgate_engine::Manifest;

use super::cases::{self, Case};
use super::error::PluginError;
use super::runner::{Ran, Runner};
use super::target::{Target, text};
use super::{FAILED, Format, OK, build, plain};

/// What is wanted of a run.
pub(super) struct Wanted<'a> {
    pub(super) cases: Option<&'a Path>,
    pub(super) filter: Option<&'a str>,
    pub(super) format: Format,
    pub(super) colour: bool,
}

/// Runs the cases and tells each: 0 when all are met, 1 when one is not.
pub(super) fn run(
    target: &Target,
    wanted: &Wanted<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let name = target.to_string();
    let (bytes, beside) = match target {
        Target::Path(dir) if dir.is_dir() => {
            writeln!(err, "building {name}")?;
            (Cow::Owned(build::component(dir)?.bytes), Some(dir.clone()))
        }
        Target::Path(file) => (target.bytes()?, Some(file.parent().map(Path::to_path_buf).unwrap_or_default())),
        Target::Builtin(_) => (target.bytes()?, None),
    };
    let mut runner = Runner::new(&name, &bytes)?;
    let (file, text) = find(target, wanted.cases, beside)?;
    let cases = cases(&name, &file, &text, &runner.manifest, wanted.filter)?;
    let tell = Tell { wanted, file: &file };
    let (mut failed, mut told) = (0_usize, Vec::new());
    for case in &cases {
        let ran = runner.run(case).map_err(|error| PluginError::Load { name: name.clone(), error })?;
        failed += usize::from(!ran.differences.is_empty());
        match wanted.format {
            Format::Human => tell.human(case, &ran, out)?,
            Format::Json => told.push(json(case, &ran)),
        }
    }
    match wanted.format {
        Format::Json => writeln!(out, "{}", Value::Array(told))?,
        Format::Human => {
            let passed = cases.len() - failed;
            let many = if cases.len() == 1 { "case" } else { "cases" };
            writeln!(out, "\n{name}: {} {many}, {passed} passed, {failed} failed", cases.len())?;
        }
    }
    Ok(if failed == 0 { OK } else { FAILED })
}

/// The cases' file and text: the one named, the one inside the binary, or `cases.yaml` beside the plugin.
fn find(target: &Target, named: Option<&Path>, beside: Option<PathBuf>) -> Result<(PathBuf, String), PluginError> {
    if let Some(file) = named {
        return Ok((file.to_owned(), text(file)?));
    }
    let none = |looked: String| PluginError::NoCases { name: target.to_string(), looked };
    if let Target::Builtin(builtin) = target {
        let text = builtin_cases(builtin).ok_or_else(|| none("none are in the binary".to_owned()))?;
        return Ok((PathBuf::from(format!("builtin:{builtin}/cases.yaml")), text.to_owned()));
    }
    let file = beside.unwrap_or_default().join("cases.yaml");
    if file.exists() { Ok((file.clone(), text(&file)?)) } else { Err(none(format!("there is no {}", file.display()))) }
}

/// The cases of the plugins in the binary.
fn builtin_cases(name: &str) -> Option<&'static str> {
    match name {
        "pii" => Some(include_str!("../../../../../plugins/pii/cases.yaml")),
        "injection" => Some(include_str!("../../../../../plugins/injection/cases.yaml")),
        "classification" => Some(include_str!("../../../../../plugins/classification/cases.yaml")),
        "tool-tiers" => Some(include_str!("../../../../../plugins/tool-tiers/cases.yaml")),
        _ => None,
    }
}

fn cases(
    name: &str,
    file: &Path,
    text: &str,
    manifest: &Manifest,
    filter: Option<&str>,
) -> Result<Vec<Case>, PluginError> {
    let mut cases = cases::parse(file, text, manifest).map_err(PluginError::Mistakes)?;
    if cases.is_empty() {
        return Err(PluginError::NoCases { name: name.to_owned(), looked: format!("{} is empty", file.display()) });
    }
    if let Some(filter) = filter {
        cases.retain(|case| case.name.contains(filter));
        if cases.is_empty() {
            return Err(PluginError::NoMatch(filter.to_owned()));
        }
    }
    Ok(cases)
}

struct Tell<'a> {
    wanted: &'a Wanted<'a>,
    file: &'a Path,
}

impl Tell<'_> {
    fn human(&self, case: &Case, ran: &Ran, out: &mut dyn Write) -> std::io::Result<()> {
        let (green, red, end) = if self.wanted.colour { ("\x1b[32m", "\x1b[31m", "\x1b[0m") } else { ("", "", "") };
        let mark = if ran.differences.is_empty() { format!("{green}✓{end}") } else { format!("{red}✗{end}") };
        let cuts = ran.cuts.map_or_else(String::new, |(cuts, held)| format!(", {cuts} cuts, holds {held} B"));
        writeln!(out, "{mark} {}  {} µs{cuts}", plain(&case.name), ran.took.as_micros())?;
        if ran.differences.is_empty() {
            return Ok(());
        }
        let line = case.line.map_or_else(String::new, |line| format!(":{line}"));
        writeln!(out, "  --> {}{line}", self.file.display())?;
        for difference in &ran.differences {
            writeln!(out, "  {}", difference.what)?;
            writeln!(out, "    {green}expected{end}  {}", plain(&difference.expected))?;
            writeln!(out, "    {red}got{end}       {}", plain(&difference.got))?;
        }
        Ok(())
    }
}

fn json(case: &Case, ran: &Ran) -> Value {
    json!({
        "name": case.name,
        "line": case.line,
        "passed": ran.differences.is_empty(),
        "micros": u64::try_from(ran.took.as_micros()).unwrap_or(u64::MAX),
        "cuts": ran.cuts.map(|(cuts, _)| cuts),
        "held_bytes": ran.cuts.map(|(_, held)| held),
        "differences": ran.differences,
    })
}
