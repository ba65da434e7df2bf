//! The small settings: listeners, streams, disclosure, the log.

use std::net::SocketAddr;

use serde::Deserialize;

/// `admin`: the listener of operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admin {
    /// Always a loopback address.
    pub(crate) listen: SocketAddr,
}

/// `stream`: how streamed answers end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamConfig {
    /// How a denied stream ends.
    pub(crate) on_deny: OnDeny,
    /// Whether the receipt follows the last event as an SSE comment.
    pub(crate) receipt_comment: bool,
    /// After how many milliseconds without a byte for the client a comment says that text is held.
    pub(crate) keep_alive_ms: u32,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self { on_deny: OnDeny::ContentFilter, receipt_comment: true, keep_alive_ms: 15_000 }
    }
}

/// How a denied stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnDeny {
    /// Gracefully, with `finish_reason: "content_filter"`.
    ContentFilter,
    /// With an error frame, on which SDKs raise.
    Error,
}

/// `disclose`: what a refusal tells the caller. The exchange id is told always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Disclose {
    /// Stage, plugin and code.
    #[default]
    Code,
    /// The stage alone.
    Stage,
    /// Neither.
    Nothing,
}

/// An element of `allow`: what passes although no policy can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Allowed {
    /// Pictures.
    Images,
    /// References to what the provider keeps.
    StoredState,
    /// Reasoning that only the provider can decrypt.
    EncryptedReasoning,
}

/// `log`: the gate's own log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// For people or for machines.
    pub(crate) format: LogFormat,
    /// The least that is written.
    pub(crate) level: LogLevel,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The least severe line that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// Errors.
    Error,
    /// And warnings.
    Warn,
    /// And what an operator wants to know.
    #[default]
    Info,
    /// And what a developer wants to know.
    Debug,
}
