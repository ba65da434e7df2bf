#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::super::{JsonLimits, Kind, Leaf, Tree, encoded};
use super::*;
use crate::json::tree_tests::{any_json, written};

#[test]
fn only_the_named_bytes_change() {
    let cut = |start: usize, end: usize, with: &str| Splice { at: start..end, with: with.into() };
    assert_eq!(splice(b"hello world", vec![cut(6, 11, "you"), cut(0, 0, ">")]).unwrap(), b">hello you");
    assert_eq!(splice(b"abc", vec![]).unwrap(), b"abc");
    assert_eq!(splice(b"abc", vec![cut(0, 2, ""), cut(1, 3, "")]), Err(SpliceError::Overlap(1)));
    assert_eq!(splice(b"abc", vec![cut(2, 4, "")]), Err(SpliceError::OutOfRange(4)));
}

#[test]
fn strings_are_escaped_as_rfc_8259_demands() {
    assert_eq!(
        encoded("a\"\\\n\r\t\u{8}\u{c}\u{1}\u{1f}é\u{7f}\u{2028}"),
        "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001fé\u{7f}\u{2028}\""
    );
}

proptest! {
    #[test]
    fn encoded_strings_are_read_back(text: String) {
        prop_assert_eq!(serde_json::from_str::<String>(&encoded(&text)).unwrap(), text);
    }

    #[test]
    fn replaced_strings_change_and_nothing_else(value in any_json(), escaped: bool, with: String, nth in any::<prop::sample::Index>()) {
        let text = written(&value, escaped);
        let tree = Tree::parse(text.as_bytes(), &JsonLimits::default()).unwrap();
        let strings: Vec<_> = tree
            .leaves()
            .filter_map(|leaf| match leaf { Leaf::Value(node) => Some(node), Leaf::Key(_) => None })
            .collect();
        prop_assume!(!strings.is_empty());
        let node = strings[nth.index(strings.len())];
        let out = splice(text.as_bytes(), vec![Splice { at: node.raw(), with: encoded(&with) }]).unwrap();
        let mut expected = value.clone();
        *expected.pointer_mut(&node.pointer()).unwrap() = with.into();
        prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), expected);
        prop_assert!(out.starts_with(&text.as_bytes()[..node.raw().start]));
        prop_assert!(out.ends_with(&text.as_bytes()[node.raw().end..]));
        prop_assert_eq!(node.kind(), Kind::String);
    }
}
