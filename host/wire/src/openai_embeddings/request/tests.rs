#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::request::tests;

/// A request with one of everything.
pub(crate) fn full() -> Value {
    json!({
        "model": "e", "input": ["one", "two"], "dimensions": 256, "encoding_format": "float", "user": "u",
        "vendor": {"k": 123_456_789},
    })
}

#[test]
fn every_text_is_found_where_it_stands() {
    let expected = [
        "|value|-|/model|e",
        "user|text|-|/input/0|one",
        "user|text|-|/input/1|two",
        "|value|-|/encoding_format|float",
        "|value|-|/user|u",
        "|key|-|/vendor|vendor",
        "|key|-|/vendor/k|k",
        "|value|-|/vendor/k|123456789",
    ];
    let request = tests::parse(Dialect::OpenAiEmbeddings, &full()).unwrap();
    let found = tests::segments(&request);
    assert_eq!(found, expected);
    assert_eq!((request.model(), request.stream(), request.choices()), ("e", false, 1));
    let one = json!({"model": "e", "input": "x"});
    assert_eq!(tests::parse(Dialect::OpenAiEmbeddings, &one).unwrap().document().segments.len(), 2);
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "e", "input": "x"});
        body[key] = value;
        body
    };
    tests::refused(
        Dialect::OpenAiEmbeddings,
        [
            (json!([]), "wrong_type", ""),
            (json!({"input": "x"}), "missing_field", "/model"),
            (json!({"model": "e"}), "missing_field", "/input"),
            (with("input", json!([])), "empty_input", "/input"),
            (with("input", json!({})), "wrong_type", "/input"),
            (with("input", json!([1, 2])), "unsupported_tokens", "/input/0"),
            (with("input", json!(["a", [1, 2]])), "unsupported_tokens", "/input/1"),
            (with("input", json!(["a", null])), "wrong_type", "/input/1"),
            (with("input", json!([{"image": "x"}])), "wrong_type", "/input/0"),
            (with("stream", json!(true)), "unsupported_stream", "/stream"),
        ],
    );
}
