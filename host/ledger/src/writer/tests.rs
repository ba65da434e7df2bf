#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use crate::Durability::{self, Buffered, Durable};
use crate::testing::*;
use crate::{Draft, Head, Ledger, Options, Reader, Value};

/// Appends until the fault shows, then takes it away, and looks that nothing acknowledged is lost.
fn fails_and_heals(expected: &str, durability: Durability, break_it: impl FnOnce(&mut Faults)) {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let options = Options { flush_after: Duration::from_secs(3600), ..disk.options() };
    let ledger = Ledger::open(dir.path(), &key(), options).unwrap().0;
    let mut acknowledged = Vec::new();
    for i in 0..5 {
        acknowledged.push((i, ledger.append_wait(intent(&format!("e-{i}")), durability).unwrap()));
    }
    disk.set(break_it);
    let failed = (5..200).find_map(|i| match ledger.append_wait(intent(&format!("e-{i}")), durability) {
        Ok(appended) => {
            acknowledged.push((i, appended));
            (i % 10 == 9).then(|| ledger.flush().err()).flatten()
        }
        Err(error) => Some(error),
    });
    assert_eq!(failed.unwrap().code(), expected);
    // It may have tried again meanwhile: then what it says is why it could not begin a segment.
    let told = [expected, "ledger_write_failed"];
    assert!(told.contains(&code(&ledger.health())), "{:?}", ledger.health());
    let refused = ledger.append_wait(intent("refused"), Durable).unwrap_err();
    assert!(told.contains(&refused.code()), "{refused}");
    disk.set(|faults| *faults = Faults::default());
    until(|| ledger.health().is_healthy());
    for i in 200..220 {
        acknowledged.push((i, ledger.append_wait(intent(&format!("e-{i}")), Durable).unwrap()));
    }
    let head = ledger.head();
    assert_eq!(ledger.stats().failures, 1);
    drop(ledger);
    assert!(check(dir.path(), Some(head)).is_ok());
    let found: Vec<_> = Reader::open(dir.path(), Some(&key())).unwrap().map(Result::unwrap).collect();
    for (i, appended) in acknowledged {
        let stored = found.iter().find(|found| found.record.seq == appended.seq).unwrap();
        assert_eq!((&stored.record.exchange, stored.mac), (&format!("e-{i}"), appended.mac));
    }
    assert!(!found.iter().any(|found| found.record.exchange == "refused"));
}

#[test]
fn a_full_disk_is_refused_by_name_and_heals() {
    for part in [0, 1, 40, 5000] {
        fails_and_heals("ledger_disk_full", Durable, |faults| faults.write = Some((part, ErrorKind::StorageFull)));
        fails_and_heals("ledger_disk_full", Buffered, |faults| faults.write = Some((part, ErrorKind::StorageFull)));
    }
}

#[test]
fn a_full_disk_at_the_next_segment_heals() {
    fails_and_heals("ledger_disk_full", Durable, |faults| faults.create = Some(ErrorKind::StorageFull));
    fails_and_heals("ledger_disk_full", Buffered, |faults| faults.create = Some(ErrorKind::StorageFull));
}

#[test]
fn a_failed_sync_is_never_trusted_and_heals() {
    fails_and_heals("ledger_sync_failed", Durable, |faults| faults.sync = Some(ErrorKind::Other));
    fails_and_heals("ledger_sync_failed", Buffered, |faults| faults.sync = Some(ErrorKind::Other));
}

#[test]
fn a_disk_that_turns_read_only_heals() {
    fails_and_heals("ledger_read_only", Durable, |faults| {
        *faults = Faults {
            write: Some((0, ErrorKind::ReadOnlyFilesystem)),
            sync: Some(ErrorKind::ReadOnlyFilesystem),
            create: Some(ErrorKind::ReadOnlyFilesystem),
            truncate: Some(ErrorKind::ReadOnlyFilesystem),
            ..Faults::default()
        };
    });
}

#[test]
fn another_trouble_is_told_by_its_own_name() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = Ledger::open(dir.path(), &key(), disk.options()).unwrap().0;
    disk.set(|faults| faults.write = Some((0, ErrorKind::StorageFull)));
    ledger.append_wait(intent("e"), Durable).unwrap_err();
    assert_eq!(code(&ledger.health()), "ledger_disk_full");
    disk.set(|faults| (faults.write, faults.create) = (None, Some(ErrorKind::ReadOnlyFilesystem)));
    until(|| code(&ledger.health()) == "ledger_read_only");
    assert_eq!(ledger.append_wait(intent("e"), Durable).unwrap_err().code(), "ledger_read_only");
    assert_eq!(ledger.stats().failures, 1);
}

#[test]
fn it_stays_unhealthy_while_the_disk_is_and_closes_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = Ledger::open(dir.path(), &key(), disk.options()).unwrap().0;
    let last = ledger.append_wait(intent("e"), Durable).unwrap();
    disk.set(|faults| faults.sync = Some(ErrorKind::Other));
    ledger.append_wait(intent("f"), Durable).unwrap_err();
    until(|| code(&ledger.health()) == "ledger_write_failed");
    thread::sleep(Duration::from_millis(60));
    assert_eq!(code(&ledger.health()), "ledger_write_failed", "no segment can be begun");
    drop(ledger);
    let (ledger, recovered) = Ledger::open(dir.path(), &key(), small()).unwrap();
    assert_eq!((recovered.head.seq, recovered.head.mac), (last.seq, last.mac));
    drop(ledger);
    assert_ok(dir.path());
}

/// The first record of a group fits into the segment, the second does not, and the next segment cannot be made.
#[test]
fn a_group_at_the_end_of_a_segment_is_taken_or_refused_as_a_whole() {
    for fill in (0..300).step_by(20) {
        let dir = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::default();
        let ledger = Ledger::open(dir.path(), &key(), disk.options()).unwrap().0;
        let mut first = intent("filler");
        first.attributes.insert("fill".into(), Value::Bytes(vec![0xa1; fill]));
        ledger.append_wait(first, Durable).unwrap();
        disk.set(|faults| faults.create = Some(ErrorKind::StorageFull));
        let append = |i: u64| {
            let id = format!("e-{i}");
            let (sender, receiver) = sync_channel(1);
            ledger.append_after(&[intent(&id)], &decision(&id), Durable, move |result| drop(sender.send(result)));
            receiver.recv().unwrap()
        };
        let taken = (0..100).find(|i| append(*i).is_err()).unwrap();
        disk.set(|faults| *faults = Faults::default());
        until(|| ledger.health().is_healthy());
        append(100).unwrap();
        drop(ledger);
        assert_ok(dir.path());
        let found: Vec<String> = records(dir.path()).into_iter().skip(1).map(|record| record.exchange).collect();
        let whole = (0..taken).chain([100]).flat_map(|i| [format!("e-{i}"), format!("e-{i}")]);
        assert_eq!(found, whole.collect::<Vec<_>>(), "{fill}");
    }
}

/// However large it is beside a segment.
#[test]
fn a_group_that_is_longer_than_a_segment_has_one_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), &key(), small()).unwrap().0;
    for i in 0..3 {
        let mut before = intent(&format!("e-{i}"));
        before.attributes.insert("fill".into(), Value::Bytes(vec![0xa1; 3000]));
        let (sender, receiver) = sync_channel(1);
        let last = Draft { attributes: before.attributes.clone(), ..decision(&format!("e-{i}")) };
        ledger.append_after(&[before], &last, Durable, move |result| drop(sender.send(result)));
        receiver.recv().unwrap().unwrap();
    }
    drop(ledger);
    assert_eq!(assert_ok(dir.path()).segments, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The power is cut at any operation; of what was not synced any part reaches the disk, in pieces.
    #[test]
    fn a_power_cut_loses_nothing_durable(
        operations in 8_u64..160,
        steps in prop::collection::vec((0_u8..8, 0_usize..400), 1..60),
        keeps in prop::collection::vec(any::<bool>(), 64),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = VolatileDisk::with_operations(operations);
        let mut durable = Vec::new();
        if let Ok((ledger, _)) = Ledger::open(dir.path(), &key(), Options { storage: Arc::new(disk.clone()), ..small() }) {
            for (index, (kind, size)) in steps.into_iter().enumerate() {
                let mut draft = intent(&format!("e-{index}"));
                draft.attributes.insert("fill".into(), Value::Bytes(vec![0xa1; size]));
                let (sender, receiver) = sync_channel(1);
                let durability = if kind == 0 { Durable } else { Buffered };
                ledger.append(draft, durability, move |result| drop(sender.send(result)));
                if kind < 3 {
                    match receiver.recv().unwrap() {
                        Ok(appended) if durability == Durable => durable.push((index, appended)),
                        Ok(_) => {}
                        Err(_) => break,
                    }
                }
            }
        }
        let mut keeps = keeps.into_iter().cycle();
        disk.settle(|| keeps.next().unwrap());

        let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
        drop(ledger);
        let head = durable.last().map(|(_, last)| Head { seq: last.seq, mac: last.mac });
        let report = check(dir.path(), head);
        prop_assert!(report.failure.is_none(), "{:?}", report);
        let found = records(dir.path());
        for (index, appended) in durable {
            let seq = usize::try_from(appended.seq).unwrap();
            prop_assert_eq!(&found[seq - 1].exchange, &format!("e-{}", index));
        }
    }
}
