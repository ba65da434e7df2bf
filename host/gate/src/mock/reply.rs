//! One answer of a script, in words that hold for every dialect: the dialect decides the form on the wire.

use std::collections::BTreeMap;

use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One answer. What is not given has the value of an ordinary model.
///
/// In every text `{user}` is the last user text, and `{last}` the text of the last message.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reply {
    /// One text or several. Several are the texts of several choices (chat, completions), the parts of one message
    /// (responses) or blocks (messages).
    #[serde(deserialize_with = "one_or_several")]
    pub(crate) text: Vec<String>,
    /// Answers `You said: ` and the last user text: shows what really arrived.
    pub(crate) echo: bool,
    /// One text or several: `reasoning_content`, parts of a reasoning summary, or thinking blocks.
    #[serde(deserialize_with = "one_or_several")]
    pub(crate) thinking: Vec<String>,
    /// Signs thinking blocks; made from the request when it is not given.
    pub(crate) signature: Option<String>,
    /// Opaque: a `redacted_thinking` block, or a reasoning item's `encrypted_content`.
    pub(crate) redacted_thinking: Option<String>,
    /// The raw reasoning of open models (responses alone).
    pub(crate) reasoning_text: Option<String>,
    /// Why the model will not answer.
    pub(crate) refusal: Option<String>,
    /// Sources of the last text.
    pub(crate) citations: Vec<Citation>,
    /// The tools the model calls.
    pub(crate) tool_calls: Vec<ToolCall>,
    /// Whether choices and tool calls come in turns, a piece of each, and not one after the other (chat, responses).
    pub(crate) interleave: bool,
    /// In place of what the texts, the thinking, the refusal and the tool calls would give, as it is: a message's content
    /// (chat), the list of blocks (messages), the list of output items (responses).
    pub(crate) content: Option<Value>,
    /// `stop`, or `tool_calls` when there are any; `length` and `content_filter` are put into the dialect's words, others
    /// are sent as they are.
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
    /// The stream falls silent after so many events, for `stall_ms`.
    pub(crate) stall_after_events: Option<usize>,
    /// Milliseconds; an hour.
    pub(crate) stall_ms: Option<u64>,
    /// The body ends after so many bytes.
    pub(crate) cut_after_bytes: Option<usize>,
    /// The body ends after so many events.
    pub(crate) cut_after_events: Option<usize>,
    /// How it ends there.
    pub(crate) cut: Cut,
    /// An error after the answer has begun, and no ending.
    pub(crate) stream_error: Option<StreamError>,
    /// The HTTP status; 200.
    pub(crate) status: Option<u16>,
    /// An error in the dialect's shape in place of an answer.
    pub(crate) error: Option<ApiError>,
    /// More headers of the answer.
    pub(crate) headers: BTreeMap<String, String>,
    /// Literal body in place of an answer.
    pub(crate) raw: Option<Raw>,
    /// Literal SSE text in place of an answer.
    pub(crate) stream_raw: Option<String>,
}

/// One tool call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolCall {
    /// The tool.
    pub(crate) name: String,
    /// An object, or text that is sent as it is, even if it is not JSON.
    #[serde(default)]
    pub(crate) arguments: Value,
    /// Made from the request when it is not given.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// Whether it is a custom tool of OpenAI's, whose input is free text.
    #[serde(default)]
    pub(crate) custom: bool,
}

/// A source that a text names.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Citation {
    /// The words cited.
    pub(crate) text: String,
    pub(crate) title: String,
    /// Of a page; without it, it is a document of the request, or a file.
    pub(crate) url: Option<String>,
}

/// How a body that is cut ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    /// The connection is closed before the body's end.
    #[default]
    Close,
    /// The connection is reset.
    Reset,
    /// A stream's body ends in order, as if that were all; one that told its length is closed before its end.
    End,
}

/// The service's error object; `param` and `code` are OpenAI's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApiError {
    pub(crate) message: String,
    pub(crate) r#type: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<String>,
}

/// An error within a stream. An answer that is no stream is the error itself, but for responses: `status: failed`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamError {
    pub(crate) message: String,
    pub(crate) r#type: Option<String>,
    pub(crate) code: Option<String>,
    /// Events before it; all but the stream's ending.
    pub(crate) after_events: Option<usize>,
    pub(crate) form: ErrorForm,
}

/// How an error is written into a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorForm {
    /// A frame (chat, completions), `response.failed` (responses), an event (messages).
    #[default]
    Usual,
    /// `data: {"error": …}`, without an event's name.
    Frame,
    /// `event: error`, the data being what responses and messages send, each in its shape.
    Event,
}

/// A literal body.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Raw {
    pub(crate) body: String,
    pub(crate) content_type: Option<String>,
}

impl Reply {
    /// Whether it can be sent; the error says what does not fit.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.chunk_bytes == Some(0) || self.write_bytes == Some(0) {
            return Err("chunk_bytes and write_bytes are at least 1");
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status is from 200 to 599");
        }
        if self.stall_ms.is_some() && self.stall_after_events.is_none() {
            return Err("stall_ms goes with stall_after_events");
        }
        if self.cut != Cut::Close && self.cut_after_bytes.is_none() && self.cut_after_events.is_none() {
            return Err("cut goes with cut_after_bytes or cut_after_events");
        }
        let header = |(name, value): (&String, &String)| {
            HeaderName::try_from(name.as_str()).is_ok() && HeaderValue::try_from(value.as_str()).is_ok()
        };
        if !self.headers.iter().all(header) {
            return Err("a header's name or value has characters that HTTP does not take");
        }
        let kind = self.raw.as_ref().and_then(|raw| raw.content_type.as_ref());
        if kind.is_some_and(|kind| HeaderValue::try_from(kind).is_err()) {
            return Err("content_type has characters that HTTP does not take");
        }
        Ok(())
    }
}

/// Text, a list of texts, or null for none.
fn one_or_several<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "text or a list of texts")]
    enum Texts {
        None(()),
        One(String),
        Several(Vec<String>),
    }
    Ok(match Texts::deserialize(value)? {
        Texts::None(()) => Vec::new(),
        Texts::One(text) => vec![text],
        Texts::Several(texts) => texts,
    })
}
