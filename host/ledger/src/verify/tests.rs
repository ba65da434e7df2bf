#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::ChainKey;
use crate::testing::*;
use crate::{Durability, Ledger, Options, Reader};

fn ledger(records: u64) -> (tempfile::TempDir, Head) {
    let dir = tempfile::tempdir().unwrap();
    let last = *written(dir.path(), records, small()).last().unwrap();
    (dir, Head { seq: last.seq, mac: last.mac })
}

/// A copy of a ledger that is written once: syncs take time.
fn again(once: &'static OnceLock<(tempfile::TempDir, Head)>, records: u64) -> (tempfile::TempDir, Head) {
    let (dir, head) = once.get_or_init(|| ledger(records));
    (copy(dir.path()), *head)
}
static SIX: OnceLock<(tempfile::TempDir, Head)> = OnceLock::new();
static FORTY: OnceLock<(tempfile::TempDir, Head)> = OnceLock::new();

fn failure(dir: &Path, head: Option<Head>) -> Failure {
    check(dir, head).failure.expect("it should have been found")
}

fn sole(dir: &Path) -> (PathBuf, Vec<u8>) {
    let path = segments(dir).remove(0);
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_whole_ledger_is_ok_and_told_of() {
    let (dir, head) = ledger(60);
    let mut told = Vec::new();
    let report = verify(dir.path(), &Check { expect_head: Some(head), ..Check::with_chain(&key()) }, |done, total| {
        told.push((done, total))
    })
    .unwrap();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.records, report.head), (60, head));
    assert_eq!((report.first.unwrap().seq, report.last.unwrap().seq), (1, 60));
    assert!(told.is_sorted() && told.iter().all(|(done, total)| done <= total));
    assert_eq!(told.last().unwrap().0, report.bytes);
    // An older head is in it too.
    let earlier = Reader::open(dir.path(), None).unwrap().nth(30).unwrap().unwrap();
    assert!(check(dir.path(), Some(Head { seq: 31, mac: earlier.mac })).is_ok());
}

#[test]
fn every_changed_byte_is_found_and_located() {
    // In a finished segment; at the end of the last one the verifier waits a little for a writer.
    let (dir, _) = ledger(40);
    let (path, bytes) = sole(dir.path());
    let entries = entries(&bytes);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).unwrap();
        match verify(dir.path(), &Check::with_chain(&key()), |_, _| {}) {
            Ok(report) => {
                let found = report.failure.unwrap_or_else(|| panic!("byte {at} was not found"));
                let hit = entries.iter().position(|entry| entry.contains(&at));
                assert_eq!(found.seq, hit.map_or(1, |hit| hit as u64 + 1), "byte {at}: {found:?}");
                assert_eq!(found.offset, hit.map_or(0, |hit| entries[hit].start as u64), "byte {at}");
                assert_eq!(found.segment.as_deref(), path.file_name().and_then(|name| name.to_str()));
            }
            Err(error) => assert!(at < 128, "byte {at}: {error}"),
        }
    }
}

#[test]
fn dropped_repeated_and_swapped_records_are_found() {
    let (dir, head) = ledger(6);
    let (path, bytes) = sole(dir.path());
    let entries = entries(&bytes);
    let rebuild = |order: &[usize]| {
        let mut changed = bytes[..128].to_vec();
        order.iter().for_each(|index| changed.extend_from_slice(&bytes[entries[*index].clone()]));
        fs::write(&path, changed).unwrap();
        check(dir.path(), Some(head)).failure.map(|found| (found.code, found.seq))
    };
    assert_eq!(rebuild(&[0, 1, 2, 3, 4, 5]), None);
    assert_eq!(rebuild(&[1, 2, 3, 4, 5]), Some(("entry_mac", 1)));
    assert_eq!(rebuild(&[0, 1, 3, 4, 5]), Some(("entry_mac", 3)));
    assert_eq!(rebuild(&[0, 1, 2, 2, 3, 4, 5]), Some(("entry_mac", 4)));
    assert_eq!(rebuild(&[0, 2, 1, 3, 4, 5]), Some(("entry_mac", 2)));
    assert_eq!(rebuild(&[0, 1, 2, 3, 4]), Some(("tail_cut", 6)));
    assert_eq!(rebuild(&[]), Some(("tail_cut", 1)));
}

#[test]
fn a_cut_tail_shows_against_a_head_and_an_emptied_ledger_is_never_ok() {
    let (dir, head) = ledger(60);
    let copied = copy(dir.path());
    fs::remove_file(segments(copied.path()).pop().unwrap()).unwrap();
    assert!(check(copied.path(), None).is_ok(), "without a head nobody can tell");
    assert_eq!(failure(copied.path(), Some(head)).code, "tail_cut");
    for path in segments(copied.path()) {
        fs::remove_file(path).unwrap();
    }
    let report = check(copied.path(), None);
    assert!(report.is_empty() && !report.is_ok() && report.failure.is_none());
    assert_eq!(failure(copied.path(), Some(head)).code, "tail_cut");
}

#[test]
fn missing_swapped_renamed_and_foreign_segments_are_found() {
    let (dir, _) = ledger(60);
    let paths = segments(dir.path());
    assert!(paths.len() > 3);
    let after = |change: &dyn Fn(&[PathBuf])| {
        let copied = copy(dir.path());
        change(&segments(copied.path()));
        let found = failure(copied.path(), None);
        (found.code, found.segment.is_some())
    };
    assert_eq!(after(&|paths| fs::remove_file(&paths[0]).unwrap()), ("first_segment_missing", true));
    assert_eq!(after(&|paths| fs::remove_file(&paths[1]).unwrap()), ("records_missing", true));
    let swapped = |paths: &[PathBuf]| {
        let (one, two) = (fs::read(&paths[1]).unwrap(), fs::read(&paths[2]).unwrap());
        fs::write(&paths[1], two).unwrap();
        fs::write(&paths[2], one).unwrap();
    };
    assert_eq!(after(&swapped), ("segment_misnamed", true));
    let renamed = |paths: &[PathBuf]| fs::rename(&paths[1], paths[1].with_file_name("ledger-old.wgl")).unwrap();
    assert_eq!(after(&renamed), ("segment_misnamed", false));
    // The tail of a finished segment is not an end.
    let shorter = |paths: &[PathBuf]| {
        let bytes = fs::read(&paths[1]).unwrap();
        let last = entries(&bytes).pop().unwrap();
        fs::write(&paths[1], &bytes[..last.start]).unwrap();
    };
    assert_eq!(after(&shorter), ("records_missing", true));
    // A segment of another ledger with the same key and positions.
    let (other, _) = ledger(60);
    let spliced = |paths: &[PathBuf]| {
        let theirs = segments(other.path());
        assert_eq!(theirs[2].file_name(), paths[2].file_name());
        fs::copy(&theirs[2], &paths[2]).unwrap();
    };
    assert_eq!(after(&spliced), ("segment_foreign", true));
}

#[test]
fn a_ledger_written_anew_with_the_key_shows_against_a_head() {
    let (_old, head) = ledger(6);
    let (new, _) = ledger(9);
    assert!(check(new.path(), None).is_ok());
    assert_eq!(failure(new.path(), Some(head)).code, "head_differs");
}

#[test]
fn garbage_behind_the_end_is_found() {
    let (dir, _) = ledger(3);
    let (path, bytes) = sole(dir.path());
    for (tail, code) in [
        (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7][..], "trailing_garbage"),
        (b"x", "entry_truncated"),
        (&[255; 40], "entry_length"),
    ] {
        fs::write(&path, [&bytes, tail].concat()).unwrap();
        assert_eq!(failure(dir.path(), None).code, code);
    }
    fs::write(&path, [&bytes[..], &[0; 5000]].concat()).unwrap();
    assert_ok(dir.path());
}

#[test]
fn another_key_is_named() {
    let (dir, _) = ledger(3);
    let error = verify(dir.path(), &Check::with_chain(&ChainKey::from_bytes([1; 32])), |_, _| {}).unwrap_err();
    assert_eq!(error.code(), "ledger_wrong_key");
}

#[test]
fn a_ledger_being_written_verifies_and_reads() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), Options { segment_bytes: 16 << 10, ..small() }).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for i in 0..3000 {
                ledger.append_wait(intent(&format!("e-{i}")), Durability::Buffered).unwrap();
            }
        });
        let mut following = Reader::open(dir.path(), None).unwrap();
        let mut seen = 0;
        while !writer.is_finished() {
            let head = ledger.head();
            let report = check(dir.path(), Some(head));
            assert!(report.failure.is_none(), "{report:?}");
            for found in following.by_ref() {
                seen += 1;
                assert_eq!(found.unwrap().record.seq, seen);
            }
        }
        seen += following.by_ref().count() as u64;
        assert_eq!(seen, 3000);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Any run of bytes overwritten by others, in any segment.
    #[test]
    fn overwriting_anything_is_found(segment in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..80)) {
        let (dir, head) = again(&FORTY, 40);
        let paths = segments(dir.path());
        let path = &paths[segment.index(paths.len())];
        let before = fs::read(path).unwrap();
        let mut after = before.clone();
        let at = at.index(before.len());
        let end = (at + with.len()).min(before.len());
        after[at..end].copy_from_slice(&with[..end - at]);
        fs::write(path, &after).unwrap();
        let found = verify(dir.path(), &Check { expect_head: Some(head), ..Check::with_chain(&key()) }, |_, _| {}).map_or(true, |report| !report.is_ok());
        prop_assert_eq!(found, before != after);
    }

    /// Any order, selection and repetition of the entries of a segment.
    #[test]
    fn any_other_order_is_found(order in prop::collection::vec(0_usize..6, 0..9)) {
        let (dir, head) = again(&SIX, 6);
        let (path, bytes) = sole(dir.path());
        let entries = entries(&bytes);
        let mut changed = bytes[..128].to_vec();
        order.iter().for_each(|index| changed.extend_from_slice(&bytes[entries[*index].clone()]));
        fs::write(&path, changed).unwrap();
        prop_assert_eq!(check(dir.path(), Some(head)).is_ok(), order == [0, 1, 2, 3, 4, 5]);
    }
}
