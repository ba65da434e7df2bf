#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::keeping::{HandOver, Notices};
use crate::testing::*;
use crate::{
    Check, Checkpoints, Durability, Ledger, Options, ProofFile, Reader, ReceiptKey, SignedCheckpoint, VerifyReport,
    find, verify,
};

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Notice>>);

impl Notices for Seen {
    fn notice(&self, notice: &Notice) {
        self.0.lock().unwrap().push(notice.clone());
    }
}

impl Seen {
    fn failures(&self, wanted: &str) -> usize {
        let failed = |notice: &&Notice| matches!(notice, Notice::Failed { task, .. } if *task == wanted);
        self.0.lock().unwrap().iter().filter(failed).count()
    }
}

fn signing() -> ReceiptKey {
    ReceiptKey::from_seed(&[5; 32])
}

fn keeping() -> (Keeping, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    (Keeping { every: Duration::from_millis(5), notices: seen.clone(), ..Keeping::default() }, seen)
}

fn options(keeping: Keeping) -> Options {
    let checkpoints = Checkpoints { after: Duration::from_millis(10), ..Checkpoints::new(signing()) };
    Options { checkpoints: Some(checkpoints), keeping, ..small() }
}

/// Whole exchanges from number `from` on, a segment every few of them.
fn fill(ledger: &Ledger, from: u64, exchanges: u64) {
    for n in from..from + exchanges {
        let id = format!("e-{n}");
        for draft in [intent(&id), decision(&id), execution(&id)] {
            ledger.append_wait(draft, Durability::Durable).unwrap();
        }
    }
}

fn outsider(dir: &Path) -> VerifyReport {
    verify(dir, &Check::with_key(signing().public()), |_, _| {}).unwrap()
}

/// Verifies with either key, and with both.
fn sound(dir: &Path) -> VerifyReport {
    let both = Check { keys: vec![signing().public()], ..Check::with_chain(&key()) };
    for check in [Check::with_chain(&key()), Check::with_key(signing().public()), both] {
        let report = verify(dir, &check, |_, _| {}).unwrap();
        assert!(report.is_ok(), "{report:?}");
    }
    outsider(dir)
}

fn names(dir: &Path) -> Vec<SegmentName> {
    directory::list(dir).unwrap().segments
}

fn packed_but_last(dir: &Path) -> bool {
    let names = names(dir);
    names.len() > 3 && names.iter().rev().skip(1).all(|name| name.packed) && !names.last().unwrap().packed
}

#[test]
fn packed_segments_are_read_proven_and_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let keeping = Keeping { pack: true, ..keeping().0 };
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping.clone())).unwrap();
    fill(&ledger, 0, 60);
    until(|| packed_but_last(dir.path()));
    assert!(ledger.stats().packed > 2);
    // While it is written.
    sound(dir.path());
    drop(ledger);
    let report = sound(dir.path());
    let unpacked = Reader::open(dir.path(), Some(&key())).unwrap().map(|found| found.unwrap().record.seq);
    assert!(unpacked.eq(1..=report.head.seq));
    assert_eq!(find(dir.path(), Some(&key()), "e-3").unwrap().len(), 3);
    let checkpoint: SignedCheckpoint = fs::read_to_string(dir.path().join("checkpoint")).unwrap().parse().unwrap();
    let all: Vec<u64> = (1..=report.head.seq).collect();
    ProofFile::make(dir.path(), &checkpoint, &all, None).unwrap().check(&[signing().public()]).unwrap();
    let (ledger, recovered) = Ledger::open(dir.path(), &key(), options(keeping)).unwrap();
    assert_eq!(recovered.head, report.head);
    fill(&ledger, 100, 30);
    drop(ledger);
    assert!(sound(dir.path()).records > report.records + 90);
}

#[test]
fn a_changed_packed_segment_is_found_or_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(Keeping { pack: true, ..keeping().0 })).unwrap();
    fill(&ledger, 0, 60);
    until(|| packed_but_last(dir.path()));
    drop(ledger);
    let all = sound(dir.path());
    let path = &names(dir.path())[1].path;
    let bytes = fs::read(path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x04;
        fs::write(path, &changed).unwrap();
        let report = check(dir.path(), None);
        match report.failure {
            Some(failure) => {
                assert_eq!((failure.code, failure.segment.is_some()), ("segment_unpack", true), "byte {at}")
            }
            None => assert_eq!(report.root, all.root, "byte {at}"),
        }
    }
    for cut in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        fs::write(path, &bytes[..cut]).unwrap();
        let report = outsider(dir.path());
        let code = report.failure.unwrap().code;
        assert!(["segment_unpack", "header_truncated"].contains(&code), "{cut}: {code}");
    }
}

#[test]
fn packing_that_was_interrupted_anywhere_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path(), 150, small()));
    let first = &segments(dir.path())[0];
    // Killed while the packed one was written; or between its name and the end of the other one, which counts.
    fs::write(dir.path().join("ledger-0000000000000001.wgl.zst.tmp"), b"half").unwrap();
    fs::write(directory::packed_path(first), b"anything").unwrap();
    assert_ok(dir.path());
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(Keeping { pack: true, ..keeping().0 })).unwrap();
    until(|| packed_but_last(dir.path()));
    drop(ledger);
    assert_ok(dir.path());
    assert!(fs::read_dir(dir.path()).unwrap().all(|entry| !entry.unwrap().path().to_string_lossy().ends_with(".tmp")));
    // The last segment was taken away: a finished one is no end.
    fs::remove_file(segments(dir.path()).pop().unwrap()).unwrap();
    assert_eq!(Ledger::open(dir.path(), &key(), small()).unwrap_err().code(), "ledger_cut");
}

#[test]
fn a_disk_too_full_to_pack_keeps_the_segments_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path(), 90, small()));
    let disk = FaultyDisk::default();
    let (keeping, seen) = keeping();
    let plan = Options { storage: disk.options().storage, ..options(Keeping { pack: true, ..keeping }) };
    let before = names(dir.path()).len();
    disk.set(|faults| faults.pack = Some(io::ErrorKind::StorageFull));
    let (ledger, _) = Ledger::open(dir.path(), &key(), plan).unwrap();
    until(|| seen.failures("pack") > 1);
    assert!(ledger.health().is_healthy() && ledger.stats().pack_failures > 1);
    fill(&ledger, 500, 5);
    assert!(names(dir.path()).len() >= before && names(dir.path()).iter().all(|name| !name.packed));
    disk.set(|faults| faults.pack = None);
    until(|| packed_but_last(dir.path()));
    drop(ledger);
    assert_ok(dir.path());
}

/// A ledger that let go of its first segments, and is closed.
fn let_go(keeping: Keeping) -> (tempfile::TempDir, VerifyReport) {
    let dir = tempfile::tempdir().unwrap();
    let keeping = Keeping { max_bytes: Some(24 << 10), ..keeping };
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping)).unwrap();
    fill(&ledger, 0, 150);
    until(|| ledger.stats().let_go > 3);
    fill(&ledger, 1000, 20);
    drop(ledger);
    let report = sound(dir.path());
    (dir, report)
}

#[test]
fn what_was_let_go_is_told_and_the_rest_verifies() {
    for pack in [false, true] {
        let (dir, report) = let_go(Keeping { pack, ..keeping().0 });
        let told = report.let_go.clone().unwrap();
        let first = report.first.unwrap().seq;
        assert_eq!((told.through, told.rule.as_str(), told.bound), (first - 1, "size", 24 << 10));
        assert!(told.seq > told.through && !told.shipped);
        assert_eq!(report.records, report.head.seq - told.through);
        assert_eq!(report.signed.unwrap().records, report.head.seq);
        // The newest checkpoint covers all records, those that are gone as well.
        let newest: SignedCheckpoint = fs::read_to_string(dir.path().join("checkpoint")).unwrap().parse().unwrap();
        assert_eq!((newest.checkpoint.size, newest.checkpoint.root), (report.head.seq, report.root));
        let kept: Vec<u64> = (first..=report.head.seq).collect();
        let proof = ProofFile::make(dir.path(), &newest, &kept, Some(&newest)).unwrap();
        assert_eq!(proof.check(&[signing().public()]).unwrap().1.len(), kept.len());
        let gone = ProofFile::make(dir.path(), &newest, &[told.through], None).unwrap_err();
        assert_eq!(gone.code(), "proof_let_go");
        // It is opened and gone on with; and without the rule all the rest stays.
        let (ledger, recovered) = Ledger::open(dir.path(), &key(), options(keeping().0)).unwrap();
        assert_eq!(recovered.head, report.head);
        fill(&ledger, 2000, 5);
        drop(ledger);
        assert_eq!(sound(dir.path()).let_go.unwrap(), told);
    }
}

#[test]
fn what_nobody_let_go_is_still_missing() {
    let (dir, report) = let_go(keeping().0);
    let through = report.let_go.unwrap().through;
    // More than the last RETENTION record says was taken away.
    let said = records(dir.path()).into_iter().filter_map(|record| match record.body {
        crate::Body::Retention(said) => Some(said.through),
        _ => None,
    });
    let farthest = said.max().unwrap();
    let mut paths = names(dir.path());
    while paths[0].first_seq <= farthest + 1 {
        fs::remove_file(&paths[0].path).unwrap();
        paths.remove(0);
    }
    for check in [Check::with_chain(&key()), Check::with_key(signing().public())] {
        let failure = verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap();
        assert_eq!((failure.code, failure.seq, failure.through), ("first_segment_missing", 1, paths[0].first_seq - 1));
        assert!(failure.through > through);
    }
}

#[test]
fn what_was_noted_before_what_is_left_asks_for_a_later_note() {
    let (dir, report) = let_go(keeping().0);
    let through = report.let_go.unwrap().through;
    let fails = |check: Check| verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap().code;
    let head = |seq, mac| Check { expect_head: Some(crate::Head { seq, mac }), ..Check::with_chain(&key()) };
    assert_eq!(fails(head(through - 1, crate::Mac([1; 32]))), "expected_let_go");
    assert_eq!(fails(head(through, crate::Mac([1; 32]))), "head_differs");
}

/// A RETENTION record that was changed, or made by somebody who cannot sign, lets nothing go.
#[test]
fn only_a_record_that_is_vouched_for_lets_go() {
    let (dir, report) = let_go(keeping().0);
    let told = report.let_go.unwrap();
    let found =
        Reader::open(dir.path(), None).unwrap().map(Result::unwrap).find(|found| found.record.seq == told.seq).unwrap();
    let path = dir.path().join(&found.segment);
    let bytes = fs::read(&path).unwrap();
    let end = entries(&bytes).into_iter().find(|entry| entry.start as u64 == found.offset).unwrap().end;
    for at in usize::try_from(found.offset).unwrap()..end {
        let mut changed = bytes.clone();
        changed[at] ^= 0x02;
        fs::write(&path, &changed).unwrap();
        assert!(!outsider(dir.path()).is_ok() && !check(dir.path(), None).is_ok(), "byte {at}");
    }
}

#[test]
fn old_segments_are_let_go_by_age() {
    let dir = tempfile::tempdir().unwrap();
    drop(written(dir.path(), 120, options(keeping().0)));
    let before = names(dir.path()).len();
    let aged = |age| options(Keeping { max_age: Some(Duration::from_millis(age)), ..keeping().0 });
    let (ledger, _) = Ledger::open(dir.path(), &key(), aged(3_600_000)).unwrap();
    std::thread::sleep(Duration::from_millis(60));
    assert_eq!((ledger.stats().let_go, names(dir.path()).len()), (0, before));
    drop(ledger);
    let (ledger, _) = Ledger::open(dir.path(), &key(), aged(50)).unwrap();
    until(|| names(dir.path()).len() <= ALWAYS_KEPT);
    drop(ledger);
    assert_eq!(sound(dir.path()).let_go.unwrap().rule, "age");
}

#[test]
fn retention_takes_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let keeping = Keeping { max_bytes: Some(1), ..keeping().0 };
    assert_eq!(Ledger::open(dir.path(), &key(), Options { keeping, ..small() }).unwrap_err().code(), "ledger_options");
}

#[test]
fn nothing_is_let_go_before_it_was_shipped() {
    let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = away.path().join("not yet there");
    let (keeping, seen) = keeping();
    let ship = HandOver { folder: Some(folder.clone()), timeout: Duration::from_secs(20), ..HandOver::default() };
    let keeping = Keeping { max_bytes: Some(16 << 10), pack: true, ship: Some(ship), ..keeping };
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping.clone())).unwrap();
    fill(&ledger, 0, 90);
    until(|| seen.failures("ship") > 1);
    let stats = ledger.stats();
    assert!(stats.unshipped > 0 && stats.let_go == 0 && stats.ship_failures > 1, "{stats:?}");
    fs::create_dir(&folder).unwrap();
    until(|| ledger.stats().let_go > 2);
    until(|| ledger.stats().unshipped == 0);
    drop(ledger);
    let told = sound(dir.path()).let_go.unwrap();
    assert!(told.shipped);
    // What was shipped is a ledger of its own, from its first record on.
    let report = outsider(&folder);
    assert!(report.is_ok() && report.let_go.is_none() && report.head.seq >= told.through, "{report:?}");
    // After a restart it knows what it has handed over, and goes on with the next.
    let shipped = fs::read_dir(&folder).unwrap().count();
    for entry in fs::read_dir(&folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping)).unwrap();
    fill(&ledger, 500, 60);
    until(|| ledger.stats().shipped > 1 && ledger.stats().unshipped == 0);
    drop(ledger);
    let names = names(&folder);
    assert!(!names.is_empty() && shipped > 0 && names[0].first_seq > told.through);
}

#[test]
fn the_writer_never_waits_for_a_hook() {
    let dir = tempfile::tempdir().unwrap();
    let ship = HandOver { folder: None, command: vec!["sleep".into(), "60".into()], timeout: Duration::from_secs(60) };
    let keeping = Keeping { ship: Some(ship.clone()), witness: Some(ship), ..keeping().0 };
    let begun = Instant::now();
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping)).unwrap();
    fill(&ledger, 0, 60);
    assert!(ledger.health().is_healthy());
    drop(ledger);
    // The end waits a bounded time for the witness to get the last checkpoint.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_ok(dir.path());
}

#[test]
fn each_newest_checkpoint_reaches_the_witness_and_the_last_one_does() {
    let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let witness = HandOver { folder: Some(away.path().to_owned()), ..HandOver::default() };
    let keeping = Keeping { witness: Some(witness), ..keeping().0 };
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(keeping)).unwrap();
    fill(&ledger, 0, 3);
    until(|| ledger.stats().witnessed > 0);
    fill(&ledger, 3, 3);
    until(|| ledger.stats().witnessed > 1);
    drop(ledger);
    let mut kept: Vec<_> = fs::read_dir(away.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    kept.sort();
    let checkpoints: Vec<SignedCheckpoint> =
        kept.iter().map(|path| fs::read_to_string(path).unwrap().parse().unwrap()).collect();
    let check = Check { checkpoints: checkpoints.clone(), ..Check::with_key(signing().public()) };
    let report = verify(dir.path(), &check, |_, _| {}).unwrap();
    assert!(report.is_ok() && checkpoints.len() > 1, "{report:?}");
    assert_eq!(checkpoints.last().unwrap().checkpoint.size, report.head.seq);
    // The tail is cut, and the file beside it with it: the witness tells.
    fs::remove_file(dir.path().join("checkpoint")).unwrap();
    let path = segments(dir.path()).pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..entries(&bytes).pop().unwrap().start]).unwrap();
    assert!(outsider(dir.path()).failure.is_none());
    assert_eq!(verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap().code, "tail_cut");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The power is cut at any operation while segments are packed and let go; of what was not synced any part is kept.
    #[test]
    fn a_power_cut_while_segments_are_looked_after_loses_nothing_else(
        operations in 40_u64..900,
        keeps in prop::collection::vec(any::<bool>(), 64),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let disk = VolatileDisk::with_operations(operations);
        let rule = Keeping { pack: true, max_bytes: Some(16 << 10), every: Duration::from_millis(1), ..keeping().0 };
        let plan = Options { storage: Arc::new(disk.clone()), ..options(rule.clone()) };
        let mut last = None;
        if let Ok((ledger, _)) = Ledger::open(dir.path(), &key(), plan) {
            for n in 0..120 {
                let draft = if n % 2 == 0 { intent(&format!("e-{n}")) } else { execution(&format!("e-{}", n - 1)) };
                match ledger.append_wait(draft, Durability::Durable) {
                    Ok(appended) => last = Some(appended),
                    Err(_) => break,
                }
            }
        }
        let mut keeps = keeps.into_iter().cycle();
        disk.settle(|| keeps.next().unwrap());
        let (ledger, _) = Ledger::open(dir.path(), &key(), options(rule)).unwrap();
        fill(&ledger, 1000, 2);
        drop(ledger);
        let head = last.map(|last| crate::Head { seq: last.seq, mac: last.mac });
        let both = Check { keys: vec![signing().public()], expect_head: head, ..Check::with_chain(&key()) };
        let report = verify(dir.path(), &both, |_, _| {}).unwrap();
        prop_assert!(report.is_ok(), "{:?}", report);
    }
}

#[test]
fn a_segment_that_cannot_be_read_is_neither_packed_nor_removed() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    let first = names(dir.path())[0].clone();
    let bytes = fs::read(&first.path).unwrap();
    let disk = FaultyDisk::default();
    let append = Box::new(|_| Err(AppendError::Closed));
    let (storage, keeping) = (Arc::new(disk.clone()), Keeping { pack: true, ..keeping().0 });
    let mut keeper = Keeper::new(dir.path().to_owned(), keeping, storage, Arc::default(), 2, append);
    // The segment, and what was packed when it is compared with it.
    for (of, length) in [(".wgl", bytes.len()), (".wgl.zst.tmp", 200)] {
        for at in (0..length).step_by(97) {
            let unreadable = Some(at as u64);
            disk.set(|faults| *faults = Faults { of: of.to_owned(), unreadable, ..Faults::default() });
            let error = keeper.pack_all(&Stop::default()).unwrap_err();
            assert!(error.starts_with(&format!("{}: ", first.name)), "{error}");
            assert!(error.contains(&format!("reading at offset {at}: ")), "{error}");
            assert_eq!((names(dir.path())[0].packed, fs::read(&first.path).unwrap()), (false, bytes.clone()));
        }
    }
    disk.set(|faults| *faults = Faults { at_once: Some(50), ..Faults::default() });
    keeper.pack_all(&Stop::default()).unwrap();
    assert!(packed_but_last(dir.path()));
    assert_ok(dir.path());
}
