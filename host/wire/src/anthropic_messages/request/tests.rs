#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::document::TextEdit;
use crate::request::tests;

const DIALECT: Dialect = Dialect::AnthropicMessages;

/// A request with one of everything, also of what a setting must let pass.
pub(crate) fn full() -> Value {
    json!({
        "model": "claude-x", "max_tokens": 100, "stream": true,
        "system": [{"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "plain"},
            {"role": "user", "content": [
                {"type": "text", "text": "one"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "image", "source": {"type": "url", "url": "https://x.io/a.png"}},
                {"type": "document", "title": "T", "context": "C", "citations": {"enabled": true},
                    "source": {"type": "text", "media_type": "text/plain", "data": "body"}},
                {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "chunk"}]}},
                {"type": "search_result", "source": "s", "title": "R", "content": [{"type": "text", "text": "hit"}]},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hmm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "enc"},
                {"type": "text", "text": "said", "citations": [{"type": "char_location", "cited_text": "cited"}]},
                {"type": "tool_use", "id": "t1", "name": "get", "input": {"q": ["x", 7, true, null], "o": {}}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "is_error": false, "content": [
                    {"type": "text", "text": "found"},
                    {"type": "search_result", "source": "s2", "title": "R2", "content": [{"type": "text", "text": "hit2"}]},
                    {"type": "tool_reference", "tool_name": "late"},
                ]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "text", "odd": "so"},
            ]},
            {"role": "system", "content": "now"},
        ],
        "tools": [{"name": "get", "description": "gets", "input_schema": {"properties": {"q": {}}}}, {"type": "custom", "name": "put"}],
        "tool_choice": {"type": "tool", "name": "get"}, "metadata": {"user_id": "u1"}, "stop_sequences": ["END"],
        "thinking": {"type": "enabled", "budget_tokens": 2000}, "thread": {"id": "th"}, "service_tier": "auto",
        "vendor": 1_234_567_890,
    })
}

#[test]
fn every_kind_of_text_is_found_where_it_stands() {
    let expected = [
        "|value|-|/model|claude-x",
        "system|text|-|/system/0/text|be kind",
        "system|key|-|/system/0/cache_control/type|type",
        "system|value|-|/system/0/cache_control/type|ephemeral",
        "user|text|-|/messages/0/content|plain",
        "user|text|-|/messages/1/content/0/text|one",
        "user|value|-|/messages/1/content/2/source/url|https://x.io/a.png",
        "user|document|-|/messages/1/content/3/title|T",
        "user|document|-|/messages/1/content/3/context|C",
        "user|key|-|/messages/1/content/3/citations/enabled|enabled",
        "user|value|-|/messages/1/content/3/source/media_type|text/plain",
        "user|document|-|/messages/1/content/3/source/data|body",
        "user|document|-|/messages/1/content/4/source/content/0/text|chunk",
        "user|document|-|/messages/1/content/5/source|s",
        "user|document|-|/messages/1/content/5/title|R",
        "user|document|-|/messages/1/content/5/content/0/text|hit",
        "assistant|reasoning|-|/messages/2/content/0/thinking|hmm",
        "assistant|opaque|-|/messages/2/content/0/signature|sig",
        "assistant|opaque|-|/messages/2/content/1/data|enc",
        "assistant|text|-|/messages/2/content/2/text|said",
        "assistant|key|-|/messages/2/content/2/citations/0/type|type",
        "assistant|value|-|/messages/2/content/2/citations/0/type|char_location",
        "assistant|key|-|/messages/2/content/2/citations/0/cited_text|cited_text",
        "assistant|value|-|/messages/2/content/2/citations/0/cited_text|cited",
        "assistant|value|-|/messages/2/content/3/id|t1",
        "assistant|value|get|/messages/2/content/3/name|get",
        "assistant|tool-arguments|get|/messages/2/content/3/input/q|q",
        "assistant|tool-arguments|get|/messages/2/content/3/input/q/0|x",
        "assistant|tool-arguments|get|/messages/2/content/3/input/q/1|7",
        "assistant|tool-arguments|get|/messages/2/content/3/input/q/2|true",
        "assistant|tool-arguments|get|/messages/2/content/3/input/o|o",
        "tool|value|-|/messages/3/content/0/tool_use_id|t1",
        "tool|tool-result|t1|/messages/3/content/0/content/0/text|found",
        "tool|tool-result|t1|/messages/3/content/0/content/1/source|s2",
        "tool|tool-result|t1|/messages/3/content/0/content/1/title|R2",
        "tool|tool-result|t1|/messages/3/content/0/content/1/content/0/text|hit2",
        "tool|value|-|/messages/3/content/0/content/2/tool_name|late",
        "tool|value|-|/messages/3/content/1/tool_use_id|t2",
        "tool|tool-result|t2|/messages/3/content/1/content|text",
        "tool|key|-|/messages/3/content/1/odd|odd",
        "tool|value|-|/messages/3/content/1/odd|so",
        "system|text|-|/messages/4/content|now",
        "system|tool-definition|get|/tools/0/name|get",
        "system|tool-definition|get|/tools/0/description|gets",
        "system|tool-definition|get|/tools/0/input_schema/properties|properties",
        "system|tool-definition|get|/tools/0/input_schema/properties/q|q",
        "system|tool-definition|put|/tools/1/name|put",
        "|key|-|/tool_choice/type|type",
        "|value|-|/tool_choice/type|tool",
        "|key|-|/tool_choice/name|name",
        "|value|-|/tool_choice/name|get",
        "|key|-|/metadata/user_id|user_id",
        "|value|-|/metadata/user_id|u1",
        "|value|-|/stop_sequences/0|END",
        "|key|-|/thinking/type|type",
        "|value|-|/thinking/type|enabled",
        "|key|-|/thinking/budget_tokens|budget_tokens",
        "|key|-|/thread/id|id",
        "|value|-|/thread/id|th",
        "|value|-|/service_tier|auto",
        "|key|-|/vendor|vendor",
        "|value|-|/vendor|1234567890",
    ];
    let request = tests::parse_allowing(DIALECT, &full()).unwrap();
    assert_eq!(tests::segments(&request), expected);
    assert!(request.stream() && !request.logprobs());
    assert_eq!((request.model(), request.choices()), ("claude-x", 1));
    assert_eq!(request.tools(), ["get", "put"]);
}

fn with(key: &str, value: Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    body[key] = value;
    body
}

fn block(block: Value) -> Value {
    with("messages", json!([{"role": "user", "content": [block]}]))
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let tools = [
        "web_search_20250305",
        "web_fetch_20250910",
        "code_execution_20250825",
        "bash_20250124",
        "text_editor_20250728",
        "computer_20250124",
        "memory_20250818",
        "mcp_toolset",
        "tool_search_tool_regex_20251119",
    ];
    let tool = |kind| with("tools", json!([{"type": kind, "name": "x"}]));
    tests::refused(DIALECT, tools.map(|kind| (tool(kind), "unsupported_provider_tool", "/tools/0/type")));
    let at = "/messages/0/content/0/type";
    let blocks = [
        "image",
        "server_tool_use",
        "web_search_tool_result",
        "code_execution_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
        "container_upload",
        "compaction",
        "fallback",
        "tool_addition",
        "tool_reference",
        "odd",
    ];
    tests::refused(DIALECT, blocks.map(|kind| (block(json!({"type": kind})), "unsupported_content", at)));
    let document = |source: Value| block(json!({"type": "document", "source": source}));
    let source = "/messages/0/content/0/source/type";
    let system = |value: Value| with("system", value);
    tests::refused(
        DIALECT,
        [
            (json!(1), "wrong_type", ""),
            (json!({"messages": []}), "missing_field", "/model"),
            (json!({"model": "m"}), "missing_field", "/messages"),
            (with("messages", json!([])), "empty_messages", "/messages"),
            (with("messages", json!([{"role": "tool", "content": "x"}])), "unsupported_role", "/messages/0/role"),
            (with("messages", json!([{"role": "user"}])), "missing_field", "/messages/0/content"),
            (with("messages", json!([{"role": "user", "content": 4}])), "wrong_type", "/messages/0/content"),
            (block(json!({"text": "x"})), "missing_field", at),
            (block(json!({"type": "text"})), "missing_field", "/messages/0/content/0/text"),
            (block(json!({"type": "thinking"})), "missing_field", "/messages/0/content/0/thinking"),
            (block(json!({"type": "tool_use", "input": {}})), "missing_field", "/messages/0/content/0/name"),
            (block(json!({"type": "tool_use", "name": "f"})), "missing_field", "/messages/0/content/0/input"),
            (block(json!({"type": "tool_result"})), "missing_field", "/messages/0/content/0/tool_use_id"),
            (
                document(json!({"type": "base64", "media_type": "application/pdf", "data": "x"})),
                "unsupported_content",
                source,
            ),
            (document(json!({"type": "url", "url": "x"})), "unsupported_content", source),
            (document(json!({"type": "file", "file_id": "x"})), "unsupported_content", source),
            (
                document(json!({"type": "content", "content": [{"type": "tool_use"}]})),
                "unsupported_content",
                "/messages/0/content/0/source/content/0/type",
            ),
            (system(json!([{"type": "image"}])), "unsupported_content", "/system/0/type"),
            (system(json!(5)), "wrong_type", "/system"),
            (with("tools", json!([{"description": "x"}])), "missing_field", "/tools/0/name"),
            (with("mcp_servers", json!([{"url": "x"}])), "unsupported_provider_tool", "/mcp_servers"),
            (with("container", json!("c")), "unsupported_provider_tool", "/container"),
            (with("stream", json!(1)), "wrong_type", "/stream"),
        ],
    );
    for (key, value) in
        [("mcp_servers", json!([])), ("container", json!(null)), ("thread", json!(null)), ("tools", json!(null))]
    {
        tests::parse(DIALECT, &with(key, value)).unwrap();
    }
}

#[test]
fn what_no_policy_reads_is_refused_until_a_setting_lets_it_pass() {
    let image = |source: Value| block(json!({"type": "image", "source": source}));
    let png = json!({"type": "base64", "media_type": "image/png", "data": "aGk="});
    for (body, code, pointer) in [
        (image(png.clone()), "unsupported_content", "/messages/0/content/0/type"),
        (image(json!({"type": "url", "url": "https://x"})), "unsupported_content", "/messages/0/content/0/type"),
        (
            block(json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": png}]})),
            "unsupported_content",
            "/messages/0/content/0/content/0/type",
        ),
        (
            block(json!({"type": "redacted_thinking", "data": "x"})),
            "unsupported_encrypted_reasoning",
            "/messages/0/content/0/type",
        ),
        (with("thread", json!({"id": "x"})), "unsupported_stored_state", "/thread"),
    ] {
        let refusal = tests::parse(DIALECT, &body).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{body}");
        assert!(refusal.message.contains("`allow: ["), "{}", refusal.message);
        tests::parse_allowing(DIALECT, &body).unwrap();
    }
    for source in [
        json!({"type": "base64", "media_type": "text/plain", "data": "aGk="}),
        json!({"type": "base64", "media_type": "image/png", "data": "not base64"}),
        json!({"type": "odd"}),
    ] {
        assert_eq!(tests::parse_allowing(DIALECT, &image(source)).unwrap_err().code, "unsupported_content");
    }
}

/// An edit would break the signature, and the provider refuse the whole conversation.
#[test]
fn signed_thinking_cannot_be_edited() {
    let request = tests::parse_allowing(DIALECT, &full()).unwrap();
    for (text, code) in [("hmm", Some("edit_of_signed")), ("sig", Some("edit_of_signed")), ("said", None)] {
        let at = request.document().text.find(text).unwrap() as u64;
        let edit = TextEdit::new(at, at + 1, "-");
        assert_eq!(request.rewrite(&[edit]).err().map(|error| error.code()), code, "{text}");
    }
}
