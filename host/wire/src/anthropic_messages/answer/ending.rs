//! The end of a message that is ended early.

use serde_json::{Value, json};

use crate::answer::{AbortStyle, Known, Sent, error_of};
use crate::sse;

/// Open blocks are closed, and the model seems to have refused; or an error event, for which clients raise.
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>, sent: &Sent) -> Vec<u8> {
    let event = |value: &Value| sse::frame(value["type"].as_str(), &value.to_string());
    let mut out = Vec::new();
    for index in sent.open() {
        out.extend(event(&json!({ "type": "content_block_stop", "index": index })));
    }
    match style {
        AbortStyle::ContentFilter => {
            if !sent.started {
                out.extend(event(&json!({ "type": "message_start", "message": {
                    "id": if known.id.is_empty() { "msg_witgate" } else { known.id },
                    "type": "message", "role": "assistant", "model": known.model, "content": [],
                    "stop_reason": null, "stop_sequence": null, "usage": { "input_tokens": 0, "output_tokens": 0 },
                }})));
            }
            out.extend(event(&json!({
                "type": "message_delta", "delta": { "stop_reason": "refusal", "stop_sequence": null },
                "usage": { "output_tokens": known.written }, "witgate": detail,
            })));
            out.extend(event(&json!({ "type": "message_stop" })));
        }
        AbortStyle::ErrorFrame => {
            let mut error = error_of(detail);
            if let Some(error) = error.as_object_mut() {
                error.remove("param");
            }
            out.extend(event(&json!({ "type": "error", "error": error, "witgate": detail })));
        }
    }
    out
}
