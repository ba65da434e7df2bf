//! Unary answers.

use super::*;
use crate::document::TextEdit;

fn body(message: Value, finish: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    })
}

#[test]
fn a_whole_answer_tells_the_same_events_as_a_stream_and_passes_unchanged() {
    let message = json!({"role": "assistant", "content": "Hi", "refusal": null, "annotations": []});
    let (events, out) = run_whole(&body(message.clone(), "stop"), PASS);
    assert_eq!(
        events,
        [
            Event::Fields { id: FieldsId(0), text: "chatcmpl-1\ngpt-x".into() },
            Event::Open { channel: ChannelId(0), kind: ChannelKind::Content, name: None },
            Event::Text { channel: ChannelId(0), text: "Hi".into() },
            Event::Usage { prompt_tokens: 1, completion_tokens: 2 },
            Event::Close { channel: ChannelId(0) },
            Event::Finish { reason: "stop".into() },
            Event::Done,
        ]
    );
    assert_eq!(out, body(message, "stop").to_string());
}

#[test]
fn long_texts_come_in_pieces_at_character_boundaries() {
    let text = "é".repeat(100_000);
    let mut come = 0;
    let (events, out) =
        run_whole(&body(json!({"role": "assistant", "content": format!("x{text}")}), "stop"), |answer, event| {
            let Event::Text { channel, text } = event else {
                return false;
            };
            assert!(text.len() <= 64 << 10);
            come += text.len() as u64;
            let edits = if come == 200_001 { vec![TextEdit::new(199_999, 200_001, "!")] } else { vec![] };
            answer.settle(*channel, come, &edits).unwrap();
            true
        });
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Text { .. })).count(), 4);
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(said["choices"][0]["message"]["content"], format!("x{}!", "é".repeat(99_999)));
}

#[test]
fn withheld_calls_leave_the_body_and_are_told_at_its_top() {
    let call = |name: &str| json!({"id": format!("id-{name}"), "type": "function", "function": {"name": name, "arguments": "{\"a\":\"b\"}"}});
    let message =
        json!({"role": "assistant", "content": null, "tool_calls": [call("one"), call("two"), call("three")]});
    let withhold = |names: &'static [&'static str]| {
        move |answer: &mut Answer, event: &Event| match event {
            Event::ToolCall { id, call } if names.contains(&call.name.as_str()) => {
                answer.resolve_call(*id, CallOutcome::Withhold { reason: json!({"code": call.name}) }).unwrap();
                true
            }
            _ => false,
        }
    };
    let (_, out) = run_whole(&body(message.clone(), "tool_calls"), withhold(&["two"]));
    let mut expected =
        body(json!({"role": "assistant", "content": null, "tool_calls": [call("one"), call("three")]}), "tool_calls");
    expected["witgate"] = json!({"withheld": [{"code": "two"}]});
    assert_eq!(out, expected.to_string());
    let (_, out) = run_whole(&body(message, "tool_calls"), withhold(&["one", "two", "three"]));
    let mut expected = body(json!({"role": "assistant", "content": null}), "stop");
    expected["witgate"] = json!({"withheld": [{"code": "one"}, {"code": "two"}, {"code": "three"}]});
    assert_eq!(out, expected.to_string());
}

#[test]
fn arguments_of_a_whole_answer_are_edited_in_place() {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{ \"to\" : \"ann\", \"n\": 12 }"}});
    let sent = body(json!({"role": "assistant", "tool_calls": [call]}), "tool_calls");
    let (_, out) = run_whole(&sent, |answer, event| match event {
        Event::ToolCall { id, call } => {
            let at = call.arguments.segments.iter().find(|s| s.pointer == "/to" && s.kind == "value").unwrap().at;
            let edits = vec![TextEdit { at, text: "\"x\"".into() }];
            answer.resolve_call(*id, CallOutcome::Release { edits }).unwrap();
            true
        }
        _ => false,
    });
    let said: Value = serde_json::from_str(&out).unwrap();
    let arguments = said["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    assert_eq!(arguments, r#"{ "to" : "\"x\"", "n": 12 }"#);
}

#[test]
fn an_error_body_is_told_and_ends() {
    let error = json!({"error": {"message": "bad key", "type": "auth"}});
    let (events, out) = run_whole(&error, PASS);
    assert_eq!(events[0], Event::Fields { id: FieldsId(0), text: "bad key\nauth".into() });
    assert_eq!(events[1..], [Event::Finish { reason: "error".into() }, Event::Done]);
    assert_eq!(out, error.to_string());
}
