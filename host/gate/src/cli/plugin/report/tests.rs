#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn a_plugin_that_needs_a_configuration_is_not_called_broken() {
    let manifest = |schema: &str| -> Manifest {
        let json = format!(r#"{{"id":"a","version":"1.0.0","config_schema":{schema}}}"#);
        serde_json::from_str(&json).unwrap()
    };
    let schema = r#"{"type":"object","required":["queue"],"properties":{"queue":{"type":"string"}}}"#;
    let limits = Limits::default();
    let needs = loads(b"", &manifest(schema), limits, &json!({})).unwrap();
    assert!(matches!(&needs, Loads::NeedsConfig(mistakes) if mistakes[0].contains("queue")));
    // With a configuration of the wrong shape it is refused, before anything runs.
    let refused = loads(b"", &manifest(schema), limits, &json!({"queue": 1})).unwrap();
    assert!(
        matches!(&refused, Loads::Refused { code: "plugin_config_invalid", message } if message.contains("/queue"))
    );
    // One that meets the schema gets as far as the bytes, which are none.
    let refused = loads(b"", &manifest(schema), limits, &json!({"queue": "q"})).unwrap();
    assert!(matches!(refused, Loads::Refused { code: "plugin_not_a_component", .. }));
}

#[test]
fn without_a_schema_there_is_nothing_to_configure() {
    let manifest: Manifest = serde_json::from_str(r#"{"id":"a","version":"1.0.0"}"#).unwrap();
    assert!(config_mistakes(&manifest, &json!({})).is_empty());
    assert_eq!(config_mistakes(&manifest, &json!({"a": 1})).len(), 1);
}
