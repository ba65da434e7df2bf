//! OpenAI's responses, whole and as a stream of named, numbered events.

use serde_json::{Value, json};

use super::events::{Stream, joined, named, woven};
use super::reply::StreamError;
use super::said::{CREATED, Said};

mod items;
mod parts;

use items::{Item, items};

/// What a response repeats of its request, and what stands there when the request said nothing.
const REPEATED: [(&str, &str); 15] = [
    ("background", "false"),
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("store", "true"),
    ("temperature", "1.0"),
    ("text", r#"{"format":{"type":"text"},"verbosity":"medium"}"#),
    ("tool_choice", r#""auto""#),
    ("tools", "[]"),
    ("top_p", "1.0"),
    ("truncation", r#""disabled""#),
];

/// How a response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Completed,
    /// With the reason.
    Incomplete(&'static str),
    Failed,
}

impl Status {
    fn of(said: &Said<'_>) -> Self {
        if said.reply.stream_error.is_some() {
            return Self::Failed;
        }
        match said.finish_reason() {
            "length" | "max_output_tokens" => Self::Incomplete("max_output_tokens"),
            "content_filter" => Self::Incomplete("content_filter"),
            _ => Self::Completed,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete(_) => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// The `response` object at its end.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let status = Status::of(said);
    let output = if status == Status::Failed { Vec::new() } else { finished(&items(said, status)) };
    response(said, status, output)
}

/// All events; the last closes them: `response.completed` or `response.incomplete`.
pub(super) fn stream(said: &Said<'_>) -> Stream {
    // One that will fail is in order until then.
    let status = if said.reply.stream_error.is_some() { Status::Completed } else { Status::of(said) };
    let items = items(said, status);
    let begun = response(said, Status::InProgress, Vec::new());
    let mut events: Vec<Value> = ["response.created", "response.in_progress"]
        .into_iter()
        .map(|kind| json!({"type": kind, "sequence_number": null, "response": begun}))
        .collect();
    let last = response(said, status, finished(&items));
    let last = json!({"type": format!("response.{}", status.name()), "sequence_number": null, "response": last});
    events.extend(woven(items.into_iter().map(|item| item.events).collect(), said.reply.interleave));
    events.push(last);
    let mut content: Vec<Vec<u8>> = events.into_iter().enumerate().map(numbered).collect();
    let closing = content.pop().into_iter().collect();
    Stream { content, closing }
}

/// The event that ends a stream that fails, as the one with this number.
pub(super) fn failed_event(said: &Said<'_>, number: usize) -> Vec<u8> {
    let response = response(said, Status::Failed, Vec::new());
    numbered((number, json!({"type": "response.failed", "sequence_number": null, "response": response})))
}

/// The error's code, one that the service has if the script gives none.
fn code(error: &StreamError) -> &str {
    error.code.as_deref().unwrap_or("server_error")
}

fn finished(items: &[Item]) -> Vec<Value> {
    items.iter().map(|item| item.whole.clone()).collect()
}

/// Sequence numbers count every event of the stream from 0, without a gap.
fn numbered((number, event): (usize, Value)) -> Vec<u8> {
    named(&joined(event, json!({"sequence_number": number})))
}

fn response(said: &Said<'_>, status: Status, output: Vec<Value>) -> Value {
    let ended = status != Status::InProgress;
    let details = if let Status::Incomplete(reason) = status { json!({"reason": reason}) } else { Value::Null };
    let failure = match &said.reply.stream_error {
        Some(error) if status == Status::Failed => {
            json!({"code": code(error), "message": error.message})
        }
        _ => Value::Null,
    };
    let mut response = json!({
        "id": format!("resp_{}", said.stem),
        "object": "response",
        "created_at": CREATED,
        "status": status.name(),
        "completed_at": if status == Status::Completed { Value::from(CREATED) } else { Value::Null },
        "error": failure,
        "incomplete_details": details,
        "model": said.asked.model,
        "output": output,
        "service_tier": if ended { "default" } else { "auto" },
        "usage": if ended && status != Status::Failed { usage(said) } else { Value::Null },
        "user": said.asked.body["user"],
    });
    if let Some(fields) = response.as_object_mut() {
        for (name, usual) in REPEATED {
            let asked = said.asked.body.get(name).filter(|value| !value.is_null());
            let value = asked.cloned().unwrap_or_else(|| serde_json::from_str(usual).unwrap_or_default());
            fields.insert(name.to_owned(), value);
        }
    }
    response
}

fn usage(said: &Said<'_>) -> Value {
    let used = said.tokens_of_all();
    json!({
        "input_tokens": used.input,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": used.input.saturating_add(used.output),
    })
}

#[cfg(test)]
mod tests;
