#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::request::tests;

/// A request with one of everything.
pub(crate) fn full() -> Value {
    json!({
        "model": "c", "prompt": ["one", "two"], "suffix": "end", "n": 2, "best_of": 3, "stream": true,
        "stream_options": {"include_usage": true}, "echo": false, "logprobs": null, "stop": ["S"],
        "logit_bias": {"50256": -100}, "user": "u", "vendor": ["v"],
    })
}

#[test]
fn every_text_is_found_where_it_stands() {
    let expected = [
        "|value|-|/model|c",
        "user|text|-|/prompt/0|one",
        "user|text|-|/prompt/1|two",
        "user|text|-|/suffix|end",
        "|value|-|/stop/0|S",
        "|key|-|/logit_bias/50256|50256",
        "|value|-|/user|u",
        "|key|-|/vendor|vendor",
        "|value|-|/vendor/0|v",
    ];
    let request = tests::parse(Dialect::OpenAiCompletions, &full()).unwrap();
    assert_eq!(tests::segments(&request), expected);
    assert!(request.stream() && request.include_usage() && !request.logprobs());
    assert_eq!(request.choices(), 4);
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "c", "prompt": "x"});
        body[key] = value;
        body
    };
    tests::refused(
        Dialect::OpenAiCompletions,
        [
            (json!({"prompt": "x"}), "missing_field", "/model"),
            (json!({"model": "c"}), "missing_field", "/prompt"),
            (with("prompt", json!(null)), "missing_field", "/prompt"),
            (with("prompt", json!([])), "empty_input", "/prompt"),
            (with("prompt", json!([5])), "unsupported_tokens", "/prompt/0"),
            (with("prompt", json!([[5]])), "unsupported_tokens", "/prompt/0"),
            (with("prompt", json!(true)), "wrong_type", "/prompt"),
            (with("n", json!(0)), "unsupported_n", "/n"),
            (with("best_of", json!(129)), "unsupported_n", "/best_of"),
            (with("echo", json!(true)), "unsupported_echo", "/echo"),
            (with("logprobs", json!(0)), "unsupported_logprobs", "/logprobs"),
            (with("stream", json!("x")), "wrong_type", "/stream"),
        ],
    );
}
