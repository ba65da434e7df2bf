use proptest::prelude::*;

use super::*;

fn text(start: u64, end: u64, t: &str) -> Edit {
    Edit { at: Span { start, end }, replacement: Replacement::Text(t.into()) }
}

fn token(start: u64, end: u64, kind: &str) -> Edit {
    Edit { at: Span { start, end }, replacement: Replacement::Token(kind.into()) }
}

#[test]
fn a_chain_of_overlaps_is_cut_as_one() {
    let cuts = clusters([token(0, 5, "a"), token(8, 12, "b"), text(4, 9, "x")]);
    assert_eq!(cuts, [Cut { start: 0, end: 12, replacement: Replacement::Text("x".into()) }]);
}

#[test]
fn text_beats_token_in_either_order() {
    for edits in [[token(0, 5, "a"), text(0, 5, "x")], [text(0, 5, "x"), token(0, 5, "a")]] {
        let cuts = clusters(edits);
        assert_eq!(cuts, [Cut { start: 0, end: 5, replacement: Replacement::Text("x".into()) }]);
    }
}

#[test]
fn the_first_plugin_names_the_text() {
    let cuts = clusters([text(3, 6, "first"), text(0, 4, "second")]);
    assert_eq!(cuts, [Cut { start: 0, end: 6, replacement: Replacement::Text("first".into()) }]);
}

#[test]
fn neighbours_stay_apart() {
    assert_eq!(clusters([text(0, 3, "a"), text(3, 6, "b")]).len(), 2);
}

proptest! {
    #[test]
    fn cuts_cover_every_edit_and_never_overlap(spans in prop::collection::vec((0_u64..60, 0_u64..12), 0..20)) {
        let edits: Vec<Edit> = spans.iter().map(|(s, l)| text(*s, s + l, "x")).collect();
        let cuts = clusters(edits.clone());
        for pair in cuts.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start);
        }
        for edit in edits {
            prop_assert!(cuts.iter().any(|c| c.start <= edit.at.start && edit.at.end <= c.end));
        }
    }
}
