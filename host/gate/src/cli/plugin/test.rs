//! `witgate plugin test`: the cases of a plugin against its compiled component.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use witgate_engine::Manifest;

use super::cases::{self, Case};
use super::coverage::Coverage;
use super::error::PluginError;
use super::paint::Paint;
use super::runner::{Ran, Runner};
use super::splits::Splits;
use super::target::{Found, Target, text};
use super::{FAILED, OK, junit, tell};

/// What is wanted of a run.
pub(super) struct Wanted<'a> {
    pub(super) cases: Option<&'a Path>,
    pub(super) filter: Option<&'a str>,
    pub(super) splits: Splits,
    pub(super) format: TestFormat,
    pub(super) paint: Paint,
}

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    Human,
    /// For programs: one JSON value
    Json,
    /// For build servers: JUnit XML
    Junit,
}

/// Runs the cases and tells each: 0 when all are met, 1 when one is not.
pub(super) fn run(
    target: &Target,
    wanted: &Wanted<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let name = target.to_string();
    let found = target.found(err)?;
    let mut runner = Runner::new(&name, &found.bytes, wanted.splits)?;
    let (file, text) = find(target, wanted.cases, &found)?;
    let cases = cases(&name, &file, &text, &runner.manifest, wanted.filter)?;
    let (mut all, mut coverage) = (Vec::with_capacity(cases.len()), Coverage::default());
    for case in &cases {
        let ran = runner.run(case).map_err(|error| PluginError::Load { name: name.clone(), error })?;
        if let Some(outcome) = &ran.outcome {
            coverage.note(case.stage, case.whole_text().as_deref(), outcome);
        }
        if wanted.format == TestFormat::Human {
            write!(out, "{}", tell::case(case, &ran, &file, wanted.paint))?;
        }
        all.push((case, ran));
    }
    let failed = all.iter().filter(|(_, ran)| !ran.differences.is_empty()).count();
    let passed = all.len() - failed;
    match wanted.format {
        TestFormat::Junit => write!(out, "{}", junit::xml(&runner.manifest.id, &file, &all))?,
        TestFormat::Json => {
            let told: Vec<Value> = all.iter().map(|(case, ran)| json(case, ran)).collect();
            let coverage = coverage.json(&runner.manifest, runner.stages);
            let told = json!({"plugin": name, "id": runner.manifest.id, "file": file.display().to_string(), "passed": passed,
                "failed": failed, "cases": told, "coverage": coverage});
            writeln!(out, "{told}")?;
        }
        TestFormat::Human => {
            let many = if all.len() == 1 { "case" } else { "cases" };
            let end = if failed == 0 {
                wanted.paint.green("0 failed")
            } else {
                wanted.paint.red(&format!("{failed} failed"))
            };
            // Of some of the cases it would tell what the others cover as missing.
            if wanted.filter.is_none() {
                write!(out, "\n{}", coverage.human(&runner.manifest, runner.stages))?;
            }
            writeln!(out, "\n{name}: {} {many}, {passed} passed, {end}", all.len())?;
        }
    }
    Ok(if failed == 0 { OK } else { FAILED })
}

/// The cases' file and text: the one named, the one inside the binary, or `cases.yaml` beside the plugin.
pub(super) fn find(target: &Target, named: Option<&Path>, found: &Found) -> Result<(PathBuf, String), PluginError> {
    if let Some(file) = named {
        return Ok((file.to_owned(), text(file)?));
    }
    let none = |looked: String| PluginError::NoCases { name: target.to_string(), looked };
    if let Target::Builtin(builtin) = target {
        let text = builtin_cases(builtin).ok_or_else(|| none("none are in the binary".to_owned()))?;
        return Ok((PathBuf::from(format!("builtin:{builtin}/cases.yaml")), text.to_owned()));
    }
    let file = found.beside.clone().unwrap_or_default().join("cases.yaml");
    if file.exists() { Ok((file.clone(), text(&file)?)) } else { Err(none(format!("there is no {}", file.display()))) }
}

/// The cases of the plugins in the binary.
fn builtin_cases(name: &str) -> Option<&'static str> {
    match name {
        "pii" => Some(include_str!("../../../../../plugins/pii/cases.yaml")),
        "secrets" => Some(include_str!("../../../../../plugins/secrets/cases.yaml")),
        "injection" => Some(include_str!("../../../../../plugins/injection/cases.yaml")),
        "payloads" => Some(include_str!("../../../../../plugins/payloads/cases.yaml")),
        "classification" => Some(include_str!("../../../../../plugins/classification/cases.yaml")),
        "tool-tiers" => Some(include_str!("../../../../../plugins/tool-tiers/cases.yaml")),
        "patterns" => Some(include_str!("../../../../../plugins/patterns/cases.yaml")),
        _ => None,
    }
}

/// The cases of a file whose names contain `filter`; at least one.
pub(super) fn cases(
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

fn json(case: &Case, ran: &Ran) -> Value {
    json!({
        "name": case.name,
        "line": case.line,
        "stage": case.stage.name(),
        "passed": ran.differences.is_empty(),
        "micros": u64::try_from(ran.took.as_micros()).unwrap_or(u64::MAX),
        "cuts": ran.cuts.map(|(cuts, _)| cuts),
        "held_bytes": ran.cuts.map(|(_, held)| held),
        "differences": ran.differences,
    })
}
