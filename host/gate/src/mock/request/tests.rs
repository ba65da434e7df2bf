#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::json;

use super::*;

#[test]
fn the_parts_that_matter() {
    let body = json!({
        "model": "m",
        "stream": true,
        "stream_options": {"include_usage": true},
        "logprobs": true,
        "n": 1000,
        "tools": [{"type": "function", "function": {"name": "a"}}, {"type": "custom"}],
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image_url"}, {"type": "text", "text": "two"}]},
            {"role": "assistant", "content": null},
            {"role": "tool", "content": "r"},
        ],
    });
    let request = Asked::parse(Dialect::OpenaiChat, body.to_string().as_bytes()).unwrap();
    assert_eq!(
        request,
        Asked {
            dialect: Dialect::OpenaiChat,
            model: "m".to_owned(),
            stream: true,
            include_usage: true,
            logprobs: true,
            choices: 8,
            tools: vec!["a".to_owned()],
            texts: vec!["s".to_owned(), "one\ntwo".to_owned(), String::new(), "r".to_owned()],
            last_text: "r".to_owned(),
            user_text: "one\ntwo".to_owned(),
            tool_result: true,
            thinking: false,
            body,
        }
    );
}

fn asked(dialect: Dialect, body: &Value) -> Asked {
    Asked::parse(dialect, body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_response_is_asked_for() {
    let one = asked(Dialect::OpenaiResponses, &json!({"model": "m", "input": "hi", "instructions": "be kind"}));
    assert_eq!(
        (one.texts.as_slice(), one.user_text.as_str()),
        (["be kind".to_owned(), "hi".to_owned()].as_slice(), "hi")
    );
    assert!(!one.tool_result && !one.thinking);
    let list = asked(
        Dialect::OpenaiResponses,
        &json!({
            "model": "m", "stream": true, "reasoning": {"effort": "low", "summary": "auto"},
            "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "one"}, {"type": "input_text", "text": "two"}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "done"},
            ],
        }),
    );
    assert_eq!((list.user_text.as_str(), list.last_text.as_str()), ("one\ntwo", "done"));
    assert!(list.tool_result && list.thinking && list.stream && list.tools == ["f"]);
}

#[test]
fn a_message_is_asked_for() {
    let asked = asked(
        Dialect::AnthropicMessages,
        &json!({
            "model": "m", "max_tokens": 9, "thinking": {"type": "enabled", "budget_tokens": 1024},
            "system": [{"type": "text", "text": "s"}],
            "tools": [{"name": "f", "input_schema": {}}],
            "messages": [
                {"role": "user", "content": "first"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "r"}]},
                    {"type": "text", "text": "and now?"},
                ]},
            ],
        }),
    );
    assert_eq!(asked.texts, ["s", "first", "", "and now?", "r"]);
    assert_eq!((asked.user_text.as_str(), asked.last_text.as_str()), ("and now?", "r"));
    assert!(asked.tool_result && asked.thinking && asked.tools == ["f"]);
}

#[test]
fn prompts_and_inputs() {
    let prompts =
        asked(Dialect::OpenaiCompletions, &json!({"model": "m", "prompt": ["a", "b"], "n": 2, "logprobs": 1}));
    assert_eq!((prompts.choices, prompts.last_text.as_str(), prompts.logprobs), (4, "b", true));
    let tokens = asked(Dialect::OpenaiEmbeddings, &json!({"model": "m", "input": [1, 2, 3]}));
    assert_eq!(tokens.texts, [""]);
    let lists = asked(Dialect::OpenaiEmbeddings, &json!({"model": "m", "input": [[1], [2]]}));
    assert_eq!(lists.texts.len(), 2);
}

#[test]
fn what_another_dialect_needs() {
    let said = json!([{"role": "user", "content": "x"}]);
    for (dialect, body) in [
        (Dialect::AnthropicMessages, json!({"model": "m", "messages": said})),
        (Dialect::AnthropicMessages, json!({"model": "m", "max_tokens": 1, "messages": []})),
        (Dialect::OpenaiResponses, json!({"model": "m", "messages": said})),
        (Dialect::OpenaiResponses, json!({"model": "m", "input": []})),
        (Dialect::OpenaiCompletions, json!({"model": "m", "messages": said})),
        (Dialect::OpenaiEmbeddings, json!({"model": "m", "input": []})),
    ] {
        assert!(Asked::parse(dialect, body.to_string().as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn what_is_no_request() {
    for body in ["", "[]", "{}", r#"{"model":"m"}"#, r#"{"model":"m","messages":[]}"#, r#"{"model":1,"messages":[{}]}"#]
    {
        assert!(Asked::parse(Dialect::OpenaiChat, body.as_bytes()).is_err(), "{body}");
    }
}
