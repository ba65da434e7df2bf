//! The parts of an output item: each begins empty, grows by deltas, and is repeated whole when it is done.

use serde_json::{Value, json};

use crate::mock::events::joined;
use crate::mock::reply::Citation;
use crate::mock::said::{Call, Said, logprobs};

/// Whose part it is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The item's id.
    pub(super) item: &'a str,
    /// The item's place in the output.
    pub(super) output: usize,
}

impl Place<'_> {
    /// An event of the item, with `rest` behind the fields that all have.
    fn event(self, kind: &str, rest: Value) -> Value {
        let common = json!({
            "type": format!("response.{kind}"), "sequence_number": null, "item_id": self.item, "output_index": self.output,
        });
        joined(common, rest)
    }

    /// As [`Self::event`], of the content part in place `number`.
    fn content(self, kind: &str, number: usize, rest: Value) -> Value {
        self.event(kind, joined(json!({"content_index": number}), rest))
    }
}

/// A text and its sources.
pub(super) fn text(
    said: &Said<'_>,
    at: Place<'_>,
    number: usize,
    text: &str,
    citations: &[Citation],
) -> (Value, Vec<Value>) {
    let pieces = said.pieces(text);
    let tokens = |pieces: &[&str]| {
        if said.logprobs() { logprobs(pieces) } else { json!([]) }
    };
    let part = |text: &str, annotations: &[Value], tokens: Value| json!({"type": "output_text", "annotations": annotations, "logprobs": tokens, "text": text});
    let mut events = vec![at.content("content_part.added", number, json!({"part": part("", &[], json!([]))}))];
    for piece in &pieces {
        let delta = json!({"delta": piece, "logprobs": tokens(&[piece])});
        events.push(at.content("output_text.delta", number, delta));
    }
    let annotations: Vec<Value> = citations.iter().map(|citation| annotation(citation, text)).collect();
    for (index, annotation) in annotations.iter().enumerate() {
        let added = json!({"annotation_index": index, "annotation": annotation});
        events.push(at.content("output_text.annotation.added", number, added));
    }
    events.push(at.content("output_text.done", number, json!({"text": text, "logprobs": tokens(&pieces)})));
    let whole = part(text, &annotations, tokens(&pieces));
    events.push(at.content("content_part.done", number, json!({"part": whole})));
    (whole, events)
}

/// A page of a search, or a file.
fn annotation(citation: &Citation, text: &str) -> Value {
    let Citation { title, url, .. } = citation;
    let end = text.chars().count();
    match url {
        Some(url) => {
            json!({"type": "url_citation", "start_index": 0, "end_index": end, "title": title, "url": url})
        }
        None => {
            json!({"type": "file_citation", "index": end, "file_id": "file-mock", "filename": title})
        }
    }
}

/// Why the model will not answer.
pub(super) fn refusal(said: &Said<'_>, at: Place<'_>, number: usize, refusal: &str) -> (Value, Vec<Value>) {
    let part = |text: &str| json!({"type": "refusal", "refusal": text});
    let mut events = vec![at.content("content_part.added", number, json!({"part": part("")}))];
    let pieces = said.pieces(refusal);
    events.extend(pieces.into_iter().map(|piece| at.content("refusal.delta", number, json!({"delta": piece}))));
    events.push(at.content("refusal.done", number, json!({"refusal": refusal})));
    events.push(at.content("content_part.done", number, json!({"part": part(refusal)})));
    (part(refusal), events)
}

/// One part of a reasoning summary.
pub(super) fn summary(said: &Said<'_>, at: Place<'_>, number: usize, text: &str) -> Vec<Value> {
    let event = |kind: &str, rest: Value| {
        at.event(&format!("reasoning_summary_{kind}"), joined(json!({"summary_index": number}), rest))
    };
    let part = |text: &str| json!({"part": {"type": "summary_text", "text": text}});
    let mut events = vec![event("part.added", part(""))];
    events.extend(said.pieces(text).into_iter().map(|piece| event("text.delta", json!({"delta": piece}))));
    events.push(event("text.done", json!({"text": text})));
    events.push(event("part.done", part(text)));
    events
}

/// The raw reasoning.
pub(super) fn reasoning(said: &Said<'_>, at: Place<'_>, text: &str) -> Vec<Value> {
    let part = |text: &str| json!({"part": {"type": "reasoning_text", "text": text}});
    let mut events = vec![at.content("content_part.added", 0, part(""))];
    let pieces = said.pieces(text).into_iter();
    events.extend(pieces.map(|piece| at.content("reasoning_text.delta", 0, json!({"delta": piece}))));
    events.push(at.content("reasoning_text.done", 0, json!({"text": text})));
    events.push(at.content("content_part.done", 0, part(text)));
    events
}

/// What a tool is called with.
pub(super) fn arguments(said: &Said<'_>, at: Place<'_>, call: &Call) -> Vec<Value> {
    let (kind, field) =
        if call.custom { ("custom_tool_call_input", "input") } else { ("function_call_arguments", "arguments") };
    let pieces = said.pieces(&call.arguments).into_iter();
    let mut events: Vec<Value> =
        pieces.map(|piece| at.event(&format!("{kind}.delta"), json!({"delta": piece}))).collect();
    events.push(at.event(&format!("{kind}.done"), json!({field: call.arguments})));
    events
}
