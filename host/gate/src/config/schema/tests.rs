use serde_json::{Value, json};

use super::*;

fn codes(instance: &Value, schema: &Value, prefix: &str) -> Vec<(&'static str, String)> {
    render_schema_errors(instance, schema, prefix).into_iter().map(|one| (one.code, one.pointer)).collect()
}

fn help(instance: &Value, schema: &Value) -> String {
    let mistakes = render_schema_errors(instance, schema, "");
    let [mistake] = mistakes.as_slice() else { panic!("one mistake, not {mistakes:?}") };
    mistake.help.clone().unwrap_or_default()
}

#[test]
fn the_schema_of_the_configuration_is_valid() {
    let schema: Value = serde_json::from_str(CONFIG_SCHEMA).unwrap_or_default();
    assert!(codes(&json!({}), &schema, "").iter().all(|(code, _)| *code == "missing_member"));
}

#[test]
fn a_plugins_schema_under_its_prefix() {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {"kinds": {"type": "object", "additionalProperties": {"$ref": "#/$defs/action"}}, "a/b": {"type": "boolean"}},
        "$defs": {"action": {"enum": ["token", "mask", "block"]}},
    });
    let prefix = "/policies/set/3/config";
    let mut found = codes(&json!({"kinds": {"email": "tokn"}, "a/b": "yes", "kind": {}}), &schema, prefix);
    found.sort();
    let expected = [
        ("not_one_of", format!("{prefix}/kinds/email")),
        ("unknown_member", format!("{prefix}/kind")),
        ("wrong_type", format!("{prefix}/a~1b")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_would_be_right() {
    let members = json!({"additionalProperties": false, "properties": {"deadline_ms": {}, "memory_mib": {}}});
    assert_eq!(help(&json!({"deadlne_ms": 1}), &members), "did you mean `deadline_ms`?");
    assert_eq!(help(&json!({"zzz": 1}), &json!({"additionalProperties": false})), "remove it");
    assert_eq!(help(&json!({"zzz": 1}), &members), "its members are deadline_ms, memory_mib");
    let low = json!({"exclusiveMinimum": 0, "maximum": 9});
    assert_eq!(help(&json!(0), &low), "more than 0 to 9");
    assert_eq!(help(&json!(5), &json!({"type": "string", "description": "a name"})), "put it in quotes (a name)");
    assert_eq!(help(&json!("on"), &json!({"type": "boolean"})), "write true or false");
    assert_eq!(
        help(&json!("TOKEN"), &json!({"enum": ["token", "mask"]})),
        "did you mean `token`? one of: `token`, `mask`"
    );
    assert_eq!(
        help(&json!({}), &json!({"required": ["version"], "properties": {"version": {"const": 1}}})),
        "add `version:` write `1`"
    );
}

#[test]
fn of_alternatives_the_one_that_was_meant() {
    let schema = json!({"oneOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": false, "properties": {"tier": {"enum": ["LOW", "HIGH"]}}},
    ]});
    assert_eq!(codes(&json!({"tier": "LOWE"}), &schema, "/x"), [("not_one_of", "/x/tier".to_owned())]);
    assert_eq!(codes(&json!(7), &schema, "/x"), [("no_alternative", "/x".to_owned())]);
}

#[test]
fn a_schema_that_is_not_valid_or_reaches_outside_is_named() {
    assert_eq!(codes(&json!({}), &json!({"type": "objekt"}), "/c"), [("schema_invalid", "/c".to_owned())]);
    assert_eq!(
        codes(&json!({}), &json!({"$ref": "https://example.com/other.json"}), "/c"),
        [("schema_invalid", "/c".to_owned())]
    );
}

#[test]
fn mistakes_are_bounded_and_quote_little() {
    let many: serde_json::Map<String, Value> = (0..500).map(|n| (format!("m{n}"), Value::Null)).collect();
    let mistakes = render_schema_errors(
        &Value::Object(many),
        &json!({"additionalProperties": false, "properties": {"a": {}}}),
        "",
    );
    assert_eq!(mistakes.len(), MAX_MISTAKES);
    let long = "x\n".repeat(1000);
    let mistakes = render_schema_errors(&json!(long), &json!({"enum": ["a"]}), "");
    assert!(mistakes.iter().all(|one| one.message.len() < 120 && !one.message.contains('\n')));
}
