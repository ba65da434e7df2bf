//! Whole ledgers and proofs in `tests/verifier/vectors`, which other implementations check, too. They stay to the byte.
//!
//! `WITGATE_WRITE_VECTORS=1 cargo test -p witgate-ledger vectors` writes them anew after a change of the format.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::testing::builder::Builder;
use crate::{
    BodyHash, ChainKey, Check, Claim, Decision, Digest, Draft, Execution, Finding, GuestCall, Intent, Label, Latency,
    Mode, Outcome, PluginRef, PluginResult, Policy, ProofFile, Reason, ReceiptKey, Recovery, Retention, Salt,
    SignedCheckpoint, Span, Stage, Subject, Usage, Value, Verdict, Withheld, verify,
};

mod references;

const EXCHANGE: &str = "0190f3a0-0000-7000-8000-00000000000";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifier/vectors")
}

pub(crate) fn chain_key() -> ChainKey {
    ChainKey::from_bytes([0; 32])
}

pub(crate) fn signer(seed: u8) -> ReceiptKey {
    ReceiptKey::from_seed(&[seed; 32])
}

fn hash(byte: u8) -> BodyHash {
    BodyHash { hash: Digest([byte; 32]), salt: Salt([byte; 16]), bytes: u64::from(byte) * 1000 }
}

fn claim(value: &str, proven: bool) -> Claim {
    Claim { value: value.into(), proven }
}

/// Every kind of record, with every field, and with as few as can be.
fn drafts() -> Vec<Draft> {
    let plugin = PluginRef {
        plugin: "pii".into(),
        version: "0.1.0".into(),
        digest: Digest([2; 32]),
        mode: Mode::Monitor,
        signer: None,
    };
    let policy = Policy { generation: 1, digest: Digest([1; 32]), plugins: vec![plugin], accepted: true, code: None };
    let intent = Intent {
        owner: Some(claim("team-a", false)),
        principal: claim("key:3f", true),
        tenant: "default".into(),
        dialect: "openai-chat".into(),
        model: Some("gpt-x".into()),
        upstream: "main".into(),
        route: "POST /v1/chat/completions".into(),
        stream: true,
        request: Some(hash(3)),
        policy_set: Digest([1; 32]),
        generation: 1,
        ..Intent::default()
    };
    let answers = vec![
        Value::Nil,
        Value::Bool(true),
        Value::Uint(u64::MAX),
        Value::Int(i64::MIN),
        Value::Float(0.5),
        Value::from("text \u{1f512}"),
        Value::Bytes(vec![0xc1; 300]),
        Value::List(vec![Value::Uint(0); 20]),
        Value::Map((0..20).map(|i| (format!("k{i:02}"), Value::Int(-40))).collect()),
    ];
    let result = PluginResult {
        plugin: "tool-tiers".into(),
        version: "0.1.0".into(),
        digest: Digest([4; 32]),
        mode: Mode::Enforce,
        verdict: Some(Verdict::Deny),
        code: Some("tier".into()),
        would_have: Some(Verdict::Escalate),
        fault: None,
        findings: vec![Finding { code: "rm".into(), confidence: 100, span: Some(Span { start: 1, end: 70_000 }) }],
        labels: vec![Label { key: "tier".into(), value: "3".into() }],
        edits: 1,
        elapsed_ns: 5_000_000_000,
        calls: vec![GuestCall {
            function: "evaluate".into(),
            input_bytes: 300,
            host_answers: answers,
            ..GuestCall::default()
        }],
    };
    let fault = PluginResult { plugin: "x".into(), fault: Some("trap".into()), ..PluginResult::default() };
    let decision = Decision {
        stage: Stage::Commitment,
        policy_set: Digest([1; 32]),
        generation: 1,
        verdict: Verdict::Withheld,
        enforced: true,
        reason: Some(Reason { plugin: "tool-tiers".into(), code: "tier".into() }),
        subject: Some(Subject {
            kind: "tool_use".into(),
            name: Some("rm".into()),
            index: Some(2),
            arguments: Some(hash(5)),
        }),
        withheld: vec![Withheld { name: "rm".into(), code: "tier".into(), arguments: Some(hash(5)) }],
        plugins: vec![result, fault],
    };
    let execution = Execution {
        outcome: Outcome::UpstreamError,
        status: Some(502),
        upstream_status: Some(500),
        response: Some(hash(6)),
        usage: Some(Usage { prompt: 10, completion: 70_000 }),
        latency_us: Latency { total: 3_000_000, upstream_first_byte: Some(200), added: 300 },
        stream: true,
        code: Some("upstream_status".into()),
        body: None,
    };
    let recovery = Recovery {
        reason: "torn_tail".into(),
        segment: Some("ledger-0000000000000001.wgl".into()),
        at_offset: 70_000,
        truncated_bytes: 25,
        aborted: 1,
    };
    let (one, two) = (format!("{EXCHANGE}1"), format!("{EXCHANGE}2"));
    let mut with_more = Draft::new(one.as_str(), intent);
    with_more.attributes.insert("thread".into(), Value::from("t-7"));
    vec![
        Draft::new("", policy),
        with_more,
        Draft::new(one.as_str(), Decision::default()),
        Draft::new(two.as_str(), Intent::default()),
        Draft::new(one.as_str(), decision),
        Draft::new(two.as_str(), Decision { stage: Stage::Inspection, ..Decision::default() }),
        Draft::new(one.as_str(), execution),
        Draft::new("", recovery),
        Draft::new(two.as_str(), Execution { outcome: Outcome::Aborted, ..Execution::default() }),
        Draft::new("", Policy::default()),
        Draft::new("refused", Execution { outcome: Outcome::Other("refused".into()), ..Execution::default() }),
    ]
}

/// Every kind of record, four segments, and a change of keys.
fn every_kind() -> (Builder, SignedCheckpoint) {
    let mut made = Builder::new(1, &chain_key(), signer(1));
    drafts().iter().for_each(|draft| made.record(draft));
    made.checkpoint(None);
    made.next_segment();
    let earlier = made.published().parse().unwrap();
    made.record(&Draft::new("later", Execution::default()));
    made.checkpoint(Some(signer(2)));
    made.next_segment();
    made.next_segment();
    made.record(&Draft::new("last", Execution::default()));
    (made.finished(), earlier)
}

/// A thousand records in ten segments, a checkpoint after every fifty.
pub(crate) fn thousand(id: u8, signing: u8) -> Builder {
    thousand_with(id, signing, signing, 0)
}

/// The same, with record `changed` saying something else, and signed with key `after` from there on.
pub(crate) fn thousand_with(id: u8, signing: u8, after: u8, changed: u64) -> Builder {
    let mut made = Builder::new(id, &chain_key(), signer(signing));
    while made.head.seq < 1000 {
        let seq = made.head.seq + 1;
        match seq {
            _ if seq % 100 == 1 => made.next_segment(),
            _ if seq % 50 == 1 => made.checkpoint(None),
            _ => {
                let generation = if seq == changed { 7 } else { seq };
                let exchange = format!("e-{}", seq / 2);
                let intent = Intent { generation, ..Intent::default() };
                let end = Execution { status: u16::try_from(generation).ok(), ..Execution::default() };
                let draft =
                    if seq.is_multiple_of(2) { Draft::new(exchange, intent) } else { Draft::new(exchange, end) };
                made.record(&draft);
                if seq == changed {
                    made.signer = signer(after);
                }
            }
        }
    }
    made.finished()
}

/// Six segments, of which the first two were let go and the third is packed.
fn let_go() -> Builder {
    let mut made = Builder::new(5, &chain_key(), signer(1));
    let mut ends = Vec::new();
    for segment in 0..6_u64 {
        if segment > 0 {
            ends.push(made.head);
            made.next_segment();
        }
        for number in 0..5 {
            let exchange = format!("e-{segment}-{number}");
            made.record(&Draft::new(exchange.as_str(), Intent::default()));
            made.record(&Draft::new(exchange.as_str(), Execution::default()));
        }
        if segment == 1 {
            // Its INTENT goes, its DECISION stays.
            made.record(&Draft::new("long", Intent::default()));
        }
        if segment == 4 {
            made.record(&Draft::new("long", Decision::default()));
            let last = ends[1];
            made.record(&Draft::new(
                "",
                Retention {
                    through: last.seq,
                    mac: last.mac,
                    until_ms: 1_700_000_000_000,
                    segments: 2,
                    bytes: 7000,
                    rule: "age".into(),
                    bound: 86_400_000,
                    shipped: true,
                },
            ));
            made.checkpoint(None);
        }
    }
    let mut made = made.finished();
    let names: Vec<String> = made.files.keys().filter(|name| name.ends_with(".wgl")).take(3).cloned().collect();
    let third = names.iter().filter_map(|name| made.files.remove(name)).last().unwrap();
    made.files.insert(format!("{}.zst", names[2]), crate::packed::pack(&third).unwrap());
    made
}

/// What counts of a file: of a packed one, what comes out of it, since another version of zstd may pack otherwise.
fn counts(name: &str, bytes: &[u8]) -> Vec<u8> {
    if !name.ends_with(".zst") {
        return bytes.to_vec();
    }
    let mut out = vec![0; crate::packed::PIECE];
    let length = zstd_safe::decompress(out.as_mut_slice(), bytes).unwrap();
    out.truncate(length);
    out
}

fn proof(made: &Builder, earlier: &SignedCheckpoint) -> String {
    let dir = tempfile::tempdir().unwrap();
    made.write(dir.path());
    let newest = made.published().parse().unwrap();
    let all: Vec<u64> = (1..=made.head.seq).collect();
    let proof = ProofFile::make(dir.path(), &newest, &all, Some(earlier)).unwrap();
    let (_, records, since) = proof.check(&[signer(2).public()]).unwrap();
    assert_eq!((records.len() as u64, since.as_ref()), (made.head.seq, Some(earlier)));
    serde_json::to_string_pretty(&proof).unwrap() + "\n"
}

#[test]
fn the_vectors_stay_and_verify() {
    let (every, earlier) = every_kind();
    let thousand = thousand(3, 1);
    let let_go = let_go();
    let more = references::ledgers();
    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("chain.key".into(), hex([0; 32]).into_bytes()),
        ("one.pub".into(), hex(signer(1).public().to_bytes()).into_bytes()),
        ("two.pub".into(), hex(signer(2).public().to_bytes()).into_bytes()),
        ("proof.json".into(), proof(&every, &earlier).into_bytes()),
        ("earlier-checkpoint".into(), earlier.to_string().into_bytes()),
        ("every-kind.head".into(), format!("{}\n", every.head).into_bytes()),
        ("thousand.head".into(), format!("{}\n", thousand.head).into_bytes()),
        ("let-go.head".into(), format!("{}\n", let_go.head).into_bytes()),
    ];
    for (name, made) in [("every-kind", &every), ("thousand", &thousand), ("let-go", &let_go)] {
        files.extend(made.files.iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes.clone())));
    }
    for (name, made, _) in &more {
        files.extend(made.files.iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes.clone())));
        files.push((format!("{name}.head"), format!("{}\n", made.head).into_bytes()));
    }
    let anew = std::env::var_os("WITGATE_WRITE_VECTORS").is_some();
    for (name, bytes) in files {
        let path = folder().join(&name);
        if anew {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(counts(&name, &fs::read(&path).unwrap()) == counts(&name, &bytes), "{name} is not as it was written");
    }
    references::check(&folder(), &more);
    for (name, made, keys) in
        [("every-kind", &every, vec![1, 2]), ("thousand", &thousand, vec![1]), ("let-go", &let_go, vec![1])]
    {
        for seed in keys {
            let check = Check {
                keys: vec![signer(seed).public()],
                expect_head: Some(made.head),
                ..Check::with_chain(&chain_key())
            };
            let report = verify(&folder().join(name), &check, |_, _| {}).unwrap();
            assert!(report.is_ok(), "{name}: {report:?}");
            assert_eq!((report.head, report.root), (made.head, made.tree.root()));
            assert_eq!(report.signed.unwrap().records, report.head.seq);
            let gone = report.let_go.map_or(0, |gone| gone.through);
            assert_eq!((gone + report.records, gone > 0), (report.head.seq, name == "let-go"));
        }
    }
}
