//! What answers of OpenAI's two dialects of choices have in common: chat completions and legacy completions.

use serde_json::{Value, json};

use crate::answer::{AbortStyle, AnswerError, Known, error_frame};
use crate::json::NodeRef;
use crate::sse;

/// The number of a choice: its own, or its place among others.
pub(crate) fn index_of(choice: NodeRef<'_>) -> Result<u64, AnswerError> {
    match choice.get("index").filter(|index| !index.is_null()) {
        Some(index) => index.as_u64().ok_or(AnswerError::Protocol("a choice's index is not a number")),
        None => Ok(choice.position() as u64),
    }
}

/// What a chunk of the gate's own is called.
pub(crate) struct Names {
    /// Its `object`.
    pub(crate) object: &'static str,
    /// Its `id`, while the stream's is not known.
    pub(crate) id: &'static str,
}

impl Names {
    /// A chunk with the stream's identity.
    pub(crate) fn chunk(&self, known: &Known<'_>, choices: &Value, witgate: &Value) -> Vec<u8> {
        let id = if known.id.is_empty() { self.id } else { known.id };
        let chunk = json!({
            "id": id, "object": self.object, "created": known.created, "model": known.model,
            "choices": choices, "witgate": witgate,
        });
        sse::frame(None, &chunk.to_string())
    }

    /// Every choice that is not over ends as filtered, with `empty` where its text would be; or an error object and no
    /// `[DONE]`.
    pub(crate) fn ending(&self, empty: (&str, Value), style: AbortStyle, detail: &Value, known: &Known<'_>) -> Vec<u8> {
        match style {
            AbortStyle::ContentFilter => {
                let (text, nothing) = empty;
                let choices = if known.choices.is_empty() { &[0][..] } else { &known.choices };
                let end = |index| json!({ "index": index, text: nothing, "logprobs": null, "finish_reason": "content_filter" });
                let mut out = self.chunk(known, &choices.iter().map(end).collect(), detail);
                out.extend(sse::frame(None, "[DONE]"));
                out
            }
            AbortStyle::ErrorFrame => error_frame(detail),
        }
    }
}

/// Keys that both APIs define for answers: they say nothing that would need reading.
pub(crate) fn is_known(key: &str) -> bool {
    matches!(
        key,
        "id" | "object"
            | "created"
            | "model"
            | "system_fingerprint"
            | "service_tier"
            | "choices"
            | "index"
            | "finish_reason"
            | "logprobs"
            | "usage"
            | "prompt_tokens"
            | "completion_tokens"
            | "total_tokens"
            | "prompt_tokens_details"
            | "completion_tokens_details"
            | "cached_tokens"
            | "audio_tokens"
            | "reasoning_tokens"
            | "accepted_prediction_tokens"
            | "rejected_prediction_tokens"
            | "error"
            | "message"
            | "code"
            | "param"
            | "type"
    )
}
