#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn counts(tp: usize, fp: usize, tn: usize, false_negatives: usize) -> Counts {
    Counts { true_positives: tp, false_positives: fp, true_negatives: tn, false_negatives, ..Counts::default() }
}

#[test]
fn a_known_table_has_known_rates() {
    let all = counts(90, 30, 170, 10);
    assert_eq!((all.positives(), all.negatives()), (100, 200));
    assert_eq!(all.precision().unwrap().value, 0.75);
    assert_eq!(all.recall().unwrap().value, 0.9);
    assert_eq!(all.fpr().unwrap().value, 0.15);
    // 2 · 0.75 · 0.9 / 1.65
    assert_eq!(all.f1().unwrap(), 0.8182);
}

#[test]
fn wilson_intervals_are_those_of_the_textbook() {
    // Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662, 15 of 148 is 0.0624 to 0.1605, 0 of 20 is 0 to 0.1611,
    // 1 of 29 is 0.0061 to 0.1718.
    for (part, of, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
    {
        let rate = Rate::new(part, of).unwrap();
        assert_eq!((rate.low, rate.high), (low, high), "{part} of {of}");
    }
    let all = Rate::new(20, 20).unwrap();
    assert_eq!((all.value, all.low, all.high), (1.0, 0.8389, 1.0));
}

#[test]
fn nothing_of_nothing_is_no_rate() {
    assert_eq!(Rate::new(0, 0), None);
    let only_negative = counts(0, 0, 5, 0);
    assert_eq!((only_negative.precision(), only_negative.recall(), only_negative.f1()), (None, None, None));
    assert_eq!(only_negative.fpr().unwrap().value, 0.0);
    assert_eq!(counts(0, 3, 0, 4).f1(), Some(0.0));
}

#[test]
fn a_row_that_is_only_noticed_is_not_detected() {
    let mut all = Counts::default();
    all.add(true, true, true);
    all.add(true, false, true);
    all.add(true, false, false);
    all.add(false, true, false);
    all.add(false, false, true);
    let wanted = Counts { noticed_positives: 1, noticed_negatives: 1, ..counts(1, 1, 1, 2) };
    assert_eq!(all, wanted);
}
