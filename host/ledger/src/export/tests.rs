#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::{Exported, Exporter, Format, export, export_unproven};
use crate::testing::{decision, execution, intent, key, small};
use crate::{
    Checkpoints, Decision, Draft, Durability, Filter, Finding, Kind, Ledger, PluginResult, ProofFile, Reason,
    ReceiptKey, SignedCheckpoint, Verdict, When,
};

#[derive(Default, Clone)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn signer() -> ReceiptKey {
    ReceiptKey::from_seed(&[5; 32])
}

fn denied(id: &str) -> Draft {
    let findings = vec![Finding { code: "override".into(), confidence: 90, span: None }];
    let verdict = Some(Verdict::Deny);
    let part = PluginResult { plugin: "injection".into(), verdict, findings, ..PluginResult::default() };
    Draft::new(
        id,
        Decision {
            verdict: Verdict::Deny,
            enforced: true,
            reason: Some(Reason { plugin: "injection".into(), code: "prompt_injection".into() }),
            plugins: vec![part],
            ..Decision::default()
        },
    )
}

/// `n` exchanges, every tenth of them denied, over several segments; and the ledger's last checkpoint.
fn ledger(dir: &Path, n: u64) -> SignedCheckpoint {
    let checkpoints = Some(Checkpoints::new(signer()));
    let (ledger, _) = Ledger::open(dir, &key(), crate::Options { checkpoints, ..small() }).unwrap();
    for n in 0..n {
        let id = format!("e-{n}");
        let decided = if n % 10 == 3 { denied(&id) } else { decision(&id) };
        for draft in [intent(&id), decided, execution(&id)] {
            ledger.append_wait(draft, Durability::Buffered).unwrap();
        }
    }
    drop(ledger);
    std::fs::read_to_string(dir.join("checkpoint")).unwrap().parse().unwrap()
}

/// The export, and what its proofs show.
fn exported(dir: &Path, format: Format, filter: &Filter) -> (Exported, Vec<u8>, Vec<ProofFile>) {
    let checkpoint = std::fs::read_to_string(dir.join("checkpoint")).unwrap().parse().unwrap();
    let mut out = Vec::new();
    let mut files: Vec<Shared> = vec![];
    let told = export(
        dir,
        format,
        filter,
        &checkpoint,
        &mut out,
        &mut |_| {
            files.push(Shared::default());
            Ok(Box::new(files.last().unwrap().clone()))
        },
        |_, _| {},
    )
    .unwrap();
    assert_eq!(told.proofs as usize, files.len());
    let proofs = files.iter().map(|file| serde_json::from_slice(&file.0.borrow()).unwrap()).collect();
    (told, out, proofs)
}

/// The export again, from its proofs alone.
fn again(format: Format, proofs: &[ProofFile]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut exporter: Option<Exporter> = None;
    for proof in proofs {
        let (checkpoint, records, _) = proof.check(&[signer().public()]).unwrap();
        let exporter = exporter.get_or_insert_with(|| {
            let exporter = Exporter::new(format, checkpoint.checkpoint.ledger);
            exporter.begin(&mut out).unwrap();
            exporter
        });
        for (record, proven) in records.iter().zip(&proof.records) {
            exporter.push(record, proven.digest().unwrap(), &mut out).unwrap();
        }
    }
    out
}

#[test]
fn every_format_can_be_made_again_from_its_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = ledger(dir.path(), 200);
    let code = Filter { codes: vec!["prompt_injection".into()], ..Filter::default() };
    let part = Filter { since: Some(When::Position(100)), until: Some(When::Position(300)), ..Filter::default() };
    let kinds = Filter { kinds: vec![Kind::Execution], ..Filter::default() };
    for format in [Format::Jsonl, Format::Csv, Format::Ocsf] {
        for filter in [&Filter::default(), &code, &part, &kinds] {
            let (told, out, proofs) = exported(dir.path(), format, filter);
            assert!(told.records > 0 && told.lines > 0 && !out.is_empty());
            assert_eq!(again(format, &proofs), out, "{format:?} {filter:?}");
        }
    }
    let (told, out, _) = exported(dir.path(), Format::Jsonl, &Filter::default());
    assert_eq!((told.records, told.lines), (checkpoint.checkpoint.size, checkpoint.checkpoint.size));
    let mut unproven = Vec::new();
    let plain = export_unproven(dir.path(), Format::Jsonl, &Filter::default(), &mut unproven).unwrap();
    assert_eq!((plain.records, plain.proofs, unproven == out), (told.records, 0, true));
    let mut unproven = Vec::new();
    export_unproven(dir.path(), Format::Ocsf, &code, &mut unproven).unwrap();
    assert_eq!(unproven, exported(dir.path(), Format::Ocsf, &code).1);
}

#[test]
fn a_changed_ledger_is_not_exported_as_proven() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = ledger(dir.path(), 20);
    let first = crate::testing::segments(dir.path()).remove(0);
    let mut bytes = std::fs::read(&first).unwrap();
    let at = bytes.windows(4).position(|part| part == b"e-0\xa4").unwrap();
    bytes[at + 2] = b'9';
    std::fs::write(&first, bytes).unwrap();
    let sink = &mut |_| Ok(Box::new(io::sink()) as Box<dyn Write>);
    let told = export(dir.path(), Format::Jsonl, &Filter::default(), &checkpoint, &mut io::sink(), sink, |_, _| {});
    assert_eq!(told.unwrap_err().code(), "proof_not_the_ledger");
}

#[test]
fn events_have_what_the_framework_requires() {
    let dir = tempfile::tempdir().unwrap();
    ledger(dir.path(), 20);
    let (told, out, proofs) = exported(dir.path(), Format::Ocsf, &Filter::default());
    let events: Vec<Value> =
        out.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
    // Twenty ends, two findings; each INTENT is proven beside them.
    assert_eq!((told.lines, told.records, events.len()), (22, 42, 22));
    for event in &events {
        for field in ["class_uid", "category_uid", "activity_id", "type_uid", "time", "severity_id", "metadata"] {
            assert!(!event[field].is_null(), "{field} in {event}");
        }
        let (class, activity) = (event["class_uid"].as_u64().unwrap(), event["activity_id"].as_u64().unwrap());
        assert_eq!(event["type_uid"], class * 100 + activity);
        assert_eq!(event["category_uid"], class / 1000);
        assert_eq!(event["metadata"]["version"], "1.6.0");
        match class {
            6003 => assert!(event["actor"]["app_name"].is_string() && event["src_endpoint"]["svc_name"].is_string()),
            2004 => assert!(event["finding_info"]["uid"].is_string() && event["evidences"][0]["api"].is_object()),
            other => panic!("class {other}"),
        }
    }
    let finding = events.iter().find(|event| event["class_uid"] == 2004).unwrap();
    assert_eq!(finding["finding_info"]["types"], serde_json::json!(["prompt_injection", "override"]));
    assert_eq!((&finding["disposition_id"], &finding["confidence_score"]), (&2.into(), &90.into()));
    let positions = finding["unmapped"]["witgate"]["records"].as_array().unwrap();
    for position in positions {
        assert!(proofs[0].records.iter().any(|record| record.seq == position.as_u64().unwrap()));
    }
}

#[test]
fn a_table_has_no_formulas_and_no_broken_lines() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let principal = crate::Claim { value: "=1+1,\"x\"".into(), proven: false };
    let asked = crate::Intent { principal, model: Some("@sum\n".into()), ..crate::Intent::default() };
    ledger.append_wait(Draft::new("e", asked), Durability::Durable).unwrap();
    let mut out = Vec::new();
    export_unproven(dir.path(), Format::Csv, &Filter::default(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("seq,time,kind,") && text.contains(",\"'=1+1,\"\"x\"\"\",false,"), "{text}");
    assert!(text.contains(",\"'@sum\n\",") && text.ends_with("\r\n"), "{text}");
}

#[test]
fn many_records_take_several_files() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Some(Checkpoints::new(signer()));
    let (ledger, _) =
        Ledger::open(dir.path(), &key(), crate::Options { checkpoints, ..crate::Options::default() }).unwrap();
    for _ in 0..3400 {
        let together = [intent("e"), decision("e")];
        let (sender, done) = std::sync::mpsc::channel();
        ledger.append_after(&together, &execution("e"), Durability::Buffered, move |told| sender.send(told).unwrap());
        done.recv().unwrap().unwrap();
    }
    drop(ledger);
    let (told, out, proofs) = exported(dir.path(), Format::Jsonl, &Filter::default());
    assert!(told.records > 10_200 && told.proofs == 2, "{told:?}");
    assert_eq!(again(Format::Jsonl, &proofs), out);
}
