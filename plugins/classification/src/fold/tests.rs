#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn folded(text: &str) -> String {
    text.chars().filter_map(fold).map(|s| char::from(s.byte)).collect()
}

#[test]
fn look_alikes_read_as_what_they_look_like() {
    for text in
        ["secret", "SЕСRЕТ", "ＳＥＣＲＥＴ", "𝐒𝐄𝐂𝐑𝐄𝐓", "𝓼𝓮𝓬𝓻𝓮𝓽", "ⓢⓔⓒⓡⓔⓣ", "ꜱᴇᴄʀᴇᴛ", "SÉCRÈT", "🅂🄴🄲🅁🄴🅃", "ՏECRET"]
    {
        let got = folded(text);
        assert!(got == "SECRET", "{text:?} reads {got:?}");
    }
    assert_eq!(folded("S\u{200b}E\u{ad}C\u{301}R\u{fe0f}E\u{e0041}T\0"), "SECRET");
    assert_eq!(folded("SECRET⁄∕NOFORN（Ｓ）"), "SECRET//NOFORN(S)");
}

#[test]
fn case_is_kept_beside_the_letter() {
    assert!(fold('S').unwrap().upper);
    assert!(!fold('s').unwrap().upper);
    assert!(fold('Ѕ').unwrap().upper);
    assert!(!fold('ѕ').unwrap().upper);
    assert!(fold('Ｓ').unwrap().upper);
    assert!(!fold('ｓ').unwrap().upper);
}

#[test]
fn every_character_folds_to_a_known_symbol() {
    for c in '\0'..=char::MAX {
        if let Some(Symbol { byte, .. }) = fold(c) {
            assert!(
                matches!(byte, b' '..=b'~' | b'\n' | OTHER_LETTER | OTHER_SIGN) && !byte.is_ascii_lowercase(),
                "{c:?} folds to {byte}"
            );
        }
    }
}

#[test]
fn letters_of_other_scripts_stay_words() {
    assert!(fold('日').unwrap().is_word());
    assert!(fold('ß').unwrap().is_word());
    assert!(!fold('…').unwrap().is_word());
    assert!(!fold('🙂').unwrap().is_word());
}
