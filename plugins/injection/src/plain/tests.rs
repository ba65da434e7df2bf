use proptest::prelude::*;

use super::{Plain, eight};

/// The plain word at the start of `text`, byte by byte.
fn slowly(text: &str) -> Option<(&str, u8)> {
    let len = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let after = text.as_bytes().get(len).copied().unwrap_or(b'\n');
    let goes_on = after.is_ascii_digit() || !after.is_ascii() || after == b'@' || after == b'$';
    text.get(..len).filter(|_| len > 1 && !goes_on).map(|w| (w, after))
}

#[test]
fn words_and_what_stands_after_them() {
    for text in [
        "",
        "a",
        "ab",
        "ab cd",
        "Abcdefg",
        "abcdefgh",
        "abcdefghi",
        "abcdefgh,",
        "it@x",
        "us$",
        "gpt4",
        "na\u{ef}ve",
        "x y",
        "@ab",
        "[ab]",
        "`ab",
        "{ab",
    ] {
        let read = Plain::read(text.as_bytes()).map(|(w, after)| (w.letters, after));
        assert_eq!(read, slowly(text).map(|(w, after)| (w.as_bytes(), after)), "{text:?}");
    }
}

#[test]
fn every_byte_is_a_letter_or_not() {
    for b in 0..=u8::MAX {
        for text in [[b'a', b, b' ', b'a', b'a', b'a', b'a', b'a'], [b'a', b'a', b'a', b'a', b'a', b'a', b'a', b]] {
            let len = Plain::read(&text).map(|(w, _)| w.letters.len());
            let expected = text.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(text.len());
            assert!(len.is_none_or(|len| len == expected), "{b}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_byte_by_byte(text in "[a-zA-Z]{0,20}([ .:@$0-9\u{e9}_'\\[`{]|\\PC)?[a-z]{0,9}") {
        let read = Plain::read(text.as_bytes());
        prop_assert_eq!(read.map(|(w, after)| (w.letters, after)), slowly(&text).map(|(w, after)| (w.as_bytes(), after)));
        if let Some((word, _)) = read {
            prop_assert_eq!(word.head, eight(&word.letters.to_ascii_lowercase()));
        }
    }
}
