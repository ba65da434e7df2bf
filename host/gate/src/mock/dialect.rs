//! The dialects the scripted model speaks, and where it is asked in which.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{Stream, framed, named};
use super::reply::{ApiError, ErrorForm, StreamError};
use super::said::Said;
use super::{chat, completions, embeddings, messages, responses};

/// A wire format, by the name that policies see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dialect {
    #[default]
    OpenaiChat,
    OpenaiResponses,
    AnthropicMessages,
    AnthropicCountTokens,
    OpenaiCompletions,
    OpenaiEmbeddings,
}

impl Dialect {
    /// What is spoken at a path.
    pub(super) fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/v1/chat/completions" => Self::OpenaiChat,
            "/v1/responses" => Self::OpenaiResponses,
            "/v1/messages" => Self::AnthropicMessages,
            "/v1/messages/count_tokens" => Self::AnthropicCountTokens,
            "/v1/completions" => Self::OpenaiCompletions,
            "/v1/embeddings" => Self::OpenaiEmbeddings,
            _ => return None,
        })
    }

    /// The header that names the request in the answer.
    pub(super) fn id_header(self) -> &'static str {
        match self {
            Self::AnthropicMessages | Self::AnthropicCountTokens => "request-id",
            _ => "x-request-id",
        }
    }

    /// Whether there is a streamed form.
    pub(super) fn streams(self) -> bool {
        !matches!(self, Self::OpenaiEmbeddings | Self::AnthropicCountTokens)
    }

    /// The answer in one piece.
    pub(super) fn whole(self, said: &Said<'_>) -> Value {
        match self {
            Self::OpenaiChat => chat::whole(said),
            Self::OpenaiResponses => responses::whole(said),
            Self::AnthropicMessages => messages::whole(said),
            Self::AnthropicCountTokens => json!({ "input_tokens": said.tokens_of_all().input }),
            Self::OpenaiCompletions => completions::whole(said),
            Self::OpenaiEmbeddings => embeddings::whole(said),
        }
    }

    /// The answer as events.
    pub(super) fn stream(self, said: &Said<'_>) -> Stream {
        match self {
            Self::OpenaiChat => chat::stream(said),
            Self::OpenaiResponses => responses::stream(said),
            Self::AnthropicMessages => messages::stream(said),
            Self::OpenaiCompletions => completions::stream(said),
            Self::OpenaiEmbeddings | Self::AnthropicCountTokens => Stream::default(),
        }
    }

    /// An answer that breaks off: the events before the error, and the error.
    pub(super) fn broken(self, said: &Said<'_>, error: &StreamError) -> Vec<Vec<u8>> {
        let mut events = self.stream(said).content;
        events.truncate(error.after_events.unwrap_or(usize::MAX));
        let plain = error.plain();
        let last = match (self, error.form) {
            (Self::OpenaiResponses, ErrorForm::Usual) => responses::failed_event(said, events.len()),
            (Self::OpenaiResponses, ErrorForm::Event) => named(&json!({
                "type": "error", "code": error.code, "message": error.message, "param": null, "sequence_number": events.len(),
            })),
            (Self::AnthropicMessages, ErrorForm::Usual | ErrorForm::Event) => {
                named(&self.error(StatusCode::INTERNAL_SERVER_ERROR, &plain))
            }
            (_, ErrorForm::Event) => {
                let mut event = b"event: error\n".to_vec();
                event.extend(framed(&self.error(StatusCode::INTERNAL_SERVER_ERROR, &plain)));
                event
            }
            _ => framed(&openai_error(StatusCode::INTERNAL_SERVER_ERROR, &plain)),
        };
        events.push(last);
        events
    }

    /// An error's body.
    pub(super) fn error(self, status: StatusCode, error: &ApiError) -> Value {
        match self {
            Self::AnthropicMessages | Self::AnthropicCountTokens => messages::error(status, error),
            _ => openai_error(status, error),
        }
    }
}

impl StreamError {
    /// The same as an answer of its own.
    pub(super) fn plain(&self) -> ApiError {
        ApiError { message: self.message.clone(), r#type: self.r#type.clone(), param: None, code: self.code.clone() }
    }
}

fn openai_error(status: StatusCode, error: &ApiError) -> Value {
    let usual = if status == StatusCode::TOO_MANY_REQUESTS {
        "rate_limit_error"
    } else if status.is_server_error() {
        "server_error"
    } else {
        "invalid_request_error"
    };
    let kind = error.r#type.as_deref().unwrap_or(usual);
    json!({"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}})
}

#[cfg(test)]
mod tests;
