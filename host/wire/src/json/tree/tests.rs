#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::json::Leaf;

fn parse(text: &str) -> Tree<'_> {
    Tree::parse(text.as_bytes(), &JsonLimits::default()).unwrap()
}

fn code(bytes: &[u8]) -> &'static str {
    Tree::parse(bytes, &JsonLimits::default()).unwrap_err().code()
}

#[test]
fn spans_keys_and_texts_are_those_of_the_original() {
    let text = r#" { "a\u0062" : "x\ny" , "n":[1, -2.5e3,true,null,{}],"é":"ü" } "#;
    let tree = parse(text);
    let first = tree.at("/ab").unwrap();
    assert_eq!((first.key(), first.text()), (Some("ab"), Some("x\ny")));
    assert_eq!(&text[first.key_raw().unwrap()], r#""a\u0062""#);
    assert_eq!(&text[first.slot()], r#""a\u0062" : "x\ny""#);
    assert_eq!(first.raw_str(), r#""x\ny""#);
    let array = tree.root().get("n").unwrap();
    assert_eq!(array.raw_str(), "[1, -2.5e3,true,null,{}]");
    let kinds: Vec<Kind> = array.children().map(NodeRef::kind).collect();
    assert_eq!(kinds, [Kind::Number, Kind::Number, Kind::Bool, Kind::Null, Kind::Object]);
    assert_eq!(tree.at("/n/0").unwrap().as_u64(), Some(1));
    assert_eq!(tree.at("/n/2").unwrap().as_bool(), Some(true));
    assert_eq!(tree.at("/n/4").unwrap().pointer(), "/n/4");
    assert_eq!(tree.at("/é").unwrap().text(), Some("ü"));
    assert_eq!(tree.root().raw(), 1..text.len() - 1);
    assert!(tree.at("/n/01").is_none() && tree.at("/n/5").is_none() && tree.at("n").is_none());
}

#[test]
fn pointers_escape_tilde_and_slash() {
    let tree = parse(r#"{"a/b":{"m~n":[7]}}"#);
    let node = tree.at("/a~1b/m~0n/0").unwrap();
    assert_eq!(node.as_u64(), Some(7));
    assert_eq!(node.pointer(), "/a~1b/m~0n/0");
}

#[test]
fn leaves_are_all_keys_and_strings_in_order() {
    let tree = parse(r#"{"a":"1","b":["2",{"c":3,"d":"4"}],"e":{}}"#);
    let seen: Vec<String> = tree
        .leaves()
        .map(|leaf| match leaf {
            Leaf::Key(node) => format!("key {}", node.key().unwrap()),
            Leaf::Value(node) => format!("{} {}", node.pointer(), node.text().unwrap()),
        })
        .collect();
    assert_eq!(seen, ["key a", "/a 1", "key b", "/b/0 2", "key c", "key d", "/b/1/d 4", "key e"]);
}

#[test]
fn duplicate_keys_are_refused_after_unescaping() {
    let error = Tree::parse(br#"{"x":{"a":1,"\u0061":2}}"#, &JsonLimits::default()).unwrap_err();
    assert_eq!(error.code(), "json_duplicate_key");
    assert_eq!(error.pointer.as_deref(), Some("/x/a"));
    assert_eq!(error.offset, 12);
    let many: Vec<String> = (0..40).map(|n| format!(r#""k{n}":0"#)).collect();
    let once = format!("{{{}}}", many.join(","));
    assert!(Tree::parse(once.as_bytes(), &JsonLimits::default()).is_ok());
    assert_eq!(code(format!(r#"{{{},"k7":1}}"#, many.join(",")).as_bytes()), "json_duplicate_key");
    assert!(Tree::parse(br#"[{"a":1},{"a":2}]"#, &JsonLimits::default()).is_ok());
}

#[test]
fn what_readers_would_read_differently_is_refused_by_name() {
    for (bytes, expected) in [
        (&b"\xef\xbb\xbf{}"[..], "json_byte_order_mark"),
        (b"\"\xff\"", "json_invalid_utf8"),
        (b"\xff\xfe{\0}\0", "json_invalid_utf8"),
        (br#""\ud800""#, "json_lone_surrogate"),
        (br#""\ud800x""#, "json_lone_surrogate"),
        (br#""\ud800\n""#, "json_lone_surrogate"),
        (br#""\ud800\ud800""#, "json_lone_surrogate"),
        (br#""\udc00""#, "json_lone_surrogate"),
        (br#"{"\ud800":1}"#, "json_lone_surrogate"),
        (b"1e309", "json_number_out_of_range"),
        (b"[-1E00400]", "json_number_out_of_range"),
        (b"NaN", "json_syntax"),
        (b"[Infinity]", "json_syntax"),
        (b"-Infinity", "json_syntax"),
        (b"01", "json_syntax"),
        (b"[1,]", "json_syntax"),
        (b"{\"a\":1,}", "json_syntax"),
        (b"{a:1}", "json_syntax"),
        (b"'a'", "json_syntax"),
        (b"// c\n1", "json_syntax"),
        (b"\"a\nb\"", "json_bad_string"),
        (br#""\x41""#, "json_bad_string"),
        (b"{} {}", "json_trailing"),
        (b"1 \0", "json_trailing"),
        (b"", "json_truncated"),
        (b"  ", "json_truncated"),
        (b"[1", "json_truncated"),
        (b"{\"a\"", "json_truncated"),
        (b"\"abc", "json_truncated"),
        (b"tru", "json_truncated"),
    ] {
        assert_eq!(code(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(parse(r#""\ud83d\ude00""#).root().text(), Some("😀"));
}

#[test]
fn limits_hold_at_both_ends() {
    let limits = JsonLimits { max_depth: 3, max_nodes: 5, max_number_bytes: 4 };
    let code = |text: &str| Tree::parse(text.as_bytes(), &limits).err().map(|e| e.code());
    assert_eq!(code("[[[]]]"), None);
    assert_eq!(code("[[[[]]]]"), Some("json_too_deep"));
    assert_eq!(code("[1,2,3,4]"), None);
    assert_eq!(code("[1,2,3,4,5]"), Some("json_too_many_nodes"));
    assert_eq!(code("1234"), None);
    assert_eq!(code("12345"), Some("json_number_too_long"));
    let deep = "[".repeat(1_000_000);
    assert_eq!(code(&deep), Some("json_too_deep"));
    let long = "1".repeat(100_000);
    assert_eq!(code(&long), Some("json_number_too_long"));
}

#[test]
fn an_error_says_where() {
    let error = Tree::parse(br#"{"a":[1,{"b":tru}]}"#, &JsonLimits::default()).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/a/1/b"));
    assert_eq!(error.to_string(), "this is not JSON (RFC 8259) at byte 16");
}

fn rebuilt(node: NodeRef<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => node.as_bool().unwrap().into(),
        Kind::Number => serde_json::from_str(node.raw_str()).unwrap(),
        Kind::String => node.text().unwrap().into(),
        Kind::Array => node.children().map(rebuilt).collect(),
        Kind::Object => Value::Object(node.children().map(|c| (c.key().unwrap().to_owned(), rebuilt(c))).collect()),
    }
}

/// Any JSON value, for this crate's property tests.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z]{0,4}", any::<String>()];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths: read back exactly without serde_json's slower float reader.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        text.clone().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// `value` written with odd spacing and with every character of its strings escaped, or not.
pub(crate) fn written(value: &Value, escaped: bool) -> String {
    let plain = serde_json::to_string_pretty(value).unwrap();
    if !escaped {
        return plain;
    }
    let mut out = String::new();
    for c in plain.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04X}"));
            }
        }
    }
    out
}

proptest! {
    #[test]
    fn an_index_holds_the_value_that_serde_json_reads(value in any_json(), escaped: bool) {
        let text = written(&value, escaped);
        let tree = parse(&text);
        prop_assert_eq!(rebuilt(tree.root()), value);
        for leaf in tree.leaves() {
            let (Leaf::Key(node) | Leaf::Value(node)) = leaf;
            prop_assert_eq!(tree.at(&node.pointer()).unwrap().raw(), node.raw());
        }
    }

    /// What is accepted is never more than a strict reader accepts, whatever the damage.
    #[test]
    fn damaged_json_is_accepted_only_if_serde_json_accepts_it(
        value in any_json(), at in any::<prop::sample::Index>(), byte: u8, drop: bool,
    ) {
        let mut bytes = written(&value, true).into_bytes();
        let at = at.index(bytes.len());
        if drop { bytes.truncate(at); } else { bytes[at] = byte; }
        let ours = Tree::parse(&bytes, &JsonLimits::default());
        match (serde_json::from_slice::<Value>(&bytes), ours) {
            (Ok(theirs), Ok(tree)) => prop_assert_eq!(rebuilt(tree.root()), theirs),
            (Err(_), Ok(_)) => prop_assert!(false, "accepted what serde_json refuses"),
            (Ok(_), Err(e)) => prop_assert_eq!(e.code(), "json_duplicate_key"),
            (Err(_), Err(_)) => {}
        }
    }
}
