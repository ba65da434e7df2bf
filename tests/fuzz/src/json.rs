//! The index over JSON bytes, beside `serde_json`.

mod reference;

use serde_json::Value;
use witgate_wire::json::{JsonErrorKind, JsonLimits, Kind, Leaf, NodeRef, Splice, Tree, encoded, removals, splice};

use crate::control::Control;
use reference::has_equal_keys;

const LIMITS: JsonLimits = JsonLimits { max_depth: 32, max_nodes: 512, max_number_bytes: 40 };

/// What is taken, `serde_json` takes, and reads the same; what only it takes is refused for a reason we can check;
/// splices change what they say and nothing else.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, json) = Control::split(data);
    let value: Result<Value, _> = serde_json::from_slice(json);
    match Tree::parse(json, &LIMITS) {
        Ok(tree) => {
            let value = value.unwrap_or_else(|error| panic!("only we take it: {error}"));
            same(tree.root(), &value, 0);
            assert!(!has_equal_keys(json), "an equal key was not seen");
            for leaf in tree.leaves() {
                let (Leaf::Key(node) | Leaf::Value(node)) = leaf;
                let found = tree.at(&node.pointer()).map(NodeRef::slot);
                assert_eq!(found, Some(node.slot()), "{}", node.pointer());
            }
            change(json, &tree, value, &mut control);
        }
        Err(error) => {
            assert!(error.offset <= json.len() && error.pointer.as_ref().is_none_or(|p| p.len() <= 256));
            let Ok(value) = value else { return };
            let true_reason = match error.kind {
                JsonErrorKind::DuplicateKey => has_equal_keys(json),
                JsonErrorKind::TooDeep => depth(&value) > LIMITS.max_depth || has_equal_keys(json),
                JsonErrorKind::TooManyNodes => json.len() >= LIMITS.max_nodes,
                JsonErrorKind::NumberTooLong => longest_number(json) > LIMITS.max_number_bytes,
                _ => false,
            };
            assert!(true_reason, "serde_json takes what is refused: {error}");
        }
    }
}

fn same(node: NodeRef<'_>, value: &Value, depth: usize) {
    assert!(depth <= LIMITS.max_depth);
    let kind = match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    };
    assert_eq!(node.kind(), kind);
    assert_eq!(node.text(), value.as_str());
    assert_eq!(node.as_bool(), value.as_bool());
    match value {
        Value::Number(number) => {
            assert_eq!(serde_json::from_str::<Value>(node.raw_str()).ok().as_ref(), Some(value), "{}", node.raw_str());
            // Written with a sign, a point or an exponent it is none of ours.
            assert!(node.as_u64().is_none_or(|n| number.as_u64() == Some(n)));
        }
        Value::Array(items) => {
            assert_eq!(node.children().count(), items.len());
            for (child, item) in node.children().zip(items) {
                same(child, item, depth + 1);
            }
        }
        Value::Object(members) => {
            assert_eq!(node.children().count(), members.len());
            for (child, (key, member)) in node.children().zip(members) {
                assert_eq!(child.key(), Some(key.as_str()));
                same(child, member, depth + 1);
            }
        }
        _ => {}
    }
}

/// Replaces one string, and takes children out of one container.
fn change(json: &[u8], tree: &Tree<'_>, value: Value, control: &mut Control<'_>) {
    assert_eq!(splice(json, Vec::new()).as_deref(), Ok(json));
    let strings: Vec<NodeRef<'_>> =
        tree.leaves().filter_map(|leaf| if let Leaf::Value(node) = leaf { Some(node) } else { None }).collect();
    if let Some(node) = strings.get(control.next() % strings.len().max(1)) {
        let with = "\"\\\n\u{1}\u{fffd}é";
        let at = node.raw();
        let spliced = splice(json, vec![Splice { at: at.clone(), with: encoded(with) }]).unwrap_or_default();
        assert!(spliced.starts_with(&json[..at.start]) && spliced.ends_with(&json[at.end..]));
        let mut expected = value.clone();
        if let Some(place) = expected.pointer_mut(&node.pointer()) {
            *place = with.into();
        }
        assert_eq!(serde_json::from_slice::<Value>(&spliced).ok(), Some(expected));
    }
    let mut container = tree.root();
    while control.flag() {
        let children: Vec<_> =
            container.children().filter(|c| matches!(c.kind(), Kind::Array | Kind::Object)).collect();
        let Some(child) = children.get(control.next() % children.len().max(1)) else { break };
        container = *child;
    }
    let gone: Vec<bool> = container.children().map(|_| control.flag()).collect();
    let cuts = removals(container, |child| gone.get(child.position()) == Some(&true));
    let spliced = splice(json, cuts.into_iter().map(Splice::cut).collect()).unwrap_or_default();
    let mut expected = value;
    let mut stays = gone.iter().map(|gone| !gone);
    match expected.pointer_mut(&container.pointer()) {
        Some(Value::Array(items)) => items.retain(|_| stays.next().unwrap_or(true)),
        Some(Value::Object(members)) => members.retain(|_, _| stays.next().unwrap_or(true)),
        _ => {}
    }
    assert_eq!(serde_json::from_slice::<Value>(&spliced).ok(), Some(expected), "after removals");
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The longest run of bytes that a number is made of; a number is no longer.
fn longest_number(json: &[u8]) -> usize {
    json.split(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).map(<[u8]>::len).max().unwrap_or(0)
}
