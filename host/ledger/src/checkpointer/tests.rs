#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::Durability::{Buffered, Durable};
use crate::testing::*;
use crate::{Body, Check, Ledger, OpenError, Options, VerifyReport, verify};

fn signing(seed: u8) -> ReceiptKey {
    ReceiptKey::from_seed(&[seed; 32])
}

/// A checkpoint after every ten records.
fn signed(seed: u8) -> Options {
    let checkpoints = Checkpoints { records: 10, ..Checkpoints::new(signing(seed)) };
    Options { checkpoints: Some(checkpoints), ..small() }
}

fn file(dir: &Path) -> SignedCheckpoint {
    fs::read_to_string(dir.join(FILE)).unwrap().parse().unwrap()
}

fn outsider(dir: &Path, seed: u8) -> VerifyReport {
    verify(dir, &Check::with_key(signing(seed).public()), |_, _| {}).unwrap()
}

/// Whole: to whoever has the chain key, and to the last byte to whoever has the public key alone.
fn assert_signed(dir: &Path, seed: u8) -> VerifyReport {
    assert_ok(dir);
    let report = outsider(dir, seed);
    assert!(report.is_ok(), "{report:?}");
    assert_eq!(report.signed.unwrap().records, report.records, "{report:?}");
    assert_eq!(file(dir).checkpoint.size, report.records);
    assert_eq!(file(dir).checkpoint.root, report.root);
    report
}

fn append(ledger: &Ledger, n: u64) {
    for i in 0..n {
        let durability = if i % 3 == 2 { Durable } else { Buffered };
        ledger.append_wait(execution(&format!("e-{i}")), durability).unwrap();
    }
}

#[test]
fn a_ledger_that_ended_is_signed_to_its_last_byte() {
    for records in [0, 1, 9, 10, 11, 100] {
        let dir = tempfile::tempdir().unwrap();
        append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, records);
        let report = assert_signed(dir.path(), 1);
        assert!(report.checkpoints > records / 11, "{report:?}");
        assert_begun(dir.path());
    }
}

/// A segment says at its beginning how the tree looks.
fn assert_begun(dir: &Path) {
    let mut segment = String::new();
    for found in crate::Reader::open(dir, None).unwrap().map(Result::unwrap) {
        if found.segment != segment {
            segment = found.segment;
            assert!(matches!(found.record.body, Body::Checkpoint(_)), "{segment}");
        }
    }
}

#[test]
fn the_tree_goes_on_over_restarts_and_a_clean_restart_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..6 {
        append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, round * 7);
        let before = assert_signed(dir.path(), 1);
        let ledger = Ledger::open(dir.path(), &key(), signed(1)).unwrap().0;
        assert_eq!(ledger.checkpoint().unwrap().parse::<SignedCheckpoint>().unwrap(), file(dir.path()));
        drop(ledger);
        assert_eq!(assert_signed(dir.path(), 1).head, before.head);
    }
    // What the file said once stays true.
    let kept = file(dir.path());
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 40);
    let check = Check { checkpoints: vec![kept], ..Check::with_key(signing(1).public()) };
    assert!(verify(dir.path(), &check, |_, _| {}).unwrap().is_ok());
}

#[test]
fn a_checkpoint_is_published_soon_and_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = signed(1);
    options.checkpoints.as_mut().unwrap().after = Duration::from_millis(60);
    let ledger = Ledger::open(dir.path(), &key(), options).unwrap().0;
    append(&ledger, 3);
    let head = ledger.head();
    until(|| {
        ledger.checkpoint().is_some_and(|note| note.parse::<SignedCheckpoint>().unwrap().checkpoint.size > head.seq)
    });
    until(|| file(dir.path()).checkpoint.size > head.seq);
    // Then it is quiet: a checkpoint is no reason for a checkpoint.
    std::thread::sleep(Duration::from_millis(200));
    let quiet = ledger.stats();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(ledger.stats(), quiet);
    assert!(quiet.checkpoints <= 4, "{quiet:?}");
}

#[test]
fn a_ledger_that_was_never_signed_is_signed_from_its_first_record_on() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    assert_eq!(outsider(dir.path(), 1).failure.unwrap().code, "checkpoint_missing");
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 5);
    assert!(assert_signed(dir.path(), 1).records > 65);
}

#[test]
fn keys_change_only_with_the_word_of_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 25);
    let before = file(dir.path());
    let refused = Ledger::open(dir.path(), &key(), signed(2)).unwrap_err();
    let OpenError::SigningKey { found, given, .. } = &refused else { panic!("{refused}") };
    assert_eq!((*found, *given), (signing(1).id(), signing(2).id()));
    for (seed, previous) in [(2, 1), (2, 1), (3, 2)] {
        let mut options = signed(seed);
        options.checkpoints.as_mut().unwrap().previous = Some(signing(previous));
        append(&Ledger::open(dir.path(), &key(), options).unwrap().0, 25);
    }
    append(&Ledger::open(dir.path(), &key(), signed(3)).unwrap().0, 25);
    // Whoever knew the first key follows to the last; whoever knows the last sees all of it covered.
    let report = assert_signed(dir.path(), 1);
    assert_eq!(report.signed.unwrap().key, signing(3).id());
    assert_eq!(outsider(dir.path(), 3).signed, report.signed);
    assert_eq!(outsider(dir.path(), 2).signed, report.signed);
    let check = Check { checkpoints: vec![before], ..Check::with_key(signing(1).public()) };
    assert!(verify(dir.path(), &check, |_, _| {}).unwrap().is_ok());
    assert_eq!(outsider(dir.path(), 4).failure.unwrap().code, "checkpoint_wrong_key");
}

#[test]
fn a_ledger_that_was_cut_is_not_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 60);
    let refused = |dir: &Path| Ledger::open(dir, &key(), signed(1)).unwrap_err().code();
    let whole = segments(dir.path());
    let last = fs::read(whole.last().unwrap()).unwrap();
    let cut = entries(&last).pop().unwrap().start;
    fs::write(whole.last().unwrap(), &last[..cut]).unwrap();
    assert_eq!(refused(dir.path()), "ledger_cut");
    fs::remove_file(whole.last().unwrap()).unwrap();
    assert_eq!(refused(dir.path()), "ledger_cut");
    fs::remove_file(dir.path().join(FILE)).unwrap();
    assert_eq!(refused(dir.path()), "ledger_cut", "the key in force is that of a later segment");
    whole[..whole.len() - 1].iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(refused(dir.path()), "ledger_cut", "an emptied ledger is not begun anew");
}

#[test]
fn the_first_key_is_needed_once_and_what_is_kept_cannot_check_what_was_before() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Ledger::reopen(dir.path(), signed(1)).unwrap_err().code(), "ledger_no_key");
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 30);
    for _ in 0..4 {
        append(&Ledger::reopen(dir.path(), signed(1)).unwrap().0, 30);
    }
    let report = assert_signed(dir.path(), 1);
    assert!(report.segments > 8, "{report:?}");
    let kept = crate::chain_state::load(dir.path()).unwrap().unwrap();
    assert_eq!(kept.step, report.segments - 1);
    // The key on disk fits the last segment alone.
    let mut chains = crate::ratchet::Chains::new(kept.clone());
    for (step, path) in segments(dir.path()).into_iter().enumerate() {
        let bytes: [u8; 128] = fs::read(path).unwrap()[..128].try_into().unwrap();
        let header = crate::header::Header::decode(&bytes).unwrap();
        assert_eq!(header.step, step as u64);
        assert_eq!(
            chains.at(header.step).is_some_and(|chain| header.check(&bytes, chain).is_ok()),
            header.step == kept.step
        );
    }
    // Another first key does not go with it.
    let other = crate::ChainKey::from_bytes([9; 32]);
    assert_eq!(Ledger::open(dir.path(), &other, signed(1)).unwrap_err().code(), "ledger_wrong_key");
}

#[test]
fn a_checkpoint_that_cannot_be_written_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("checkpoint.tmp")).unwrap();
    let ledger = Ledger::open(dir.path(), &key(), Options { segment_bytes: 1 << 20, ..signed(1) }).unwrap().0;
    append(&ledger, 60);
    assert!(ledger.health().is_healthy() && ledger.stats().checkpoint_failures > 0);
    assert!(ledger.checkpoint().is_some(), "it can still be asked for");
    fs::remove_dir(dir.path().join("checkpoint.tmp")).unwrap();
    append(&ledger, 30);
    drop(ledger);
    assert_signed(dir.path(), 1);
}

#[test]
fn a_disk_that_fails_leaves_the_tree_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = Ledger::open(dir.path(), &key(), Options { storage: Arc::new(disk.clone()), ..signed(1) }).unwrap().0;
    for round in 0..8_u64 {
        append(&ledger, 9 + round);
        disk.set(|faults| match round % 4 {
            0 => faults.sync = Some(std::io::ErrorKind::Other),
            1 => faults.write = Some((70, std::io::ErrorKind::StorageFull)),
            2 => faults.create = Some(std::io::ErrorKind::StorageFull),
            _ => {
                *faults = Faults {
                    truncate: Some(std::io::ErrorKind::Other),
                    sync: Some(std::io::ErrorKind::Other),
                    ..Faults::default()
                }
            }
        });
        for i in 0..60 {
            if ledger.append_wait(intent(&format!("f-{round}-{i}")), Durable).is_err() {
                break;
            }
            ledger.append_wait(execution(&format!("f-{round}-{i}")), Buffered).ok();
        }
        disk.set(|faults| *faults = Faults::default());
        until(|| ledger.health().is_healthy());
    }
    drop(ledger);
    assert_signed(dir.path(), 1);
}

/// Whatever failed, and had nothing in memory: the fresh segment begins as one that follows a full one does, and what it says of
/// the failed one covers that one's header.
#[test]
fn a_segment_after_a_failure_begins_with_a_checkpoint_that_covers_the_failed_one() {
    let breaks: [fn(&mut Faults); 3] = [
        |faults| faults.create = Some(std::io::ErrorKind::StorageFull),
        |faults| faults.sync = Some(std::io::ErrorKind::Other),
        |faults| faults.write = Some((70, std::io::ErrorKind::StorageFull)),
    ];
    for break_it in breaks {
        let dir = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::default();
        let mut options = Options { storage: Arc::new(disk.clone()), ..signed(1) };
        options.checkpoints.as_mut().unwrap().records = 1000;
        let ledger = Ledger::open(dir.path(), &key(), options).unwrap().0;
        for i in 0..3 {
            ledger.append_wait(execution(&format!("e-{i}")), Durable).unwrap();
        }
        disk.set(break_it);
        (0..60).find(|i| ledger.append_wait(execution(&format!("f-{i}")), Durable).is_err()).unwrap();
        disk.set(|faults| *faults = Faults::default());
        until(|| ledger.health().is_healthy());
        for i in 0..3 {
            ledger.append_wait(execution(&format!("g-{i}")), Durable).unwrap();
        }
        drop(ledger);
        assert_signed(dir.path(), 1);
        assert_begun(dir.path());
        let all = segments(dir.path());
        assert!(all.len() > 1);
        for path in all {
            let whole = fs::read(&path).unwrap();
            let mut bytes = whole.clone();
            // When it was begun.
            bytes[87] ^= 1;
            fs::write(&path, bytes).unwrap();
            assert_eq!(outsider(dir.path(), 1).failure.unwrap().code, "header_differs");
            fs::write(&path, whole).unwrap();
        }
    }
}

/// The gate is down, and somebody without any key cuts the last segment to its header, takes the file `checkpoint` away, and edits
/// what stands in the segment before, whose key is gone.
#[test]
fn what_nobody_can_check_is_not_signed() {
    let dir = tempfile::tempdir().unwrap();
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 60);
    let mut all = segments(dir.path());
    let (last, before) = (all.pop().unwrap(), all.pop().unwrap());
    fs::write(&last, &fs::read(&last).unwrap()[..128]).unwrap();
    fs::remove_file(dir.path().join(FILE)).unwrap();
    let mut bytes = fs::read(&before).unwrap();
    let at = entries(&bytes).pop().unwrap();
    let name = bytes[at.clone()].windows(2).rposition(|two| two == b"e-").unwrap();
    bytes[at.start + name] = b'x';
    fs::write(&before, bytes).unwrap();

    let refused = Ledger::reopen(dir.path(), signed(1)).unwrap_err();
    assert_eq!(refused.code(), "ledger_cut", "{refused}");
    assert!(refused.to_string().contains("ledger.hmac_key_file"), "{refused}");
    assert_eq!(Ledger::open(dir.path(), &key(), signed(1)).unwrap_err().code(), "ledger_corrupt");
}

/// The power is cut at each operation around a change of segments. The key of the segment before stays until it is needed no more.
#[test]
fn a_power_cut_around_a_new_segment_leaves_one_that_can_be_reopened() {
    for (operations, keeps) in (1..90).flat_map(|operations| [(operations, false), (operations, true)]) {
        let dir = tempfile::tempdir().unwrap();
        append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 12);
        let disk = VolatileDisk::with_operations(operations);
        let options = Options { storage: Arc::new(disk.clone()), ..signed(1) };
        let mut durable = 12;
        if let Ok((ledger, _)) = Ledger::reopen(dir.path(), options) {
            for i in 0..30 {
                let Ok(appended) = ledger.append_wait(execution(&format!("e-{i}")), Durable) else { break };
                durable = appended.seq;
            }
        }
        disk.settle(|| keeps);
        drop(Ledger::reopen(dir.path(), signed(1)).unwrap());
        append(&Ledger::reopen(dir.path(), signed(1)).unwrap().0, 30);
        let report = assert_signed(dir.path(), 1);
        assert!(report.records >= durable, "{operations}");
        assert_begun(dir.path());
    }
}

/// What a version before this one left when it was killed: the new key is kept, and the new segment has no record yet.
#[test]
fn the_first_key_goes_on_where_the_one_in_force_cannot_check() {
    let dir = tempfile::tempdir().unwrap();
    append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 60);
    let last = segments(dir.path()).pop().unwrap();
    fs::write(&last, &fs::read(&last).unwrap()[..128]).unwrap();
    fs::remove_file(dir.path().join(FILE)).unwrap();
    assert_eq!(Ledger::reopen(dir.path(), signed(1)).unwrap_err().code(), "ledger_cut");
    drop(Ledger::open(dir.path(), &key(), signed(1)).unwrap());
    append(&Ledger::reopen(dir.path(), signed(1)).unwrap().0, 30);
    assert_signed(dir.path(), 1);
    assert_begun(dir.path());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// The power is cut at any operation, over and over; then the ledger goes on, and is signed to its end.
    #[test]
    fn a_power_cut_at_any_operation_leaves_a_ledger_that_goes_on(
        cuts in prop::collection::vec((1_u64..120, 1_u64..70), 1..4),
        keeps in prop::collection::vec(any::<bool>(), 64),
        with_key in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut keeps = keeps.into_iter().cycle();
        let mut durable = 0;
        let mut told = None;
        append(&Ledger::open(dir.path(), &key(), signed(1)).unwrap().0, 4);
        for (operations, records) in cuts {
            let disk = VolatileDisk::with_operations(operations);
            let options = Options { storage: Arc::new(disk.clone()), ..signed(1) };
            let opened = if with_key { Ledger::open(dir.path(), &key(), options) } else { Ledger::reopen(dir.path(), options) };
            if let Ok((ledger, _)) = opened {
                for i in 0..records {
                    match ledger.append_wait(execution(&format!("e-{i}")), if i % 2 == 0 { Durable } else { Buffered }) {
                        Ok(appended) if i % 2 == 0 => durable = appended.seq,
                        Ok(_) => {}
                        Err(_) => break,
                    }
                }
                told = ledger.checkpoint().or(told);
            }
            disk.settle(|| keeps.next().unwrap());
        }
        let opened = if with_key { Ledger::open(dir.path(), &key(), signed(1)) } else { Ledger::reopen(dir.path(), signed(1)) };
        drop(opened.unwrap());
        let report = assert_signed(dir.path(), 1);
        prop_assert!(report.records >= durable);
        // Whatever was ever told is still true.
        let checkpoints = told.iter().map(|note| note.parse().unwrap()).collect();
        let check = Check { checkpoints, ..Check::with_key(signing(1).public()) };
        let report = verify(dir.path(), &check, |_, _| {}).unwrap();
        prop_assert!(report.is_ok(), "{:?}", report);
    }
}
