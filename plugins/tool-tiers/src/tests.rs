#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::Verdict;
use witgate_sdk::testing::{context, document};

use super::*;

fn policy(config: serde_json::Value) -> ToolTiers {
    ToolTiers::configure(serde_json::from_value(config).unwrap()).unwrap()
}

fn call(policy: &ToolTiers, tool: &str) -> Decision {
    let action = Action { kind: "tool_use".into(), target: tool.into(), arguments: document(&[]), hints: vec![] };
    policy.commit(&context(), &action).unwrap()
}

/// `allow`, `deny CODE` or `escalate CODE`.
fn said(decision: &Decision) -> String {
    match &decision.verdict {
        Verdict::Allow => "allow".into(),
        Verdict::Deny(d) => format!("deny {}", d.code),
        Verdict::Escalate(e) => format!("escalate {}", e.code),
    }
}

fn label<'a>(decision: &'a Decision, key: &str) -> Option<&'a str> {
    decision.labels.iter().find(|l| l.key == key).map(|l| l.value.as_str())
}

#[test]
fn the_defaults() {
    let p = policy(serde_json::json!({}));
    for (tool, want, tier) in [
        ("get_weather", "allow", Some("LOW")),
        ("send_email", "allow", Some("MEDIUM")),
        ("delete_user", "escalate tool_irreversible", Some("HIGH")),
        ("transfer_funds", "deny tool_tier_exceeded", Some("CRITICAL")),
        ("weather", "deny tool_unregistered", None),
        ("gеt_weather", "deny tool_unregistered", None),
        ("", "deny tool_unregistered", None),
    ] {
        let decision = call(&p, tool);
        assert_eq!((said(&decision).as_str(), label(&decision, "tier")), (want, tier), "{tool}");
    }
    assert_eq!(label(&call(&p, "delete_user"), "irreversible"), Some("true"));
    assert_eq!(label(&call(&p, "get_user"), "irreversible"), None);
}

#[test]
fn tiers_and_reversibility_by_configuration() {
    let tools = serde_json::json!([
        {"name": "a", "tier": "LOW"}, {"name": "b", "tier": "HIGH"}, {"name": "c", "tier": "CRITICAL"},
        {"name": "z", "tier": "LOW", "irreversible": true},
    ]);
    for (config, want) in [
        (
            serde_json::json!({"max_tier": "CRITICAL"}),
            ["allow", "allow", "escalate tool_tier_escalation", "escalate tool_irreversible"],
        ),
        (
            serde_json::json!({"max_tier": "CRITICAL", "escalate_at": null}),
            ["allow", "allow", "allow", "escalate tool_irreversible"],
        ),
        (
            serde_json::json!({"escalate_at": "LOW", "irreversible": "allow"}),
            [
                "escalate tool_tier_escalation",
                "escalate tool_tier_escalation",
                "deny tool_tier_exceeded",
                "escalate tool_tier_escalation",
            ],
        ),
        (
            serde_json::json!({"max_tier": "LOW", "irreversible": "deny"}),
            ["allow", "deny tool_tier_exceeded", "deny tool_tier_exceeded", "deny tool_irreversible"],
        ),
    ] {
        let mut config = config;
        config["tools"] = tools.clone();
        let p = policy(config.clone());
        let got: Vec<String> = ["a", "b", "c", "z"].iter().map(|t| said(&call(&p, t))).collect();
        assert_eq!(got, want, "{config}");
    }
}

#[test]
fn an_unregistered_tool_may_be_allowed_and_is_still_found() {
    let p = policy(serde_json::json!({"unregistered": "allow"}));
    let decision = call(&p, "weather");
    assert_eq!(said(&decision), "allow");
    assert_eq!(decision.findings.first().unwrap().code, UNREGISTERED);
}

#[test]
fn a_refusal_never_beats_down_to_an_approval() {
    let p = policy(serde_json::json!({"tools": [{"name": "x", "tier": "CRITICAL", "irreversible": true}]}));
    assert_eq!(said(&call(&p, "x")), "deny tool_tier_exceeded");
}

#[test]
fn effects_that_name_no_tool_are_left_to_others() {
    let action = Action {
        kind: "network".into(),
        target: "https://example.org".into(),
        arguments: document(&[]),
        hints: vec![],
    };
    assert_eq!(said(&policy(serde_json::json!({})).commit(&context(), &action).unwrap()), "allow");
}

fn offering(names: &[&str]) -> Document {
    let parts: Vec<_> =
        names.iter().flat_map(|n| [("system", "tool-definition", *n), ("system", "tool-definition", "text")]).collect();
    let mut request = document(&parts);
    for (segment, name) in request.segments.iter_mut().zip(names.iter().flat_map(|n| [n, n])) {
        segment.name = Some((*name).into());
    }
    request
}

#[test]
fn tools_that_can_never_be_called_are_told_early() {
    let request = offering(&["get_weather", "weather", "transfer_funds", "delete_user"]);
    let decision = policy(serde_json::json!({})).admit(&context(), &request).unwrap();
    assert_eq!(said(&decision), "allow");
    let codes: Vec<&str> = decision.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, [UNREGISTERED, TIER_EXCEEDED], "once each; what a person may agree to is not refused");
    assert_eq!(label(&decision, "tools_refused"), Some("2"));

    let strict = policy(serde_json::json!({"check_definitions": "deny"}));
    assert_eq!(said(&strict.admit(&context(), &request).unwrap()), "deny tool_unregistered");
    assert_eq!(said(&strict.admit(&context(), &offering(&["get_weather"])).unwrap()), "allow");
    let off = policy(serde_json::json!({"check_definitions": "off"})).admit(&context(), &request).unwrap();
    assert!(off.findings.is_empty() && off.labels.is_empty());
}

#[test]
fn findings_of_a_request_are_bounded() {
    let names: Vec<String> = (0..500).map(|i| format!("unknown{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let decision = policy(serde_json::json!({})).admit(&context(), &offering(&names)).unwrap();
    assert_eq!(decision.findings.len(), MAX_FINDINGS);
    assert_eq!(label(&decision, "tools_refused"), Some("500"));
}

#[test]
fn a_configuration_is_checked_by_pointer() {
    for (config, pointer) in [
        (serde_json::json!({"tools": [{"name": "a b", "tier": "LOW"}]}), "/tools/0/name"),
        (serde_json::json!({"queue": "two words"}), "/queue"),
        (serde_json::json!({"untrusted": {"tool_results": {}}}), "/untrusted/tool_results"),
        (serde_json::json!({"untrusted": {"labels": [{"key": "a"}]}}), "/untrusted/labels/0"),
        (serde_json::json!({"untrusted": {"labels": [{"key": "", "raise": 1}]}}), "/untrusted/labels/0/key"),
    ] {
        let issues = ToolTiers::configure(serde_json::from_value(config).unwrap()).unwrap_err();
        assert_eq!(issues.first().unwrap().pointer, pointer);
    }
    assert!(serde_json::from_value::<Config>(serde_json::json!({"max_tier": "high"})).is_err());
}

/// What is said of a call after these labels, each `SOURCE KEY VALUE`.
fn after(policy: &ToolTiers, labels: &[&str], tool: &str) -> String {
    let labels = labels.iter().map(|label| {
        let mut words = label.split(' ').map(str::to_owned);
        let [source, key, value] = std::array::from_fn(|_| words.next().unwrap());
        witgate_sdk::AttributedLabel { source, key, value }
    });
    let ctx = Context { labels: labels.collect(), ..context() };
    let action = Action { kind: "tool_use".into(), target: tool.into(), arguments: document(&[]), hints: vec![] };
    said(&policy.commit(&ctx, &action).unwrap())
}

const SUSPECT: &str = "injection suspicion possible";
const READ: &str = "tool-tiers untrusted tool-result";

#[test]
fn labels_do_nothing_unless_configured() {
    let p = policy(serde_json::json!({}));
    assert_eq!(after(&p, &[SUSPECT, READ], "send_email"), "allow");
    let results = document(&[("tool", "tool-result", "x")]);
    assert!(p.admit(&context(), &results).unwrap().labels.is_empty());
}

#[test]
fn after_untrusted_content_a_person_must_agree() {
    let p = policy(serde_json::json!({"untrusted": {}, "irreversible": "allow"}));
    for (labels, tool, want) in [
        (vec![], "delete_user", "allow"),
        (vec![READ], "send_email", "allow"),
        (vec![READ], "delete_user", "escalate tool_after_untrusted"),
        (vec![SUSPECT], "get_user", "allow"),
        (vec![SUSPECT], "send_email", "escalate tool_after_untrusted"),
        (vec![READ, SUSPECT], "send_email", "escalate tool_after_untrusted"),
        (vec![SUSPECT], "transfer_funds", "deny tool_tier_exceeded"),
        (vec!["other suspicious possible"], "send_email", "allow"),
    ] {
        assert_eq!(after(&p, &labels, tool), want, "{labels:?} {tool}");
    }
    // What already needs a person keeps its reason.
    let p = policy(serde_json::json!({"untrusted": {}}));
    assert_eq!(after(&p, &[READ], "delete_user"), "escalate tool_irreversible");
}

#[test]
fn untrusted_content_may_refuse_or_raise() {
    let p = policy(serde_json::json!({
        "irreversible": "allow", "unregistered": "allow",
        "untrusted": {"tool_results": {"raise": 1}, "labels": [
            {"key": "suspicion", "value": "likely", "source": "injection", "deny_at": "MEDIUM"},
            {"key": "suspicion", "escalate_at": "HIGH"},
        ]},
    }));
    for (labels, tool, want) in [
        (vec![READ], "send_email", "allow"),
        (vec![READ], "delete_user", "deny tool_tier_exceeded"),
        (vec![SUSPECT], "send_email", "allow"),
        (vec![SUSPECT, READ], "send_email", "escalate tool_after_untrusted"),
        (vec!["injection suspicion likely"], "send_email", "deny tool_after_untrusted"),
        (vec!["someone suspicion likely"], "send_email", "allow"),
        (vec!["injection suspicion likely"], "get_user", "allow"),
        (vec![], "frobnicate", "allow"),
        (vec![SUSPECT], "frobnicate", "escalate tool_after_untrusted"),
    ] {
        assert_eq!(after(&p, &labels, tool), want, "{labels:?} {tool}");
    }
    assert_eq!(Tier::Medium.raised(1), Tier::High);
    assert_eq!(Tier::High.raised(3), Tier::Critical);
}

#[test]
fn a_tools_result_in_the_request_is_a_label() {
    let p = policy(serde_json::json!({"untrusted": {}, "check_definitions": "off"}));
    for (role, kind, want) in [
        ("tool", "tool-result", Some("tool-result")),
        ("user", "tool-result", Some("tool-result")),
        ("function", "text", Some("tool-result")),
        ("user", "text", None),
        ("assistant", "tool-arguments", None),
        ("system", "tool-definition", None),
    ] {
        let decision = p.admit(&context(), &document(&[("user", "text", "hi"), (role, kind, "x")])).unwrap();
        assert_eq!(label(&decision, "untrusted"), want, "{role} {kind}");
    }
    let p = policy(serde_json::json!({"untrusted": {"tool_results": null}}));
    let decision = p.admit(&context(), &document(&[("tool", "tool-result", "x")])).unwrap();
    assert_eq!(label(&decision, "untrusted"), None);
}

/// A host asks about no other: whatever is left out here would pass unseen.
#[test]
fn the_manifest_names_what_admission_reads() {
    const ROLES: [&str; 6] = ["", "system", "user", "assistant", "tool", "function"];
    const KINDS: [&str; 10] = [
        "text",
        "document",
        "tool-result",
        "tool-definition",
        "tool-arguments",
        "reasoning",
        "refusal",
        "opaque",
        "key",
        "value",
    ];
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let reads = manifest["admission_reads"].as_array().unwrap();
    let fits = |kind: &str, role: &str| {
        let same = |entry: &serde_json::Value, want: &str, has: &str| entry[want].is_null() || entry[want] == has;
        reads.iter().any(|entry| same(entry, "kind", kind) && same(entry, "role", role))
    };
    let p = policy(serde_json::json!({"untrusted": {}, "check_definitions": "deny"}));
    for (kind, role) in KINDS.iter().flat_map(|kind| ROLES.map(|role| (*kind, role))) {
        let mut request = document(&[(role, kind, "transfer_funds")]);
        request.segments[0].name = Some("transfer_funds".into());
        let decision = p.admit(&context(), &request).unwrap();
        let quiet = decision.edits.is_empty() && decision.findings.is_empty() && decision.labels.is_empty();
        let says = said(&decision) != "allow" || !quiet;
        assert_eq!(says, fits(kind, role), "{kind} by {role:?}");
    }
}

#[test]
fn the_manifest_names_the_codes() {
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    assert_eq!(
        manifest["codes"],
        serde_json::json!([UNREGISTERED, TIER_EXCEEDED, IRREVERSIBLE, TIER_ESCALATION, AFTER_UNTRUSTED])
    );
}
