#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::json::tree_tests::{any_json, written};
use crate::json::{JsonLimits, Tree};

fn mapped(json: &str) -> MappedDocument {
    let tree = Tree::parse(json.as_bytes(), &JsonLimits::default()).unwrap();
    let mut builder = DocumentBuilder::new(1000);
    for leaf in tree.leaves() {
        builder.push("", leaf.kind(), None, leaf.node().pointer(), leaf.text(), Source::of(leaf)).unwrap();
    }
    builder.finish()
}

#[test]
fn segments_are_joined_by_separators_that_belong_to_none() {
    let json = r#"["one","","a\nb"]"#;
    let document = mapped(json).document().clone();
    assert_eq!(document.text, "one\n\na\nb");
    let texts: Vec<&str> = document.segments.iter().map(|s| document.text_of(s)).collect();
    assert_eq!(texts, ["one", "", "a\nb"]);
    assert_eq!(document.segments[2].pointer, "/2");
}

#[test]
fn edits_reach_their_string_and_no_other_byte() {
    let json = r#"{ "k" : ["mail \u0061@b.c now", "caf\u00e9"] , "n" : 1e2 }"#;
    let mapped = mapped(json);
    let text = mapped.document().text.clone();
    let start = text.find("a@b.c").unwrap() as u64;
    let out = mapped.apply(json.as_bytes(), &[TextEdit::new(start, start + 5, "\"x\"")]).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), r#"{ "k" : ["mail \"x\" now", "caf\u00e9"] , "n" : 1e2 }"#);
    assert_eq!(mapped.apply(json.as_bytes(), &[]).unwrap(), json.as_bytes());
}

#[test]
fn an_edit_that_does_not_hold_is_refused_by_name() {
    let json = r#"{"k":"aé","l":"bc"}"#;
    let mapped = mapped(json);
    assert_eq!(mapped.document().text, "k\naé\nl\nbc");
    let code = |edits: &[(u64, u64)]| {
        let edits: Vec<TextEdit> = edits.iter().map(|&(start, end)| TextEdit::new(start, end, "-")).collect();
        mapped.apply(json.as_bytes(), &edits).err().map(EditError::code)
    };
    assert_eq!(code(&[(2, 3), (3, 5), (8, 10)]), None);
    assert_eq!(code(&[(0, 1)]), Some("edit_of_key"));
    assert_eq!(code(&[(2, 6)]), Some("edit_crosses_segments"));
    assert_eq!(code(&[(2, 3), (4, 5)]), Some("edit_cuts_character"));
    assert_eq!(code(&[(3, 5), (2, 3)]), Some("edit_overlap"));
    assert_eq!(code(&[(2, 3), (2, 5)]), Some("edit_overlap"));
    assert_eq!(code(&[(8, 11)]), Some("edit_out_of_range"));
    assert_eq!(code(&[(3, 2)]), Some("edit_out_of_range"));
    assert_eq!(code(&[(u64::MAX, u64::MAX)]), Some("edit_out_of_range"));
    assert_eq!(code(&[(2, 3), (3, 8)]), Some("edit_crosses_segments"));
}

#[test]
fn segments_are_bounded() {
    let mut builder = DocumentBuilder::new(1);
    builder.push("", "value", None, String::new(), "a", Source::Value(0..3)).unwrap();
    let error = builder.push("", "value", None, String::new(), "b", Source::Value(4..7)).unwrap_err();
    assert_eq!(error.code(), "too_many_segments");
}

proptest! {
    #[test]
    fn edited_json_is_the_json_of_the_edited_texts(value in any_json(), escaped: bool, with: String, picks in prop::collection::vec(any::<(bool, prop::sample::Index, prop::sample::Index)>(), 64)) {
        let json = written(&value, escaped);
        let mapped = mapped(&json);
        let document = mapped.document();
        let mut expected: Value = value.clone();
        let mut edits = Vec::new();
        for (segment, (edit, a, b)) in document.segments.iter().zip(&picks) {
            if !edit || segment.kind == "key" {
                continue;
            }
            let text = document.text_of(segment);
            let bounds: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
            let (a, b) = (bounds[a.index(bounds.len())], bounds[b.index(bounds.len())]);
            let (a, b) = (a.min(b), a.max(b));
            edits.push(TextEdit::new(segment.at.start + a as u64, segment.at.start + b as u64, with.clone()));
            *expected.pointer_mut(&segment.pointer).unwrap() = format!("{}{with}{}", &text[..a], &text[b..]).into();
        }
        let out = mapped.apply(json.as_bytes(), &edits).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), expected);
    }
}
