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
    let request = ChatRequest::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        request,
        ChatRequest {
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
        }
    );
}

#[test]
fn what_is_no_request() {
    for body in ["", "[]", "{}", r#"{"model":"m"}"#, r#"{"model":"m","messages":[]}"#, r#"{"model":1,"messages":[{}]}"#]
    {
        assert!(ChatRequest::parse(body.as_bytes()).is_err(), "{body}");
    }
}
