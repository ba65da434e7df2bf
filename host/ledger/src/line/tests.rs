use super::line;
use crate::{
    Body, Claim, Decision, Execution, Finding, Intent, PluginResult, Policy, Reason, Record, Recovery, Verdict,
};

fn shown(body: impl Into<Body>) -> String {
    let body = body.into();
    let (kind, attributes) = (body.kind(), std::collections::BTreeMap::new());
    line(&Record { v: 1, seq: 12, time_ms: 0, exchange: "e-1".into(), kind, body, attributes })
}

#[test]
fn each_kind_is_one_line_that_says_what_counts() {
    let part = PluginResult {
        plugin: "pii".into(),
        fault: Some("fault_trap".into()),
        findings: vec![Finding::default(); 2],
        would_have: Some(Verdict::Deny),
        ..PluginResult::default()
    };
    let decision = Decision {
        verdict: Verdict::Deny,
        reason: Some(Reason { plugin: "injection".into(), code: "prompt_injection".into() }),
        plugins: vec![part],
        ..Decision::default()
    };
    let told = shown(decision);
    assert!(told.starts_with("    12  1970-01-01T00:00:00.000Z  DECISION    e-1"), "{told}");
    assert!(told.contains("admission deny by injection: prompt_injection (not applied)"), "{told}");
    assert!(told.contains("pii could not decide: fault_trap, pii would have said deny, 2 findings"), "{told}");
    let principal = Claim { value: "ann\u{1b}[2J\n".into(), proven: true };
    let told = shown(Intent { principal, ..Intent::default() });
    assert!(told.contains("ann\\u{1b}[2J\\u{a} for no model"), "{told}");
    assert!(shown(Execution { status: Some(200), ..Execution::default() }).contains("completed 200, 0 µs"));
    let references = vec![crate::Reference::default(); 2];
    assert!(shown(Intent { references, ..Intent::default() }).ends_with("from 2 earlier exchanges"));
    let asked_by = Reason { plugin: "tool-tiers".into(), code: "tool_irreversible".into() };
    let told = shown(crate::Approval { asked_by, ..crate::Approval::default() });
    assert!(told.ends_with("unavailable of , asked for by tool-tiers: tool_irreversible"), "{told}");
    assert!(shown(Policy { code: Some("plugin_pin".into()), ..Policy::default() }).contains("refused: plugin_pin"));
    assert!(shown(Recovery { aborted: 3, ..Recovery::default() }).ends_with("3 exchanges closed"));
}
