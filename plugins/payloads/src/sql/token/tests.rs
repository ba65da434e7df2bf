#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use Kind as K;

fn kinds(text: &str, inside: Option<u8>) -> Vec<Kind> {
    let mut tokens = vec![];
    read(text, inside, &mut tokens);
    tokens.iter().map(|t| t.kind).collect()
}

#[test]
fn readings() {
    assert_eq!(kinds("1 or 1=1--", None), [K::Number, K::Logic, K::Number, K::Compare, K::Number, K::Comment]);
    assert_eq!(kinds("x' or 'a", Some(b'\'')), [K::Text, K::Logic, K::Open]);
    assert_eq!(kinds("it''s", Some(b'\'')), [K::Open]);
    assert_eq!(kinds("sleep(5)", None), [K::Probe, K::Left, K::Number, K::Right]);
    assert_eq!(kinds("1/*!50000union*/", None), [K::Number, K::Hint, K::Union, K::Comment]);
    assert_eq!(kinds("0x41 1e5 1union 3rd", None), [K::Number, K::Number, K::Number, K::Union, K::Word]);
    assert_eq!(kinds("@@version [col] `x`", None), [K::Catalogue, K::Quoted, K::Quoted]);
    assert_eq!(kinds("f(x)::int", None), [K::Call, K::Left, K::Word, K::Right, K::Math, K::Word]);
}

#[test]
fn what_does_not_end_ends_with_the_text() {
    for text in ["'abc", "\"abc", "`abc", "/* abc", "-- abc", "[abc", "0x", "@", "\\", "'\\"] {
        let mut tokens = vec![];
        read(text, None, &mut tokens);
        assert_eq!(tokens.last().unwrap().end, text.len(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn tokens_stand_in_order(text in "[ -~\\n\u{e9}]{0,80}") {
        for inside in [None, Some(b'\''), Some(b'"')] {
            let mut tokens = vec![];
            read(&text, inside, &mut tokens);
            let mut last = 0;
            for token in tokens {
                proptest::prop_assert!(token.start >= last && token.end >= token.start && token.end <= text.len() + 1);
                last = token.end.min(text.len());
            }
        }
    }
}
