//! Streams whose frames carry the name of their event.

use super::*;

pub(super) fn event(value: &Value) -> String {
    format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap())
}

pub(super) fn text_of(events: &[Value]) -> String {
    events.iter().map(event).collect()
}

/// The data of every frame.
pub(super) fn frames(out: &str) -> Vec<Value> {
    let data = out.split("\n\n").filter(|frame| !frame.is_empty());
    data.map(|frame| serde_json::from_str(frame.split_once("data: ").unwrap().1).unwrap()).collect()
}

pub(super) fn streamed_in(dialect: Dialect) -> Answer {
    Answer::streamed(dialect, AnswerLimits::default())
}

/// Takes out the calls of some tools.
pub(super) fn withhold(names: &'static [&'static str]) -> impl FnMut(&mut Answer, &Event) -> bool {
    move |answer, event| match event {
        Event::ToolCall { id, call } if names.contains(&call.name.as_str()) => {
            answer.resolve_call(*id, CallOutcome::Withhold { reason: json!({"tool": call.name}) }).unwrap();
            true
        }
        _ => false,
    }
}
