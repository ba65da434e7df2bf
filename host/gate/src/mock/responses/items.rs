//! The output items of a response: reasoning, the message, tool calls; each whole, and as the events that build it.

use serde_json::{Value, json};

use super::Status;
use super::parts::{self, Place};
use crate::mock::events::joined;
use crate::mock::said::{Call, Said};

/// One output item.
pub(super) struct Item {
    pub(super) whole: Value,
    /// `sequence_number` is not filled in.
    pub(super) events: Vec<Value>,
}

/// What becomes an item.
enum Source<'a> {
    AsItIs(&'a Value),
    Reasoning,
    Message,
    Call(usize, &'a Call),
}

/// All items, in the service's order.
pub(super) fn items(said: &Said<'_>, status: Status) -> Vec<Item> {
    let sources = sources(said);
    // What is incomplete was broken off in its last item.
    let last = sources.len().saturating_sub(1);
    let status = |index| if index == last { status.name() } else { Status::Completed.name() };
    let item = |(index, source)| match source {
        Source::AsItIs(item) => as_it_is(item, index),
        Source::Reasoning => reasoning(said, index),
        Source::Message => message(said, index, status(index)),
        Source::Call(number, call) => tool_call(said, call, number, index, status(index)),
    };
    sources.into_iter().enumerate().map(item).collect()
}

fn sources<'a>(said: &'a Said<'_>) -> Vec<Source<'a>> {
    match &said.reply.content {
        Some(Value::Array(list)) => return list.iter().map(Source::AsItIs).collect(),
        Some(item) => return vec![Source::AsItIs(item)],
        None => {}
    }
    let mut sources = Vec::new();
    if !said.thinking.is_empty() || said.reply.reasoning_text.is_some() || said.reply.redacted_thinking.is_some() {
        sources.push(Source::Reasoning);
    }
    let speaks = said.refusal.is_some() || said.texts.iter().any(|text| !text.is_empty());
    if speaks || said.calls.is_empty() {
        sources.push(Source::Message);
    }
    sources.extend(said.calls.iter().enumerate().map(|(number, call)| Source::Call(number, call)));
    sources
}

/// An item that comes whole.
fn as_it_is(item: &Value, index: usize) -> Item {
    Item { whole: item.clone(), events: framed(item.clone(), item.clone(), index, Vec::new()) }
}

/// The events between an item's beginning and its end, with both.
fn framed(opening: Value, whole: Value, index: usize, between: Vec<Value>) -> Vec<Value> {
    let event =
        |kind: &str, item: Value| json!({"type": kind, "sequence_number": null, "output_index": index, "item": item});
    let mut events = vec![event("response.output_item.added", opening)];
    events.extend(between);
    events.push(event("response.output_item.done", whole));
    events
}

fn reasoning(said: &Said<'_>, index: usize) -> Item {
    let id = format!("rs_{}", said.stem);
    let encrypted = said.reply.redacted_thinking.as_ref();
    let mut item = json!({"id": id, "type": "reasoning", "summary": []});
    if let Some(encrypted) = encrypted {
        item = joined(item, json!({"encrypted_content": encrypted}));
    }
    let place = Place { item: &id, output: index };
    let mut between = Vec::new();
    for (number, text) in said.thinking.iter().enumerate() {
        between.extend(parts::summary(said, place, number, text));
    }
    let summary: Vec<Value> = said.thinking.iter().map(|text| json!({"type": "summary_text", "text": text})).collect();
    let mut whole = joined(item.clone(), json!({"summary": summary}));
    if let Some(text) = &said.reply.reasoning_text {
        between.extend(parts::reasoning(said, place, text));
        whole = joined(whole, json!({"content": [{"type": "reasoning_text", "text": text}]}));
    }
    Item { events: framed(item, whole.clone(), index, between), whole }
}

fn message(said: &Said<'_>, index: usize, status: &str) -> Item {
    let id = format!("msg_{}", said.stem);
    let item = |status: &str, content: Value| json!({"id": id, "type": "message", "status": status, "role": "assistant", "content": content});
    let place = Place { item: &id, output: index };
    let (mut content, mut between) = (Vec::new(), Vec::new());
    let spoken = said.texts.iter().filter(|text| !text.is_empty() || said.refusal.is_none());
    let last = spoken.clone().count().saturating_sub(1);
    for (number, text) in spoken.enumerate() {
        let citations = if number == last { said.citations.as_slice() } else { &[] };
        let (part, events) = parts::text(said, place, number, text, citations);
        content.push(part);
        between.extend(events);
    }
    if let Some(refusal) = &said.refusal {
        let (part, events) = parts::refusal(said, place, content.len(), refusal);
        content.push(part);
        between.extend(events);
    }
    let whole = item(status, Value::from(content));
    Item { events: framed(item("in_progress", json!([])), whole.clone(), index, between), whole }
}

fn tool_call(said: &Said<'_>, call: &Call, number: usize, index: usize, status: &str) -> Item {
    let (kind, prefix, field) =
        if call.custom { ("custom_tool_call", "ctc_", "input") } else { ("function_call", "fc_", "arguments") };
    let id = format!("{prefix}{}{number:02}", said.stem);
    let item = |status: &str, arguments: &str| {
        json!({
            "id": id, "type": kind, "status": status, field: arguments, "call_id": call.id("call_"), "name": call.name,
        })
    };
    let between = parts::arguments(said, Place { item: &id, output: index }, call);
    let whole = item(status, &call.arguments);
    Item { events: framed(item("in_progress", ""), whole.clone(), index, between), whole }
}
