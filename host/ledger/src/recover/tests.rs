#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;

use proptest::prelude::*;

use crate::testing::*;
use crate::{Appended, Durability, Head, Ledger, Options};

/// What a killed process leaves: the segment with its reserved room.
fn one_segment(records: u64) -> (tempfile::TempDir, Vec<Appended>, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let appended = written(dir.path(), records, Options::default());
    let bytes = fs::read(segments(dir.path()).pop().unwrap()).unwrap();
    (dir, appended, bytes)
}

/// A directory with this one segment, opened and closed again.
fn reopen(bytes: &[u8]) -> (tempfile::TempDir, Result<crate::Recovered, crate::OpenError>) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(crate::directory::segment_name(1)), bytes).unwrap();
    let opened = Ledger::open(dir.path(), &key(), small()).map(|(_, recovered)| recovered);
    (dir, opened)
}

fn head(appended: &Appended) -> Head {
    Head { seq: appended.seq, mac: appended.mac }
}

#[test]
fn a_kill_at_any_byte_of_the_last_records_loses_only_what_was_not_whole() {
    let (_dir, appended, bytes) = one_segment(9);
    let entries = entries(&bytes);
    let from = entries[6].start;
    for cut in from..bytes.len() {
        // The file ends there, or goes on with reserved room.
        for room in [0, 3000] {
            let mut torn = bytes[..cut].to_vec();
            torn.resize(cut + room, 0);
            // A MAC that ends in zeros is whole without them where zeros follow.
            let whole =
                entries.iter().take_while(|at| torn.get(at.start..at.end) == bytes.get(at.start..at.end)).count();
            let rest = entries.get(whole).map_or(torn.len(), |entry| entry.start);
            let (dir, recovered) = reopen(&torn);
            let recovered = recovered.unwrap();
            assert_eq!(recovered.head, head(&appended[whole - 1]), "cut at {cut}");
            let begun = torn[rest..].iter().any(|byte| *byte != 0);
            assert_eq!(recovered.cut.is_some(), begun, "cut at {cut}");
            if let Some(found) = recovered.cut {
                assert_eq!(found.at_offset, rest as u64);
                assert!(records(dir.path()).iter().any(|record| record.kind == crate::Kind::Recovery));
            }
            let report = check(dir.path(), Some(recovered.head));
            assert!(report.failure.is_none(), "cut at {cut}: {report:?}");
        }
    }
}

#[test]
fn garbage_in_the_last_record_is_cut_whatever_byte_it_hits() {
    let (_dir, appended, bytes) = one_segment(6);
    let last = entries(&bytes).pop().unwrap();
    for at in last {
        let mut torn = bytes.clone();
        torn[at] ^= 0x41;
        torn.resize(torn.len() + 1000, 0);
        let (dir, recovered) = reopen(&torn);
        assert_eq!(recovered.unwrap().head, head(&appended[4]), "byte {at}");
        assert!(check(dir.path(), Some(head(&appended[4]))).is_ok(), "byte {at}");
    }
}

#[test]
fn a_changed_record_in_the_middle_is_refused_whatever_byte_it_hits() {
    let (_dir, _, bytes) = one_segment(6);
    let entries = entries(&bytes);
    for (index, entry) in entries[..5].iter().enumerate() {
        for at in entry.clone() {
            for flip in [0x01, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                let refused = reopen(&changed).1.unwrap_err();
                let crate::OpenError::Corrupt { segment, offset, seq, .. } = &refused else {
                    panic!("byte {at}: {refused}")
                };
                assert_eq!((segment.as_str(), *seq), ("ledger-0000000000000001.wgl", index as u64 + 1), "byte {at}");
                assert_eq!(*offset, entry.start as u64);
            }
        }
    }
}

#[test]
fn a_changed_header_is_refused_whatever_byte_it_hits() {
    let (_dir, _, bytes) = one_segment(2);
    for at in 0..128 {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let code = reopen(&changed).1.unwrap_err().code();
        assert!(["ledger_corrupt", "ledger_wrong_key", "ledger_version"].contains(&code), "byte {at}: {code}");
    }
    for cut in 0..128 {
        assert_eq!(reopen(&bytes[..cut]).1.unwrap_err().code(), "ledger_corrupt");
    }
}

#[test]
fn pages_of_one_unsynced_batch_that_arrived_out_of_order_are_no_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { flush_after: std::time::Duration::from_secs(3600), ..Options::default() };
    let (ledger, _) = Ledger::open(dir.path(), &key(), options).unwrap();
    let synced = ledger.append_wait(intent("e"), Durability::Durable).unwrap();
    for _ in 0..5 {
        ledger.append_wait(decision("e"), Durability::Buffered).unwrap();
    }
    let path = segments(dir.path()).pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let lost = entries(&bytes)[2].clone();
    bytes[lost].fill(0);
    let (_copy, recovered) = reopen(&bytes);
    // The first of the buffered ones is whole as well.
    assert_eq!(recovered.unwrap().head.seq, synced.seq + 1);
}

#[test]
fn a_segment_that_was_being_made_is_cleared_away() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 3, small());
    let left = dir.path().join("ledger-0000000000000004.wgl.tmp");
    fs::write(&left, b"half a header").unwrap();
    written(dir.path(), 3, small());
    assert!(!left.exists());
    assert_ok(dir.path());
}

#[test]
fn a_break_in_a_finished_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    let paths = segments(dir.path());
    let finished = &paths[paths.len() - 2];
    let bytes = fs::read(finished).unwrap();
    fs::write(finished, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(Ledger::open(dir.path(), &key(), small()).unwrap_err().code(), "ledger_corrupt");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn anything_behind_the_last_record_is_cut(garbage in prop::collection::vec(any::<u8>(), 1..600)) {
        let (_dir, appended, mut bytes) = one_segment(3);
        let end = bytes.len() as u64;
        bytes.extend_from_slice(&garbage);
        let (dir, recovered) = reopen(&bytes);
        let recovered = recovered.unwrap();
        prop_assert_eq!(recovered.head, head(&appended[2]));
        if let Some(cut) = recovered.cut {
            prop_assert_eq!(cut.at_offset, end);
        } else {
            prop_assert!(garbage.iter().all(|byte| *byte == 0));
        }
        prop_assert!(check(dir.path(), None).is_ok());
    }
}
