use super::{longest_run, threshold};

const CARD: &[u8] = b"4539 1488 0343 6467";

#[test]
fn a_run_counts_from_a_third_or_four_bytes_on() {
    assert_eq!((threshold(CARD), threshold(b"abc"), threshold(b"0123456789abc")), (7, 4, 5));
    assert_eq!(longest_run(CARD, b"it is 4539 1 and so on"), 0);
    assert_eq!(longest_run(CARD, b"it is 4539 14 and so on"), 7);
    assert_eq!(longest_run(CARD, b"** **88 0343 6467"), 12);
}

#[test]
fn the_longest_run_is_found_wherever_it_lies() {
    let value = b"abcdefghijkl";
    for from in 0..value.len() {
        for to in from..=value.len() {
            for before in 0..9 {
                let mut text = vec![b'-'; before];
                text.extend_from_slice(value.get(from..to).unwrap_or_default());
                text.extend_from_slice(b"--");
                let expected = if to - from >= 4 { to - from } else { 0 };
                assert_eq!(longest_run(value, &text), expected, "{from}..{to} behind {before}");
            }
        }
    }
}

#[test]
fn a_value_that_repeats_itself_is_measured_right() {
    assert_eq!(longest_run(b"aaaaabaaaa", b"xxaaaabaaaaxx"), 9);
    assert_eq!(longest_run(b"abc", b"abc"), 0, "too short to count");
}
