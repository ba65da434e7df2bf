use proptest::prelude::*;

use super::super::Fold;
use super::{MAX_DROPPED, Normal};

fn of(text: &str) -> String {
    Normal::new(text, Fold::default()).text().to_owned()
}

#[test]
fn what_looks_the_same_becomes_the_same() {
    for disguised in [
        "SECRET plan",
        "ｓｅｃｒｅｔ　ｐｌａｎ",
        "s\u{e9}cr\u{e8}t plan",
        "se\u{301}cret\u{20dd} plan",
        "se\u{200b}c\u{ad}ret\u{202e} plan\u{fe0f}",
        "ѕесrеt\u{a0}рlаn",
        "𝐬𝐞𝐜𝐫𝐞𝐭 𝔭𝔩𝔞𝔫",
        "ⓢⓔⓒⓡⓔⓣ ⓟⓛⓐⓝ",
        "ṣẹcṛẹṭ pḷạṇ",
        "ꜱᴇᴄʀᴇᴛ ᴘʟᴀɴ",
    ] {
        assert_eq!(of(disguised), "secret plan", "{disguised:?}");
    }
    assert_eq!(of("STRASSE straße ﬁn Æ"), "strasse strasse fin ae");
    assert_eq!(of("ΔЖ 中文 ไทย"), "δж 中文 ไทย");
}

#[test]
fn each_fold_stands_alone() {
    let none = Fold { case: false, width: false, marks: false, hidden: false, lookalikes: false };
    let read = |fold| Normal::new("É\u{200b}Ｏо", fold).text().to_owned();
    assert_eq!(read(none), "É\u{200b}Ｏо");
    assert_eq!(read(Fold::case()), "é\u{200b}ｏо");
    assert_eq!(read(Fold { width: true, ..none }), "É\u{200b}Oо");
    assert_eq!(read(Fold { marks: true, ..none }), "E\u{200b}Ｏо");
    assert_eq!(read(Fold { hidden: true, ..none }), "ÉＯо");
    assert_eq!(read(Fold { lookalikes: true, ..none }), "É\u{200b}Ｏo");
}

#[test]
fn a_match_covers_what_is_hidden_in_it_and_not_what_is_after() {
    let text = "x\u{200b}a\u{200b}b\u{301}\u{200b}c";
    let normal = Normal::new(text, Fold::default());
    assert_eq!((normal.text(), normal.dropped()), ("xabc", 4));
    assert_eq!(&text[normal.original(1..3)], "a\u{200b}b");
    assert_eq!(normal.original(0..0), 0..0);
    assert_eq!(normal.original(4..4), text.len()..text.len());
}

#[test]
fn half_of_a_pair_is_the_whole_character() {
    let text = "aßc";
    let normal = Normal::new(text, Fold::default());
    assert_eq!((normal.original(1..2), normal.original(2..3)), (1..3, 1..3));
}

#[test]
fn a_long_row_of_hidden_characters_shows() {
    let row = "\u{200b}".repeat(MAX_DROPPED + 2);
    let normal = of(&format!("a{row}b"));
    assert_eq!(normal.chars().count(), 4);
    assert_eq!(of(&format!("a{}b", "\u{200b}".repeat(MAX_DROPPED))), "ab");
}

#[test]
fn plain_text_needs_no_map() {
    assert!(Normal::new("Plain Text, 中文.", Fold::default()).runs.is_empty());
}

fn texts() -> impl Strategy<Value = String> {
    "([aZ ]|é|ß|中|Ａ|о|\u{301}|\u{200b}|\u{e0041}|𝐀|İ|ﬁ){0,24}"
}

proptest! {
    #[test]
    fn every_span_maps_to_whole_characters_in_order(text in texts()) {
        let normal = Normal::new(&text, Fold::default());
        let mut last = 0;
        for (at, c) in normal.text().char_indices() {
            let range = normal.original(at..at + c.len_utf8());
            let source = text.get(range.clone());
            prop_assert!(source.is_some_and(|s| s.chars().count() == 1), "{at} of {:?} is {range:?}", normal.text());
            prop_assert!(range.start >= last || range.end == last, "in order");
            last = range.end;
        }
    }

    #[test]
    fn offsets_go_there_and_back(text in texts()) {
        let normal = Normal::new(&text, Fold::default());
        for (at, _) in normal.text().char_indices() {
            let there = normal.original(at..at).start;
            // The second letter of a pair begins where the first does.
            let back = normal.normal(there);
            prop_assert!(back <= at && normal.original(back..back).start == there);
        }
        for (at, _) in text.char_indices() {
            let there = normal.normal(at);
            prop_assert!(normal.text().is_char_boundary(there));
            prop_assert!(normal.start_of(there) >= at, "what stands there begins at {at} or after");
        }
        prop_assert_eq!(normal.normal(text.len()), normal.text().len());
    }

    #[test]
    fn what_is_changed_in_nothing_is_the_same_text(text in texts()) {
        let none = Fold { case: false, width: false, marks: false, hidden: false, lookalikes: false };
        let normal = Normal::new(&text, none);
        prop_assert_eq!(normal.text(), &text);
        prop_assert!(normal.runs.is_empty());
    }
}
