#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn codes(manifest: Value) -> Vec<&'static str> {
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    manifest::check(&manifest).into_iter().map(|advice| advice.code).collect()
}

#[test]
fn a_sound_manifest_needs_no_advice() {
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "n": {"type": "integer", "default": 1, "description": "how many"},
        "t": {"$ref": "#/$defs/t", "default": "a"}}, "$defs": {"t": {"enum": ["a", "b"]}}});
    let manifest =
        json!({"id": "a", "version": "1.0.0-rc.1", "description": "d", "codes": ["a_b"], "config_schema": schema});
    assert_eq!(codes(manifest), Vec::<&str>::new());
}

#[test]
fn what_is_wrong_with_a_manifest_has_a_code_of_its_own() {
    let with = |name: &str, value: Value| {
        let mut manifest = json!({"id": "a", "version": "1.0.0", "description": "d"});
        manifest[name] = value;
        codes(manifest)
    };
    assert_eq!(with("version", json!("one")), ["check_version"]);
    assert_eq!(with("description", json!(" ")), ["check_description"]);
    assert_eq!(with("grants", json!(["files"])), ["check_grant_unknown"]);
    assert_eq!(with("codes", json!(["a", "a", "B b"])), ["check_code_twice", "check_code_form"]);
    assert_eq!(with("limits", json!({"memory_mib": 4096})), ["plugin_memory_limit"]);
    assert_eq!(with("config_schema", json!({"type": 3})), ["check_schema"]);
    assert_eq!(with("config_schema", json!({"type": "object"})), ["check_schema_open"]);
    assert_eq!(with("config_schema", json!({"additionalProperties": false})), ["check_schema_object"]);
    let default = json!({"type": "object", "additionalProperties": false,
        "properties": {"n": {"type": "integer", "default": "one", "description": "d"}}});
    assert_eq!(with("config_schema", default), ["check_schema_default"]);
}

#[test]
fn notes_pass_and_warnings_pass_unless_they_are_not_wanted() {
    let mut checked = Checked {
        name: "a.wasm".into(),
        id: "a".into(),
        version: "1.0.0".into(),
        bytes: 2048,
        stages: vec!["admission"],
        imports: vec![],
        grants: Grants::default(),
        start: None,
        memory: None,
        behaviour: None,
        advice: vec![Advice::new(Level::Note, "check_large", "w", "h")],
    };
    assert!(checked.passes(true));
    checked.advice.push(Advice::new(Level::Warning, "check_version", "w", "h"));
    assert!(checked.passes(false) && !checked.passes(true));
    let human = checked.human(Paint(false), true);
    for part in [
        "warning[check_version]: w\n = help: h",
        "✗ should not be put in force: 0 errors, 1 warning, 1 note",
        "2.0 KiB",
    ] {
        assert!(human.contains(part), "{part} is not in:\n{human}");
    }
    checked.advice.push(Advice::new(Level::Error, "plugin_no_stage", "w", "h"));
    assert!(!checked.passes(false));
    assert_eq!(
        (&checked.json(false)["passed"], &checked.json(false)["findings"][2]["level"]),
        (&json!(false), &json!("error"))
    );
}
