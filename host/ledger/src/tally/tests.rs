#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Tally;
use crate::{Body, Claim, Decision, Execution, Finding, Intent, Latency, PluginResult, Reason, Record, Usage, Verdict};

fn record(seq: u64, body: impl Into<Body>) -> Record {
    let body = body.into();
    let (kind, attributes) = (body.kind(), std::collections::BTreeMap::new());
    Record { v: 1, seq, time_ms: seq * 1000, exchange: "e".into(), kind, body, attributes }
}

fn tally() -> Tally {
    let mut tally = Tally::default();
    for seq in 0..10u64 {
        let principal = Claim { value: format!("client-{}", seq % 2), proven: true };
        let intent = Intent { principal, dialect: "openai-chat".into(), model: Some("m".into()), ..Intent::default() };
        tally.add(&record(3 * seq + 1, intent));
        let denies = seq == 9;
        let part = PluginResult {
            plugin: "pii".into(),
            verdict: (!denies).then_some(Verdict::Allow),
            fault: denies.then(|| "fault_trap".into()),
            findings: vec![Finding { code: "email".into(), ..Finding::default() }],
            edits: 2,
            elapsed_ns: 1000 * seq,
            ..PluginResult::default()
        };
        let decision = Decision {
            verdict: if denies { Verdict::Deny } else { Verdict::Allow },
            reason: denies.then(|| Reason { plugin: "pii".into(), code: "fault_trap".into() }),
            plugins: vec![part],
            ..Decision::default()
        };
        tally.add(&record(3 * seq + 2, decision));
        let latency_us = Latency { total: seq + 1, upstream_first_byte: None, added: 1 };
        let usage = Some(Usage { prompt: 10, completion: 1 });
        tally.add(&record(3 * seq + 3, Execution { latency_us, usage, ..Execution::default() }));
    }
    tally
}

#[test]
fn approvals_and_references_are_counted() {
    let mut tally = tally();
    let references =
        vec![crate::Reference::default(), crate::Reference { used: crate::Use::Governance, ..Default::default() }];
    tally.add(&record(31, Intent { references, ..Intent::default() }));
    let asked_by = Reason { plugin: "tool-tiers".into(), code: "tool_irreversible".into() };
    tally.add(&record(32, crate::Approval { asked_by, ..crate::Approval::default() }));
    assert_eq!((tally.references.of("execution"), tally.references.of("governance")), (1, 1));
    assert_eq!((tally.approvals.of("unavailable"), tally.codes.of("tool_irreversible")), (1, 1));
    let told = tally.to_string();
    assert!(
        told.contains("  references  execution 1, governance 1\n") && told.contains("  approvals   unavailable 1\n"),
        "{told}"
    );
}

#[test]
fn everything_is_counted() {
    let tally = tally();
    assert_eq!((tally.records, tally.exchanges, tally.kinds.of("DECISION")), (30, 10, 10));
    assert_eq!((tally.verdicts["admission"].of("allow"), tally.verdicts["admission"].of("deny")), (9, 1));
    assert_eq!((tally.principals.of("client-0"), tally.models.of("m"), tally.outcomes.of("completed")), (5, 10, 10));
    let part = &tally.plugins["pii"];
    assert_eq!((part.asked, part.edits, part.findings.of("email"), part.faults.of("fault_trap")), (10, 20, 10, 1));
    assert_eq!((tally.tokens.prompt, tally.tokens.completion, tally.tokens.exchanges), (100, 10, 10));
    let total = &tally.latency_us.total;
    assert_eq!((total.percentile(50), total.percentile(99), total.count()), (5, 10, 10));
    assert_eq!(tally.codes.of("fault_trap"), 1);
}

#[test]
fn it_is_told_to_people_and_to_programs() {
    let tally = tally();
    let told = tally.to_string();
    for part in ["30 records, 1 of 1970-01-01T00:00:01.000Z", "allow 9, deny 1", "p50 5, p99 10, max 10 µs", "email 10"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    let json = serde_json::to_value(&tally).unwrap();
    assert_eq!(json["plugins"]["pii"]["elapsed_ns"]["count"], 10);
    assert_eq!(Tally::default().to_string(), "no records\n");
}

#[test]
fn words_from_outside_do_not_fill_memory() {
    let mut tally = Tally::default();
    for seq in 0..3000u64 {
        let principal = Claim { value: format!("client-{seq}"), proven: false };
        tally.add(&record(seq + 1, Intent { principal, ..Intent::default() }));
    }
    assert_eq!(tally.principals.of("(others)"), 2000);
    assert_eq!(tally.principals.most().len(), 1001);
}
