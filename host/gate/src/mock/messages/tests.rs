#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::mock::reply::{Citation, Reply, ToolCall};
use crate::mock::request::Asked;

fn events(said: &Said<'_>) -> Vec<Value> {
    let data = |event: Vec<u8>| {
        let event = String::from_utf8(event).unwrap();
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let data: Value = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
        assert_eq!(data["type"], name);
        data
    };
    stream(said).all().into_iter().map(data).collect()
}

/// What the events add up to, as a client adds them.
fn added(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut arguments = String::new();
    let append =
        |to: &mut Value, more: &Value| *to = json!(format!("{}{}", to.as_str().unwrap(), more.as_str().unwrap()));
    for event in events {
        let block = event["index"].as_u64().map(|index| usize::try_from(index).unwrap());
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                arguments.clear();
                message["content"].as_array_mut().unwrap().push(event["content_block"].clone());
            }
            "content_block_delta" => {
                let (block, delta) = (&mut message["content"][block.unwrap()], &event["delta"]);
                match delta["type"].as_str().unwrap() {
                    "text_delta" => append(&mut block["text"], &delta["text"]),
                    "thinking_delta" => append(&mut block["thinking"], &delta["thinking"]),
                    "signature_delta" => block["signature"] = delta["signature"].clone(),
                    "citations_delta" => block["citations"].as_array_mut().unwrap().push(delta["citation"].clone()),
                    "input_json_delta" => arguments.push_str(delta["partial_json"].as_str().unwrap()),
                    other => panic!("{other}"),
                }
            }
            "content_block_stop" if !arguments.is_empty() => {
                message["content"][block.unwrap()]["input"] = serde_json::from_str(&arguments).unwrap();
                arguments.clear();
            }
            "message_delta" => {
                for (name, value) in event["delta"].as_object().unwrap() {
                    message[name] = value.clone();
                }
                message["usage"] = event["usage"].clone();
            }
            "content_block_stop" | "ping" | "message_stop" => {}
            other => panic!("{other}"),
        }
    }
    message
}

fn asked() -> Asked {
    Asked { model: "m".to_owned(), choices: 1, texts: vec!["four".to_owned()], ..Asked::default() }
}

#[test]
fn whole_and_streamed_are_one() {
    let source =
        |url: Option<&str>| Citation { text: "cited".to_owned(), title: "t".to_owned(), url: url.map(str::to_owned) };
    let asked = asked();
    for reply in [
        Reply { text: vec!["Ça va bien, merci.".to_owned()], ..Reply::default() },
        Reply::default(),
        Reply {
            thinking: vec!["Let me think about it.".to_owned(), "Again.".to_owned()],
            redacted_thinking: Some("AAAA".to_owned()),
            text: vec!["one".to_owned(), String::new(), "two".to_owned()],
            citations: vec![source(None), source(Some("https://a.example/"))],
            tool_calls: vec![
                ToolCall {
                    name: "f".to_owned(),
                    arguments: json!({"city": "Utrecht", "n": [1]}),
                    ..ToolCall::default()
                },
                ToolCall { name: "g".to_owned(), ..ToolCall::default() },
            ],
            chunk_bytes: Some(3),
            ..Reply::default()
        },
        Reply { refusal: Some("no".to_owned()), ..Reply::default() },
        Reply {
            content: Some(json!([{"type": "server_tool_use", "id": "s", "name": "n", "input": {"q": 1}}])),
            ..Reply::default()
        },
    ] {
        let said = Said::new(&asked, &reply, b"body");
        assert_eq!(added(&events(&said)), whole(&said));
    }
}

#[test]
fn the_order_of_events() {
    let asked = asked();
    let reply = Reply { text: vec!["abcdef".to_owned()], chunk_bytes: Some(3), ..Reply::default() };
    let said = Said::new(&asked, &reply, b"body");
    let events = events(&said);
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    assert_eq!(events[0]["message"]["stop_reason"], Value::Null);
    assert_eq!(
        (&events[0]["message"]["usage"]["input_tokens"], &events[6]["usage"]["output_tokens"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn a_thought_is_signed_last() {
    let asked = asked();
    let reply = Reply { thinking: vec!["hm".to_owned()], signature: Some("c2ln".to_owned()), ..Reply::default() };
    let events = events(&Said::new(&asked, &reply, b""));
    let deltas: Vec<&Value> =
        events.iter().map(|event| &event["delta"]).filter(|delta| delta["type"].is_string()).collect();
    assert_eq!(
        deltas,
        [
            &json!({"type": "thinking_delta", "thinking": "hm"}),
            &json!({"type": "signature_delta", "signature": "c2ln"})
        ]
    );
}

#[test]
fn reasons_in_its_own_words() {
    let asked = asked();
    let call = vec![ToolCall { name: "f".to_owned(), arguments: json!("{not json"), ..ToolCall::default() }];
    for (finish, calls, refusal, reason) in [
        (None, vec![], None, "end_turn"),
        (None, call.clone(), None, "tool_use"),
        (None, vec![], Some("no"), "refusal"),
        (Some("length"), vec![], None, "max_tokens"),
        (Some("content_filter"), vec![], None, "refusal"),
        (Some("stop"), call, None, "end_turn"),
        (Some("pause_turn"), vec![], None, "pause_turn"),
    ] {
        let refusal = refusal.map(str::to_owned);
        let reply = Reply { finish_reason: finish.map(str::to_owned), tool_calls: calls, refusal, ..Reply::default() };
        let said = Said::new(&asked, &reply, b"");
        assert_eq!(whole(&said)["stop_reason"], reason);
        assert_eq!(stream(&said).closing.len(), 2);
    }
}

#[test]
fn errors_by_status() {
    let kind = |status: u16| {
        let body =
            error(StatusCode::from_u16(status).unwrap(), &ApiError { message: "m".to_owned(), ..ApiError::default() });
        assert_eq!((&body["type"], &body["error"]["message"]), (&json!("error"), &json!("m")));
        body["error"]["type"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind(400), "invalid_request_error");
    assert_eq!(kind(404), "not_found_error");
    assert_eq!(kind(429), "rate_limit_error");
    assert_eq!(kind(500), "api_error");
    assert_eq!(kind(529), "overloaded_error");
    let named = ApiError { r#type: Some("mine".to_owned()), ..ApiError::default() };
    assert_eq!(error(StatusCode::BAD_REQUEST, &named)["error"]["type"], "mine");
}
