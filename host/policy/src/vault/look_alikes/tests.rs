use super::*;

#[test]
fn every_text_of_the_form_of_a_token_is_found() {
    let mut found = LookAlikes::default();
    found.note("[EMAIL_7GQ2XKVD] [A_00000000][[N-1_ABCDEFGH]] é[CARD_7GQ2XKVD]é");
    for token in ["[EMAIL_7GQ2XKVD]", "[A_00000000]", "[N-1_ABCDEFGH]", "[CARD_7GQ2XKVD]"] {
        assert!(found.contains(token), "{token}");
    }
    assert_eq!(found.found.len(), 4);
}

#[test]
fn what_no_token_looks_like_is_not_kept() {
    let mut found = LookAlikes::default();
    let long = format!("[{}_7GQ2XKVD]", "K".repeat(25));
    for text in [
        "[email_7GQ2XKVD]",
        "[EMAIL_7GQ2XKV]",
        "[EMAIL7GQ2XKVD]",
        "[_7GQ2XKVD]",
        "[EMAIL_7GQ2 KVD]",
        "[EMAIL_7GQ2XKVD",
        "[é_7GQ2XKVD]",
        "[",
        "[]",
        &long,
    ] {
        found.note(text);
        assert!(found.found.is_empty(), "{text}");
    }
}

#[test]
fn many_of_the_same_are_one() {
    let mut found = LookAlikes::default();
    found.note(&"[EMAIL_7GQ2XKVD]".repeat(2 * MOST));
    assert!(!found.is_crowded());
}
