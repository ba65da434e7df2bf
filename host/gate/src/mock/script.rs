//! What the scripted model answers: a list of rules, the first that matches wins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::request::ChatRequest;
use crate::config::{Mistake, parse_yaml};

/// The rules that hold when no file is given.
const USUAL: &str = include_str!("usual.yaml");
/// Rules in one script.
const MAX_RULES: usize = 1000;

/// A script: rules in order.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    rules: Vec<Rule>,
}

/// When a rule holds, and what is answered then.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rule {
    when: When,
    reply: Reply,
}

/// Every condition that is given must hold; none given always holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct When {
    /// In the text of the last message, whatever the case.
    contains: Option<String>,
    /// In the text of any message, whatever the case.
    anywhere: Option<String>,
    /// The model's name.
    model: Option<String>,
    /// Whether the last message is a tool's result.
    tool_result: Option<bool>,
    /// Whether any tool is offered.
    tools: Option<bool>,
    /// Whether a stream is asked for.
    stream: Option<bool>,
}

/// One answer. What is not given has the value of an ordinary model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reply {
    /// The text; `{user}` is the last user text, `{last}` the text of the last message.
    pub(crate) text: Option<String>,
    /// Answers `You said: ` and the last user text: shows what really arrived.
    pub(crate) echo: bool,
    /// The tools the model calls.
    pub(crate) tool_calls: Vec<ToolCall>,
    /// `stop`, or `tool_calls` when there are any.
    pub(crate) finish_reason: Option<String>,
    /// Whether log-probabilities come with each piece of text.
    pub(crate) logprobs: bool,
    /// Bytes of text or arguments in one event, cut at characters; 16.
    pub(crate) chunk_bytes: Option<usize>,
    /// Bytes in one write to the socket, cut anywhere, also inside a character.
    pub(crate) write_bytes: Option<usize>,
    /// Milliseconds between events.
    pub(crate) delay_ms: u64,
    /// Milliseconds before the first byte of the answer, its head included.
    pub(crate) hang_ms: u64,
    /// The connection is closed after so many bytes of the body.
    pub(crate) cut_after_bytes: Option<usize>,
    /// The HTTP status; 200.
    pub(crate) status: Option<u16>,
    /// An error in OpenAI's shape in place of an answer.
    pub(crate) error: Option<ApiError>,
    /// More headers of the answer.
    pub(crate) headers: BTreeMap<String, String>,
    /// Literal body in place of an answer.
    pub(crate) raw: Option<Raw>,
    /// Literal SSE text in place of an answer.
    pub(crate) stream_raw: Option<String>,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolCall {
    /// The tool.
    pub(crate) name: String,
    /// An object, or text that is sent as it is, even if it is not JSON.
    #[serde(default)]
    pub(crate) arguments: Value,
}

/// OpenAI's error object.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApiError {
    pub(crate) message: String,
    pub(crate) r#type: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<String>,
}

/// A literal body.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Raw {
    pub(crate) body: String,
    pub(crate) content_type: Option<String>,
}

/// A script that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScriptError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not YAML, or beyond the bounds of a configuration.
    #[error("{} (line {})", .0.message, .0.line.map_or_else(|| "unknown".to_owned(), |line| line.to_string()))]
    Yaml(Mistake),
    /// A rule has another shape.
    #[error("rule {index}: {what}")]
    Rule {
        /// Its place, from 0.
        index: usize,
        /// What does not fit.
        what: String,
    },
    /// Not a list, or too long a one.
    #[error("a script is a list of at most {MAX_RULES} rules, each with `when` and `reply`")]
    NotRules,
}

impl ScriptError {
    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "script_unreadable",
            Self::Yaml(mistake) => mistake.code,
            Self::Rule { .. } => "script_rule",
            Self::NotRules => "script_not_rules",
        }
    }
}

impl Script {
    /// Reads a file of rules.
    pub(crate) fn load(path: &Path) -> Result<Self, ScriptError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads a list of rules.
    pub(crate) fn parse(yaml: &str) -> Result<Self, ScriptError> {
        let (value, _) = parse_yaml(yaml).map_err(ScriptError::Yaml)?;
        let Value::Array(list) = value else { return Err(ScriptError::NotRules) };
        if list.len() > MAX_RULES {
            return Err(ScriptError::NotRules);
        }
        let rule = |(index, value): (usize, Value)| {
            let rule =
                Rule::deserialize(&value).map_err(|error| ScriptError::Rule { index, what: error.to_string() })?;
            rule.reply.check().map_err(|what| ScriptError::Rule { index, what: what.to_owned() })?;
            Ok(rule)
        };
        Ok(Self { rules: list.into_iter().enumerate().map(rule).collect::<Result<_, _>>()? })
    }

    /// The rules that hold when no file is given: see `usual.yaml`.
    pub(crate) fn usual() -> Self {
        // The text is part of this binary, and a test reads it.
        Self::parse(USUAL).unwrap_or(Self { rules: Vec::new() })
    }

    /// The answer of the first rule that matches; an echo when none does.
    pub(crate) fn reply(&self, request: &ChatRequest) -> Reply {
        let rule = self.rules.iter().find(|rule| rule.when.holds(request));
        rule.map_or_else(|| Reply { echo: true, ..Reply::default() }, |rule| rule.reply.clone())
    }
}

impl When {
    fn holds(&self, request: &ChatRequest) -> bool {
        let has = |text: &str, part: &String| text.to_lowercase().contains(&part.to_lowercase());
        self.contains.as_ref().is_none_or(|part| has(&request.last_text, part))
            && self.anywhere.as_ref().is_none_or(|part| request.texts.iter().any(|text| has(text, part)))
            && self.model.as_ref().is_none_or(|model| *model == request.model)
            && self.tool_result.is_none_or(|wanted| wanted == request.tool_result)
            && self.tools.is_none_or(|wanted| wanted != request.tools.is_empty())
            && self.stream.is_none_or(|wanted| wanted == request.stream)
    }
}

impl Reply {
    fn check(&self) -> Result<(), &'static str> {
        if self.chunk_bytes == Some(0) || self.write_bytes == Some(0) {
            return Err("chunk_bytes and write_bytes are at least 1");
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status is from 200 to 599");
        }
        let header = |(name, value): (&String, &String)| {
            hyper::header::HeaderName::try_from(name.as_str()).is_ok()
                && hyper::header::HeaderValue::try_from(value.as_str()).is_ok()
        };
        if !self.headers.iter().all(header) {
            return Err("a header's name or value has characters that HTTP does not take");
        }
        if self
            .raw
            .as_ref()
            .and_then(|raw| raw.content_type.as_ref())
            .is_some_and(|kind| hyper::header::HeaderValue::try_from(kind).is_err())
        {
            return Err("content_type has characters that HTTP does not take");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
