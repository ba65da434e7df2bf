#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn outcome(said: Said, text: Option<&str>, findings: &[&str]) -> Outcome {
    let findings = findings.iter().map(|code| (*code).to_owned()).collect();
    Outcome { said, text: text.map(str::to_owned), findings, labels: vec![] }
}

#[test]
fn what_no_case_shows_is_named() {
    let json = r#"{"id":"a","version":"1.0.0","codes":["seen","unseen"],"grants":["edit"]}"#;
    let manifest: Manifest = serde_json::from_str(json).unwrap();
    let stages = Stages { admission: true, inspection: true, commitment: false, recording: true };
    let mut coverage = Coverage::default();
    coverage.note(CaseStage::Admission, Some("a"), &outcome(Said::Allow, Some("a"), &[]));
    coverage.note(CaseStage::Admission, Some("a"), &outcome(Said::Allow, Some("b"), &["seen", "seen"]));
    coverage.note(CaseStage::Admission, Some("a"), &outcome(Said::Deny { code: "seen".into() }, None, &["seen"]));

    let told = coverage.json(&manifest, stages);
    assert_eq!(
        told["stages"][0],
        json!({"stage": "admission", "seen": {"allow": 2, "edit": 1, "deny": 1}, "never": []})
    );
    // Nobody escalates without the grant, so that is not missed.
    assert_eq!(told["stages"][1], json!({"stage": "inspection", "seen": {}, "never": ["allow", "edit", "deny"]}));
    assert_eq!((&told["codes"], &told["codes_never"]), (&json!({"seen": 2}), &json!(["unseen"])));

    let text = coverage.human(&manifest, stages);
    for part in ["admission   allow 2, edit 1, deny 1", "inspection  none", "never: unseen", "recording   not asked"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}
