#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::proof::verify_consistency;
use crate::testing::*;
use crate::{Checkpoints, Durability, Ledger, Options, ReceiptKey};

fn grow(dir: &Path, records: u64) -> SignedCheckpoint {
    let options = Options { checkpoints: Some(Checkpoints::new(ReceiptKey::from_seed(&[1; 32]))), ..small() };
    let ledger = Ledger::open(dir, &key(), options).unwrap().0;
    for i in 0..records {
        ledger.append_wait(execution(&format!("e-{i}")), Durability::Buffered).unwrap();
    }
    drop(ledger);
    std::fs::read_to_string(dir.join("checkpoint")).unwrap().parse().unwrap()
}

#[test]
fn every_earlier_size_is_shown_to_be_the_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let whole = {
        grow(dir.path(), 60);
        grow(dir.path(), 60)
    };
    let (size, root) = (whole.checkpoint.size, whole.checkpoint.root);
    assert!(segments(dir.path()).len() > 3, "several segments, some begun by a restart");
    // The root of each earlier size, from the entries themselves.
    let mut tree = Frontier::default();
    let mut roots = vec![tree.root()];
    for path in segments(dir.path()) {
        let bytes = std::fs::read(path).unwrap();
        for range in entries(&bytes) {
            tree.push(leaf_hash(&bytes[range]));
            roots.push(tree.root());
        }
    }
    assert_eq!(roots.len() as u64, size + 1);
    for (old, earlier) in (0..).zip(&roots) {
        let proof = consistency(dir.path(), old, &whole).unwrap();
        assert!(verify_consistency((old, *earlier), (size, root), &proof), "{old}");
        assert!(proof.len() <= 63);
    }
}

#[test]
fn what_cannot_be_shown_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let earlier = grow(dir.path(), 60);
    let whole = grow(dir.path(), 60);
    let size = whole.checkpoint.size;
    assert!(matches!(consistency(dir.path(), size + 1, &whole), Err(ProofError::Consistency)));
    // Another ledger's checkpoint.
    let other = tempfile::tempdir().unwrap();
    let foreign = grow(other.path(), 120);
    assert!(consistency(dir.path(), 7, &foreign).is_err());
    // The records behind which it could begin are gone.
    let first = segments(dir.path()).into_iter().take(2);
    first.for_each(|path| std::fs::remove_file(path).unwrap());
    assert!(matches!(consistency(dir.path(), 3, &whole), Err(ProofError::LetGo { seq: 3, .. })));
    let still = consistency(dir.path(), earlier.checkpoint.size, &whole).unwrap();
    assert!(verify_consistency(
        (earlier.checkpoint.size, earlier.checkpoint.root),
        (size, whole.checkpoint.root),
        &still
    ));
}
