#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{context, document};
use witgate_sdk::{Action, Admission, Commitment, Decision, Plugin, Replacement, Verdict};

use crate::Pii;

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
    assert!(serde_json::from_str::<crate::Config>(r#"{"kinds": {"iban": "mask"}}"#).is_err());
}

#[test]
fn the_manifest_is_json_and_names_every_code() {
    let manifest: serde_json::Value = serde_json::from_str(crate::MANIFEST).unwrap();
    for kind in crate::kind::Kind::ALL {
        for code in [kind.name(), kind.denial()] {
            assert!(manifest["codes"].as_array().unwrap().iter().any(|c| c == code), "{code}");
        }
    }
}
