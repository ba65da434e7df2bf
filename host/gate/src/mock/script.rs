//! What the scripted model answers: a list of rules, the first that matches wins.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::dialect::Dialect;
use super::reply::Reply;
use super::request::Asked;
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
    /// Whether thinking is asked for.
    thinking: Option<bool>,
    /// The dialect that is spoken.
    dialect: Option<Dialect>,
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
        let Value::Array(list) = value else {
            return Err(ScriptError::NotRules);
        };
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
    pub(crate) fn reply(&self, request: &Asked) -> Reply {
        let rule = self.rules.iter().find(|rule| rule.when.holds(request));
        rule.map_or_else(|| Reply { echo: true, ..Reply::default() }, |rule| rule.reply.clone())
    }
}

impl When {
    fn holds(&self, request: &Asked) -> bool {
        let has = |text: &str, part: &String| text.to_lowercase().contains(&part.to_lowercase());
        self.contains.as_ref().is_none_or(|part| has(&request.last_text, part))
            && self.anywhere.as_ref().is_none_or(|part| request.texts.iter().any(|text| has(text, part)))
            && self.model.as_ref().is_none_or(|model| *model == request.model)
            && self.tool_result.is_none_or(|wanted| wanted == request.tool_result)
            && self.tools.is_none_or(|wanted| wanted != request.tools.is_empty())
            && self.stream.is_none_or(|wanted| wanted == request.stream)
            && self.thinking.is_none_or(|wanted| wanted == request.thinking)
            && self.dialect.is_none_or(|dialect| dialect == request.dialect)
    }
}

#[cfg(test)]
mod tests;
