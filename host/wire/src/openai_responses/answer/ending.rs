//! The end of a response that is ended early.

use serde_json::{Value, json};

use crate::answer::{AbortStyle, Known, Sent, error_frame};
use crate::sse;

/// The response is incomplete, for the content filter; or an error without a type, which is what makes clients raise.
pub(crate) fn ending(style: AbortStyle, detail: &Value, known: &Known<'_>, sent: &Sent) -> Vec<u8> {
    match style {
        AbortStyle::ContentFilter => {
            let mut sequence = sent.frames;
            let mut event = |kind: &str, status: &str, details: Value| {
                let response = json!({
                    "id": if known.id.is_empty() { "resp_witgate" } else { known.id },
                    "object": "response", "created_at": known.created, "model": known.model, "status": status,
                    "incomplete_details": details, "error": null, "output": [], "parallel_tool_calls": true,
                    "tool_choice": "auto", "tools": [],
                });
                let mut event = json!({ "type": kind, "sequence_number": sequence, "response": response });
                sequence += 1;
                if status == "incomplete" {
                    event["witgate"] = detail.clone();
                }
                sse::frame(Some(kind), &event.to_string())
            };
            let mut out = match sent.started {
                true => Vec::new(),
                // Clients take nothing before they know that there is a response.
                false => event("response.created", "in_progress", Value::Null),
            };
            out.extend(event("response.incomplete", "incomplete", json!({ "reason": "content_filter" })));
            out
        }
        AbortStyle::ErrorFrame => error_frame(detail),
    }
}
