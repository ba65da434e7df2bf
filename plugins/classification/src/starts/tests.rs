use super::*;
use crate::config::Config;
use crate::{Classification, Plugin};

/// Of the built-in ladder.
fn all(text: &[u8], from: usize) -> Vec<usize> {
    let policy = Classification::configure(Config::default()).unwrap_or_else(|issues| panic!("{issues:?}"));
    let (mut starts, mut found, mut at) = (Starts::new(text, &policy.lexicon.openings), vec![], from);
    loop {
        at = starts.next(at);
        if at == text.len() {
            return found;
        }
        found.push(at);
        at += 1;
    }
}

#[test]
fn words_brackets_and_other_characters_begin() {
    assert_eq!(all(b"", 0), [0_usize; 0]);
    assert_eq!(all(b"A quick brown fox wrote, 12 times", 0), [0_usize; 0]);
    assert_eq!(all(b"the SECRET f(x) is (it) insecure", 0), [4, 19]);
    assert_eq!(all("é xé".as_bytes(), 0), [0, 1, 4, 5]);
    assert_eq!(all(b"as s", 0), [3], "too short to tell");
}

#[test]
fn the_place_in_a_step_makes_no_difference() {
    for before in 0..200 {
        for after in [0, 1, 2, 3, 70] {
            let text = format!("{}SECRET (U){}", " ".repeat(before), ".".repeat(after));
            for from in [0, before / 2, before] {
                assert_eq!(all(text.as_bytes(), from), [before, before + 7, before + 8], "{before} {after} {from}");
            }
            assert_eq!(all(text.as_bytes(), before + 1), [before + 7, before + 8], "{before} {after}");
        }
    }
}
