//! What a disk that cannot be read, or gives little at once, does to a ledger: nothing. Whoever cannot read says where, and neither
//! cuts nor replaces what is there.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::keeping::Keeping;
use crate::testing::*;
use crate::verify::verify_on;
use crate::{Check, Checkpoints, Durability, Ledger, OpenError, Options, ReceiptKey, VerifyError};

/// Between two places at which reading fails.
const STEP: usize = 61;

fn signed(options: Options) -> Options {
    Options { checkpoints: Some(Checkpoints::new(ReceiptKey::from_seed(&[5; 32]))), ..options }
}

/// Every file there, but for the writer's lock.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()));
    named.filter(|(name, _)| name != "lock").collect()
}

fn unreadable(disk: &FaultyDisk, of: &str, at: usize) {
    disk.set(|faults| *faults = Faults { of: of.to_owned(), unreadable: Some(at as u64), ..Faults::default() });
}

fn at_once(disk: &FaultyDisk, bytes: usize) {
    disk.set(|faults| *faults = Faults { at_once: Some(bytes), ..Faults::default() });
}

/// The names of the last two segments: those that are read when a ledger is opened, and how long they are.
fn last_two(dir: &Path) -> Vec<(String, usize)> {
    let last = segments(dir).into_iter().rev().take(2);
    last.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap().len()))
        .collect()
}

#[test]
fn a_ledger_that_cannot_be_read_is_not_opened_and_stays_as_it_is() {
    for options in [small(), signed(small())] {
        let dir = tempfile::tempdir().unwrap();
        let head = written(dir.path(), 60, options.clone()).pop().unwrap();
        // A write that was interrupted, and is cut once it can be read.
        let last = segments(dir.path()).pop().unwrap();
        let mut torn = fs::read(&last).unwrap();
        torn.extend([0, 0, 1, 0, 7, 7, 7]);
        fs::write(&last, &torn).unwrap();
        let before = files(dir.path());
        let disk = FaultyDisk::default();
        let options = Options { storage: Arc::new(disk.clone()), ..options };
        for (name, length) in last_two(dir.path()) {
            for at in (0..length).step_by(STEP) {
                unreadable(&disk, &name, at);
                let error = Ledger::open(dir.path(), &key(), options.clone()).unwrap_err();
                assert_eq!(error.code(), "ledger_io", "{name} at {at}: {error}");
                let OpenError::Io { path, source } = error else { panic!("{error}") };
                assert!(path.ends_with(&name), "{}", path.display());
                assert!(source.to_string().starts_with(&format!("reading at offset {at}: ")), "{source}");
                assert_eq!(files(dir.path()), before, "{name} at {at}");
            }
        }
        disk.set(|faults| *faults = Faults::default());
        let (ledger, recovered) = Ledger::open(dir.path(), &key(), options).unwrap();
        assert!(recovered.head.seq >= head.seq);
        assert_eq!(recovered.cut.unwrap().bytes, 7);
        drop(ledger);
        assert_ok(dir.path());
    }
}

#[test]
fn a_disk_that_gives_little_at_once_loses_nothing_at_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let options = signed(disk.options());
    let mut head = written(dir.path(), 30, options.clone()).pop().unwrap().seq;
    for bytes in [1, 2, 11, 44, 127, 1000] {
        at_once(&disk, bytes);
        let (ledger, recovered) = Ledger::open(dir.path(), &key(), options.clone()).unwrap();
        assert_eq!((recovered.cut, recovered.aborted), (None, vec![]), "{bytes} at once");
        assert!(recovered.head.seq >= head);
        head = ledger.append_wait(execution("e"), Durability::Durable).unwrap().seq;
        drop(ledger);
        assert_ok(dir.path());
    }
}

/// A short read that is taken for the end of the file would make a changed record look like an interrupted write.
#[test]
fn a_changed_record_is_not_cut_because_little_comes_at_once() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 12, Options { segment_bytes: 1 << 20, ..small() });
    let path = segments(dir.path()).pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let second = entries(&bytes)[1].clone();
    bytes[second.start + 60] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let before = files(dir.path());
    let disk = FaultyDisk::default();
    for at in [1, 3, 11, 14, 15, 200] {
        at_once(&disk, at);
        let error = Ledger::open(dir.path(), &key(), disk.options()).unwrap_err();
        assert_eq!(error.code(), "ledger_corrupt", "{at} at once: {error}");
        assert_eq!(files(dir.path()), before);
    }
}

#[test]
fn a_published_checkpoint_that_cannot_be_read_is_told() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 6, signed(small()));
    let path = dir.path().join("checkpoint");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = Ledger::open(dir.path(), &key(), signed(small())).unwrap_err();
    let OpenError::Io { path: told, .. } = error else { panic!("{error}") };
    assert_eq!(told, path);
}

#[test]
fn a_verification_that_cannot_read_says_where_and_accuses_nobody() {
    for packed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let options = signed(small());
        let keeping = Keeping { pack: packed, every: Duration::from_millis(2), ..Keeping::default() };
        let (ledger, _) = Ledger::open(dir.path(), &key(), Options { keeping, ..options }).unwrap();
        for n in 0..40 {
            ledger.append_wait(execution(&format!("e-{n}")), Durability::Durable).unwrap();
        }
        let all_packed = || segments(dir.path()).iter().rev().skip(1).all(|path| path.extension().unwrap() == "zst");
        until(|| !packed || all_packed());
        drop(ledger);
        // Nobody writes it: what is wrong need not be looked at again.
        fs::remove_file(dir.path().join("lock")).unwrap();
        let check = Check { keys: vec![ReceiptKey::from_seed(&[5; 32]).public()], ..Check::with_chain(&key()) };
        let disk = FaultyDisk::default();
        let look = || verify_on(&disk, dir.path(), &check, &mut |_, _| {});
        let whole = look().unwrap();
        assert!(whole.is_ok(), "{whole:?}");
        for path in segments(dir.path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for at in (0..fs::read(&path).unwrap().len()).step_by(STEP) {
                unreadable(&disk, &name, at);
                let Err(VerifyError::Io { path: told, source }) = look() else { panic!("{name} at {at}") };
                assert_eq!(told, path);
                assert!(source.to_string().starts_with(&format!("reading at offset {at}: ")), "{source}");
            }
        }
        for bytes in [1, 7, 43, 128, 4096] {
            at_once(&disk, bytes);
            let report = look().unwrap();
            assert_eq!((report.failure.as_ref(), report.root, report.records), (None, whole.root, whole.records));
        }
    }
}
