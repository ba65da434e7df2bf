#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NASTY: &str = "a\"b\\c\n\u{1}é";

fn put(json: &str) -> Option<String> {
    rewritten(json, &JsonLimits::default(), &mut |text| text.contains("[T]").then(|| text.replace("[T]", NASTY)))
}

#[test]
fn only_strings_that_change_are_written_anew() {
    let json = r#"{ "a" : "x [T]", "[T]": 1e2 , "b":["\u0041", "[T]"],"c":null}"#;
    let new = encoded(NASTY);
    let expected =
        format!(r#"{{ "a" : {}, "[T]": 1e2 , "b":["\u0041", {new}],"c":null}}"#, encoded(&format!("x {NASTY}")));
    assert_eq!(put(json).unwrap(), expected, "keys stay as well");
    assert_eq!(put(r#"{"a":"[U]"}"#), None);
    assert_eq!(put("not json [T]"), None);
    assert_eq!(put("\"[T]\"").unwrap(), new);
}

#[test]
fn too_deep_stays() {
    let nest = |depth| (0..depth).fold(json!({ "to": "[T]" }), |inner, _| json!({ "in": inner.to_string() }));
    assert!(put(&nest(DEPTH).to_string()).is_some());
    assert_eq!(put(&nest(DEPTH + 1).to_string()), None);
}

/// What `with` should do to a value, with serde_json's idea of what JSON is.
fn expected(value: &Value) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if text.trim_start().starts_with(['{', '[', '"']) => {
                let new = expected(&inner);
                Value::String(if new == inner { text.clone() } else { new.to_string() })
            }
            _ => Value::String(text.replace("[T]", NASTY)),
        },
        Value::Array(items) => items.iter().map(expected).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), expected(value))).collect(),
        other => other.clone(),
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        "(\\[T\\]|[a-z\"\\\\ {}\\[]){0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,3}|\\[T\\]", inner.clone(), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

proptest! {
    /// At whatever depth a value stands, who reads the arguments finds it as it is.
    #[test]
    fn a_value_is_escaped_for_each_level(value in values()) {
        let json = value.to_string();
        let expected = expected(&value);
        match put(&json) {
            Some(new) => prop_assert_eq!(serde_json::from_str::<Value>(&new).unwrap(), expected),
            None => prop_assert_eq!(value, expected),
        }
    }
}
