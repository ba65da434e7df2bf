//! The end of a chat completion that is ended early.

use serde_json::{Value, json};

use crate::answer::{AbortStyle, Known, Sent, error_of};
use crate::sse;

/// A chunk of our own, with the stream's identity.
pub(crate) fn chunk(known: &Known<'_>, choices: &Value, witgate: &Value) -> Vec<u8> {
    let id = if known.id.is_empty() { "chatcmpl-witgate" } else { known.id };
    let chunk = json!({
        "id": id, "object": "chat.completion.chunk", "created": known.created, "model": known.model,
        "choices": choices, "witgate": witgate,
    });
    sse::frame(None, &chunk.to_string())
}

/// Every choice that is not over ends as filtered; or an error object and no `[DONE]`.
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>, _sent: &Sent) -> Vec<u8> {
    match style {
        AbortStyle::ContentFilter => {
            let choices = if known.choices.is_empty() { &[0][..] } else { &known.choices };
            let choices: Vec<Value> = choices
                .iter()
                .map(
                    |index| json!({ "index": index, "delta": {}, "logprobs": null, "finish_reason": "content_filter" }),
                )
                .collect();
            let mut out = chunk(known, &Value::Array(choices), detail);
            out.extend(sse::frame(None, "[DONE]"));
            out
        }
        AbortStyle::ErrorFrame => {
            sse::frame(None, &json!({ "error": error_of(detail), "witgate": detail }).to_string())
        }
    }
}
