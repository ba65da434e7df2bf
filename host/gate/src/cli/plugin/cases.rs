//! `cases.yaml`: what a plugin's author expects of it.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use witgate_engine::{Action, AttributedLabel, Claim, Context, Document, Manifest, Segment, Span};

use crate::config::{ConfigErrors, Mistake, parse_yaml, render_schema_errors};

const SCHEMA: &str = include_str!("cases/schema.json");

/// One case. Its shape is the schema's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    #[serde(default)]
    pub(super) config: Map<String, Value>,
    pub(super) stage: CaseStage,
    #[serde(default)]
    context: Claims,
    text: Option<String>,
    segments: Option<Vec<CaseSegment>>,
    channel: Option<String>,
    tool: Option<String>,
    arguments: Option<Value>,
    pub(super) expect: Expect,
    /// 1-based, in the file.
    #[serde(skip)]
    pub(super) line: Option<usize>,
}

/// Where the plugin is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CaseStage {
    /// A prompt, before anything leaves
    Admission,
    /// A text of the answer, as it streams
    Inspection,
    /// A tool call, before it happens
    Commitment,
}

impl CaseStage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Inspection => "inspection",
            Self::Commitment => "commitment",
        }
    }
}

/// One input that no file of cases names.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    /// The text of an admission or inspection.
    pub(super) text: String,
    /// Of an admission's segment; left out, `user` and `text`.
    pub(super) role: Option<String>,
    pub(super) kind: Option<String>,
    /// Of an inspection; left out, `content`.
    pub(super) channel: Option<String>,
    /// Of a commitment.
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
}

/// What the plugin is to say; what is left out may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Expect {
    pub(super) verdict: String,
    pub(super) code: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) text: Option<String>,
    pub(super) findings: Option<Vec<String>>,
    pub(super) labels: Option<Vec<CaseLabel>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct CaseLabel {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct CaseSegment {
    role: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Claims {
    principal: Option<CaseClaim>,
    owner: Option<CaseClaim>,
    clearance: Option<CaseClaim>,
    classification: Option<CaseClaim>,
    intent: Option<CaseClaim>,
    labels: Vec<EarlierLabel>,
}

/// A text is somebody's word; proof must be said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum CaseClaim {
    Stated(String),
    Told { value: String, proven: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct EarlierLabel {
    source: String,
    key: String,
    value: String,
}

/// Reads the cases of a plugin; each configuration must meet the schema of its manifest.
///
/// # Errors
/// Every mistake, with its pointer and line.
pub(super) fn parse(file: &Path, text: &str, manifest: &Manifest) -> Result<Vec<Case>, ConfigErrors> {
    let (value, lines) =
        parse_yaml(text).map_err(|mistake| ConfigErrors::new(file, text, &Default::default(), vec![mistake]))?;
    // An empty file is an empty list.
    let value = if value.is_null() { Value::Array(vec![]) } else { value };
    let fail = |mistakes| ConfigErrors::new(file, text, &lines, mistakes);
    // The schema is part of this binary, and a test reads it.
    let schema = serde_json::from_str(SCHEMA).unwrap_or(Value::Bool(false));
    let mistakes = render_schema_errors(&value, &schema, "");
    if !mistakes.is_empty() {
        return Err(fail(mistakes));
    }
    let mut cases: Vec<Case> =
        serde_json::from_value(value).map_err(|e| fail(vec![Mistake::new("wrong_type", "", e.to_string())]))?;
    let mut mistakes = Vec::new();
    for (index, case) in cases.iter_mut().enumerate() {
        let pointer = format!("/{index}");
        case.line = lines.of(&pointer);
        case.check(&pointer, manifest, &mut mistakes);
    }
    if mistakes.is_empty() { Ok(cases) } else { Err(fail(mistakes)) }
}

impl Case {
    /// What the schema cannot say.
    fn check(&self, pointer: &str, manifest: &Manifest, out: &mut Vec<Mistake>) {
        let stage = self.stage.name();
        let members = [
            ("text", self.text.is_some(), self.stage != CaseStage::Commitment),
            ("segments", self.segments.is_some(), self.stage == CaseStage::Admission),
            ("channel", self.channel.is_some(), self.stage == CaseStage::Inspection),
            ("tool", self.tool.is_some(), self.stage == CaseStage::Commitment),
            ("arguments", self.arguments.is_some(), self.stage == CaseStage::Commitment),
        ];
        for (name, _, _) in members.into_iter().filter(|(_, there, right)| *there && !right) {
            let message = format!("a case of {stage} has no `{name}`");
            out.push(
                Mistake::new("unknown_member", format!("{pointer}/{name}"), message)
                    .help("remove it, or change `stage`"),
            );
        }
        let missing = match self.stage {
            CaseStage::Admission if self.text.is_some() == self.segments.is_some() => {
                Some("either `text` or `segments`")
            }
            CaseStage::Inspection if self.text.is_none() => Some("`text`"),
            CaseStage::Commitment if self.tool.is_none() => Some("`tool`"),
            _ => None,
        };
        if let Some(what) = missing {
            out.push(Mistake::new("missing_member", pointer, format!("a case of {stage} needs {what}")));
        }
        self.expect.check(pointer, out);
        let config = Value::Object(self.config.clone());
        match &manifest.config_schema {
            Some(schema) => out.extend(render_schema_errors(&config, schema, &format!("{pointer}/config"))),
            None if self.config.is_empty() => {}
            None => {
                let mistake =
                    Mistake::new("unknown_member", format!("{pointer}/config"), "the plugin has no configuration");
                out.push(mistake.help("leave `config` out, or give the manifest a `config_schema`"));
            }
        }
    }

    /// A case of one input, expecting nothing in particular.
    pub(super) fn of(stage: CaseStage, input: Input) -> Self {
        let Input { text, role, kind, channel, tool, arguments } = input;
        let admission = stage == CaseStage::Admission;
        let commitment = stage == CaseStage::Commitment;
        let expect =
            Expect { verdict: "allow".to_owned(), code: None, queue: None, text: None, findings: None, labels: None };
        Self {
            name: String::new(),
            config: Map::new(),
            stage,
            context: Claims::default(),
            segments: admission.then(|| vec![CaseSegment { role, kind, name: None, text: text.clone() }]),
            text: (stage == CaseStage::Inspection).then_some(text),
            channel,
            tool: commitment.then_some(tool),
            arguments: commitment.then_some(Value::Object(arguments)),
            expect,
            line: None,
        }
    }

    /// The text that the plugin is given, before any edit.
    pub(super) fn whole_text(&self) -> Option<String> {
        match self.stage {
            CaseStage::Admission => Some(self.request().text),
            CaseStage::Inspection => self.text.clone(),
            CaseStage::Commitment => Some(self.action().arguments.text),
        }
    }

    /// Who asks.
    pub(super) fn context(&self) -> Context {
        let claim = |claim: &Option<CaseClaim>| {
            claim.as_ref().map(|claim| match claim {
                CaseClaim::Stated(value) => Claim { value: value.clone(), proven: false },
                CaseClaim::Told { value, proven } => Claim { value: value.clone(), proven: *proven },
            })
        };
        let label = |label: &EarlierLabel| AttributedLabel {
            source: label.source.clone(),
            key: label.key.clone(),
            value: label.value.clone(),
        };
        Context {
            exchange: "00000000-0000-7000-8000-000000000000".to_owned(),
            tenant: "default".to_owned(),
            principal: claim(&self.context.principal)
                .unwrap_or_else(|| Claim { value: "anonymous".to_owned(), proven: false }),
            owner: claim(&self.context.owner),
            clearance: claim(&self.context.clearance),
            classification: claim(&self.context.classification),
            intent: claim(&self.context.intent),
            dialect: "openai-chat".to_owned(),
            model: Some("test".to_owned()),
            labels: self.context.labels.iter().map(label).collect(),
        }
    }

    /// The request of an admission case.
    pub(super) fn request(&self) -> Document {
        let mut document = Document { text: String::new(), segments: vec![] };
        for (index, segment) in self.segments.iter().flatten().enumerate() {
            let (role, kind) = (segment.role.as_deref().unwrap_or("user"), segment.kind.as_deref().unwrap_or("text"));
            push(&mut document, role, kind, segment.name.clone(), format!("/messages/{index}/content"), &segment.text);
        }
        if let Some(text) = &self.text {
            push(&mut document, "user", "text", None, "/messages/0/content".to_owned(), text);
        }
        document
    }

    /// The effect of a commitment case, its arguments as the gate reads them from a tool call.
    pub(super) fn action(&self) -> Action {
        let mut arguments = Document { text: String::new(), segments: vec![] };
        if let Some(value) = &self.arguments {
            leaves(value, String::new(), &mut arguments);
        }
        Action { kind: "tool_use".to_owned(), target: self.tool.clone().unwrap_or_default(), arguments, hints: vec![] }
    }

    /// The channel of an inspection case, and its text.
    pub(super) fn channel(&self) -> (&str, &str) {
        (self.channel.as_deref().unwrap_or("content"), self.text.as_deref().unwrap_or_default())
    }
}

impl Expect {
    fn check(&self, pointer: &str, out: &mut Vec<Mistake>) {
        let mut wrong = |member: &str, message: &str| {
            out.push(Mistake::new("unknown_member", format!("{pointer}/expect/{member}"), message).help("remove it"));
        };
        if self.code.is_some() && self.verdict == "allow" {
            wrong("code", "`allow` has no code");
        }
        if self.queue.is_some() && self.verdict != "escalate" {
            wrong("queue", "only `escalate` has a queue");
        }
        if self.text.is_some() && self.verdict == "deny" {
            wrong("text", "what is denied is not edited");
        }
    }
}

/// Segments are joined by one line feed each, which belongs to none.
fn push(document: &mut Document, role: &str, kind: &str, name: Option<String>, pointer: String, text: &str) {
    if !document.segments.is_empty() {
        document.text.push('\n');
    }
    let start = document.text.len() as u64;
    document.text.push_str(text);
    let at = Span { start, end: document.text.len() as u64 };
    document.segments.push(Segment { role: role.to_owned(), kind: kind.to_owned(), name, pointer, at });
}

/// Every key and value. The depth was bounded when the YAML was read.
fn leaves(value: &Value, pointer: String, out: &mut Document) {
    let mut leaf = |text: &str| push(out, "assistant", "value", None, pointer.clone(), text);
    match value {
        Value::Null => {}
        Value::String(text) => leaf(text),
        Value::Bool(_) | Value::Number(_) => leaf(&value.to_string()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, format!("{pointer}/{index}"), out))
        }
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                push(out, "assistant", "key", None, pointer.clone(), name);
                leaves(member, pointer, out);
            }
        }
    }
}

#[cfg(test)]
mod tests;
