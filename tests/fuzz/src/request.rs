//! Requests: refused by name, or taken apart into texts that stand where they say.

use serde_json::Value;
use witgate_wire::document::TextEdit;
use witgate_wire::json::{JsonLimits, Kind, NodeRef, Tree};
use witgate_wire::request::{Opaque, Request, RequestLimits};

use crate::control::Control;

fn limits(opaque: bool) -> RequestLimits {
    let json = JsonLimits { max_depth: 32, max_nodes: 2048, max_number_bytes: 64 };
    let opaque = Opaque { images: opaque, stored_state: opaque, encrypted_reasoning: opaque };
    RequestLimits { max_body: 64 << 10, max_segments: 200, json, opaque }
}

/// Without edits the body comes back byte for byte; an edit of one text changes that value and no other.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, body) = Control::split(data);
    let dialect = control.dialect();
    let limits = limits(control.flag());
    let request = match Request::parse(dialect, body, &limits) {
        Ok(request) => request,
        Err(refusal) => {
            assert!(!refusal.code.is_empty() && refusal.message.len() < 2048);
            return;
        }
    };
    assert_eq!(request.body(), body);
    assert_eq!(request.rewrite(&[]).as_deref(), Ok(body));

    let document = request.document();
    assert!(document.segments.len() <= limits.max_segments);
    let tree = Tree::parse(body, &limits.json).unwrap_or_else(|error| panic!("{error}"));
    let mut end = 0;
    for segment in &document.segments {
        assert!(segment.at.start >= end && segment.at.end >= segment.at.start);
        end = segment.at.end;
        let Some(node) = tree.at(&segment.pointer) else {
            // JSON inside a string, as arguments of a call are: what stands after `#` is a place in there.
            let outer = segment.pointer.match_indices('#').filter_map(|(at, _)| tree.at(&segment.pointer[..at]));
            assert!(outer.filter_map(NodeRef::text).next().is_some(), "nothing stands at {}", segment.pointer);
            continue;
        };
        let text = Some(document.text_of(segment));
        if node.kind() == Kind::Array && node.key() != text {
            assert!(together(node).contains(document.text_of(segment)), "{segment:?}");
            continue;
        }
        assert!(node.key() == text || (said(node) == text && segment.kind != "key"), "{segment:?}");
    }
    assert_eq!(end, document.text.len() as u64);

    let Some(segment) = document.segments.get(control.next() % document.segments.len().max(1)) else { return };
    let edit = TextEdit::new(segment.at.start, segment.at.end, "\"[x]\n");
    if tree.at(&segment.pointer).is_none() {
        if let Ok(rewritten) = request.rewrite(&[edit]) {
            json(&rewritten);
        }
        return;
    }
    let holder = tree
        .at(&segment.pointer)
        .filter(|node| node.kind() == Kind::Array && node.key() != Some(document.text_of(segment)));
    if let Some(holder) = holder {
        match request.rewrite(&[edit]) {
            Ok(rewritten) => {
                let tree = Tree::parse(&rewritten, &limits.json).unwrap_or_else(|error| panic!("{error}"));
                let expected = together(holder).replacen(document.text_of(segment), "\"[x]\n", 1);
                let got = tree.at(&segment.pointer).map(together).unwrap_or_default();
                // The same text may stand there twice.
                assert!(got.contains("\"[x]\n") && got.len() == expected.len(), "{got} instead of {expected}");
            }
            Err(error) => assert_eq!(error.code(), "edit_of_reading"),
        }
        return;
    }
    // Keys in the definition of a tool are of the definition's kind: whether it is a key shows by what stands there.
    let value = tree.at(&segment.pointer).and_then(said) == Some(document.text_of(segment));
    let rewritten = match request.rewrite(&[edit]) {
        Ok(rewritten) => rewritten,
        Err(error) => {
            let key = tree.at(&segment.pointer).and_then(NodeRef::key) == Some(document.text_of(segment));
            match error.code() {
                "edit_of_key" => assert!(key, "{error}"),
                "edit_of_signed" => assert!(value, "{error}"),
                _ => panic!("{error}"),
            }
            return;
        }
    };
    assert!(value && segment.kind != "key", "a key was edited");
    let (mut expected, got) = (json(body), json(&rewritten));
    if let Some(place) = expected.pointer_mut(&segment.pointer) {
        *place = "\"[x]\n".into();
    }
    assert_eq!(got, expected, "the edit of {} changed something else", segment.pointer);
}

/// What a value says: a string's text, or a number or boolean as it is written.
fn said(node: NodeRef<'_>) -> Option<&str> {
    node.text().or_else(|| matches!(node.kind(), Kind::Number | Kind::Bool).then(|| node.raw_str()))
}

/// The texts of neighbouring parts.
fn together(parts: NodeRef<'_>) -> String {
    parts.children().filter_map(|part| part.get("text")?.text()).collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}"))
}
