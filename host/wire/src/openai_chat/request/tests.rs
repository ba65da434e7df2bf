#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use super::*;
use crate::dialect::Dialect;
use crate::document::{EditError, TextEdit};
use crate::request::{Request, RequestLimits, tests};

fn parse(body: &Value) -> Result<Request, Refusal> {
    tests::parse(Dialect::OpenAiChat, body)
}

fn user(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
}

fn with(key: &str, value: Value) -> Value {
    let mut body = user("hi");
    body[key] = value;
    body
}

fn segments(body: &Value) -> Vec<String> {
    tests::segments(&parse(body).unwrap())
}

/// A request with one of everything.
pub(crate) fn full() -> Value {
    json!({
        "model": "gpt-x", "stream": true, "stream_options": {"include_usage": true, "odd": "so"},
        "messages": [
            {"role": "developer", "content": "be kind"},
            {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "one", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "two"},
            ]},
            {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{\"q\":\"x\",\"n\":5}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}], "reasoning": "because"},
        ],
        "tools": [{"type": "function", "function": {"name": "get", "description": "gets", "strict": true, "parameters": {
            "type": "object", "properties": {"q": {"type": "string", "description": "query"}}}}},
            {"type": "custom", "custom": {"name": "sql", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: X"}}}}],
        "tool_choice": {"type": "function", "function": {"name": "get"}},
        "stop": ["END", "FIN"], "user": "u1", "metadata": {"team": "blue"}, "temperature": 0.5, "vendor": {"deep": ["x"]},
        "seed": 123_456_789, "n": 3, "logprobs": true, "top_logprobs": 2,
    })
}

#[test]
fn every_kind_of_text_is_found_where_it_stands() {
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
        "user|text|-|/messages/1/content|onetwo",
        "assistant|value|-|/messages/2/tool_calls/0/id|c1",
        "assistant|value|get|/messages/2/tool_calls/0/function/name|get",
        "assistant|tool-arguments|get|/messages/2/tool_calls/0/function/arguments#/q|q",
        "assistant|tool-arguments|get|/messages/2/tool_calls/0/function/arguments#/q|x",
        "assistant|tool-arguments|get|/messages/2/tool_calls/0/function/arguments#/n|n",
        "assistant|tool-arguments|get|/messages/2/tool_calls/0/function/arguments#/n|5",
        "assistant|value|-|/messages/2/tool_calls/1/id|c2",
        "assistant|value|sql|/messages/2/tool_calls/1/custom/name|sql",
        "assistant|tool-arguments|sql|/messages/2/tool_calls/1/custom/input|select 1",
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
        "system|tool-definition|sql|/tools/1/custom/name|sql",
        "system|tool-definition|sql|/tools/1/custom/format/type|type",
        "system|tool-definition|sql|/tools/1/custom/format/type|grammar",
        "system|tool-definition|sql|/tools/1/custom/format/grammar|grammar",
        "system|tool-definition|sql|/tools/1/custom/format/grammar/syntax|syntax",
        "system|tool-definition|sql|/tools/1/custom/format/grammar/syntax|lark",
        "system|tool-definition|sql|/tools/1/custom/format/grammar/definition|definition",
        "system|tool-definition|sql|/tools/1/custom/format/grammar/definition|start: X",
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
        "|value|-|/seed|123456789",
    ];
    assert_eq!(segments(&full()), expected);
    let request = parse(&full()).unwrap();
    assert!(request.stream() && request.include_usage() && request.logprobs());
    assert_eq!((request.model(), request.choices()), ("gpt-x", 3));
    assert_eq!(request.tools(), ["get", "sql"]);
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
            "missing_field",
            "/messages/0/tool_calls/0/custom",
        ),
        (with("n", json!(0)), "unsupported_n", "/n"),
        (with("n", json!(129)), "unsupported_n", "/n"),
        (with("n", json!(1.0)), "unsupported_n", "/n"),
        (with("logprobs", json!(5)), "wrong_type", "/logprobs"),
        (with("top_logprobs", json!("5")), "wrong_type", "/top_logprobs"),
        (with("modalities", json!(["text", "audio"])), "unsupported_modalities", "/modalities"),
        (with("audio", json!({"voice": "x"})), "unsupported_audio", "/audio"),
        (with("functions", json!([])), "unsupported_legacy_functions", "/functions"),
        (with("function_call", json!("auto")), "unsupported_legacy_functions", "/function_call"),
        (with("web_search_options", json!({})), "unsupported_provider_tool", "/web_search_options"),
        (with("plugins", json!([{"id": "web"}])), "unsupported_provider_tool", "/plugins"),
        (with("tools", json!([{"type": "web_search"}])), "unsupported_provider_tool", "/tools/0/type"),
        (with("tools", json!([{"type": "custom", "custom": {}}])), "missing_field", "/tools/0/custom/name"),
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
        let refusal = Request::parse(Dialect::OpenAiChat, body, &RequestLimits::default()).unwrap_err();
        assert_eq!(refusal.code, "json_duplicate_key");
        assert_eq!(refusal.pointer.as_deref(), Some("/messages/0/content"));
    }
}

#[test]
fn unreadable_bodies_and_bounds_are_refused_by_name() {
    let code =
        |body: &[u8], limits: &RequestLimits| Request::parse(Dialect::OpenAiChat, body, limits).unwrap_err().code;
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
    let request = Request::parse(Dialect::OpenAiChat, body, &RequestLimits::default()).unwrap();
    assert_eq!(request.rewrite(&[]).unwrap(), body.as_bytes());
    assert_eq!(request.document().text, "A b\nm");
    let edited = request.rewrite(&[TextEdit::new(2, 3, "[B]")]).unwrap();
    assert_eq!(String::from_utf8(edited).unwrap(), body.replace("\"\\u0041 b\"", "\"A [B]\""));
}

/// A body whose one call has these arguments.
fn calling(arguments: &str) -> String {
    let call = json!([{"function": {"name": "f", "arguments": arguments}}]);
    json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": call}]}).to_string()
}

fn request(body: &str) -> Request {
    Request::parse(Dialect::OpenAiChat, body, &RequestLimits::default()).unwrap()
}

/// Another reader may see the value behind the escapes, so policies must.
#[test]
fn arguments_are_read_behind_their_escapes_and_edited_there() {
    let request = request(&calling(r#"{ "to" : "\u006a\u006f@x.io", "n": [1.50 ,true,null], "\u0041": {} }"#));
    assert_eq!(request.document().text, "m\nf\nto\njo@x.io\nn\n1.50\ntrue\nA");
    let edit = |text: &str, with: &str| {
        let at = request.document().text.find(text).unwrap() as u64;
        TextEdit::new(at, at + text.len() as u64, with)
    };
    let out = request.rewrite(&[edit("jo@x.io", "<\"é\n>"), edit("1.50", "9")]).unwrap();
    let expected = calling(r#"{ "to" : "<\"é\n>", "n": ["9" ,true,null], "\u0041": {} }"#);
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    assert_eq!(request.rewrite(&[edit("A", "B")]).unwrap_err().code(), "edit_of_key");
}

#[test]
fn arguments_that_are_not_json_are_read_as_they_stand_and_behind_their_escapes() {
    let broken = request(&calling(r#"{"to":"\u006ao"#));
    assert_eq!(broken.document().text, "m\nf\n{\"to\":\"\\u006ao\n{\"to\":\"jo");
    let code = |start: u64| broken.rewrite(&[TextEdit::new(start, start + 1, "-")]).err().map(EditError::code);
    assert_eq!((code(4), code(21)), (None, Some("edit_of_reading")));
    for arguments in [r#"{"a":1,"a":"x"}"#, "not json", ""] {
        assert_eq!(request(&calling(arguments)).document().text, format!("m\nf\n{arguments}"));
    }
    assert_eq!(request(&calling("{}")).document().text, "m\nf");
}

#[test]
fn images_pass_only_where_a_setting_lets_them() {
    let body = |url: &str| {
        let part = json!({"type": "image_url", "image_url": {"url": url, "detail": "low", "odd": "so"}});
        json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, part]}]})
    };
    let refusal = parse(&body("https://x.io/a.png")).unwrap_err();
    assert!(refusal.message.contains("`allow: [images]`"), "{}", refusal.message);
    let text = |url: &str| {
        let request = tests::parse_allowing(Dialect::OpenAiChat, &body(url))?;
        Ok(request.document().text.clone())
    };
    assert_eq!(text("https://x.io/a.png"), Ok("m\nsee\nhttps://x.io/a.png\nlow\nodd\nso".to_owned()));
    assert_eq!(text("data:image/png;base64,aGk="), Ok("m\nsee\nlow\nodd\nso".to_owned()));
    for url in ["data:text/plain,secret", "DATA:image/png;base64,a b", "data:image/png;base64,"] {
        let refusal: Refusal = text(url).unwrap_err();
        assert_eq!(refusal.pointer.as_deref(), Some("/messages/0/content/1/image_url/url"));
    }
}
