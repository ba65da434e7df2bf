#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::{
    BodyHash, Digest, Draft, Durability, Finding, Latency, Ledger, Options, Reason, Salt, Span, Stage, Usage, Withheld,
    find,
};

fn story(id: &str) -> [Draft; 4] {
    let body = |bytes| Some(BodyHash { hash: Digest([0xab; 32]), salt: Salt([1; 16]), bytes });
    let intent = Intent {
        owner: Some(Claim { value: "human:ada".into(), proven: false }),
        principal: Claim { value: "agent:planner".into(), proven: true },
        tenant: "acme".into(),
        dialect: "openai-chat".into(),
        model: Some("gpt-x".into()),
        upstream: "main".into(),
        route: "POST /v1/chat/completions".into(),
        stream: true,
        request: body(1200),
        generation: 3,
        ..Intent::default()
    };
    let pii = PluginResult {
        plugin: "pii".into(),
        version: "0.1.0".into(),
        verdict: Some(Verdict::Allow),
        edits: 2,
        elapsed_ns: 8400,
        findings: vec![Finding { code: "email".into(), confidence: 95, span: Some(Span { start: 10, end: 25 }) }],
        ..PluginResult::default()
    };
    let faulty = PluginResult {
        plugin: "injection".into(),
        version: "2".into(),
        fault: Some("timeout".into()),
        ..PluginResult::default()
    };
    let tiers = PluginResult {
        plugin: "tool-tiers".into(),
        version: "1".into(),
        verdict: Some(Verdict::Deny),
        code: Some("irreversible".into()),
        ..PluginResult::default()
    };
    let admission = Decision { enforced: true, plugins: vec![pii, faulty], ..Decision::default() };
    let commitment = Decision {
        stage: Stage::Commitment,
        verdict: Verdict::Withheld,
        enforced: true,
        reason: Some(Reason { plugin: "tool-tiers".into(), code: "irreversible".into() }),
        withheld: vec![Withheld { name: "delete\u{1b}[2Jall".into(), code: "irreversible".into(), arguments: body(9) }],
        plugins: vec![tiers],
        ..Decision::default()
    };
    let end = Execution {
        status: Some(200),
        upstream_status: Some(200),
        response: body(800),
        usage: Some(Usage { prompt: 100, completion: 20 }),
        latency_us: Latency { total: 5000, upstream_first_byte: Some(3000), added: 300 },
        ..Execution::default()
    };
    [Draft::new(id, intent), Draft::new(id, admission), Draft::new(id, commitment), Draft::new(id, end)]
}

#[test]
fn a_person_learns_who_asked_what_was_decided_and_how_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &crate::testing::key(), Options::default()).unwrap();
    let append = |draft: &Draft| {
        ledger.append_wait(draft.clone(), Durability::Buffered).unwrap();
    };
    let story = story("e-1");
    story[..3].iter().for_each(append);
    let running = explain(&find(dir.path(), None, "e-1").unwrap());
    assert!(running.contains("No end is recorded"), "{running}");
    append(&story[3]);
    let mut records = find(dir.path(), None, "e-1").unwrap();
    for (record, ms) in records.iter_mut().zip([0, 2, 40, 55]) {
        record.time_ms = 1_763_688_300_123 + ms;
    }
    let text = explain(&records);
    let zeros = "0".repeat(64);
    let abs = "ab".repeat(32);
    let expected = format!(
        "Exchange e-1  2025-11-21T01:25:00.123Z\n\
         \n\
         #1 +0 ms  request  POST /v1/chat/completions (openai-chat)\n    \
             asked by    agent:planner (proven), on the account of human:ada (claimed)\n    \
             tenant      acme\n    \
             for         gpt-x at main, as a stream\n    \
             body        1200 bytes, hash {abs}\n    \
             policy set  generation 3, {zeros}\n\
         \n\
         #2 +2 ms  admission  ALLOW\n    \
             pii 0.1.0  allow, 2 edits, 8 µs\n      \
               found email (95 %) at bytes 10 to 25\n    \
             injection 2  could not decide: timeout, 0 µs\n\
         \n\
         #3 +40 ms  commitment  WITHHELD by tool-tiers: irreversible\n    \
             withheld    delete\\u{{1b}}[2Jall: irreversible\n    \
             tool-tiers 1  deny irreversible, 0 µs\n\
         \n\
         #4 +55 ms  end  completed\n    \
             status      200 (upstream 200)\n    \
             body        800 bytes, hash {abs}\n    \
             tokens      100 prompt, 20 completion\n    \
             time        5000 µs, 300 of them added by the gate, upstream's first byte after 3000\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn a_person_learns_what_a_request_was_made_from_and_who_was_to_agree() {
    let reference = Reference { seq: 5, digest: Digest([0xcd; 32]), exchange: "e-0".into(), used: "governance".into() };
    let inherited = Inherited { source: "injection".into(), key: "suspicion".into(), value: "likely\n".into() };
    let intent = Intent { references: vec![reference], inherited: vec![inherited], ..Intent::default() };
    let approval = Approval {
        approval: "a-1".into(),
        principal: Claim { value: "agent:planner".into(), proven: true },
        asked_by: Reason { plugin: "tool-tiers".into(), code: "tool_irreversible".into() },
        queue: Some("tool-approvals".into()),
        call: crate::ApprovedCall {
            id: Some("call_0".into()),
            name: "delete_all".into(),
            arguments: Some(BodyHash { hash: Digest([0xab; 32]), salt: Salt([1; 16]), bytes: 9 }),
            ..crate::ApprovedCall::default()
        },
        ..Approval::default()
    };
    let record = |body: Body| Record {
        v: 1,
        seq: 7,
        time_ms: 0,
        exchange: "e-1".into(),
        kind: body.kind(),
        body,
        attributes: std::collections::BTreeMap::new(),
    };
    let text = explain(&[record(intent.into()), record(approval.into())]);
    let (cd, ab, zeros) = ("cd".repeat(32), "ab".repeat(32), "0".repeat(64));
    let made = format!(
        "    made from   #5 of e-0 (governance), digest {cd}\n    inherits    label suspicion = likely\\u{{a}} of injection\n"
    );
    assert!(text.contains(&made), "{text}");
    let asked = format!(
        "#7 +0 ms  approval  UNAVAILABLE, asked for by tool-tiers: tool_irreversible\n    \
             call        delete_all (call_0), arguments 9 bytes, hash {ab}\n    \
             of          agent:planner (proven)\n    \
             queue       tool-approvals\n    \
             policy set  generation 0, {zeros}\n    \
             approval    a-1\n"
    );
    assert!(text.contains(&asked), "{text}");
}

#[test]
fn nothing_is_said_to_be_nothing() {
    assert_eq!(explain(&[]), "no records\n");
}

#[test]
fn dates_are_right() {
    let dates = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ];
    for (ms, text) in dates {
        assert_eq!(utc(ms), text);
    }
    let _ = utc(u64::MAX);
}
