#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::Value;

use super::*;
use crate::mock::reply::{Citation, Reply, ToolCall};
use crate::mock::request::Asked;

fn request(include_usage: bool, choices: u32) -> Asked {
    Asked {
        model: "m".to_owned(),
        include_usage,
        choices,
        user_text: "hé".to_owned(),
        texts: vec!["hé".to_owned()],
        ..Asked::default()
    }
}

/// The data of the events, without `[DONE]`.
fn chunks(said: &Said<'_>) -> Vec<Value> {
    let mut events = stream(said).all();
    assert_eq!(events.pop().unwrap(), b"data: [DONE]\n\n");
    let data = |event: Vec<u8>| {
        let event = String::from_utf8(event).unwrap();
        serde_json::from_str(event.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap()).unwrap()
    };
    events.into_iter().map(data).collect()
}

#[test]
fn a_whole_answer() {
    let request = request(false, 1);
    let reply = Reply { echo: true, ..Reply::default() };
    let said = Said::new(&request, &reply, b"body");
    let answer = whole(&said);
    assert_eq!(
        answer,
        json!({
            "id": answer["id"], "object": "chat.completion", "created": CREATED, "model": "m",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": "You said: hé", "refusal": null, "annotations": []},
                "logprobs": null,
                "finish_reason": "stop",
            }],
            "usage": {
                "prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {
                    "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
                },
            },
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        })
    );
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(whole(&said), whole(&Said::new(&request, &reply, b"body")));
    assert_ne!(whole(&said), whole(&Said::new(&request, &reply, b"other")));
}

#[test]
fn a_stream_of_text() {
    let request = request(true, 1);
    let reply = Reply { text: vec!["abécd".to_owned()], chunk_bytes: Some(3), logprobs: true, ..Reply::default() };
    let chunks = chunks(&Said::new(&request, &reply, b""));
    let deltas: Vec<&Value> =
        chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).map(|choice| &choice["delta"]).collect();
    assert_eq!(
        deltas,
        [
            &json!({"role": "assistant", "content": "", "refusal": null}),
            &json!({"content": "ab"}),
            &json!({"content": "éc"}),
            &json!({"content": "d"}),
            &json!({}),
        ]
    );
    let reasons: Vec<&Value> =
        chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).map(|choice| &choice["finish_reason"]).collect();
    assert_eq!(reasons, [&Value::Null, &Value::Null, &Value::Null, &Value::Null, &json!("stop")]);
    assert_eq!(chunks[2]["choices"][0]["logprobs"]["content"][0]["bytes"], json!([0xc3, 0xa9, b'c']));
    let usage = chunks.last().unwrap();
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(3)));
    assert!(
        chunks.iter().rev().skip(1).all(|chunk| chunk["usage"].is_null() && chunk["object"] == "chat.completion.chunk")
    );
}

#[test]
fn streamed_tool_calls_come_in_fragments() {
    let call = |name: &str, arguments: Value| ToolCall { name: name.to_owned(), arguments, ..ToolCall::default() };
    let calls = vec![call("a", json!({"city": "Utrecht"})), call("b", json!("not {json"))];
    let reply = Reply { tool_calls: calls, chunk_bytes: Some(5), ..Reply::default() };
    let request = request(false, 1);
    let said = Said::new(&request, &reply, b"");
    let chunks = chunks(&said);
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
    assert_eq!(chunks[0]["choices"][0]["delta"]["content"], Value::Null);
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");

    let answer = whole(&said);
    for (index, expected) in [(0, r#"{"city":"Utrecht"}"#), (1, "not {json")] {
        let parts: Vec<&Value> = chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
            .filter(|call| call["index"] == index)
            .collect();
        assert!(parts.len() > 2);
        let call = &answer["choices"][0]["message"]["tool_calls"][index];
        assert_eq!(
            (&parts[0]["id"], &parts[0]["type"], &parts[0]["function"]["name"]),
            (&call["id"], &json!("function"), &call["function"]["name"])
        );
        assert!(parts[1..].iter().all(|part| part.get("id").is_none()));
        let joined: String = parts.iter().map(|part| part["function"]["arguments"].as_str().unwrap()).collect();
        assert_eq!(joined, expected);
        assert_eq!(call["function"]["arguments"], expected);
    }
}

#[test]
fn several_choices() {
    let request = request(false, 3);
    let reply = Reply { text: vec!["x".to_owned()], ..Reply::default() };
    let said = Said::new(&request, &reply, b"");
    let answer = whole(&said);
    assert_eq!(answer["choices"].as_array().unwrap().len(), 3);
    let ended: Vec<Value> = chunks(&said)
        .iter()
        .map(|chunk| chunk["choices"][0].clone())
        .filter(|choice| choice["finish_reason"] == "stop")
        .map(|choice| choice["index"].clone())
        .collect();
    assert_eq!(ended, [json!(0), json!(1), json!(2)]);
}

fn answer(reply: &Reply, choices: u32) -> (Value, Vec<Value>) {
    let asked = request(false, choices);
    let said = Said::new(&asked, reply, b"");
    (whole(&said), chunks(&said))
}

/// What a choice's deltas of one field come to.
fn said_in(chunks: &[Value], index: u32, field: &str) -> String {
    let choices = chunks.iter().map(|chunk| &chunk["choices"][0]).filter(|choice| choice["index"] == index);
    choices.filter_map(|choice| choice["delta"][field].as_str()).collect()
}

#[test]
fn thinking_refusal_and_sources() {
    let page = Citation { title: "t".to_owned(), url: Some("https://a.example/".to_owned()), ..Citation::default() };
    let reply = Reply {
        thinking: vec!["first".to_owned(), "second".to_owned()],
        refusal: Some("I will not say that.".to_owned()),
        citations: vec![page, Citation::default()],
        ..Reply::default()
    };
    let (whole, chunks) = answer(&reply, 1);
    let message = &whole["choices"][0]["message"];
    assert_eq!((&message["content"], &message["refusal"]), (&Value::Null, &json!("I will not say that.")));
    assert_eq!(message["reasoning_content"], "first\n\nsecond");
    assert_eq!(message["annotations"].as_array().unwrap().len(), 1);
    assert_eq!(message["annotations"][0]["url_citation"]["url"], "https://a.example/");
    assert_eq!(whole["usage"]["completion_tokens_details"]["reasoning_tokens"], 3);
    assert_eq!(said_in(&chunks, 0, "refusal"), "I will not say that.");
    assert_eq!(said_in(&chunks, 0, "reasoning_content"), "first\n\nsecond");
}

#[test]
fn choices_with_texts_of_their_own_in_turns() {
    let texts = ["one ".repeat(6), "two ".repeat(6)];
    let reply = Reply { text: texts.to_vec(), interleave: true, chunk_bytes: Some(4), ..Reply::default() };
    let (whole, chunks) = answer(&reply, 3);
    for (index, text) in [(0_u32, &texts[0]), (1, &texts[1]), (2, &texts[0])] {
        assert_eq!(&whole["choices"][index as usize]["message"]["content"], text);
        assert_eq!(&said_in(&chunks, index, "content"), text);
    }
    let order: Vec<u64> = chunks.iter().map(|chunk| chunk["choices"][0]["index"].as_u64().unwrap()).collect();
    assert!(order.chunks(3).all(|round| round == [0, 1, 2]), "{order:?}");
}

#[test]
fn tool_calls_in_turns() {
    let call = |name: &str, custom| ToolCall {
        name: name.to_owned(),
        arguments: json!("0123456789"),
        id: Some(format!("id-{name}")),
        custom,
    };
    let calls = vec![call("a", false), call("b", true)];
    let reply = Reply { tool_calls: calls, interleave: true, chunk_bytes: Some(5), ..Reply::default() };
    let (whole, chunks) = answer(&reply, 1);
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[1], json!({"id": "id-b", "type": "custom", "custom": {"name": "b", "input": "0123456789"}}));
    let deltas: Vec<&Value> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| !call.is_null())
        .collect();
    let order: Vec<u64> = deltas.iter().map(|call| call["index"].as_u64().unwrap()).collect();
    assert_eq!(order, [0, 1, 0, 1, 0, 1]);
    assert_eq!(
        (&deltas[4]["function"]["arguments"], &deltas[5]["custom"]["input"]),
        (&json!("56789"), &json!("56789"))
    );
}

#[test]
fn content_as_it_is() {
    let parts = json!([{"type": "text", "text": "x"}, {"type": "other"}]);
    let reply = Reply { content: Some(parts.clone()), ..Reply::default() };
    let (whole, chunks) = answer(&reply, 1);
    assert_eq!(whole["choices"][0]["message"]["content"], parts);
    assert_eq!(chunks[1]["choices"][0]["delta"], json!({"content": parts}));
}

#[test]
fn what_closes_a_stream() {
    let asked = request(true, 2);
    let reply = Reply { text: vec!["x".to_owned()], ..Reply::default() };
    let stream = stream(&Said::new(&asked, &reply, b""));
    // Two roles, two texts and the first finish are said; the last finish, the usage and the end close it.
    assert_eq!((stream.content.len(), stream.closing.len()), (5, 3));
}
