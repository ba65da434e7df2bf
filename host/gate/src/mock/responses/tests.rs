#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::mock::reply::{Citation, Reply, ToolCall};
use crate::mock::request::Asked;

/// The events, after a look at what holds for every stream.
fn events(said: &Said<'_>) -> Vec<Value> {
    let data = |(number, event): (usize, Vec<u8>)| {
        let event = String::from_utf8(event).unwrap();
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let data: Value = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
        data
    };
    stream(said).all().into_iter().enumerate().map(data).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap().strip_prefix("response.").unwrap()).collect()
}

/// The deltas of one kind, joined by the item's place.
fn joined_deltas(events: &[Value], kind: &str, output: usize) -> String {
    let kind = format!("response.{kind}.delta");
    let of = events.iter().filter(|event| event["type"] == kind && event["output_index"] == output);
    of.map(|event| event["delta"].as_str().unwrap()).collect()
}

fn asked() -> Asked {
    let body = json!({"model": "m", "input": "hi", "instructions": "be kind", "metadata": null, "temperature": 0.5});
    Asked {
        model: "m".to_owned(),
        choices: 1,
        texts: vec!["be kind".to_owned(), "hi".to_owned()],
        body,
        ..Asked::default()
    }
}

fn call(name: &str, custom: bool) -> ToolCall {
    ToolCall { name: name.to_owned(), arguments: json!(r#"{"a":"bcdef"}"#), custom, ..ToolCall::default() }
}

#[test]
fn a_text() {
    let asked = asked();
    let reply = Reply { text: vec!["abcdé".to_owned()], chunk_bytes: Some(4), logprobs: true, ..Reply::default() };
    let said = Said::new(&asked, &reply, b"body");
    let (whole, events) = (whole(&said), events(&said));
    assert_eq!(
        kinds(&events),
        [
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed",
        ]
    );
    assert_eq!(joined_deltas(&events, "output_text", 0), "abcdé");
    assert_eq!(
        (&events[0]["response"]["status"], &events[0]["response"]["output"]),
        (&json!("in_progress"), &json!([]))
    );
    assert_eq!(events[2]["item"]["content"], json!([]));
    assert_eq!((&events[6]["text"], &events[7]["part"]["text"]), (&json!("abcdé"), &json!("abcdé")));
    assert_eq!(events[7]["part"]["logprobs"].as_array().unwrap().len(), 2);
    assert_eq!((&events[8]["item"], &events[9]["response"]), (&whole["output"][0], &whole));
    assert_eq!(
        (&whole["instructions"], &whole["metadata"], &whole["temperature"]),
        (&json!("be kind"), &json!({}), &json!(0.5))
    );
    assert_eq!(whole["usage"]["input_tokens"], 3);
    assert_eq!(
        (&whole["status"], &whole["error"], &whole["incomplete_details"]),
        (&json!("completed"), &Value::Null, &Value::Null)
    );
}

#[test]
fn everything_at_once() {
    let asked = asked();
    let reply = Reply {
        thinking: vec!["First, think.".to_owned(), "Then again.".to_owned()],
        reasoning_text: Some("raw thoughts".to_owned()),
        redacted_thinking: Some("AAAA".to_owned()),
        text: vec!["one".to_owned(), "two".to_owned()],
        citations: vec![
            Citation { title: "t".to_owned(), url: Some("https://a.example/".to_owned()), ..Citation::default() },
            Citation::default(),
        ],
        refusal: Some("no more".to_owned()),
        tool_calls: vec![call("f", false), call("g", true)],
        ..Reply::default()
    };
    let said = Said::new(&asked, &reply, b"body");
    let (whole, events) = (whole(&said), events(&said));
    let kinds_of = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds_of(&whole["output"]), ["reasoning", "message", "function_call", "custom_tool_call"]);
    assert_eq!(kinds_of(&whole["output"][1]["content"]), ["output_text", "output_text", "refusal"]);
    assert_eq!(kinds_of(&whole["output"][1]["content"][1]["annotations"]), ["url_citation", "file_citation"]);
    assert_eq!(whole["output"][0]["summary"].as_array().unwrap().len(), 2);
    assert_eq!(whole["output"][0]["content"][0]["text"], "raw thoughts");
    assert_eq!(whole["output"][0]["encrypted_content"], "AAAA");
    for (kind, output, text) in [
        ("reasoning_summary_text", 0, "First, think.Then again."),
        ("reasoning_text", 0, "raw thoughts"),
        ("output_text", 1, "onetwo"),
        ("refusal", 1, "no more"),
        ("function_call_arguments", 2, r#"{"a":"bcdef"}"#),
        ("custom_tool_call_input", 3, r#"{"a":"bcdef"}"#),
    ] {
        assert_eq!(joined_deltas(&events, kind, output), text, "{kind}");
        // Each is repeated when it is done, under the id of its item.
        let done = format!("response.{kind}.done");
        let done: Vec<&Value> = events.iter().filter(|event| event["type"] == done).collect();
        assert!(
            !done.is_empty() && done.iter().all(|event| event["item_id"] == whole["output"][output]["id"]),
            "{kind}"
        );
    }
    let items: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| &event["item"])
        .collect();
    assert_eq!(items, whole["output"].as_array().unwrap().iter().collect::<Vec<_>>());
    assert_eq!(events.last().unwrap()["response"], whole);
    assert!(whole["output"][2]["call_id"].as_str().unwrap().starts_with("call_"));
}

#[test]
fn calls_in_turns() {
    let asked = asked();
    let reply = Reply {
        tool_calls: vec![call("f", false), call("g", false)],
        interleave: true,
        chunk_bytes: Some(6),
        ..Reply::default()
    };
    let events = events(&Said::new(&asked, &reply, b""));
    let order: Vec<u64> = events.iter().filter_map(|event| event["output_index"].as_u64()).collect();
    assert!(order.chunks(2).all(|round| round == [0, 1]) && order.len() == 12, "{order:?}");
}

#[test]
fn an_answer_that_is_not_complete() {
    let asked = asked();
    for (finish, reason) in [("length", "max_output_tokens"), ("content_filter", "content_filter")] {
        let reply = Reply { text: vec!["a".to_owned()], finish_reason: Some(finish.to_owned()), ..Reply::default() };
        let said = Said::new(&asked, &reply, b"");
        let last = events(&said).pop().unwrap();
        assert_eq!((&last["type"], &last["response"]), (&json!("response.incomplete"), &whole(&said)));
        assert_eq!(last["response"]["incomplete_details"]["reason"], reason);
        assert_eq!(last["response"]["output"][0]["status"], "incomplete");
    }
}

#[test]
fn an_answer_that_fails() {
    let asked = asked();
    let error = StreamError { message: "m".to_owned(), ..StreamError::default() };
    let reply = Reply { text: vec!["a".to_owned()], stream_error: Some(error), ..Reply::default() };
    let whole = whole(&Said::new(&asked, &reply, b""));
    assert_eq!((&whole["status"], &whole["usage"], &whole["output"]), (&json!("failed"), &Value::Null, &json!([])));
    assert_eq!(whole["error"], json!({"code": "server_error", "message": "m"}));
}

#[test]
fn items_as_they_are() {
    let asked = asked();
    let item = json!({"id": "ws_1", "type": "web_search_call", "status": "completed"});
    let reply = Reply { content: Some(json!([item])), ..Reply::default() };
    let said = Said::new(&asked, &reply, b"");
    assert_eq!(whole(&said)["output"], json!([item]));
    assert_eq!(kinds(&events(&said)), ["created", "in_progress", "output_item.added", "output_item.done", "completed"]);
}
