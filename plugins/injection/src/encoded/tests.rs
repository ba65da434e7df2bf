use proptest::prelude::*;

use super::{MIN_RUN, Runs, each_decoded, is_base64};

fn decoded(text: &str) -> Vec<String> {
    let mut out = vec![];
    each_decoded(text, |t| out.push(t.to_owned()));
    out
}

#[test]
fn base64_and_hexadecimal_are_read() {
    assert_eq!(decoded("run aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91 now"), ["hello world, how are you"]);
    assert_eq!(decoded("x: aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91PyA="), ["hello world, how are you? "]);
    assert_eq!(decoded("68656c6c6f20776f726c6421206f6b"), ["hello world! ok"]);
}

#[test]
fn what_is_no_text_is_left() {
    for text in [
        "short aGVsbG8=",
        "/usr/share/applications/example-desktop-file",
        &"A".repeat(64),
        "0123456789abcdef0123456789abcdef",
    ] {
        assert!(decoded(text).is_empty(), "{text}");
    }
}

#[test]
fn no_byte_is_looked_at_twice() {
    for unit in ["a", "a ", " ", "word and word ", "aaaaaaaaaaaaaaaaaaaaaaa ", "aaaaaaaaaaaaaaaaaaaaaaaa ", "x/y-z "] {
        let text = unit.repeat(2_000);
        let mut runs = Runs::new(text.as_bytes());
        while runs.next().is_some() {}
        // One for each byte, and one more for each run.
        assert!(runs.work <= text.len() + text.len() / MIN_RUN + 1, "{unit:?}: {} for {}", runs.work, text.len());
    }
}

proptest! {
    #[test]
    fn runs_are_what_splitting_gives(text in "([a-zA-Z0-9+/_-]{0,60}[ .=\u{e9}]{1,3}){0,8}[a-z]{0,30}") {
        let all = text.as_bytes().split(|b| !is_base64(*b)).filter(|r| r.len() >= MIN_RUN);
        prop_assert_eq!(Runs::new(text.as_bytes()).collect::<Vec<_>>(), all.collect::<Vec<_>>());
    }
}
