use super::*;
use crate::config::Config;
use crate::fold::is_ascii_word;
use crate::{Classification, Plugin};

fn policy(config: &str) -> Classification {
    let config: Config = serde_json::from_str(config).unwrap_or_else(|error| panic!("{error}"));
    Classification::configure(config).unwrap_or_else(|issues| panic!("{issues:?}"))
}

/// What is passed at one look is what the whole look is sure of, wherever in a step it stands.
#[test]
fn all_that_may_begin_is_found() {
    let own = r#"{"markings": {"7-Eleven": "SECRET", "A B": "SECRET", "q (x)": "CUI"}}"#;
    for config in ["{}", r#"{"ladder": "corporate"}"#, own] {
        let lexicon = policy(config).lexicon;
        let mut passed = 0;
        for first in (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').chain([b'_', b'(', 0xc3]) {
            for second in 0..=255 {
                for third in 0..=255 {
                    // Behind one that is no word's letter.
                    let mut bytes = [b'.'; NEEDED];
                    let at = usize::from(third) % STEP;
                    bytes[at..at + 3].copy_from_slice(&[first, second, third]);
                    let sure = first.is_ascii() && lexicon.dead_ends(&bytes[at..at + 3]);
                    let passes = lexicon.openings.find(&bytes, false) >> at & 1 == 0;
                    assert!(sure || !passes, "{:?} at {at}", [first, second, third]);
                    assert!(sure || !lexicon.leads_nowhere(&bytes[at..at + 3]), "{:?}", [first, second, third]);
                    passed += usize::from(passes);
                }
            }
        }
        assert!(passed > 2_000_000, "it is of use: {passed}");
    }
}

#[test]
fn vectors_and_plain_look_ups_agree() {
    let openings = policy("{}").lexicon.openings;
    let mut seed = 7_u32;
    for _ in 0..2000 {
        let mut bytes = [0; NEEDED];
        for b in &mut bytes {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *b = b"SECRETtopcu ()\n//x\xc3\x00~"[(seed >> 16) as usize % 21];
        }
        let unseen = |b: u8| !matches!(b, b' '..=b'~');
        let bits = |place: usize, b: u8| {
            let Halves { low, high } = openings.places[place];
            low[usize::from(b & 15)] & high[usize::from(b >> 4)]
        };
        let may = |at: usize| {
            let (second, third) = (bytes[at + 1], bytes[at + 2]);
            let third = if unseen(third) { 0xff } else { bits(2, third) };
            bits(0, bytes[at]) & if unseen(second) { 0xff } else { bits(1, second) & third } != 0
        };
        let begins = |at: usize| may(at) && !at.checked_sub(1).is_some_and(|before| is_ascii_word(bytes[before]));
        let plain = (0..STEP).rev().fold(0, |found, at| found << 1 | u64::from(begins(at) || bytes[at] >= 0x80));
        assert_eq!(openings.find(&bytes, false), plain, "{bytes:?}");
        let first = u64::from(bytes[0] < 0x80);
        assert_eq!(openings.find(&bytes, true), plain & !first, "within a word: {bytes:?}");
    }
}
