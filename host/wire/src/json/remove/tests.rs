#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::Value;

use super::removals;
use crate::json::tree_tests::{any_json, written};
use crate::json::{JsonLimits, NodeRef, Splice, Tree, splice};

fn without(text: &str, remove: impl Fn(NodeRef<'_>) -> bool) -> String {
    let tree = Tree::parse(text.as_bytes(), &JsonLimits::default()).unwrap();
    let cuts = removals(tree.root(), remove).into_iter().map(Splice::cut).collect();
    String::from_utf8(splice(text.as_bytes(), cuts).unwrap()).unwrap()
}

#[test]
fn commas_go_with_what_is_removed() {
    let text = r#"[ 1 , 2 , 3 , 4 ]"#;
    for (gone, expected) in [
        (&[][..], "[ 1 , 2 , 3 , 4 ]"),
        (&[1], "[ 2 , 3 , 4 ]"),
        (&[2, 3], "[ 1 , 4 ]"),
        (&[4], "[ 1 , 2 , 3 ]"),
        (&[1, 3], "[ 2 , 4 ]"),
        (&[1, 4], "[ 2 , 3 ]"),
        (&[2, 4], "[ 1 , 3 ]"),
        (&[1, 2, 3, 4], "[  ]"),
    ] {
        assert_eq!(without(text, |n| gone.contains(&n.as_u64().unwrap())), expected);
    }
    assert_eq!(without(r#"{"a":1,"b":[2],"c":3}"#, |n| n.key() == Some("b")), r#"{"a":1,"c":3}"#);
}

proptest! {
    #[test]
    fn removal_equals_removal_from_the_value(values in prop::collection::vec((any_json(), any::<bool>()), 0..8), object: bool) {
        let keyed = |n: usize| format!("k{n}");
        let (all, kept): (Value, Value) = if object {
            let member = |(n, (v, _)): (usize, &(Value, bool))| (keyed(n), v.clone());
            (
                Value::Object(values.iter().enumerate().map(member).collect()),
                Value::Object(values.iter().enumerate().filter(|(_, (_, gone))| !gone).map(member).collect()),
            )
        } else {
            (
                values.iter().map(|(v, _)| v.clone()).collect(),
                values.iter().filter(|(_, gone)| !gone).map(|(v, _)| v.clone()).collect(),
            )
        };
        let out = without(&written(&all, false), |n| values[n.position()].1);
        prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), kept);
    }
}
