use super::*;

fn told(schema: &Value) -> Vec<(String, String)> {
    Member::all(schema).into_iter().map(|member| (member.path, member.kind)).collect()
}

#[test]
fn every_member_is_listed_with_its_type_in_words() {
    let schema = json!({
        "type": "object",
        "required": ["n"],
        "properties": {
            "mode": { "enum": ["a", "b", 3] },
            "n": { "type": "integer", "minimum": 1, "maximum": 9, "default": 4, "description": "How many." },
            "maybe": { "type": ["string", "null"] },
            "names": { "type": "array", "items": { "type": "string" } },
            "levels": { "type": "object", "additionalProperties": { "type": "string" } },
            "inner": { "type": "object", "properties": { "on": { "type": "boolean" } } },
            "rows": { "type": "array", "items": { "type": "object", "properties": { "x": { "type": "number" } } } },
            "any": {}
        }
    });
    let expected = [
        ("mode", "a|b|3"),
        ("n", "whole number 1 to 9"),
        ("maybe", "text or nothing"),
        ("names", "list of text"),
        ("levels", "mapping to text"),
        ("inner", "mapping"),
        ("inner.on", "true|false"),
        ("rows", "list of mapping"),
        ("rows[].x", "number"),
        ("any", "any value"),
    ];
    assert_eq!(told(&schema), expected.map(|(path, kind)| (path.to_owned(), kind.to_owned())));
    let members = Member::all(&schema);
    let n = members.iter().find(|member| member.path == "n").expect("listed");
    assert_eq!((n.required, &n.default, n.description.as_deref()), (true, &Some(json!(4)), Some("How many.")));
}

#[test]
fn what_stands_beside_a_reference_comes_first() {
    let schema = json!({
        "properties": {
            "a": { "$ref": "#/$defs/action", "description": "Here." },
            "b": { "$ref": "#/$defs/action", "default": "off" }
        },
        "$defs": { "action": { "enum": ["deny", "off"], "default": "deny", "description": "There." } }
    });
    let members = Member::all(&schema);
    let of = |at: usize| members.get(at).map(|m| (m.kind.as_str(), m.default.clone(), m.description.as_deref()));
    assert_eq!(of(0), Some(("deny|off", Some(json!("deny")), Some("Here."))));
    assert_eq!(of(1), Some(("deny|off", Some(json!("off")), Some("There."))));
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let schema = json!({ "properties": { "a": { "$ref": "#" }, "b": { "$ref": "#" } }, "items": { "$ref": "#" } });
    assert!(Member::all(&schema).len() <= MOST);
    assert!(kind(&schema, &json!({ "type": "array", "items": { "$ref": "#/x" } }), 0).contains("list of"));
    assert!(Member::all(&json!(true)).is_empty());
}
