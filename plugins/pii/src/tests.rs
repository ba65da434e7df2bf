#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{context, document};
use witgate_sdk::{Action, Admission, Commitment, Decision, Plugin, Replacement, Verdict};

use crate::{Kind, Pii};

fn plugin(config: &str) -> Pii {
    Pii::configure(serde_json::from_str(config).unwrap()).unwrap()
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

#[test]
fn by_default_each_kind_becomes_a_token() {
    let decision =
        admit("{}", &[("system", "text", "Be brief."), ("user", "text", "I am jo@example.org, 203.0.113.7")]);
    let tokens: Vec<_> = decision.edits.iter().map(|e| (e.at.start, &e.replacement)).collect();
    assert!(
        matches!(&tokens[..], [(15, Replacement::Token(a)), (31, Replacement::Token(b))] if a == "email" && b == "ip")
    );
    assert_eq!(decision.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["email", "ip"]);
    assert!(decision.findings.iter().all(|f| f.detail.is_empty()), "the text is never quoted");
}

#[test]
fn each_kind_has_its_own_action() {
    let config = r#"{"kinds": {"email": "mask", "card": "block", "ip": "off"}}"#;
    let decision = admit(config, &[("user", "text", "jo@example.org at 203.0.113.7")]);
    assert!(matches!(&decision.edits[..], [e] if matches!(&e.replacement, Replacement::Text(t) if t == "[email]")));
    let decision = admit(config, &[("user", "text", "jo@example.org pays with 5105105105105100")]);
    assert_eq!((denial(&decision), decision.edits.len()), (Some("pii_card"), 0));
}

#[test]
fn a_key_is_refused() {
    let segments = [("user", "key", "jo@example.org"), ("user", "value", "x")];
    assert_eq!(denial(&admit("{}", &segments)), Some("pii_in_key"));
    assert_eq!(denial(&admit(r#"{"kinds": {"email": "off"}}"#, &segments)), None);
}

#[test]
fn arguments_are_told_masked_or_refused() {
    let segments = [("assistant", "key", "to"), ("assistant", "value", "jo@example.org")];
    let decision = commit("{}", &segments);
    assert_eq!((denial(&decision), decision.edits.len(), decision.findings.len()), (None, 0, 1));
    assert!(matches!(&decision.labels[..], [l] if l.key == "pii" && l.value == "email"));
    assert_eq!(commit(r#"{"arguments": "mask"}"#, &segments).edits.len(), 1);
    assert_eq!(denial(&commit(r#"{"arguments": "block"}"#, &segments)), Some("pii_email"));
}

#[test]
fn findings_are_bounded_and_edits_are_not() {
    let text = "jo@example.org ".repeat(crate::MAX_FINDINGS + 50);
    let decision = admit("{}", &[("user", "text", &text)]);
    assert_eq!((decision.findings.len(), decision.edits.len()), (crate::MAX_FINDINGS, crate::MAX_FINDINGS + 50));
}

#[test]
fn an_unknown_setting_is_an_error() {
    assert!(serde_json::from_str::<crate::Config>(r#"{"kinds": {"shoe-size": "mask"}}"#).is_err());
}

#[test]
fn the_manifest_is_json_and_names_every_code() {
    let manifest: serde_json::Value = serde_json::from_str(crate::MANIFEST).unwrap();
    for kind in Kind::ALL {
        for code in [kind.name(), kind.denial()] {
            assert!(manifest["codes"].as_array().unwrap().iter().any(|c| c == code), "{code}");
        }
    }
}

#[test]
fn the_name_of_a_field_says_what_its_value_is() {
    let mut request = document(&[("assistant", "value", "3157336684"), ("assistant", "value", "3157336684")]);
    request.segments[0].pointer = "/customer/phones/0".into();
    request.segments[1].pointer = "/customer/order".into();
    let decision = plugin("{}").admit(&context(), &request).unwrap();
    assert!(matches!(&decision.edits[..], [e] if (e.at.start, e.at.end) == (0, 10)), "{decision:?}");
}

#[test]
fn every_action_is_there_in_every_direction() {
    for (action, edits) in [("token", 1), ("mask", 1), ("hash", 1), ("block", 0), ("label", 0), ("off", 0)] {
        let config = format!(
            r#"{{"kinds": {{"email": "{action}"}}, "arguments": {{"email": "{action}"}}, "salt": "0123456789abcdef"}}"#
        );
        let segments = [("user", "value", "jo@example.org")];
        for decision in [admit(&config, &segments), commit(&config, &segments)] {
            assert_eq!(decision.edits.len(), edits, "{action}");
            assert_eq!(denial(&decision), (action == "block").then_some("pii_email"), "{action}");
            assert_eq!(decision.labels.len(), usize::from(action == "label"), "{action}");
            assert_eq!(decision.findings.is_empty(), action == "off", "{action}");
        }
    }
}

#[test]
fn arguments_follow_kinds_that_are_off() {
    let segments = [("assistant", "value", "jo@example.org 203.0.113.7")];
    let decision = commit(r#"{"kinds": {"email": "off"}, "arguments": "mask"}"#, &segments);
    assert_eq!(decision.edits.len(), 1);
    let decision = commit(r#"{"kinds": {"email": "off"}, "arguments": {"email": "mask"}}"#, &segments);
    assert_eq!((decision.edits.len(), decision.findings.len()), (1, 2));
}

#[test]
fn own_kinds_have_a_name_and_actions() {
    let config = r#"{"custom": [{"name": "badge", "shape": "EMP-[0-9]{6}", "arguments": "block"}]}"#;
    let segments = [("user", "text", "badge EMP-123456")];
    let decision = admit(config, &segments);
    assert!(matches!(&decision.edits[..], [e] if matches!(&e.replacement, Replacement::Token(t) if t == "badge")));
    assert_eq!((decision.findings[0].code.as_str(), decision.findings[0].detail.as_str()), ("custom", "badge"));
    assert_eq!(denial(&commit(config, &segments)), Some("pii_custom"));
}

#[test]
fn what_is_wrong_with_a_configuration_is_told() {
    let pointers = |config: &str| {
        let issues = Pii::configure(serde_json::from_str(config).unwrap()).unwrap_err();
        issues.into_iter().map(|issue| issue.pointer).collect::<Vec<_>>()
    };
    assert_eq!(pointers(r#"{"custom": [{"name": "x", "shape": "[a"}]}"#), ["/custom/0/shape"]);
    assert_eq!(pointers(r#"{"kinds": {"email": "hash"}}"#), ["/salt"]);
    assert_eq!(pointers(r#"{"arguments": "hash", "salt": "short"}"#), ["/salt"]);
}
