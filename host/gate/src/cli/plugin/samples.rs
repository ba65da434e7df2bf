//! Cases out of what a plugin was asked in earnest: its input with every value that a policy finds in it replaced by one of the same
//! shape, and what it says of that.
//!
//! A case is only made where the plugin decides the replaced text as it decided the real one: the same verdict, the same findings and
//! edits at the same places, the same labels.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use witgate_engine::{Decision, Document, Engine, Plugin, Replacement};

use super::ask::ask;
use super::cases::{Case, CaseStage};
use super::error::PluginError;
use super::outcome::Said;
use super::runner::{Runner, outcome};
use super::splits::Splits;
use super::target;

use redaction::Redaction;

mod arguments;
mod redaction;

/// The policies whose findings are replaced, whichever plugin the case is for.
const FINDERS: [&str; 5] = ["pii", "secrets", "injection", "payloads", "classification"];
/// So often the values that a plugin no longer finds, or finds otherwise, are drawn anew.
const DRAWS: usize = 800;
/// The least bytes of a value that must not turn up anywhere in its case.
const TELLING: usize = 4;

/// An engine for all of them.
///
/// # Errors
/// In words: there is none to be had.
pub(in crate::cli) fn engine() -> Result<Engine, String> {
    target::engine(0).map_err(|error| error.to_string())
}

/// What a plugin was asked.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Asked {
    /// `admission`, `inspection` or `commitment`.
    pub(in crate::cli) stage: &'static str,
    pub(in crate::cli) document: Document,
    /// Of an inspection: the channel's kind.
    pub(in crate::cli) channel: String,
    /// Of a commitment.
    pub(in crate::cli) tool: String,
    /// Who asked, as cases tell it.
    pub(in crate::cli) context: Value,
}

/// A plugin of a set that decided.
pub(in crate::cli) struct Sampled {
    runner: Runner<'static>,
    config: Map<String, Value>,
}

impl Sampled {
    /// Reads its manifest.
    ///
    /// # Errors
    /// In words: it has none, or is no plugin.
    pub(in crate::cli) fn new(engine: Engine, id: &str, bytes: Vec<u8>, config: Value) -> Result<Self, String> {
        let config = if let Value::Object(config) = config { config } else { Map::new() };
        let runner = Runner::in_engine(engine, id, Cow::Owned(bytes), Splits::None);
        Ok(Self { runner: runner.map_err(|error| error.to_string())?, config })
    }

    /// Whether it is asked at a stage.
    pub(in crate::cli) fn has(&self, stage: &str) -> bool {
        self.runner.stages.names().contains(&stage)
    }

    /// A case of what it was asked. `recorded` is what it said then, by the ledger.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(in crate::cli) fn case(
        &mut self,
        finders: &mut Finders,
        name: &str,
        asked: &Asked,
        recorded: Option<&str>,
    ) -> Result<Value, String> {
        let mut draft = self.draft(name, asked)?;
        let real = read(&draft)?;
        let plugin = self.runner.plugin(&real).map_err(|error| error.to_string())?;
        let document = document(&real);
        let said = self.ask(&plugin, &real)?;
        let verdict = outcome_of(&real, &said).said;
        if recorded.is_some_and(|recorded| recorded != verdict.name()) {
            return Err(
                "asked alone it decides otherwise than it did: what it kept, or what the host answered, counts".into(),
            );
        }
        let mut redaction = Redaction::new(&document.text)?;
        redaction.values(places(&said));
        redaction.values(finders.places(&document)?);
        for draw in 0..DRAWS {
            let text = redaction.draw(draw);
            rewrite(&mut draft, asked.stage, &document, &text);
            let case = read(&draft)?;
            let again = self.ask(&plugin, &case)?;
            let other = unlike(&places(&said), &places(&again));
            if other.is_empty() && same(&said, &again) {
                return finish(draft, &case, &again, &redaction);
            }
            redaction.again(&other);
            if redaction.is_settled() {
                break;
            }
        }
        Err("what stands in for its values is not decided as they are".into())
    }

    fn draft(&self, name: &str, asked: &Asked) -> Result<Map<String, Value>, String> {
        let mut draft = Map::new();
        draft.insert("name".into(), name.into());
        if !self.config.is_empty() {
            draft.insert("config".into(), Value::Object(self.config.clone()));
        }
        draft.insert("stage".into(), asked.stage.into());
        if asked.context.as_object().is_some_and(|context| !context.is_empty()) {
            draft.insert("context".into(), asked.context.clone());
        }
        match asked.stage {
            "admission" if asked.document.segments.is_empty() => return Err("there was no text".into()),
            "inspection" => drop(draft.insert("channel".into(), asked.channel.as_str().into())),
            "commitment" => drop(draft.insert("tool".into(), asked.tool.as_str().into())),
            _ => {}
        }
        rewrite(&mut draft, asked.stage, &asked.document, &asked.document.text);
        draft.insert("expect".into(), json!({ "verdict": "allow" }));
        Ok(draft)
    }

    fn ask(&self, plugin: &Plugin, case: &Case) -> Result<Decision, String> {
        self.runner.engine.forget_state();
        ask(plugin, case).map(|answer| answer.decision).map_err(|fault| format!("it could not decide: {fault}"))
    }
}

/// Policies that find values.
pub(in crate::cli) struct Finders(Vec<Runner<'static>>);

impl Finders {
    /// The built-in ones.
    ///
    /// # Errors
    /// In words: one of them is no plugin.
    pub(in crate::cli) fn new(engine: &Engine) -> Result<Self, String> {
        let runner = |name: &&str| {
            let bytes = crate::builtin::bytes(name).ok_or_else(|| PluginError::NoBuiltin((*name).to_owned()))?;
            Runner::in_engine(engine.clone(), name, Cow::Borrowed(bytes), Splits::None)
        };
        let runners: Result<_, PluginError> = FINDERS.iter().map(runner).collect();
        runners.map(Self).map_err(|error| error.to_string())
    }

    /// Where they find something, asked as of a prompt.
    fn places(&mut self, document: &Document) -> Result<Vec<Place>, String> {
        let segments = segments(document, &document.text);
        if segments.is_empty() {
            return Ok(vec![]);
        }
        let asked =
            json!({ "name": "a text", "stage": "admission", "segments": segments, "expect": { "verdict": "allow" } });
        let case: Case = serde_json::from_value(asked).map_err(|error| error.to_string())?;
        let mut found = Vec::new();
        for runner in &mut self.0 {
            let plugin = runner.plugin(&case).map_err(|error| error.to_string())?;
            let fault = |fault| format!("{} could not look for values in it: {fault}", runner.manifest.id);
            let said = ask(&plugin, &case).map_err(fault)?.decision;
            found.extend(places(&said));
        }
        Ok(found)
    }
}

/// Where something was found, or is to be changed, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    start: usize,
    end: usize,
    what: String,
}

fn places(said: &Decision) -> Vec<Place> {
    let size = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let found = said.findings.iter().filter_map(|finding| {
        let at = finding.at.as_ref()?;
        Some(Place { start: size(at.start), end: size(at.end), what: format!("finding {}", finding.code) })
    });
    let edits = said.edits.iter().map(|edit| {
        let what = match &edit.replacement {
            Replacement::Token(kind) => format!("token {kind}"),
            // It may hold a part of what it replaces.
            Replacement::Text(_) => "text".to_owned(),
        };
        Place { start: size(edit.at.start), end: size(edit.at.end), what }
    });
    found.chain(edits).collect()
}

/// The places that are in one of two lists alone.
fn unlike(one: &[Place], other: &[Place]) -> Vec<Place> {
    let alone = |these: &[Place], those: &[Place]| -> Vec<Place> {
        these.iter().filter(|place| !those.contains(place)).cloned().collect()
    };
    [alone(one, other), alone(other, one)].concat()
}

/// Whether two decisions come to the same, places aside.
fn same(one: &Decision, other: &Decision) -> bool {
    let codes = |said: &Decision| said.findings.iter().map(|finding| finding.code.clone()).collect::<Vec<_>>();
    one.verdict == other.verdict && one.labels == other.labels && codes(one) == codes(other)
}

fn read(draft: &Map<String, Value>) -> Result<Case, String> {
    serde_json::from_value(Value::Object(draft.clone())).map_err(|error| error.to_string())
}

/// The text a case is about, with its parts.
fn document(case: &Case) -> Document {
    match case.stage {
        CaseStage::Admission => case.request(),
        CaseStage::Commitment => case.action().arguments,
        CaseStage::Inspection => {
            let text = case.channel().1.to_owned();
            let at = witgate_engine::Span { start: 0, end: text.len() as u64 };
            let segment = witgate_engine::Segment {
                role: "assistant".to_owned(),
                kind: "text".to_owned(),
                name: None,
                pointer: String::new(),
                at,
            };
            Document { text, segments: vec![segment] }
        }
    }
}

/// Puts another text of the same length and the same parts into a case.
fn rewrite(draft: &mut Map<String, Value>, stage: &str, document: &Document, text: &str) {
    let (member, value) = match stage {
        "admission" => ("segments", segments(document, text).into()),
        "commitment" => ("arguments", arguments::of(document, text)),
        _ => ("text", text.into()),
    };
    draft.insert(member.into(), value);
}

fn part<'t>(segment: &witgate_engine::Segment, text: &'t str) -> &'t str {
    let range = usize::try_from(segment.at.start).ok().zip(usize::try_from(segment.at.end).ok());
    range.and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
}

fn segments(document: &Document, text: &str) -> Vec<Value> {
    let segment = |segment: &witgate_engine::Segment| {
        let mut told = Map::new();
        told.insert("role".into(), segment.role.as_str().into());
        told.insert("kind".into(), segment.kind.as_str().into());
        if let Some(name) = &segment.name {
            told.insert("name".into(), name.as_str().into());
        }
        told.insert("text".into(), part(segment, text).into());
        Value::Object(told)
    };
    document.segments.iter().map(segment).collect()
}

fn outcome_of(case: &Case, said: &Decision) -> super::outcome::Outcome {
    outcome(case, Ok(super::ask::Answer { decision: said.clone(), held: 0 }))
}

/// The case with what is expected, unless a value shows in it all the same.
fn finish(mut draft: Map<String, Value>, case: &Case, said: &Decision, redaction: &Redaction) -> Result<Value, String> {
    let outcome = outcome_of(case, said);
    if let Said::Fault { message, .. } = &outcome.said {
        return Err(message.clone());
    }
    let mut expect = Map::new();
    expect.insert("verdict".into(), outcome.said.name().into());
    if let Some(code) = outcome.said.code() {
        expect.insert("code".into(), code.into());
    }
    if let Said::Escalate { queue, .. } = &outcome.said {
        expect.insert("queue".into(), queue.as_str().into());
    }
    if let Some(text) = &outcome.text {
        expect.insert("text".into(), text.as_str().into());
    }
    expect.insert("findings".into(), outcome.findings.into());
    let labels = outcome.labels.iter().map(|(key, value)| json!({ "key": key, "value": value }));
    expect.insert("labels".into(), labels.collect());
    draft.insert("expect".into(), Value::Object(expect));
    let case = Value::Object(draft);
    match redaction.shows_in(&case) {
        true => Err("a value of it stands elsewhere in the case, such as in the plugin's configuration".into()),
        false => Ok(case),
    }
}
