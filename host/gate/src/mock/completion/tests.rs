#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn request(include_usage: bool, choices: u32) -> ChatRequest {
    ChatRequest {
        model: "m".to_owned(),
        include_usage,
        choices,
        user_text: "hé".to_owned(),
        texts: vec!["hé".to_owned()],
        ..ChatRequest::default()
    }
}

/// The data of the events, without `[DONE]`.
fn chunks(completion: &Completion<'_>) -> Vec<Value> {
    let mut events = completion.events();
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
    let completion = Completion::new(&request, &reply, b"body");
    let whole: Value = serde_json::from_slice(&completion.whole()).unwrap();
    assert_eq!(
        whole,
        json!({
            "id": whole["id"], "object": "chat.completion", "created": CREATED, "model": "m",
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
    assert!(whole["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(completion.whole(), Completion::new(&request, &reply, b"body").whole());
    assert_ne!(completion.whole(), Completion::new(&request, &reply, b"other").whole());
}

#[test]
fn a_stream_of_text() {
    let request = request(true, 1);
    let reply = Reply { text: Some("abécd".to_owned()), chunk_bytes: Some(3), logprobs: true, ..Reply::default() };
    let chunks = chunks(&Completion::new(&request, &reply, b""));
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
    let call = |name: &str, arguments: Value| ToolCall { name: name.to_owned(), arguments };
    let calls = vec![call("a", json!({"city": "Utrecht"})), call("b", json!("not {json"))];
    let reply = Reply { tool_calls: calls, chunk_bytes: Some(5), ..Reply::default() };
    let request = request(false, 1);
    let completion = Completion::new(&request, &reply, b"");
    let chunks = chunks(&completion);
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
    assert_eq!(chunks[0]["choices"][0]["delta"]["content"], Value::Null);
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");

    let whole: Value = serde_json::from_slice(&completion.whole()).unwrap();
    for (index, expected) in [(0, r#"{"city":"Utrecht"}"#), (1, "not {json")] {
        let parts: Vec<&Value> = chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
            .filter(|call| call["index"] == index)
            .collect();
        assert!(parts.len() > 2);
        let call = &whole["choices"][0]["message"]["tool_calls"][index];
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
    let reply = Reply { text: Some("x".to_owned()), ..Reply::default() };
    let completion = Completion::new(&request, &reply, b"");
    let whole: Value = serde_json::from_slice(&completion.whole()).unwrap();
    assert_eq!(whole["choices"].as_array().unwrap().len(), 3);
    let ended: Vec<Value> = chunks(&completion)
        .iter()
        .map(|chunk| chunk["choices"][0].clone())
        .filter(|choice| choice["finish_reason"] == "stop")
        .map(|choice| choice["index"].clone())
        .collect();
    assert_eq!(ended, [json!(0), json!(1), json!(2)]);
}

proptest! {
    #[test]
    fn pieces_join_to_the_text(text in "\\PC*", size in 1_usize..20) {
        let pieces = pieces(&text, size);
        prop_assert_eq!(pieces.concat(), text.as_str());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && (piece.len() <= size || piece.chars().count() == 1)));
    }
}
