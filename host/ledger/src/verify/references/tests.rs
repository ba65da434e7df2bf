#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::MANY;
use crate::testing::builder::Builder;
use crate::testing::key;
use crate::verify_report::ReferencesPart;
use crate::{Check, Decision, Digest, Draft, Execution, Intent, ReceiptKey, Reference, Use, VerifyReport, verify};

/// Exchanges over several segments, each of which names earlier ones; of the reference at `wrong`, counted over all of them,
/// a bit is another.
fn made(names: &[Vec<usize>], wrong: Option<usize>) -> (Builder, u64, Option<u64>) {
    let mut made = Builder::new(1, &key(), ReceiptKey::from_seed(&[1; 32]));
    let (mut known, mut count, mut by): (Vec<Reference>, u64, Option<u64>) = (vec![], 0, None);
    for (at, names) in names.iter().enumerate() {
        if at % 5 == 4 {
            made.next_segment();
        }
        let id = format!("e-{at}");
        let mut references: Vec<Reference> = vec![];
        for name in names.iter().filter(|_| !known.is_empty()) {
            let mut reference = known[name % known.len()].clone();
            if wrong == Some(usize::try_from(count).unwrap()) {
                reference.digest.0[name % 32] ^= 1 << (name % 8);
                by = Some(made.head.seq + 1);
            }
            references.push(reference);
            count += 1;
        }
        made.record(&Draft::new(id.as_str(), Intent { references, ..Intent::default() }));
        made.record(&Draft::new(id.as_str(), Decision::default()));
        let (seq, digest) = (made.head.seq, made.leaf);
        known.push(Reference { seq, digest, exchange: id.clone(), used: Use::Governance });
        made.record(&Draft::new(id.as_str(), Execution::default()));
    }
    (made.finished(), count, by)
}

fn report(made: &Builder) -> VerifyReport {
    let dir = tempfile::tempdir().unwrap();
    made.write(dir.path());
    verify(dir.path(), &Check::with_chain(&key()), |_, _| {}).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn references_hold_and_any_other_digest_is_found(
        names in prop::collection::vec(prop::collection::vec(any::<usize>(), 0..5), 1..20),
        wrong in any::<prop::sample::Index>(),
    ) {
        let (whole, count, _) = made(&names, None);
        let told = report(&whole);
        prop_assert!(told.is_ok(), "{told:?}");
        let part = ReferencesPart { held: count, let_go: 0 };
        prop_assert_eq!(told.references, (count > 0).then_some(part));
        if count > 0 {
            let (changed, _, by) = made(&names, Some(wrong.index(usize::try_from(count).unwrap())));
            let failure = report(&changed).failure.unwrap();
            prop_assert_eq!((failure.code, Some(failure.seq)), ("reference_differs", by));
        }
    }
}

#[test]
fn of_several_the_first_is_told() {
    let names: Vec<Vec<usize>> = (0..MANY).map(|at| vec![0, at]).collect();
    let (mut whole, ..) = made(&names, None);
    for (id, seq) in [("late", 3), ("later", 2)] {
        let reference = Reference { seq, digest: Digest::default(), exchange: "e-0".into(), used: Use::Execution };
        whole.record(&Draft::new(id, Intent { references: vec![reference], ..Intent::default() }));
    }
    let (seq, told) = (whole.head.seq, report(&whole.finished()));
    assert_eq!(told.failure.unwrap().seq, seq - 1, "by where it stands, not by what it names");
}
