//! The configuration, as `manifest.json` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The configuration. Without patterns the policy does nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) patterns: Vec<Entry>,
}

/// One pattern as the operator writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) words: Vec<String>,
    pub(crate) regex: Option<String>,
    /// Whether text is read as a reader sees it. Absent: words are, regexes are not.
    pub(crate) fold: Option<bool>,
    #[serde(default = "max_bytes")]
    pub(crate) max_bytes: usize,
    #[serde(default)]
    pub(crate) severity: Severity,
    #[serde(default = "everywhere")]
    pub(crate) directions: Vec<Direction>,
    #[serde(default)]
    pub(crate) roles: Vec<Role>,
    pub(crate) action: Action,
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default, rename = "except")]
    pub(crate) exceptions: Vec<String>,
    #[serde(default = "within")]
    pub(crate) within: usize,
    pub(crate) message: Option<String>,
}

fn max_bytes() -> usize {
    256
}

fn within() -> usize {
    40
}

fn everywhere() -> Vec<Direction> {
    vec![Direction::Request, Direction::Answer, Direction::Arguments]
}

/// How much a match matters; the confidence of its finding.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// 25 of 100.
    Low,
    /// 50.
    Medium,
    /// 75.
    #[default]
    High,
    /// 100.
    Critical,
}

impl Severity {
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::Low => 25,
            Self::Medium => 50,
            Self::High => 75,
            Self::Critical => 100,
        }
    }
}

/// Where text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// To the model.
    Request,
    /// From it.
    Answer,
    /// Into a tool.
    Arguments,
}

impl Direction {
    /// As messages name it.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Arguments => "tool call",
        }
    }
}

/// Whose text of a request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// The user's messages and what comes with them.
    User,
    /// What the model said earlier.
    Assistant,
    /// System prompts and definitions of tools.
    System,
    /// What tools brought.
    Tool,
}

impl Role {
    /// By a segment's kind and role. A tool's result is a tool's, whatever role the dialect gives it.
    pub(crate) fn of(kind: &str, role: &str) -> Self {
        match (kind, role) {
            ("tool-result", _) | (_, "tool" | "function") => Self::Tool,
            ("tool-definition", _) | (_, "system" | "developer") => Self::System,
            ("reasoning" | "tool-arguments", _) | (_, "assistant" | "model") => Self::Assistant,
            _ => Self::User,
        }
    }
}

/// What a match leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// The exchange, the answer or the call is refused.
    Block,
    /// It is replaced by `[NAME]`.
    Mask,
    /// It is replaced by `text`.
    Replace,
    /// It is replaced by a token that stands for it.
    Token,
    /// A finding and labels, nothing else.
    Label,
}
