#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::json::tree_tests::{any_json, written};
use crate::json::{JsonLimits, Tree};

#[test]
fn escapes_are_resolved_as_far_as_they_go() {
    for (text, meant) in [
        ("plain", None),
        (r"C:\dir", None),
        (r#"{"a":"\u0041\ud83d\ude00\/"#, Some("{\"a\":\"A\u{1f600}/")),
        (r"\ud83d\n", Some("\\ud83d\n")),
        (r"\u00e9\u12", Some("\u{e9}\\u12")),
        (r"\u+041\t", Some("\\u+041\t")),
        (r"\\u0041\", Some("\\u0041\\")),
    ] {
        assert_eq!(unescaped(text).as_deref(), meant, "{text}");
    }
}

proptest! {
    /// Whatever is written inside a string, with or without escapes, inside and outside: a token's own bytes are found.
    #[test]
    fn tokens_are_found_where_they_were_written(value in any_json(), inner_escaped: bool, outer_escaped: bool) {
        let inner = written(&value, inner_escaped);
        let body = format!(" {}", written(&Value::String(inner.clone()), outer_escaped));
        let outer = Tree::parse(body.as_bytes(), &JsonLimits::default()).unwrap();
        let tree = Tree::parse(inner.as_bytes(), &JsonLimits::default()).unwrap();
        let mut origins = Origins::of(outer.root());
        for leaf in tree.leaves() {
            let token = match leaf {
                crate::json::Leaf::Key(node) => node.key_raw().unwrap(),
                crate::json::Leaf::Value(node) => node.raw(),
            };
            let at = origins.token(token.clone());
            let as_written = format!("\"{}\"", &body[at]);
            let read: String = serde_json::from_str(&as_written).unwrap();
            prop_assert_eq!(&read, &inner[token]);
        }
    }
}
