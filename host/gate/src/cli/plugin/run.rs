//! `witgate plugin run`: one input, and what a plugin says of it.

use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use witgate_engine::{Finding, Label, Manifest, Replacement, Source, Stages, Verdict, componentize};

use super::ask::{Answer, ask};
use super::cases::{Case, CaseStage, Input};
use super::error::PluginError;
use super::outcome::{Outcome, Said};
use super::paint::{Paint, visible};
use super::report::config_mistakes;
use super::target::{Target, config, engine};
use super::{FAILED, Format, OK, plain, runner};

mod excerpt;

/// An input that a gate would take is not larger.
const MOST: u64 = 8 << 20;

/// What is asked.
pub(super) struct Wanted<'a> {
    /// Left out, the first one that the plugin has.
    pub(super) stage: Option<CaseStage>,
    pub(super) role: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) channel: Option<&'a str>,
    pub(super) tool: &'a str,
    pub(super) config: Option<&'a Path>,
    pub(super) format: Format,
    pub(super) paint: Paint,
}

/// Asks about `input`: 0 when the plugin allows it, 1 when it does not.
pub(super) fn run(
    target: &Target,
    wanted: &Wanted<'_>,
    input: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let name = target.to_string();
    let load = |error| PluginError::Load { name: name.clone(), error };
    let bytes = target.found(err)?.bytes;
    let manifest = Manifest::read(&bytes).map_err(load)?;
    let component = componentize(&bytes).map_err(load)?;
    let stages = witgate_engine::Anatomy::read(&component).map_err(load)?.stages();
    let stage = stage(&name, wanted.stage, stages)?;
    let settings = config(wanted.config)?;
    let mistakes = config_mistakes(&manifest, &settings);
    if !mistakes.is_empty() {
        return Err(PluginError::Config { name, given: wanted.config.is_some(), mistakes });
    }
    let case = case(stage, wanted, text(input)?)?;
    let grants = manifest.wanted().map_err(load)?;
    let limits = manifest.limits.limits();
    let settings = settings.to_string();
    let source = Source { id: &manifest.id, bytes: &bytes, config: &settings, limits, grants };
    let plugin = engine(bytes.len())?.load(&source).map_err(load)?;
    let began = Instant::now();
    let answer = ask(&plugin, &case);
    let took = began.elapsed();
    let answer = answer.map_err(|fault| PluginError::Fault { name, fault })?;
    let outcome = runner::outcome(&case, Ok(answer.clone()));
    let told = Told { case: &case, answer: &answer, outcome: &outcome, took };
    match wanted.format {
        Format::Json => writeln!(out, "{}", told.json())?,
        Format::Human => write!(out, "{}", told.human(wanted.paint))?,
    }
    Ok(if outcome.said == Said::Allow { OK } else { FAILED })
}

fn stage(name: &str, wanted: Option<CaseStage>, stages: Stages) -> Result<CaseStage, PluginError> {
    let there = [
        (CaseStage::Admission, stages.admission),
        (CaseStage::Inspection, stages.inspection),
        (CaseStage::Commitment, stages.commitment),
    ];
    let mut there = there.into_iter().filter(|(_, there)| *there).map(|(stage, _)| stage);
    match wanted {
        None => there.next(),
        Some(wanted) => there.find(|stage| *stage == wanted),
    }
    .ok_or_else(|| PluginError::Stage {
        name: name.to_owned(),
        wanted: wanted.map(CaseStage::name),
        there: stages.names().join(", "),
    })
}

fn text(input: &mut dyn Read) -> Result<String, PluginError> {
    let mut bytes = Vec::new();
    input.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| PluginError::Input(error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(PluginError::Input(format!("it is longer than {} MiB", MOST >> 20)));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| PluginError::Input(error.to_string()))?;
    // What `echo` adds is not part of what somebody wrote.
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

fn case(stage: CaseStage, wanted: &Wanted<'_>, text: String) -> Result<Case, PluginError> {
    let mut input =
        Input { role: wanted.role.map(str::to_owned), kind: wanted.kind.map(str::to_owned), ..Input::default() };
    input.channel = wanted.channel.map(str::to_owned);
    input.tool = wanted.tool.to_owned();
    if stage == CaseStage::Commitment {
        let wrong = |why: String| PluginError::Input(format!("a tool call's arguments are a JSON object: {why}"));
        match serde_json::from_str(if text.trim().is_empty() { "{}" } else { &text }) {
            Ok(Value::Object(arguments)) => input.arguments = arguments,
            Ok(_) => return Err(wrong("this is another value".to_owned())),
            Err(error) => return Err(wrong(error.to_string())),
        }
    } else {
        input.text = text;
    }
    Ok(Case::of(stage, input))
}

struct Told<'a> {
    case: &'a Case,
    answer: &'a Answer,
    outcome: &'a Outcome,
    took: Duration,
}

impl Told<'_> {
    /// Code, message and queue of a verdict that is not allow.
    fn reason(&self) -> Option<(&str, &str, Option<&str>)> {
        match &self.answer.decision.verdict {
            Verdict::Allow => None,
            Verdict::Deny(denial) => Some((&denial.code, &denial.message, None)),
            Verdict::Escalate(e) => Some((&e.code, &e.message, Some(&e.queue))),
        }
    }

    fn json(&self) -> Value {
        let decision = &self.answer.decision;
        let span = |at: &witgate_engine::Span| json!({"start": at.start, "end": at.end});
        let finding = |f: &Finding| json!({"code": f.code, "at": f.at.as_ref().map(span), "confidence": f.confidence, "detail": f.detail});
        let edit = |e: &witgate_engine::Edit| match &e.replacement {
            Replacement::Text(text) => json!({"at": span(&e.at), "text": text}),
            Replacement::Token(kind) => json!({"at": span(&e.at), "token": kind}),
        };
        let label = |Label { key, value }: &Label| json!({"key": key, "value": value});
        let reason = self.reason();
        json!({
            "stage": self.case.stage.name(),
            "verdict": self.outcome.said.name(),
            "code": self.outcome.said.code(),
            "message": reason.map(|(_, message, _)| message),
            "queue": reason.and_then(|(_, _, queue)| queue),
            "findings": decision.findings.iter().map(finding).collect::<Vec<_>>(),
            "labels": decision.labels.iter().map(label).collect::<Vec<_>>(),
            "edits": decision.edits.iter().map(edit).collect::<Vec<_>>(),
            "text": self.outcome.text,
            "held_bytes": (self.case.stage == CaseStage::Inspection).then_some(self.answer.held),
            "micros": u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX),
        })
    }

    fn human(&self, paint: Paint) -> String {
        let said = match &self.outcome.said {
            Said::Allow => paint.green("allow"),
            Said::Escalate { .. } => paint.yellow(&plain(&self.outcome.said.to_string())),
            other => paint.red(&plain(&other.to_string())),
        };
        let mut text =
            format!("{said}  {}\n", paint.faint(&format!("{}, {} µs", self.case.stage.name(), self.took.as_micros())));
        if let Some((_, message, _)) = self.reason() {
            text.push_str(&format!("  the caller is told: {}\n", plain(message)));
        }
        let before = self.case.whole_text().unwrap_or_default();
        if !self.answer.decision.findings.is_empty() {
            text.push_str(&excerpt::findings(&before, &self.answer.decision.findings, paint));
        }
        for Label { key, value } in &self.answer.decision.labels {
            text.push_str(&format!("  label {}={}\n", plain(key), plain(value)));
        }
        if let Some(after) = self.outcome.text.as_ref().filter(|after| **after != before) {
            text.push_str(&format!("  {}\n", paint.bold("goes on as")));
            for line in after.lines() {
                text.push_str(&format!("  {}\n", visible(line)));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests;
