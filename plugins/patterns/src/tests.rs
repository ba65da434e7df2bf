#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{context, document, growth};
use witgate_sdk::{Replacement, Verdict};

use super::*;

pub(crate) fn policy(patterns: serde_json::Value) -> &'static Patterns {
    let config = serde_json::from_value(serde_json::json!({ "patterns": patterns })).unwrap();
    Box::leak(Box::new(Patterns::configure(config).unwrap()))
}

fn code(decision: &Decision) -> &str {
    match &decision.verdict {
        Verdict::Allow => "allow",
        Verdict::Deny(d) => &d.code,
        Verdict::Escalate(e) => &e.code,
    }
}

fn admit(policy: &Patterns, segments: &[(&str, &str, &str)]) -> Decision {
    policy.admit(&context(), &document(segments)).unwrap()
}

#[test]
fn words_are_found_whatever_their_disguise() {
    let policy =
        policy(serde_json::json!([{"name": "n", "words": ["Blue Heron", "Projekt Nachtigall"], "action": "block"}]));
    for text in [
        "blue heron",
        "BLUE\n HERON.",
        "the bl\u{200b}ue hеron",
        "ｂｌｕｅ　ｈｅｒｏｎ",
        "blüe héron",
        "projekt nachtigall",
    ] {
        assert_eq!(code(&admit(policy, &[("user", "text", text)])), BLOCKED, "{text}");
    }
    for text in ["blue herons", "navyblue heron", "blueheron", "heron, blue"] {
        assert_eq!(code(&admit(policy, &[("user", "text", text)])), "allow", "{text}");
    }
}

#[test]
fn a_match_is_told_with_its_place_severity_and_labels() {
    let policy = policy(serde_json::json!([
        {"name": "a", "words": ["heron"], "severity": "low", "action": "label", "labels": {"team": "birds"}},
        {"name": "b", "regex": "h[a-z]+", "severity": "critical", "action": "label"},
    ]));
    let decision = admit(policy, &[("user", "text", "x"), ("user", "text", "a heron, a heron")]);
    let told: Vec<_> =
        decision.findings.iter().map(|f| (f.detail.as_str(), f.confidence, f.at.unwrap().range())).collect();
    assert_eq!(told, [("a", 25, 4..9), ("b", 100, 4..9), ("a", 25, 13..18), ("b", 100, 13..18)]);
    let labels: Vec<_> = decision.labels.iter().map(|l| (l.key.as_str(), l.value.as_str())).collect();
    assert_eq!(labels, [("pattern", "a"), ("team", "birds"), ("pattern", "b")]);
    assert_eq!(code(&decision), "allow");
}

#[test]
fn replacements_by_action() {
    let policy = policy(serde_json::json!([
        {"name": "M", "words": ["one"], "action": "mask"},
        {"name": "R", "words": ["two"], "action": "replace", "text": "2"},
        {"name": "T", "words": ["three"], "action": "token"},
        {"name": "B", "words": ["four"], "action": "block", "message": "No fours."},
    ]));
    let decision = admit(policy, &[("user", "text", "one two three")]);
    let with: Vec<_> = decision.edits.iter().map(|e| format!("{:?}", e.replacement)).collect();
    let text = |t: &str| format!("{:?}", Replacement::Text(t.into()));
    assert_eq!(with, [text("[M]"), text("2"), format!("{:?}", Replacement::Token("pattern".into()))]);

    let refused = admit(policy, &[("user", "text", "one four")]);
    assert!(refused.edits.is_empty());
    assert!(matches!(&refused.verdict, Verdict::Deny(d) if d.message == "No fours."));
    assert_eq!(code(&admit(policy, &[("user", "key", "one")])), IN_KEY);
    assert_eq!(code(&admit(policy, &[("user", "opaque", "four")])), "allow");
}

#[test]
fn directions_and_roles() {
    let policy = policy(serde_json::json!([
        {"name": "u", "words": ["heron"], "roles": ["user"], "directions": ["request"], "action": "block"},
        {"name": "t", "words": ["owl"], "roles": ["tool", "system"], "action": "block"},
    ]));
    for (role, kind, text, want) in [
        ("user", "text", "heron", BLOCKED),
        ("user", "value", "heron", BLOCKED),
        ("system", "text", "heron", "allow"),
        ("user", "tool-result", "heron", "allow"),
        ("user", "tool-result", "owl", BLOCKED),
        ("tool", "text", "owl", BLOCKED),
        ("system", "tool-definition", "owl", BLOCKED),
        ("assistant", "text", "owl", "allow"),
    ] {
        assert_eq!(code(&admit(policy, &[(role, kind, text)])), want, "{role} {kind} {text}");
    }
    let action = |text: &str| Action {
        kind: "tool_use".into(),
        target: "send".into(),
        arguments: document(&[("", "value", text)]),
        hints: vec![],
    };
    assert_eq!(code(&policy.commit(&context(), &action("heron")).unwrap()), "allow");
    assert_eq!(code(&policy.commit(&context(), &action("owl")).unwrap()), BLOCKED);
}

#[test]
fn one_pattern_never_hides_another() {
    let policy = policy(serde_json::json!([
        {"name": "wide", "words": ["the blue heron"], "action": "label"},
        {"name": "all", "regex": ".+", "action": "label"},
        {"name": "narrow", "words": ["blue"], "action": "block"},
    ]));
    assert_eq!(code(&admit(policy, &[("user", "text", "see the blue heron")])), BLOCKED);
}

#[test]
fn words_beside_a_match_make_it_fine() {
    let policy = policy(serde_json::json!([
        {"name": "x", "words": ["python"], "except": ["monty python", "snake", "zoo"], "within": 20, "action": "block"},
    ]));
    for (text, want) in [
        ("python", BLOCKED),
        ("Monty Python sings", "allow"),
        ("a snake, a python", "allow"),
        ("a python in the zoo", "allow"),
        ("a python. Very far away from here is a zoo", BLOCKED),
        ("a zoo and far away from here is a python", BLOCKED),
        ("a python, a zookeeper", BLOCKED),
        ("python zoo, and later, without a reason, python", BLOCKED),
    ] {
        assert_eq!(code(&admit(policy, &[("user", "text", text)])), want, "{text}");
    }
}

#[test]
fn more_replacements_than_fit_are_a_refusal_and_other_matches_are_bounded() {
    let policy =
        policy(serde_json::json!([{"name": "d", "regex": "[0-9]", "action": "mask", "directions": ["request"]}]));
    assert_eq!(admit(policy, &[("user", "text", &"1".repeat(4096))]).edits.len(), 4096);
    assert_eq!(code(&admit(policy, &[("user", "text", &"1".repeat(4097))])), TOO_MANY);
    let label = self::policy(serde_json::json!([{"name": "d", "regex": "[0-9]", "action": "label"}]));
    let decision = admit(label, &[("user", "text", &"1".repeat(100_000))]);
    assert_eq!((code(&decision), decision.findings.len()), ("allow", 64));
}

#[test]
fn a_configuration_is_checked_by_pointer() {
    let long = "x".repeat(201);
    for (pattern, pointer) in [
        (serde_json::json!({"name": "a b", "words": ["x"], "action": "mask"}), "/patterns/1/name"),
        (serde_json::json!({"name": "known", "words": ["x"], "action": "mask"}), "/patterns/1/name"),
        (serde_json::json!({"name": "a", "action": "mask"}), "/patterns/1"),
        (serde_json::json!({"name": "a", "words": ["x"], "regex": "x", "action": "mask"}), "/patterns/1"),
        (serde_json::json!({"name": "a", "words": ["x", "\u{200b}"], "action": "mask"}), "/patterns/1/words/1"),
        (serde_json::json!({"name": "a", "words": [long], "action": "mask"}), "/patterns/1/words/0"),
        (serde_json::json!({"name": "a", "regex": "a(", "action": "mask"}), "/patterns/1/regex"),
        (serde_json::json!({"name": "a", "regex": "[ab]*a[ab]{16}", "action": "mask"}), "/patterns/1/regex"),
        (serde_json::json!({"name": "a", "regex": "a{9}", "max_bytes": 8, "action": "mask"}), "/patterns/1/max_bytes"),
        (serde_json::json!({"name": "a", "regex": "a", "max_bytes": 0, "action": "mask"}), "/patterns/1/max_bytes"),
        (serde_json::json!({"name": "a", "words": ["x"], "action": "replace"}), "/patterns/1/text"),
        (serde_json::json!({"name": "a", "words": ["x"], "action": "mask", "text": "y"}), "/patterns/1/text"),
        (
            serde_json::json!({"name": "a", "words": ["x"], "action": "mask", "directions": []}),
            "/patterns/1/directions",
        ),
        (serde_json::json!({"name": "a", "words": ["x"], "action": "mask", "within": 257}), "/patterns/1/within"),
        (serde_json::json!({"name": "a", "words": ["x"], "action": "mask", "except": [""]}), "/patterns/1/except/0"),
        (
            serde_json::json!({"name": "a", "words": ["x"], "action": "mask", "labels": {"a b": "c"}}),
            "/patterns/1/labels/a b",
        ),
    ] {
        let known = serde_json::json!({"name": "known", "words": ["x"], "action": "label"});
        let config = serde_json::from_value(serde_json::json!({"patterns": [known, pattern]})).unwrap();
        let issues = Patterns::configure(config).unwrap_err();
        assert_eq!(issues.first().unwrap().pointer, pointer, "{pattern}: {issues:?}");
    }
}

#[test]
fn everyday_sentences_pass_a_list_of_ordinary_kind() {
    let policy = policy(serde_json::json!([
        {"name": "codenames", "words": ["blue heron", "night owl", "dan brown"], "action": "block"},
        {"name": "ticket", "regex": r"\bSEC-\d{4,6}\b", "action": "block"},
        {"name": "host", "regex": r"\b[a-z0-9-]+\.corp\.example\b", "action": "block"},
    ]));
    for text in [
        "My friend Dan told me.",
        "What type of cat is that?",
        "Item #5",
        "a | b",
        "truncate",
        "delete it from my calendar",
        "Explain the subprocess module",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "contact customer support, extension 5",
        "The heron is blue.",
        "At night, owls hunt.",
        "SEC-12",
        "XSEC-12345",
        "example.corp",
        "the corp. example",
    ] {
        assert_eq!(code(&admit(policy, &[("user", "text", text)])), "allow", "{text}");
    }
    for text in ["see SEC-12345.", "ssh db-1.corp.example now"] {
        assert_eq!(code(&admit(policy, &[("user", "text", text)])), BLOCKED, "{text}");
    }
}

/// Each byte is read a bounded number of times: no text makes it slow.
#[test]
fn hostile_text_takes_linear_time() {
    let policy = policy(serde_json::json!([
        {"name": "a", "words": ["a a a a a a a a b", "secret plan"], "except": ["a a a c"], "action": "label"},
        {"name": "b", "regex": "a.*b", "action": "label"},
        {"name": "c", "regex": r"[a-z0-9._]+@[a-z]+\.[a-z]+", "action": "label"},
        {"name": "d", "regex": "(a|aa)+$", "action": "label"},
    ]));
    for unit in ["a", "a ", "@", "1", "\"", "<[{(", "\u{200b}", "a\u{301}", "ß"] {
        let growth = growth(unit, 1 << 15, |text| {
            admit(policy, &[("user", "text", text)]);
        });
        assert!(growth < 9.0, "{unit:?}: {growth}");
    }
}

#[test]
fn the_manifest_names_the_codes() {
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    assert_eq!(manifest["codes"], serde_json::json!([FOUND, BLOCKED, IN_KEY, TOO_MANY, TOKEN]));
}
