#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::document::TextEdit;
use crate::request::{Request, tests};

const DIALECT: Dialect = Dialect::OpenAiResponses;

/// A request with one of everything, also of what a setting must let pass.
pub(crate) fn full() -> Value {
    json!({
        "model": "gpt-x", "instructions": "be kind", "stream": true, "stream_options": {"include_obfuscation": false},
        "previous_response_id": "resp_1", "background": true, "store": true, "conversation": {"id": "conv_1"},
        "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Rome", "note": {"type": "input_text", "text": "hot"}}},
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs"], "top_logprobs": 1,
        "input": [
            {"role": "user", "content": "plain"},
            {"type": "message", "role": "user", "status": "completed", "content": [
                {"type": "input_text", "text": "one"},
                {"type": "input_image", "image_url": "https://x.io/a.png", "detail": "low", "file_id": null},
            ]},
            {"type": "message", "id": "msg_1", "role": "assistant", "content": [
                {"type": "output_text", "text": "said", "annotations": [{"type": "url_citation", "url": "u"}]},
                {"type": "refusal", "refusal": "no"},
            ]},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "why"}], "encrypted_content": null},
            {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "sealed"}], "encrypted_content": "gAAA"},
            {"type": "compaction", "encrypted_content": "gBBB"},
            {"type": "function_call", "call_id": "c1", "name": "get", "arguments": "{\"q\":[\"x\",7]}"},
            {"type": "function_call_output", "call_id": "c1", "output": "found"},
            {"type": "custom_tool_call", "call_id": "c2", "name": "sql", "input": "select 1"},
            {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "row"}]},
            {"type": "item_reference", "id": "msg_0"},
            {"type": "additional_tools", "role": "developer", "tools": [{"type": "function", "name": "late"}]},
            {"type": "configuration_update", "reasoning": {"effort": "low"}},
        ],
        "tools": [
            {"type": "function", "name": "get", "description": "gets", "strict": true, "parameters": {"properties": {"q": {}}}},
            {"type": "custom", "name": "sql", "format": {"type": "grammar", "syntax": "regex", "definition": "s.*"}},
        ],
        "tool_choice": "auto", "text": {"format": {"type": "json_schema", "name": "out", "schema": {"title": "t"}}},
        "metadata": {"team": "blue"}, "max_output_tokens": 99, "vendor": 1_234_567_890,
    })
}

#[test]
fn every_kind_of_text_is_found_where_it_stands() {
    let expected = [
        "|value|-|/model|gpt-x",
        "system|text|-|/instructions|be kind",
        "|value|-|/previous_response_id|resp_1",
        "|key|-|/conversation/id|id",
        "|value|-|/conversation/id|conv_1",
        "|value|-|/prompt/id|pmpt_1",
        "|value|-|/prompt/version|2",
        "|key|-|/prompt/variables/city|city",
        "user|text|-|/prompt/variables/city|Rome",
        "|key|-|/prompt/variables/note|note",
        "user|text|-|/prompt/variables/note/text|hot",
        "|value|-|/include/0|reasoning.encrypted_content",
        "|value|-|/include/1|message.output_text.logprobs",
        "user|text|-|/input/0/content|plain",
        "user|value|-|/input/1/status|completed",
        "user|text|-|/input/1/content/0/text|one",
        "user|value|-|/input/1/content/1/image_url|https://x.io/a.png",
        "user|value|-|/input/1/content/1/detail|low",
        "assistant|value|-|/input/2/id|msg_1",
        "assistant|text|-|/input/2/content/0/text|said",
        "assistant|key|-|/input/2/content/0/annotations/0/type|type",
        "assistant|value|-|/input/2/content/0/annotations/0/type|url_citation",
        "assistant|key|-|/input/2/content/0/annotations/0/url|url",
        "assistant|value|-|/input/2/content/0/annotations/0/url|u",
        "assistant|refusal|-|/input/2/content/1/refusal|no",
        "assistant|value|-|/input/3/id|rs_1",
        "assistant|reasoning|-|/input/3/summary/0/text|why",
        "assistant|value|-|/input/4/id|rs_2",
        "assistant|reasoning|-|/input/4/summary/0/text|sealed",
        "assistant|opaque|-|/input/4/encrypted_content|gAAA",
        "assistant|opaque|-|/input/5/encrypted_content|gBBB",
        "assistant|value|-|/input/6/call_id|c1",
        "assistant|value|get|/input/6/name|get",
        "assistant|tool-arguments|get|/input/6/arguments#/q|q",
        "assistant|tool-arguments|get|/input/6/arguments#/q/0|x",
        "assistant|tool-arguments|get|/input/6/arguments#/q/1|7",
        "tool|value|-|/input/7/call_id|c1",
        "tool|tool-result|c1|/input/7/output|found",
        "assistant|value|-|/input/8/call_id|c2",
        "assistant|value|sql|/input/8/name|sql",
        "assistant|tool-arguments|sql|/input/8/input|select 1",
        "tool|value|-|/input/9/call_id|c2",
        "tool|tool-result|c2|/input/9/output/0/text|row",
        "assistant|value|-|/input/10/id|msg_0",
        "system|value|-|/input/11/role|developer",
        "system|tool-definition|late|/input/11/tools/0/name|late",
        "|key|-|/input/12/reasoning|reasoning",
        "|key|-|/input/12/reasoning/effort|effort",
        "|value|-|/input/12/reasoning/effort|low",
        "system|tool-definition|get|/tools/0/name|get",
        "system|tool-definition|get|/tools/0/description|gets",
        "system|tool-definition|get|/tools/0/parameters/properties|properties",
        "system|tool-definition|get|/tools/0/parameters/properties/q|q",
        "system|tool-definition|sql|/tools/1/name|sql",
        "system|tool-definition|sql|/tools/1/format/type|type",
        "system|tool-definition|sql|/tools/1/format/type|grammar",
        "system|tool-definition|sql|/tools/1/format/syntax|syntax",
        "system|tool-definition|sql|/tools/1/format/syntax|regex",
        "system|tool-definition|sql|/tools/1/format/definition|definition",
        "system|tool-definition|sql|/tools/1/format/definition|s.*",
        "|value|-|/tool_choice|auto",
        "|key|-|/text/format|format",
        "|key|-|/text/format/type|type",
        "|value|-|/text/format/type|json_schema",
        "|key|-|/text/format/name|name",
        "|value|-|/text/format/name|out",
        "|key|-|/text/format/schema|schema",
        "|key|-|/text/format/schema/title|title",
        "|value|-|/text/format/schema/title|t",
        "|key|-|/metadata/team|team",
        "|value|-|/metadata/team|blue",
        "|key|-|/vendor|vendor",
        "|value|-|/vendor|1234567890",
    ];
    let request = tests::parse_allowing(DIALECT, &full()).unwrap();
    assert_eq!(tests::segments(&request), expected);
    assert!(request.stream() && request.logprobs() && !request.include_usage());
    assert_eq!((request.model(), request.choices()), ("gpt-x", 1));
    assert_eq!(request.tools(), ["late", "get", "sql"]);
}

fn with(key: &str, value: Value) -> Value {
    let mut body = json!({"model": "m", "input": "hi"});
    body[key] = value;
    body
}

fn item(item: Value) -> Value {
    json!({"model": "m", "input": [item]})
}

fn part(part: Value) -> Value {
    item(json!({"role": "user", "content": [part]}))
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let tool = |kind: &str| with("tools", json!([{"type": kind, "name": "x"}]));
    let tools = [
        "web_search",
        "web_search_preview",
        "file_search",
        "mcp",
        "code_interpreter",
        "image_generation",
        "computer",
        "computer_use_preview",
        "local_shell",
        "shell",
        "apply_patch",
        "programmatic_tool_calling",
        "namespace",
        "tool_search",
    ];
    tests::refused(DIALECT, tools.map(|kind| (tool(kind), "unsupported_provider_tool", "/tools/0/type")));
    let items = [
        "web_search_call",
        "file_search_call",
        "computer_call",
        "computer_call_output",
        "image_generation_call",
        "code_interpreter_call",
        "local_shell_call",
        "shell_call",
        "shell_call_output",
        "apply_patch_call",
        "mcp_call",
        "mcp_list_tools",
        "mcp_approval_request",
        "tool_search_call",
        "compaction_trigger",
        "program",
        "program_output",
    ];
    tests::refused(DIALECT, items.map(|kind| (item(json!({"type": kind})), "unsupported_item", "/input/0/type")));
    let content = "/input/0/content/0/type";
    tests::refused(
        DIALECT,
        [
            (json!("x"), "wrong_type", ""),
            (json!({"input": "x"}), "missing_field", "/model"),
            (json!({"model": "m"}), "missing_field", "/input"),
            (with("input", json!([])), "empty_input", "/input"),
            (with("input", json!({})), "wrong_type", "/input"),
            (item(json!("x")), "wrong_type", "/input/0"),
            (item(json!({"role": "tool", "content": "x"})), "unsupported_role", "/input/0/role"),
            (item(json!({"role": "user"})), "missing_field", "/input/0/content"),
            (item(json!({"type": "message", "content": "x"})), "missing_field", "/input/0/role"),
            (item(json!({"type": "function_call", "arguments": "{}"})), "missing_field", "/input/0/name"),
            (item(json!({"type": "function_call", "name": "f"})), "missing_field", "/input/0/arguments"),
            (item(json!({"type": "function_call", "name": "f", "arguments": {}})), "wrong_type", "/input/0/arguments"),
            (item(json!({"type": "function_call_output"})), "missing_field", "/input/0/output"),
            (item(json!({"type": "function_call_output", "output": {}})), "wrong_type", "/input/0/output"),
            (part(json!({"type": "input_text"})), "missing_field", "/input/0/content/0/text"),
            (part(json!({"type": "input_image", "image_url": "x"})), "unsupported_content", content),
            (part(json!({"type": "input_file", "file_data": "x"})), "unsupported_content", content),
            (part(json!({"type": "input_audio"})), "unsupported_content", content),
            (
                item(json!({"type": "reasoning", "summary": [{"type": "odd", "text": "x"}]})),
                "unsupported_content",
                "/input/0/summary/0/type",
            ),
            (with("tools", json!([{"name": "f"}])), "missing_field", "/tools/0/type"),
            (with("tools", json!([{"type": "function"}])), "missing_field", "/tools/0/name"),
            (with("include", json!(["odd"])), "unsupported_include", "/include/0"),
            (with("mcp_servers", json!([{}])), "unsupported_provider_tool", "/mcp_servers"),
            (with("stream", json!(1)), "wrong_type", "/stream"),
            (with("background", json!("x")), "wrong_type", "/background"),
        ],
    );
}

#[test]
fn what_no_policy_reads_is_refused_until_a_setting_lets_it_pass() {
    let (stored, encrypted) = ("unsupported_stored_state", "unsupported_encrypted_reasoning");
    for (body, code, pointer) in [
        (with("previous_response_id", json!("r")), stored, "/previous_response_id"),
        (with("conversation", json!("c")), stored, "/conversation"),
        (with("prompt", json!({"id": "p"})), stored, "/prompt"),
        (json!({"model": "m", "prompt": {"id": "p"}}), stored, "/prompt"),
        (with("background", json!(true)), stored, "/background"),
        (item(json!({"type": "item_reference", "id": "i"})), stored, "/input/0/type"),
        (item(json!({"id": "i"})), stored, "/input/0"),
        (
            item(json!({"type": "reasoning", "summary": [], "encrypted_content": "x"})),
            encrypted,
            "/input/0/encrypted_content",
        ),
        (item(json!({"type": "compaction", "encrypted_content": "x"})), encrypted, "/input/0/encrypted_content"),
        (with("include", json!(["reasoning.encrypted_content"])), encrypted, "/include/0"),
        (
            part(json!({"type": "input_image", "image_url": "data:image/png;base64,aGk="})),
            "unsupported_content",
            "/input/0/content/0/type",
        ),
    ] {
        let refusal = tests::parse(DIALECT, &body).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{body}");
        assert!(refusal.message.contains("`allow: ["), "{}", refusal.message);
        tests::parse_allowing(DIALECT, &body).unwrap();
    }
    for (key, value) in [
        ("previous_response_id", json!(null)),
        ("conversation", json!(null)),
        ("prompt", json!(null)),
        ("background", json!(false)),
        ("store", json!(true)),
        ("include", json!(null)),
    ] {
        tests::parse(DIALECT, &with(key, value)).unwrap();
    }
}

#[test]
fn reasoning_that_is_bound_to_encrypted_reasoning_cannot_be_edited() {
    let request = tests::parse_allowing(DIALECT, &full()).unwrap();
    let code = |text: &str, request: &Request| {
        let at = request.document().text.find(text).unwrap() as u64;
        request.rewrite(&[TextEdit::new(at, at + text.len() as u64, "-")]).err().map(|error| error.code())
    };
    assert_eq!(code("why", &request), None);
    assert_eq!(code("sealed", &request), Some("edit_of_signed"));
    assert_eq!(code("gAAA", &request), Some("edit_of_signed"));
}
