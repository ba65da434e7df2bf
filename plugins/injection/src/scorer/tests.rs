#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{BYTES, HEAD, LONG, Limits, MANY, SLOT, SOME, Scorer, WINDOW, Weights, some};

/// A table of four slots: what is added to a word of hash `3 << 30 | 7` is 5, and 4 more for a tool.
fn weights() -> Weights {
    let mut bytes = vec![0; HEAD + 4 * SLOT];
    bytes[0] = 2;
    bytes[2] = 100;
    bytes[HEAD + 3 * SLOT..].copy_from_slice(&[7, 0, 5, 4]);
    let bytes = Box::leak(bytes.into_boxed_slice());
    Weights::read(bytes, Box::leak(Box::new(some(bytes)))).unwrap()
}

const KNOWN: u32 = 3 << 30 | 7;

#[test]
fn the_built_in_weights_are_whole() {
    let weights = Weights::read(BYTES, &SOME).unwrap();
    assert!(BYTES.len() <= 64 * 1024);
    for tool in [false, true] {
        let limits = weights.limits(tool);
        assert!(0 < limits.agree && limits.agree <= limits.sure && limits.sure <= limits.long);
        assert!(limits.long < i32::from(i16::MAX));
    }
    let full = BYTES[HEAD..].chunks(SLOT).filter(|slot| **slot != [0; SLOT]).count();
    assert!(full * SLOT < (BYTES.len() - HEAD) * 3 / 4, "looking up ends soon");
}

#[test]
fn what_is_not_a_table_is_none() {
    for bytes in [&[][..], &[2; HEAD], &[2; HEAD + 5], &[200; HEAD + 16]] {
        assert!(Weights::read(Box::leak(bytes.to_vec().into()), &SOME).is_none());
    }
}

#[test]
fn a_long_text_must_say_more() {
    let limits = Limits { agree: 1, sure: 10, long: 14 };
    assert_eq!([limits.as_of_short(20, LONG), limits.as_of_short(20, LONG + 1)], [20, 16]);
    assert_eq!(Limits::NEVER.as_of_short(20, LONG + 1), 20);
}

#[test]
fn a_feature_is_known_by_slot_and_print() {
    let weights = weights();
    assert_eq!((weights.of(KNOWN, false), weights.of(KNOWN, true)), (Some((3, 5)), Some((3, 9))));
    assert_eq!((weights.of(KNOWN ^ 1, true), weights.of(7, true)), (None, None));
}

#[test]
fn no_feature_that_has_a_weight_is_passed_over() {
    let weights = Weights::read(BYTES, &SOME).unwrap();
    let of = |slot: &&[u8]| u32::from(u16::from_le_bytes([slot[0], slot[1]]));
    let full = BYTES[HEAD..].chunks(SLOT).filter(|slot| *slot != [0; SLOT]);
    assert!(full.map(|slot| of(&slot)).all(|hash| weights.may(hash) && weights.may(hash | 0xabcd_0000)));
    let passed = (0..1 << 16).filter(|hash| !weights.may(*hash)).count();
    assert!(passed > 60_000, "{passed}");
}

#[test]
fn a_long_text_is_summed_as_a_short_one() {
    let mut scorer = Scorer::new(weights());
    for _ in 0..10_000 {
        scorer.step();
        scorer.add(KNOWN);
    }
    assert_eq!((scorer.sum, scorer.best()), (5, 5));
    assert!(scorer.added.len() <= 2 * MANY, "what left is thrown away");
}

#[test]
fn the_highest_sum_of_a_window_counts_and_each_feature_once_in_it() {
    let mut scorer = Scorer::new(weights());
    for text in 0..2 {
        scorer.begin(text == 1);
        for _ in 0..3 * WINDOW {
            scorer.step();
            scorer.add(KNOWN);
        }
        assert_eq!(scorer.best(), if text == 0 { 5 } else { 9 });
    }
    scorer.begin(true);
    assert_eq!(scorer.best(), 0, "nothing of the text before");
}
