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
    let quadratic = growth("ab", 1 << 9, |text| {
        for end in 0..text.len() {
            black_box(each(&text[..end]));
        }
    });
    assert!(quadratic > 9.0, "{quadratic}");
}
