#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_engine::{Denial, Finding, Segment, Span};

use super::*;

fn edit(start: u64, end: u64, replacement: Replacement) -> Edit {
    Edit { at: Span { start, end }, replacement }
}

fn decision(edits: Vec<Edit>, findings: &[&str]) -> Decision {
    let finding = |code: &&str| Finding { code: (*code).into(), at: None, confidence: 100, detail: String::new() };
    Decision { verdict: Verdict::Allow, edits, findings: findings.iter().map(finding).collect(), labels: vec![] }
}

fn document(kind: &str) -> Document {
    let at = Span { start: 0, end: 9 };
    let segment = Segment { role: "user".into(), kind: kind.into(), name: None, pointer: String::new(), at };
    Document { text: "one é two".into(), segments: vec![segment] }
}

fn expect(yaml: serde_json::Value) -> Expect {
    serde_json::from_value(yaml).unwrap()
}

#[test]
fn edits_are_applied_and_tokens_shown() {
    let text = Replacement::Text("1".into());
    let edits = vec![edit(7, 10, Replacement::Token("card".into())), edit(0, 3, text.clone()), edit(4, 4, text)];
    assert_eq!(edited("one é two", &edits), "1 1é <token:card>");
}

#[test]
fn a_denied_text_is_not_edited() {
    let mut said = decision(vec![edit(0, 3, Replacement::Text(String::new()))], &[]);
    assert_eq!(Outcome::of(&said, &document("text")).text.as_deref(), Some(" é two"));
    said.verdict = Verdict::Deny(Denial { code: "c".into(), message: String::new() });
    assert_eq!(Outcome::of(&said, &document("text")).text, None);
    // And so an edit of a key is no matter then.
    assert_eq!(Outcome::of(&said, &document("key")).said, Said::Deny { code: "c".into() });
}

#[test]
fn an_edit_of_a_key_is_what_the_gate_makes_of_it() {
    let said = decision(vec![edit(0, 3, Replacement::Text(String::new()))], &[]);
    let outcome = Outcome::of(&said, &document("key"));
    assert_eq!(outcome.said.code(), Some("edit_of_key"));
    assert_eq!(outcome.differences(&expect(serde_json::json!({"verdict": "allow"}))).len(), 1);
}

#[test]
fn each_thing_that_differs_is_told_and_what_is_left_out_is_not() {
    let outcome = Outcome::of(&decision(vec![], &["a", "b"]), &document("text"));
    let what =
        |json: serde_json::Value| outcome.differences(&expect(json)).into_iter().map(|d| d.what).collect::<Vec<_>>();
    assert_eq!(what(serde_json::json!({"verdict": "allow"})), Vec::<&str>::new());
    assert_eq!(what(serde_json::json!({"verdict": "deny", "code": "c"})), ["verdict"]);
    assert_eq!(what(serde_json::json!({"verdict": "allow", "findings": ["b", "a"]})), ["findings"]);
    assert_eq!(what(serde_json::json!({"verdict": "allow", "findings": ["a", "b"], "labels": []})), Vec::<&str>::new());
    assert_eq!(
        what(serde_json::json!({"verdict": "allow", "text": "x", "labels": [{"key": "k", "value": "v"}]})),
        ["text", "labels"]
    );
}

#[test]
fn a_code_must_be_declared() {
    let manifest: Manifest = serde_json::from_str(r#"{"id":"a","version":"1.0.0","codes":["a"]}"#).unwrap();
    let of = |findings: &[&str]| {
        Outcome::of(&decision(vec![], findings), &document("text")).undeclared(&manifest).map(|d| d.got)
    };
    assert_eq!(of(&["a"]), None);
    assert_eq!(of(&["a", "b"]).as_deref(), Some("b"));
    let mut denied = decision(vec![], &[]);
    denied.verdict = Verdict::Deny(Denial { code: "c".into(), message: String::new() });
    assert_eq!(Outcome::of(&denied, &document("text")).undeclared(&manifest).map(|d| d.got).as_deref(), Some("c"));
}

#[test]
fn ways_of_cutting_agree_on_verdict_and_text() {
    let whole = Outcome::of(&decision(vec![edit(0, 3, Replacement::Text("x".into()))], &["a"]), &document("text"));
    let told_twice = Outcome { findings: vec!["a".into(), "a".into()], ..whole.clone() };
    assert!(told_twice.agrees(&whole));
    let other = Outcome::of(&decision(vec![], &["a"]), &document("text"));
    assert!(!other.agrees(&whole));
}
