#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::cosignature::tests::witness;
use crate::testing::*;
use crate::{
    Check, Checkpoints, Durability, Ledger, Notices, Options, ReceiptKey, VerifyReport, WitnessKey, consistency, verify,
};

fn signing() -> ReceiptKey {
    ReceiptKey::from_seed(&[1; 32])
}

/// A witness that wants the proof, as one far away would; or an authority, whose token is the time it was asked.
struct Far {
    seen: Mutex<Vec<(u64, crate::Digest)>>,
    away: AtomicBool,
    seed: Option<u8>,
}

impl std::fmt::Debug for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Far")
    }
}

impl Ask for Far {
    fn ask(&self, asking: &Asking<'_>) -> Result<Vec<u8>, String> {
        if self.away.load(Ordering::Relaxed) {
            return Err("it is away".to_owned());
        }
        let stated = asking.signed.checkpoint;
        let mut seen = self.seen.lock().unwrap();
        let Some(seed) = self.seed else {
            seen.push((stated.size, stated.root));
            return Ok(format!("token {}", seen.len()).into_bytes());
        };
        let old = seen.last().copied();
        let (size, root) = old.unwrap_or((0, Frontier::default().root()));
        let proof = consistency(asking.ledger, size, asking.signed).map_err(|error| error.to_string())?;
        assert!(crate::verify_consistency((size, root), (stated.size, stated.root), &proof));
        seen.push((stated.size, stated.root));
        let (key, cosign) = witness("w.example", seed);
        let answer = cosign(asking.signed, 1_700_000_000 + seen.len() as u64);
        Ok(asking.signed.with_cosignature(&answer, &key).unwrap().to_string().into_bytes())
    }
}

use crate::tree::Frontier;

fn far(seed: Option<u8>) -> Arc<Far> {
    Arc::new(Far { seen: Mutex::default(), away: AtomicBool::new(false), seed })
}

#[derive(Debug, Default)]
struct Noted(Mutex<Vec<String>>);

impl Notices for Noted {
    fn notice(&self, notice: &Notice) {
        if let Notice::Failed { task, detail, .. } = notice {
            self.0.lock().unwrap().push(format!("{task}: {detail}"));
        }
    }
}

fn options(wanted: Wanted, ask: &Arc<Far>, notices: &Arc<Noted>) -> Options {
    let outside = Outside { wanted, every: Duration::ZERO, ask: Arc::<Far>::clone(ask) };
    let every = Duration::from_millis(2);
    let notices = Arc::<Noted>::clone(notices);
    let keeping = Keeping { outside: vec![outside], every, notices, ..Keeping::default() };
    let checkpoints = Checkpoints { records: 5, ..Checkpoints::new(signing()) };
    Options { checkpoints: Some(checkpoints), keeping, ..small() }
}

fn fill(ledger: &Ledger, records: u64) {
    for i in 0..records {
        ledger.append_wait(execution(&format!("e-{i}")), Durability::Durable).unwrap();
    }
}

fn checked(dir: &Path, witnesses: Vec<WitnessKey>) -> VerifyReport {
    verify(dir, &Check { witnesses, ..Check::with_key(signing().public()) }, |_, _| {}).unwrap()
}

#[test]
fn checkpoints_are_cosigned_and_the_cosigned_one_shows_a_cut_tail() {
    let (dir, far, noted) = (tempfile::tempdir().unwrap(), far(Some(9)), Arc::new(Noted::default()));
    let key = witness("w.example", 9).0;
    for _ in 0..2 {
        let (ledger, _) =
            Ledger::open(dir.path(), &crate::testing::key(), options(Wanted::Cosignature, &far, &noted)).unwrap();
        fill(&ledger, 30);
        until(|| ledger.stats().cosigned.done > 0);
        assert!(ledger.stats().cosigned.records > 0);
    }
    assert_eq!(*noted.0.lock().unwrap(), Vec::<String>::new());
    let report = checked(dir.path(), vec![key.clone()]);
    assert!(report.is_ok(), "{report:?}");
    let [part] = report.witnessed.as_slice() else { panic!("{report:?}") };
    assert_eq!((part.records, part.witness.as_str()), (report.head.seq, "w.example"), "the last one, too");
    assert_eq!(witnessed(dir.path()).unwrap().cosigned(&key), Some(part.time_s));
    let other = witness("w.example", 8).0;
    let failed = |witnesses| checked(dir.path(), witnesses).failure.unwrap().code;
    assert_eq!(failed(vec![key.clone(), other]), "witness_wrong_key");
    // The tail is cut, and the ledger's own checkpoint taken away.
    let path = segments(dir.path()).pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..entries(&bytes).pop().unwrap().start]).unwrap();
    fs::remove_file(dir.path().join("checkpoint")).unwrap();
    assert_eq!(failed(vec![]), "tail_cut");
    fs::remove_file(dir.path().join(WITNESSED)).unwrap();
    assert!(checked(dir.path(), vec![]).is_ok());
    assert_eq!(failed(vec![key]), "witness_missing");
    fs::write(dir.path().join(WITNESSED), "half").unwrap();
    assert_eq!(failed(vec![]), "checkpoint_unreadable");
}

#[test]
fn nobody_waits_for_a_witness_that_is_away_and_it_gets_the_newest_when_it_is_back() {
    let (dir, far, noted) = (tempfile::tempdir().unwrap(), far(Some(9)), Arc::new(Noted::default()));
    far.away.store(true, Ordering::Relaxed);
    let (ledger, _) = Ledger::open(dir.path(), &key(), options(Wanted::Cosignature, &far, &noted)).unwrap();
    fill(&ledger, 20);
    until(|| ledger.stats().cosigned.failed > 1);
    fill(&ledger, 20);
    assert!(ledger.health().is_healthy() && ledger.stats().cosigned.done == 0);
    assert_eq!(noted.0.lock().unwrap().first().unwrap(), "cosign: it is away");
    far.away.store(false, Ordering::Relaxed);
    until(|| ledger.stats().cosigned.done > 0);
    drop(ledger);
    let report = checked(dir.path(), vec![witness("w.example", 9).0]);
    assert_eq!(report.witnessed.first().unwrap().records, report.head.seq);
}

#[test]
fn each_token_is_kept_with_what_it_is_over_and_never_replaced() {
    let (dir, far, noted) = (tempfile::tempdir().unwrap(), far(None), Arc::new(Noted::default()));
    let open = || Ledger::open(dir.path(), &key(), options(Wanted::Timestamp, &far, &noted)).unwrap().0;
    let ledger = open();
    fill(&ledger, 12);
    until(|| ledger.stats().timestamps.done > 0);
    fill(&ledger, 12);
    drop(ledger);
    let kept = timestamps(dir.path()).unwrap();
    let asked = far.seen.lock().unwrap().len();
    assert!(kept.len() > 1 && kept.len() == asked, "{kept:?}");
    let sizes: Vec<u64> = kept.iter().map(|(_, note)| note.as_ref().unwrap().checkpoint.size).collect();
    assert_eq!(sizes, far.seen.lock().unwrap().iter().map(|(size, _)| *size).collect::<Vec<_>>());
    let last = fs::read(&kept.last().unwrap().0).unwrap();
    // Nothing new is recorded: the token that is there stays, as it says an earlier time.
    drop(open());
    assert_eq!(fs::read(&kept.last().unwrap().0).unwrap(), last);
    assert_eq!(far.seen.lock().unwrap().len(), asked);
    assert!(checked(dir.path(), vec![]).is_ok());
    // Of what is no checkpoint no more is read than shows it, and it is told which.
    let over = |at: usize| kept[at].0.with_extension("note");
    fs::File::create(over(0)).unwrap().set_len(1 << 40).unwrap();
    fs::remove_file(over(1)).unwrap();
    let told: Vec<bool> = timestamps(dir.path()).unwrap().iter().map(|(_, note)| note.is_ok()).collect();
    assert_eq!(told, (0..kept.len()).map(|at| at > 1).collect::<Vec<_>>());
}

#[test]
fn a_file_that_is_longer_than_any_checkpoint_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let signed = || Options { checkpoints: Some(Checkpoints::new(signing())), ..small() };
    fill(&Ledger::open(dir.path(), &key(), signed()).unwrap().0, 3);
    let whole = fs::read(dir.path().join("checkpoint")).unwrap();
    for name in ["checkpoint", WITNESSED] {
        let path = dir.path().join(name);
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(checked(dir.path(), vec![]).failure.unwrap().code, "checkpoint_unreadable");
        assert!(witnessed(dir.path()).is_none());
        drop(Ledger::open(dir.path(), &key(), signed()).unwrap());
        fs::write(dir.path().join("checkpoint"), &whole).unwrap();
    }
}
