#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::testing::*;
use crate::{Checkpoints, Durability, Ledger, Options, ReceiptKey};

fn signer() -> ReceiptKey {
    ReceiptKey::from_seed(&[1; 32])
}

fn file(dir: &Path) -> SignedCheckpoint {
    std::fs::read_to_string(dir.join("checkpoint")).unwrap().parse().unwrap()
}

/// A ledger of 40 exchanges' ends, signed to its end.
fn ledger() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path());
    dir
}

fn grow(dir: &Path) {
    let options = Options { checkpoints: Some(Checkpoints::new(signer())), ..small() };
    let ledger = Ledger::open(dir, &key(), options).unwrap().0;
    for i in 0..40 {
        ledger.append_wait(execution(&format!("e-{i}")), Durability::Buffered).unwrap();
    }
}

#[test]
fn a_proof_can_be_taken_away_and_holds_for_nothing_else() {
    let dir = ledger();
    let earlier = file(dir.path());
    grow(dir.path());
    let now = file(dir.path());
    let made = ProofFile::make(dir.path(), &now, &[2, 17, 60], Some(&earlier)).unwrap();
    let json = serde_json::to_string(&made).unwrap();
    let read: ProofFile = serde_json::from_str(&json).unwrap();
    let (checkpoint, records, since) = read.check(&[signer().public()]).unwrap();
    assert_eq!((&checkpoint, since.as_ref()), (&now, Some(&earlier)));
    let all = crate::testing::records(dir.path());
    for (record, seq) in records.iter().zip([2, 17, 60]) {
        assert_eq!((record.seq, record), (seq as u64, &all[seq - 1]));
    }
    assert!(json.len() < 8000, "{}", json.len());

    let refused = |change: &dyn Fn(&mut ProofFile)| {
        let mut changed = made.clone();
        change(&mut changed);
        changed.check(&[signer().public()]).unwrap_err().code()
    };
    assert_eq!(refused(&|file| file.records[1].seq = 18), "proof_inclusion");
    assert_eq!(refused(&|file| file.records[1].seq = 0), "proof_inclusion");
    assert_eq!(refused(&|file| file.records[1].entry = file.records[0].entry.clone()), "proof_inclusion");
    assert_eq!(refused(&|file| file.records[1].proof[0].0[3] ^= 1), "proof_inclusion");
    assert_eq!(refused(&|file| file.records[2].proof.truncate(1)), "proof_inclusion");
    assert_eq!(refused(&|file| file.records[2].entry.push('x')), "proof_malformed");
    assert_eq!(refused(&|file| file.since.as_mut().unwrap().proof[0].0[3] ^= 1), "proof_consistency");
    assert_eq!(refused(&|file| file.checkpoint = earlier.to_string()), "proof_inclusion");
    assert_eq!(refused(&|file| file.checkpoint = file.checkpoint.replace('\u{2014}', "-")), "proof_malformed");
    assert_eq!(refused(&|file| file.v = 2), "proof_version");
    let stranger = ReceiptKey::from_seed(&[2; 32]).public();
    assert_eq!(made.check(&[stranger]).unwrap_err().code(), "proof_signature");
    // Each byte of the record counts.
    let entry = STANDARD.decode(&made.records[0].entry).unwrap();
    for at in 0..entry.len() {
        let mut changed = entry.clone();
        changed[at] ^= 1;
        assert_eq!(refused(&|file| file.records[0].entry = STANDARD.encode(&changed)), "proof_inclusion", "byte {at}");
    }
}

/// More records than one block of the prover has, all of them, and some of them in any order and twice.
#[test]
fn many_records_are_proven_at_once() {
    let made = crate::vectors::thousand(3, 1);
    let dir = tempfile::tempdir().unwrap();
    made.write(dir.path());
    let now = file(dir.path());
    let all: Vec<u64> = (1..=1000).collect();
    for positions in [&all[..], &[], &[1], &[256], &[257], &[1000], &[999, 3, 512, 3, 513]] {
        let proof = ProofFile::make(dir.path(), &now, positions, None).unwrap();
        let mut sorted = positions.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(proof.records.iter().map(|record| record.seq).collect::<Vec<_>>(), sorted);
        let (_, records, _) = proof.check(&[crate::vectors::signer(1).public()]).unwrap();
        assert_eq!(records.len(), sorted.len());
    }
}

#[test]
fn what_cannot_be_proven_is_named() {
    let dir = ledger();
    let checkpoint = file(dir.path());
    fn make_of(
        dir: &Path,
        checkpoint: &SignedCheckpoint,
        positions: &[u64],
        since: Option<&SignedCheckpoint>,
    ) -> Result<(), ProofError> {
        ProofFile::make(dir, checkpoint, positions, since).map(drop)
    }
    let size = checkpoint.checkpoint.size;
    assert_eq!(make_of(dir.path(), &checkpoint, &[size + 1], None).unwrap_err().code(), "proof_not_covered");
    assert_eq!(make_of(dir.path(), &checkpoint, &[0], None).unwrap_err().code(), "proof_not_covered");
    let other = ledger();
    assert_eq!(make_of(other.path(), &checkpoint, &[1], None).unwrap_err().code(), "proof_not_the_ledger");
    assert_eq!(
        make_of(dir.path(), &checkpoint, &[1], Some(&file(other.path()))).unwrap_err().code(),
        "proof_consistency"
    );
    grow(other.path());
    assert_eq!(
        make_of(dir.path(), &checkpoint, &[], Some(&file(other.path()))).unwrap_err().code(),
        "proof_consistency"
    );
}
