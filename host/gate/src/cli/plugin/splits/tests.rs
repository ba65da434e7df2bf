#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn every_way_is_the_whole_text() {
    for text in ["", "a", "aé€😀b", &"xy".repeat(70_000)] {
        for (splits, least) in [(Splits::None, 0), (Splits::Every, 1), (Splits::Pairs, 1)] {
            let mut count = 0;
            for way in splits.ways(text).take(200) {
                assert_eq!(way.pieces.concat(), text, "{}", way.name);
                count += 1;
            }
            assert!(count >= least, "{splits:?} of {} bytes: {count}", text.len());
        }
    }
}

#[test]
fn every_character_is_a_place_and_every_pair_of_them() {
    let names = |splits: Splits| splits.ways("aéb").map(|way| way.name).collect::<Vec<_>>();
    assert_eq!(names(Splits::Every), ["cut at byte 0", "cut at byte 1", "cut at byte 3", "one character at a time"]);
    assert_eq!(names(Splits::Pairs).len(), 4 + 3);
    assert!(names(Splits::None).is_empty());
}

#[test]
fn the_number_of_ways_is_bounded() {
    let text = "x".repeat(100_000);
    assert!(Splits::Pairs.ways(&text).count() <= 4096 + 1 + 2016);
}

#[test]
fn a_cut_is_shown_where_it_is() {
    let shown = |text: &str, index: usize| Splits::Every.ways(text).nth(index).unwrap().shown();
    assert_eq!(shown("BLUE HERON", 7), "BLUE HE‖RON");
    assert_eq!(shown(&format!("{}‖{}", "a".repeat(100), "b".repeat(100)), 100).chars().count(), 24 + 24 + 3);
}
