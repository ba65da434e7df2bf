use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn an_event_is_named_as_its_type() {
    assert_eq!(named(&json!({"type": "ping"})), b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
    assert_eq!(framed(&json!({"a": "b\n"})), b"data: {\"a\":\"b\\n\"}\n\n");
}

#[test]
fn lists_in_turns() {
    assert_eq!(woven(vec![vec![1, 2, 3], vec![], vec![4]], false), [1, 2, 3, 4]);
    assert_eq!(woven(vec![vec![1, 2, 3], vec![], vec![4]], true), [1, 4, 2, 3]);
    assert!(woven(Vec::<Vec<u8>>::new(), true).is_empty());
}

#[test]
fn fields_of_both() {
    assert_eq!(joined(json!({"a": 1, "b": 2}), json!({"c": 3, "a": 4})).to_string(), r#"{"a":4,"b":2,"c":3}"#);
}

proptest! {
    #[test]
    fn pieces_join_to_the_text(text in "\\PC*", size in 1_usize..20) {
        let pieces = pieces(&text, size);
        prop_assert_eq!(pieces.concat(), text.as_str());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && (piece.len() <= size || piece.chars().count() == 1)));
    }
}
