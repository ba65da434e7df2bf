use std::hint::black_box;

use super::*;

fn each(text: &str) -> u64 {
    text.bytes().fold(0, |sum, b| black_box(sum + u64::from(b)))
}

#[test]
fn linear_and_quadratic_work_are_told_apart() {
    let linear = growth("ab", 1 << 14, |text| {
        black_box(each(text));
    });
    assert!(linear < 9.0, "{linear}");
    // The least of some tries counts, so that a busy machine may hide what is slow, now and then; it never makes it up.
    let quadratic = || {
        growth("ab", 1 << 9, |text| {
            for end in 0..text.len() {
                black_box(each(&text[..end]));
            }
        })
    };
    assert!((0..8).any(|_| quadratic() > 9.0));
}
