#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::json::tree_tests::any_json;

fn parse(body: &Value) -> Result<ChatRequest, Refusal> {
    ChatRequest::parse(body.to_string(), &RequestLimits::default())
}

fn user(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
}

fn with(key: &str, value: Value) -> Value {
    let mut body = user("hi");
    body[key] = value;
    body
}

/// `role kind name text` of every segment.
fn segments(body: &Value) -> Vec<String> {
    let request = parse(body).unwrap();
    let document = request.document();
    let line = |s: &crate::document::Segment| {
        format!("{}|{}|{}|{}|{}", s.role, s.kind, s.name.as_deref().unwrap_or("-"), s.pointer, document.text_of(s))
    };
    document.segments.iter().map(line).collect()
}

#[test]
fn every_kind_of_text_is_found_where_it_stands() {
    let body = json!({
        "model": "gpt-x", "stream": true, "stream_options": {"include_usage": true, "odd": "so"},
        "messages": [
            {"role": "developer", "content": "be kind"},
            {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "one", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "two"},
            ]},
            {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{\"q\":\"x\"}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}], "reasoning": "because"},
        ],
        "tools": [{"type": "function", "function": {"name": "get", "description": "gets", "strict": true, "parameters": {
            "type": "object", "properties": {"q": {"type": "string", "description": "query"}}}}}],
        "tool_choice": {"type": "function", "function": {"name": "get"}},
        "stop": ["END", "FIN"], "user": "u1", "metadata": {"team": "blue"}, "temperature": 0.5, "vendor": {"deep": ["x"]},
    });
    let expected = [
        "|value|-|/model|gpt-x",
        "|key|-|/stream_options/odd|odd",
        "|value|-|/stream_options/odd|so",
        "developer|text|-|/messages/0/content|be kind",
        "user|value|-|/messages/1/name|ann",
        "user|text|-|/messages/1/content/0/text|one",
        "user|key|-|/messages/1/content/0/cache_control|cache_control",
        "user|key|-|/messages/1/content/0/cache_control/type|type",
        "user|value|-|/messages/1/content/0/cache_control/type|ephemeral",
        "user|text|-|/messages/1/content/1/text|two",
        "assistant|value|-|/messages/2/tool_calls/0/id|c1",
        "assistant|value|get|/messages/2/tool_calls/0/function/name|get",
        "assistant|tool-arguments|get|/messages/2/tool_calls/0/function/arguments|{\"q\":\"x\"}",
        "tool|value|-|/messages/3/tool_call_id|c1",
        "tool|tool-result|c1|/messages/3/content|found",
        "assistant|refusal|-|/messages/4/content/0/refusal|no",
        "assistant|key|-|/messages/4/reasoning|reasoning",
        "assistant|value|-|/messages/4/reasoning|because",
        "system|tool-definition|get|/tools/0/function/name|get",
        "system|tool-definition|get|/tools/0/function/description|gets",
        "system|tool-definition|get|/tools/0/function/parameters/type|type",
        "system|tool-definition|get|/tools/0/function/parameters/type|object",
        "system|tool-definition|get|/tools/0/function/parameters/properties|properties",
        "system|tool-definition|get|/tools/0/function/parameters/properties/q|q",
        "system|tool-definition|get|/tools/0/function/parameters/properties/q/type|type",
        "system|tool-definition|get|/tools/0/function/parameters/properties/q/type|string",
        "system|tool-definition|get|/tools/0/function/parameters/properties/q/description|description",
        "system|tool-definition|get|/tools/0/function/parameters/properties/q/description|query",
        "|key|-|/tool_choice/type|type",
        "|value|-|/tool_choice/type|function",
        "|key|-|/tool_choice/function|function",
        "|key|-|/tool_choice/function/name|name",
        "|value|-|/tool_choice/function/name|get",
        "|value|-|/stop/0|END",
        "|value|-|/stop/1|FIN",
        "|value|-|/user|u1",
        "|key|-|/metadata/team|team",
        "|value|-|/metadata/team|blue",
        "|key|-|/vendor|vendor",
        "|key|-|/vendor/deep|deep",
        "|value|-|/vendor/deep/0|x",
    ];
    assert_eq!(segments(&body), expected);
    let request = parse(&body).unwrap();
    assert!(request.stream() && request.include_usage());
    assert_eq!((request.model(), request.tools()), ("gpt-x", &["get".to_owned()][..]));
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let message = |message: Value| json!({"model": "m", "messages": [message]});
    let part = |part: Value| message(json!({"role": "user", "content": [part]}));
    for (body, code, pointer) in [
        (json!([]), "wrong_type", ""),
        (json!({"messages": []}), "missing_field", "/model"),
        (with("model", json!("")), "missing_field", "/model"),
        (with("model", json!(3)), "wrong_type", "/model"),
        (json!({"model": "m"}), "missing_field", "/messages"),
        (json!({"model": "m", "messages": []}), "empty_messages", "/messages"),
        (json!({"model": "m", "messages": {}}), "wrong_type", "/messages"),
        (message(json!("x")), "wrong_type", "/messages/0"),
        (message(json!({"content": "x"})), "missing_field", "/messages/0/role"),
        (message(json!({"role": "user"})), "missing_field", "/messages/0/content"),
        (message(json!({"role": "user", "content": 5})), "wrong_type", "/messages/0/content"),
        (message(json!({"role": "user", "content": {"type": "text"}})), "wrong_type", "/messages/0/content"),
        (message(json!({"role": "god", "content": "x"})), "unsupported_role", "/messages/0/role"),
        (message(json!({"role": "function", "name": "f", "content": "x"})), "unsupported_role", "/messages/0/role"),
        (part(json!("x")), "wrong_type", "/messages/0/content/0"),
        (part(json!({"type": "text"})), "missing_field", "/messages/0/content/0/text"),
        (
            part(json!({"type": "image_url", "image_url": {"url": "x"}})),
            "unsupported_content",
            "/messages/0/content/0/type",
        ),
        (part(json!({"type": "input_audio"})), "unsupported_content", "/messages/0/content/0/type"),
        (part(json!({"type": "file"})), "unsupported_content", "/messages/0/content/0/type"),
        (message(json!({"role": "assistant", "audio": {"id": "a"}})), "unsupported_audio", "/messages/0/audio"),
        (
            message(json!({"role": "assistant", "function_call": {}})),
            "unsupported_legacy_functions",
            "/messages/0/function_call",
        ),
        (
            message(json!({"role": "assistant", "tool_calls": [{"type": "custom"}]})),
            "unsupported_tool_type",
            "/messages/0/tool_calls/0/type",
        ),
        (with("n", json!(2)), "unsupported_n", "/n"),
        (with("n", json!(1.0)), "unsupported_n", "/n"),
        (with("logprobs", json!(true)), "unsupported_logprobs", "/logprobs"),
        (with("top_logprobs", json!(2)), "unsupported_logprobs", "/top_logprobs"),
        (with("modalities", json!(["text", "audio"])), "unsupported_modalities", "/modalities"),
        (with("audio", json!({"voice": "x"})), "unsupported_audio", "/audio"),
        (with("functions", json!([])), "unsupported_legacy_functions", "/functions"),
        (with("function_call", json!("auto")), "unsupported_legacy_functions", "/function_call"),
        (with("web_search_options", json!({})), "unsupported_provider_tool", "/web_search_options"),
        (with("plugins", json!([{"id": "web"}])), "unsupported_provider_tool", "/plugins"),
        (with("tools", json!([{"type": "web_search"}])), "unsupported_provider_tool", "/tools/0/type"),
        (with("tools", json!([{"type": "custom", "custom": {}}])), "unsupported_tool_type", "/tools/0/type"),
        (with("tools", json!([{"type": "function", "function": {}}])), "missing_field", "/tools/0/function/name"),
        (with("stream", json!("yes")), "wrong_type", "/stream"),
        (with("stream_options", json!(true)), "wrong_type", "/stream_options"),
    ] {
        let refusal = parse(&body).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{body}");
        assert!(refusal.message.ends_with('.'), "{}", refusal.message);
    }
}

#[test]
fn harmless_forms_of_uncovered_fields_pass() {
    for (key, value) in [
        ("n", json!(1)),
        ("n", json!(null)),
        ("logprobs", json!(false)),
        ("top_logprobs", json!(null)),
        ("modalities", json!(["text"])),
        ("audio", json!(null)),
        ("function_call", json!(null)),
        ("web_search_options", json!(null)),
        ("enable_search", json!(false)),
        ("tools", json!([])),
        ("stream", json!(null)),
    ] {
        assert_eq!(segments(&with(key, value)).len(), 2, "{key}");
    }
}

/// A field scanned is the field forwarded: readers differ on which of two equal keys counts.
#[test]
fn duplicate_keys_are_refused() {
    for body in [
        r#"{"model":"m","messages":[{"role":"user","content":"clean","content":"secret"}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"clean","c\u006fntent":"secret"}]}"#,
    ] {
        let refusal = ChatRequest::parse(body, &RequestLimits::default()).unwrap_err();
        assert_eq!(refusal.code, "json_duplicate_key");
        assert_eq!(refusal.pointer.as_deref(), Some("/messages/0/content"));
    }
}

#[test]
fn unreadable_bodies_and_bounds_are_refused_by_name() {
    let code = |body: &[u8], limits: &RequestLimits| ChatRequest::parse(body, limits).unwrap_err().code;
    let limits = RequestLimits::default();
    assert_eq!(code(b"", &limits), "json_truncated");
    assert_eq!(code(b"\x1f\x8b\x08", &limits), "json_invalid_utf8");
    assert_eq!(code(b"{\"model\":\"\\ud800\"}", &limits), "json_lone_surrogate");
    let body = user("a text").to_string();
    assert_eq!(code(body.as_bytes(), &RequestLimits { max_body: 10, ..limits }), "body_too_large");
    assert_eq!(code(body.as_bytes(), &RequestLimits { max_segments: 1, ..limits }), "too_many_segments");
}

#[test]
fn unedited_bytes_are_the_ones_that_came() {
    let body = " {\"messages\" : [ {\"content\":\"\\u0041 b\", \"role\":\"user\"} ],\n \"model\":\"m\"}\n";
    let request = ChatRequest::parse(body, &RequestLimits::default()).unwrap();
    assert_eq!(request.rewrite(&[]).unwrap(), body.as_bytes());
    assert_eq!(request.document().text, "A b\nm");
    let edited = request.rewrite(&[TextEdit::new(2, 3, "[B]")]).unwrap();
    assert_eq!(String::from_utf8(edited).unwrap(), body.replace("\"\\u0041 b\"", "\"A [B]\""));
}

fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|v| strings(v, out)),
        Value::Object(members) => members.iter().for_each(|(k, v)| {
            out.push(k.clone());
            strings(v, out);
        }),
        _ => {}
    }
}

proptest! {
    /// The same planted value in every field: wherever a value stands that is accepted, its strings and keys are read.
    #[test]
    fn no_string_of_an_accepted_request_goes_unread(value in any_json(), place in 0..12_usize) {
        let mut body = json!({
            "model": "m",
            "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}],
            "tools": [{"type": "function", "function": {"name": "f"}}],
        });
        let slot = match place {
            0 => &mut body["vendor"],
            1 => &mut body["metadata"],
            2 => &mut body["stop"],
            3 => &mut body["user"],
            4 => &mut body["response_format"],
            5 => &mut body["messages"][0]["vendor"],
            6 => &mut body["messages"][0]["name"],
            7 => &mut body["messages"][0]["content"],
            8 => &mut body["messages"][1]["tool_calls"][0]["id"],
            9 => &mut body["messages"][1]["tool_calls"][0]["function"]["arguments"],
            10 => &mut body["tools"][0]["function"]["parameters"],
            _ => &mut body["tools"][0]["function"]["description"],
        };
        *slot = value.clone();
        if let Ok(request) = parse(&body) {
            let document = request.document();
            let read: Vec<&str> = document.segments.iter().map(|s| document.text_of(s)).collect();
            let mut planted = Vec::new();
            strings(&value, &mut planted);
            for text in planted {
                prop_assert!(read.contains(&text.as_str()), "unread: {text:?} in {body}");
            }
        }
    }
}
