#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::testing::{decision, execution, intent, key, segments, small, written};
use crate::{Appended, Draft, Durability, Label, Ledger, PluginResult};

fn labelled(id: &str, stage: Stage, labels: &[(&str, &str)]) -> Draft {
    let labels = labels.iter().map(|(key, value)| Label { key: (*key).into(), value: (*value).into() }).collect();
    let part = PluginResult { plugin: "injection".into(), labels, ..PluginResult::default() };
    Draft::new(id, Decision { stage, plugins: vec![part], ..Decision::default() })
}

fn append(ledger: &Ledger, draft: Draft) -> Appended {
    ledger.append_wait(draft, Durability::Durable).unwrap()
}

fn admission(dir: &Path, seq: u64) -> Box<Earlier> {
    match Referenced::at(dir, seq).unwrap() {
        Referenced::Admission(earlier) => earlier,
        other => panic!("{other:?}"),
    }
}

fn label(source: &str, key: &str, value: &str) -> Inherited {
    Inherited { source: source.into(), key: key.into(), value: value.into() }
}

#[test]
fn only_an_admission_decision_stands_for_its_exchange() {
    let dir = tempfile::tempdir().unwrap();
    let appended = written(dir.path(), 60, small());
    for at in &appended {
        let found = Referenced::at(dir.path(), at.seq).unwrap();
        match (at.seq % 3, found) {
            (2, Referenced::Admission(mut earlier)) => {
                assert_eq!(
                    (Some(earlier.digest), earlier.exchange.as_str()),
                    (at.digest, &*format!("e-{}", at.seq / 3))
                );
                assert_eq!(earlier.intent.tenant, "default");
                assert_eq!(earlier.end().unwrap(), End::Recorded);
            }
            (0 | 1, Referenced::Other(digest)) => assert_eq!(Some(digest), at.digest),
            (_, other) => panic!("{at:?}: {other:?}"),
        }
    }
    assert!(matches!(Referenced::at(dir.path(), 61).unwrap(), Referenced::Missing));
    assert!(matches!(Referenced::at(dir.path(), u64::MAX).unwrap(), Referenced::Missing));
    assert!(matches!(Referenced::at(dir.path(), 0).unwrap(), Referenced::LetGo), "there is no such position");
    assert!(matches!(Referenced::at(tempfile::tempdir().unwrap().path(), 5).unwrap(), Referenced::Missing));
}

#[test]
fn an_open_exchange_is_asked_again_and_then_has_all_its_labels() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let asked = Intent { inherited: vec![label("tool-tiers", "untrusted", "tool-result")], ..Intent::default() };
    append(&ledger, Draft::new("a", asked));
    let at = append(&ledger, labelled("a", Stage::Admission, &[("suspicion", "possible")])).seq;
    let mut earlier = admission(dir.path(), at);
    assert_eq!(earlier.end().unwrap(), End::Open);
    // Others come between, over several segments.
    for n in 0..30 {
        let id = format!("other-{n}");
        for draft in [intent(&id), decision(&id), execution(&id)] {
            append(&ledger, draft);
        }
    }
    assert_eq!(earlier.end().unwrap(), End::Open);
    append(&ledger, labelled("a", Stage::Commitment, &[("tier", "HIGH"), ("suspicion", "possible")]));
    append(&ledger, labelled("a", Stage::Inspection, &[("marking", "SECRET")]));
    append(&ledger, execution("a"));
    assert_eq!(earlier.end().unwrap(), End::Recorded);
    let mut labels = vec![label("injection", "tier", "HIGH")];
    assert!(earlier.add_labels(&mut labels));
    let wanted = [
        label("injection", "tier", "HIGH"),
        label("tool-tiers", "untrusted", "tool-result"),
        label("injection", "suspicion", "possible"),
        label("injection", "marking", "SECRET"),
    ];
    assert_eq!(labels, wanted, "each once");
    assert!(segments(dir.path()).len() > 2);
}

#[test]
fn what_a_crash_left_open_is_told_from_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    append(&ledger, intent("a"));
    let at = append(&ledger, decision("a")).seq;
    drop(ledger);
    let (_ledger, recovered) = Ledger::open(dir.path(), &key(), small()).unwrap();
    assert_eq!(recovered.aborted.len(), 1);
    assert_eq!(admission(dir.path(), at).end().unwrap(), End::Lost);
}

#[test]
fn labels_that_do_not_fit_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), crate::Options::default()).unwrap();
    let values: Vec<String> = (0..=MAX_INHERITED).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &str)> = values.iter().map(|value| ("n", value.as_str())).collect();
    let same = [("n", "0"); 1024];
    for (id, labels, fits) in
        [("all", &many[..MAX_INHERITED], true), ("more", &many[..], false), ("cut", &same[..], false)]
    {
        append(&ledger, intent(id));
        let at = append(&ledger, labelled(id, Stage::Admission, labels)).seq;
        append(&ledger, execution(id));
        let mut earlier = admission(dir.path(), at);
        assert_eq!(earlier.end().unwrap(), End::Recorded);
        let mut inherited = Vec::new();
        assert_eq!(earlier.add_labels(&mut inherited), fits, "{id}");
        assert!(inherited.len() <= MAX_INHERITED);
    }
}

#[test]
fn a_decision_whose_intent_is_gone_is_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let appended = written(dir.path(), 60, small());
    let paths = segments(dir.path());
    let first = std::fs::read(&paths[1]).unwrap();
    let begins = u64::from_be_bytes(first[40..48].try_into().unwrap());
    std::fs::remove_file(&paths[0]).unwrap();
    for at in appended.iter().filter(|at| at.seq % 3 == 2 && at.seq <= begins + 6) {
        match Referenced::at(dir.path(), at.seq).unwrap() {
            Referenced::LetGo => assert!(at.seq <= begins, "{at:?}"),
            Referenced::Admission(_) => assert!(at.seq > begins, "{at:?}"),
            other => panic!("{other:?}"),
        }
    }
}
