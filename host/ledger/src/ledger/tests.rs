#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Durability::{Buffered, Durable};
use super::*;
use crate::body::Body;
use crate::keys::ChainKey;
use crate::testing::*;
use crate::{Digest, Kind, Policy, Value};

fn open(dir: &Path, options: Options) -> Ledger {
    Ledger::open(dir, &key(), options).unwrap().0
}

#[test]
fn what_is_appended_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), Options::default());
    let mut with_more = intent("a-1");
    with_more.attributes.insert("thread".into(), Value::from("t-7"));
    let policy = Policy { generation: 3, digest: Digest([9; 32]), accepted: true, ..Policy::default() };
    let drafts = [with_more, decision("a-1"), execution("a-1"), Draft::new("", policy)];
    let places: Vec<_> = drafts.iter().map(|draft| ledger.append_wait(draft.clone(), Durable).unwrap()).collect();
    assert_eq!(places.iter().map(|place| place.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(ledger.head(), Head { seq: 4, mac: places[3].mac });
    // While the writer has it, and after.
    let live = records(dir.path());
    drop(ledger);
    let closed = records(dir.path());
    assert_eq!(live, closed);
    for (record, draft) in closed.iter().zip(&drafts) {
        assert_eq!(
            (&record.body, &record.attributes, &record.exchange),
            (&draft.body, &draft.attributes, &draft.exchange)
        );
    }
    assert!(assert_ok(dir.path()).bytes < 4096, "reserved room is given back");
}

#[test]
fn it_goes_on_after_a_clean_end_and_over_segments() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..5_u64 {
        let (ledger, recovered) = Ledger::open(dir.path(), &key(), small()).unwrap();
        assert_eq!((recovered.created, recovered.head.seq, recovered.cut), (round == 0, round * 40, None));
        assert!(recovered.aborted.is_empty());
        for i in 0..20 {
            let id = exchange(round * 20 + i);
            ledger.append_wait(intent(&id), Buffered).unwrap();
            ledger.append_wait(execution(&id), Durable).unwrap();
        }
    }
    let report = assert_ok(dir.path());
    assert_eq!(report.records, 200);
    assert!(report.segments > 5, "{report:?}");
    assert_eq!(records(dir.path()).len(), 200);
}

#[test]
fn a_second_writer_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), small());
    let refused = Ledger::open(dir.path(), &key(), small()).unwrap_err();
    assert_eq!(refused.code(), "ledger_locked");
    drop(first);
    open(dir.path(), small());
}

#[test]
fn another_key_is_named_and_not_called_corruption() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 3, small());
    let refused = Ledger::open(dir.path(), &ChainKey::from_bytes([8; 32]), small()).unwrap_err();
    assert_eq!(refused.code(), "ledger_wrong_key");
}

#[test]
fn files_are_private_and_what_others_may_write_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("ledger");
    written(&dir, 3, small());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let segment = segments(&dir).pop().unwrap();
    assert_eq!((mode(&segment), mode(&dir.join("lock"))), (0o600, 0o600));

    let refused = |dir: &Path| Ledger::open(dir, &key(), small()).unwrap_err().code();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&dir, 0o777);
    assert_eq!(refused(&dir), "ledger_unsafe_path");
    set(&dir, 0o700);
    set(&segment, 0o620);
    assert_eq!(refused(&dir), "ledger_unsafe_path");
    set(&segment, 0o600);

    let link = parent.path().join("link");
    symlink(&dir, &link).unwrap();
    assert_eq!(refused(&link), "ledger_unsafe_path");
    let elsewhere = parent.path().join("elsewhere");
    fs::rename(&segment, &elsewhere).unwrap();
    symlink(&elsewhere, &segment).unwrap();
    assert_eq!(refused(&dir), "ledger_unsafe_path");
}

#[test]
fn many_exchanges_share_one_sync() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = open(dir.path(), Options { segment_bytes: 1 << 20, ..disk.options() });
    disk.set(|faults| faults.sync_takes = Duration::from_millis(3));
    let before = ledger.stats().syncs;
    thread::scope(|scope| {
        for t in 0..16 {
            let ledger = &ledger;
            scope.spawn(move || {
                for i in 0..20 {
                    ledger.append_wait(intent(&format!("e-{t}-{i}")), Durable).unwrap();
                }
            });
        }
    });
    let stats = ledger.stats();
    assert_eq!(stats.records, 320);
    // A round of all 16 takes two syncs, the one under way and the next; a busy machine is given room.
    assert!(stats.syncs - before <= 160, "{stats:?}");
}

#[test]
fn buffered_records_need_no_sync_and_get_one_soon() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), Options { flush_after: Duration::from_millis(50), ..Options::default() });
    let syncs = ledger.stats().syncs;
    let append = |i| ledger.append_wait(execution(&format!("e-{i}")), Buffered);
    let last = (0..100).fold(append(0), |_, i| append(i + 1)).unwrap();
    until(|| ledger.head() == Head { seq: 101, mac: last.mac });
    assert!(ledger.stats().syncs - syncs < 20);
    ledger.append_wait(execution("more"), Buffered).unwrap();
    ledger.flush().unwrap();
    assert_eq!(ledger.head().seq, 102);
}

#[test]
fn a_full_queue_is_an_error_with_a_name_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = open(dir.path(), Options { queue_records: 4, ..disk.options() });
    disk.set(|faults| faults.stuck = true);
    let (refused, taken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for i in 0..20 {
        let (refused, taken) = (Arc::clone(&refused), Arc::clone(&taken));
        ledger.append(intent(&format!("e-{i}")), Durable, move |result| match result {
            Ok(_) => drop(taken.fetch_add(1, Ordering::SeqCst)),
            Err(error) => {
                assert_eq!(error.code(), "ledger_queue_full");
                refused.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    assert!(refused.load(Ordering::SeqCst) >= 10);
    assert_eq!(code(&ledger.health()), "ledger_queue_full");
    disk.set(|faults| faults.stuck = false);
    until(|| ledger.health().is_healthy());
    let stats = ledger.stats();
    assert_eq!((stats.records, stats.refused), (taken.load(Ordering::SeqCst), refused.load(Ordering::SeqCst)));
    drop(ledger);
    assert_eq!(assert_ok(dir.path()).records, stats.records);
}

#[test]
fn the_bytes_that_wait_are_bounded_too() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let ledger = open(dir.path(), Options { queue_bytes: 1000, ..disk.options() });
    disk.set(|faults| faults.stuck = true);
    let full = Arc::new(AtomicU64::new(0));
    for _ in 0..50 {
        let full = Arc::clone(&full);
        ledger.append(intent("e"), Durable, move |result| {
            if result.is_err_and(|error| error.code() == "ledger_queue_full") {
                full.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    assert!(full.load(Ordering::SeqCst) > 20);
    disk.set(|faults| faults.stuck = false);
}

#[test]
fn records_that_cannot_be_written_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), small());
    let refused = |draft| ledger.append_wait(draft, Durable).unwrap_err().code();
    assert_eq!(refused(intent("two words")), "ledger_record_invalid");
    assert_eq!(refused(intent(&"x".repeat(65))), "ledger_record_invalid");
    let mut long = intent("e");
    long.attributes.insert("blob".into(), Value::Bytes(vec![0; crate::MAX_PAYLOAD]));
    assert_eq!(refused(long), "ledger_record_too_large");
    // A record longer than a segment gets one of its own.
    let mut big = execution("e");
    big.attributes.insert("blob".into(), Value::Bytes(vec![0; 20_000]));
    for _ in 0..3 {
        ledger.append_wait(big.clone(), Durable).unwrap();
    }
    drop(ledger);
    assert_eq!(assert_ok(dir.path()).segments, 3);
}

#[test]
fn a_panic_of_a_caller_stays_with_the_caller() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), small());
    ledger.append(intent("e"), Durable, |_| panic!("this panic belongs to the test"));
    assert_eq!(ledger.append_wait(execution("e"), Durable).unwrap().seq, 2);
}

#[test]
fn a_disk_without_reservation_serves() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    disk.set(|faults| faults.cannot_reserve = true);
    written(dir.path(), 60, disk.options());
    assert_eq!(assert_ok(dir.path()).records, 60);
}

#[test]
fn exchanges_without_an_end_are_closed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), small());
    let ids = ThreadIds { thread: Some("t".into()), ..ThreadIds::default() };
    for id in ["a", "b", "c"] {
        let attributes = if id == "c" { ids.attributes() } else { ThreadIds::default().attributes() };
        ledger.append_wait(Draft { attributes, ..intent(id) }, Durable).unwrap();
        ledger.append_wait(decision(id), Durable).unwrap();
    }
    ledger.append_wait(execution("b"), Durable).unwrap();
    drop(ledger);
    let (ledger, recovered) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let unended = |exchange: &str, ids| Unended { exchange: exchange.into(), ids };
    assert_eq!(recovered.aborted, [unended("a", ThreadIds::default()), unended("c", ids.clone())]);
    drop(ledger);
    let found = records(dir.path());
    assert_eq!(found[7].kind, Kind::Recovery);
    let ends: Vec<_> = found[8..].iter().map(|record| (record.exchange.as_str(), &record.body)).collect();
    let aborted =
        Body::from(Execution { outcome: Outcome::Aborted, code: Some("recovered".into()), ..Execution::default() });
    assert_eq!(ends, [("a", &aborted), ("c", &aborted)]);
    assert!(found[8].attributes.is_empty() && ThreadIds::of(&found[9].attributes) == ids);
    assert!(Ledger::open(dir.path(), &key(), small()).unwrap().1.aborted.is_empty());
}

#[test]
fn what_is_on_disk_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path(), small());
    let told = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
    let heard = std::sync::Arc::clone(&told);
    assert!(ledger.on_durable(move |seq| {
        heard.lock().unwrap().push(seq);
        assert!(seq != 2, "this panic belongs to the test");
    }));
    assert!(!ledger.on_durable(|_| {}));
    for _ in 0..3 {
        ledger.append_wait(decision("e"), Durable).unwrap();
    }
    assert_eq!(*told.lock().unwrap_or_else(std::sync::PoisonError::into_inner), [1, 2, 3]);
}
