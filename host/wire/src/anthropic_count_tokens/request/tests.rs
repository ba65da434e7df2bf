#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::anthropic_messages::request::tests as messages;
use crate::dialect::Dialect;
use crate::request::tests;

/// A request with one of everything.
pub(crate) fn full() -> Value {
    let mut body = messages::full();
    let members = body.as_object_mut().unwrap();
    members.remove("stream");
    members.remove("max_tokens");
    body
}

#[test]
fn what_is_counted_is_read_as_what_is_asked() {
    let counted = tests::parse_allowing(Dialect::AnthropicCountTokens, &full()).unwrap();
    let asked = tests::parse_allowing(Dialect::AnthropicMessages, &messages::full()).unwrap();
    let sorted = |request| {
        let mut segments = tests::segments(request);
        segments.sort();
        segments
    };
    assert_eq!(sorted(&counted), sorted(&asked));
    assert_eq!((counted.model(), counted.stream(), counted.tools()), (asked.model(), false, asked.tools()));
}

#[test]
fn what_is_not_covered_is_refused_by_name_and_place() {
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
        body[key] = value;
        body
    };
    let image =
        json!([{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://x.io"}}]}]);
    tests::refused(
        Dialect::AnthropicCountTokens,
        [
            (json!({"model": "m"}), "missing_field", "/messages"),
            (with("stream", json!(true)), "unsupported_stream", "/stream"),
            (with("stream", json!(1)), "wrong_type", "/stream"),
            (with("messages", image), "unsupported_content", "/messages/0/content/0/type"),
            (
                with("tools", json!([{"type": "bash_20250124", "name": "b"}])),
                "unsupported_provider_tool",
                "/tools/0/type",
            ),
        ],
    );
    let off = tests::parse(Dialect::AnthropicCountTokens, &with("stream", json!(false))).unwrap();
    assert!(!off.stream());
}
