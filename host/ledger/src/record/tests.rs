#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde::Serialize;

use super::*;
use crate::body_hash::BodyHash;
use crate::fixed_bytes::{Digest, Salt};
use crate::words::{Mode, Stage, Verdict};
use crate::{Decision, Finding, GuestCall, Label, PluginResult, Reason, Span, Subject, Withheld};

fn payload(draft: &Draft, seq: u64, time_ms: u64) -> Vec<u8> {
    let prepared = Prepared::new(draft).unwrap();
    let mut out = Vec::new();
    prepared.write(seq, time_ms, &mut out);
    assert_eq!(out.len(), prepared.len());
    assert!(looks_like_payload(&out));
    out
}

fn full_decision() -> Decision {
    let arguments = Some(BodyHash { hash: Digest([3; 32]), salt: Salt([4; 16]), bytes: 5 });
    Decision {
        stage: Stage::Commitment,
        policy_set: Digest([1; 32]),
        generation: 2,
        verdict: Verdict::Withheld,
        enforced: true,
        reason: Some(Reason { plugin: "tool-tiers".into(), code: "tier".into() }),
        subject: Some(Subject { kind: "tool_use".into(), name: Some("rm".into()), index: Some(2), arguments }),
        withheld: vec![Withheld { name: "rm".into(), code: "tier".into(), arguments }],
        plugins: vec![PluginResult {
            plugin: "tool-tiers".into(),
            version: "0.1.0".into(),
            digest: Digest([6; 32]),
            mode: Mode::Monitor,
            verdict: Some(Verdict::Deny),
            code: Some("tier".into()),
            would_have: Some(Verdict::Deny),
            fault: None,
            findings: vec![Finding { code: "x".into(), confidence: 90, span: Some(Span { start: 1, end: 9 }) }],
            labels: vec![Label { key: "k".into(), value: "v".into() }],
            edits: 1,
            elapsed_ns: 1200,
            calls: vec![GuestCall {
                times: 1,
                function: "evaluate".into(),
                input_bytes: 10,
                host_answers: vec![
                    Value::Bytes(vec![1, 2]),
                    Value::Nil,
                    Value::Int(-3),
                    Value::List(vec![Value::Bool(true)]),
                ],
            }],
        }],
    }
}

#[test]
fn a_record_comes_back_as_it_was() {
    let draft = Draft::new("0190f3a0-0000-7000-8000-000000000001", full_decision());
    let bytes = payload(&draft, 7, 1_700_000_000_123);
    assert_eq!(place(&bytes), Some((7, 1_700_000_000_123)));
    assert_eq!(place(&bytes[..PREFIX - 1]), None);
    let envelope = Envelope::decode(&bytes).unwrap();
    assert_eq!((envelope.seq, &*envelope.exchange, envelope.kind), (7, &*draft.exchange, Kind::Decision));
    for cut in 0..60 {
        assert!(Envelope::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let record = Record::decode(&bytes).unwrap();
    assert_eq!((record.v, record.seq, record.time_ms, &record.kind), (1, 7, 1_700_000_000_123, &Kind::Decision));
    assert_eq!((record.exchange, record.body), (draft.exchange, draft.body));
}

/// The payload that docs/ledger-format.md shows.
pub(crate) fn documented_payload() -> Vec<u8> {
    let recovery = crate::Recovery { reason: "torn_tail".into(), ..crate::Recovery::default() };
    payload(&Draft::new("", recovery), 1, 2)
}

#[test]
fn the_documented_bytes_stay() {
    let hex: String = documented_payload().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "86a17601a3736571cf0000000000000001a774696d655f6d73cf0000000000000002a865786368616e6765a0a46b696e64a85245434f56455259\
         a4626f647985a6726561736f6ea9746f726e5f7461696ca77365676d656e74c0a961745f6f666673657400af7472756e63617465645f627974\
         657300a761626f7274656400"
    );
}

#[derive(Serialize)]
struct Later {
    zebra: Vec<u8>,
    exchange: &'static str,
    body: LaterBody,
    v: u8,
    time_ms: u8,
    kind: &'static str,
    seq: u8,
}
#[derive(Serialize)]
struct LaterBody {
    outcome: &'static str,
    colour: Option<&'static str>,
}

#[test]
fn later_fields_words_and_kinds_are_tolerated_in_any_order() {
    let body = LaterBody { outcome: "paused", colour: Some("green") };
    let mut later = Later { zebra: vec![1], exchange: "e", body, v: 2, time_ms: 4, kind: "EXECUTION", seq: 3 };
    let record = Record::decode(&rmp_serde::to_vec_named(&later).unwrap()).unwrap();
    let Body::Execution(end) = &record.body else { panic!("{record:?}") };
    assert_eq!((end.outcome.as_str(), end.status, record.v), ("paused", None, 2));
    later.kind = "HANDSHAKE";
    let record = Record::decode(&rmp_serde::to_vec_named(&later).unwrap()).unwrap();
    assert_eq!(record.body.kind(), Kind::Other("HANDSHAKE".into()));
    let Body::Unknown(unknown) = record.body else { panic!("not kept") };
    assert!(matches!(unknown.body, Value::Map(fields) if fields.len() == 2));
}

#[test]
fn json_shows_hashes_as_hexadecimal() {
    let record = Record::decode(&payload(&Draft::new("e", full_decision()), 7, 1)).unwrap();
    let json = serde_json::to_value(record).unwrap();
    assert_eq!(json["kind"], "DECISION");
    assert_eq!(json["body"]["policy_set"], "01".repeat(32));
    assert_eq!(json["body"]["plugins"][0]["calls"][0]["host_answers"][0], "0102");
}

#[test]
fn nesting_has_a_bound() {
    let mut bytes = payload(&Draft::new("e", crate::Policy::default()), 1, 1);
    bytes[0] += 1;
    bytes.extend_from_slice(b"\xa1x");
    bytes.extend_from_slice(&vec![0x91; 100_000]);
    assert!(Record::decode(&bytes).is_err());
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Record::decode(&bytes);
    }

    #[test]
    fn hostile_changes_never_panic(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = payload(&Draft::new("e", full_decision()), 7, 1);
        let at = at.index(bytes.len());
        bytes[at] = with;
        let _ = Record::decode(&bytes);
    }
}
