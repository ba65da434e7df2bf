#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{context, document};
use witgate_sdk::{Action, Admission, Commitment, Decision, Plugin, Replacement, Verdict};

use crate::Secrets;
use crate::shape::Alphabet;
use crate::testing::random;

pub(crate) fn plugin(config: &str) -> Secrets {
    Secrets::configure(serde_json::from_str(config).unwrap()).unwrap()
}

fn admit(config: &str, segments: &[(&str, &str, &str)]) -> Decision {
    plugin(config).admit(&context(), &document(segments)).unwrap()
}

fn commit(config: &str, segments: &[(&str, &str, &str)]) -> Decision {
    let action =
        Action { kind: "tool_use".into(), target: "send".into(), arguments: document(segments), hints: vec![] };
    plugin(config).commit(&context(), &action).unwrap()
}

fn denial(decision: &Decision) -> Option<&str> {
    match &decision.verdict {
        Verdict::Deny(denial) => Some(&denial.code),
        _ => None,
    }
}

fn github() -> String {
    format!("ghp_{}", random(Alphabet::Alnum, 36, 41))
}

#[test]
fn by_default_a_request_has_tokens_and_says_whose_key_it_was() {
    let key = github();
    let decision = admit("{}", &[("system", "text", "Be brief."), ("user", "text", &format!("Use {key}, please"))]);
    assert!(
        matches!(&decision.edits[..], [e] if matches!(&e.replacement, Replacement::Token(kind) if kind == "api-key") && e.at.range() == (14..14 + key.len()))
    );
    assert!(matches!(&decision.findings[..], [f] if f.code == "api-key" && f.detail == "github"));
}

#[test]
fn each_direction_has_its_action() {
    let key = github();
    let text = [("user", "text", key.as_str())];
    assert!(
        matches!(&admit(r#"{"request": "mask"}"#, &text).edits[..], [e] if matches!(&e.replacement, Replacement::Text(mask) if mask == "[api-key]"))
    );
    assert_eq!(denial(&admit(r#"{"request": "block"}"#, &text)), Some("secret_found"));
    let told = admit(r#"{"request": "label"}"#, &[text[0], text[0]]);
    assert_eq!((told.edits.len(), told.findings.len(), told.labels.len(), denial(&told)), (0, 2, 1, None));
    assert_eq!(denial(&commit("{}", &text)), Some("secret_found"));
    assert_eq!(commit(r#"{"arguments": "mask"}"#, &text).edits.len(), 1);
    assert_eq!(denial(&commit(r#"{"arguments": "label"}"#, &text)), None);
}

#[test]
fn nothing_that_is_said_quotes_the_secret() {
    let key = github();
    for config in ["{}", r#"{"request": "block"}"#, r#"{"request": "label"}"#, r#"{"request": "mask"}"#] {
        let said = format!("{:?}", admit(config, &[("user", "text", &key)]));
        assert!(!said.contains(&key[4..]), "{said}");
    }
}

#[test]
fn a_secret_in_a_key_is_refused() {
    let key = github();
    assert_eq!(denial(&admit("{}", &[("user", "key", &key), ("user", "value", "x")])), Some("secret_in_key"));
}

#[test]
fn a_value_is_read_with_the_name_of_its_field() {
    let plugin = plugin("{}");
    let mut with = document(&[("assistant", "value", "hT7kq2Lm9Zx4")]);
    with.segments[0].pointer = "/login/password".into();
    let action = |arguments| Action { kind: "tool_use".into(), target: "login".into(), arguments, hints: vec![] };
    let decision = plugin.commit(&context(), &action(with.clone())).unwrap();
    assert_eq!(denial(&decision), Some("secret_found"));
    assert_eq!(decision.findings[0].at.unwrap().range(), 0..12);
    with.segments[0].pointer = "/login/user".into();
    assert_eq!(denial(&plugin.commit(&context(), &action(with.clone())).unwrap()), None);
    with.segments[0].kind = "tool-arguments".into();
    with.segments[0].pointer = "/messages/2/tool_calls/0/function/arguments#/api_key/0".into();
    assert_eq!(plugin.admit(&context(), &with).unwrap().edits.len(), 1);
}

#[test]
fn what_only_the_provider_can_read_is_left() {
    assert_eq!(admit("{}", &[("assistant", "opaque", &github())]).findings.len(), 0);
}

#[test]
fn kinds_can_be_left_out_and_values_allowed() {
    let key = github();
    let text = [("user", "text", key.as_str())];
    assert_eq!(admit(r#"{"kinds": {"api-key": false}}"#, &text).findings.len(), 0);
    assert_eq!(admit(&format!(r#"{{"allow": {{"values": ["{key}"]}}}}"#), &text).findings.len(), 0);
    assert_eq!(admit(r#"{"allow": {"prefixes": ["ghp_"]}}"#, &text).findings.len(), 0);
}

#[test]
fn thresholds_and_shapes_are_the_operators() {
    let text = [("user", "text", "token=q7w8e9r1")];
    assert_eq!(admit("{}", &text).findings.len(), 0);
    assert_eq!(admit(r#"{"least_length": 8}"#, &text).findings.len(), 1);
    assert_eq!(admit(r#"{"least_length": 8, "entropy": 3.9}"#, &text).findings.len(), 0);
    let config = r#"{"providers": [{"name": "acme", "prefix": "acme-", "alphabet": "digits", "least": 6, "most": 6}]}"#;
    let decision = admit(config, &[("user", "text", "acme-314159")]);
    assert_eq!(decision.findings[0].detail, "acme");
}

#[test]
fn mistakes_in_shapes_are_named() {
    let wrong = r#"{"providers": [{"name": "a", "prefix": "a", "alphabet": "hex", "least": 9, "most": 6}]}"#;
    let issues = Secrets::configure(serde_json::from_str(wrong).unwrap()).err().unwrap();
    assert_eq!(
        issues.iter().map(|i| i.pointer.as_str()).collect::<Vec<_>>(),
        ["/providers/0/prefix", "/providers/0/least"]
    );
    assert!(serde_json::from_str::<crate::Config>(r#"{"kinds": {"email": true}}"#).is_err());
}

#[test]
fn findings_are_bounded_and_edits_are_not() {
    let text = format!("{} ", github()).repeat(crate::MAX_FINDINGS + 50);
    let decision = admit("{}", &[("user", "text", &text)]);
    assert_eq!((decision.findings.len(), decision.edits.len()), (crate::MAX_FINDINGS, crate::MAX_FINDINGS + 50));
}

#[test]
fn the_manifest_names_every_code_and_the_defaults() {
    let manifest: serde_json::Value = serde_json::from_str(crate::MANIFEST).unwrap();
    let codes = manifest["codes"].as_array().unwrap();
    for code in crate::Kind::ALL.into_iter().map(crate::Kind::name).chain(["secret_found", "secret_in_key"]) {
        assert!(codes.iter().any(|c| c == code), "{code}");
    }
    let default = crate::Config::default();
    let settings = &manifest["config_schema"]["properties"];
    assert_eq!(settings["entropy"]["default"], default.entropy);
    assert_eq!(settings["least_length"]["default"], default.least_length);
}
