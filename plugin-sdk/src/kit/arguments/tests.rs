#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Arguments;
use crate::{Document, Segment, Span};

fn document(parts: &[(&str, &str, &str)]) -> Document {
    let mut document = Document { text: String::new(), segments: vec![] };
    for (kind, pointer, text) in parts {
        let start = document.text.len();
        document.text.push_str(text);
        let at = Span::from_range(start..document.text.len());
        document.text.push('\n');
        let segment = Segment { role: String::new(), kind: (*kind).into(), name: None, pointer: (*pointer).into(), at };
        document.segments.push(segment);
    }
    document
}

#[test]
fn keys_and_values_with_where_they_stand() {
    let document = document(&[
        ("text", "/messages/0/content", "not an argument"),
        ("key", "/to", "to"),
        ("value", "/to/0", "jo"),
        ("key", "/a~1b", "a/b"),
        ("value", "/a~1b/~0/3", "x"),
    ]);
    let arguments = Arguments::of(&document);
    assert_eq!(arguments.keys().map(|a| a.text).collect::<Vec<_>>(), ["to", "a/b"]);
    assert_eq!(arguments.values().map(|a| a.pointer).collect::<Vec<_>>(), ["/to/0", "/a~1b/~0/3"]);
    let x = arguments.value("/a~1b/~0/3").unwrap();
    assert_eq!(x.path().collect::<Vec<_>>(), ["a/b", "~", "3"]);
    assert_eq!(x.name().unwrap(), "~");
    assert_eq!(&document.text[x.at.range()], "x");
    assert!(arguments.value("/to").is_none(), "a key is no value");
}

#[test]
fn pointers_are_compared_token_by_token() {
    let document = document(&[
        ("value", "", "root"),
        ("value", "/to", "a"),
        ("value", "/to/0", "b"),
        ("value", "/to/0/name", "c"),
        ("value", "/too/0", "d"),
        ("value", "/", "e"),
    ]);
    let texts = |pattern| Arguments::of(&document).matching(pattern).map(|a| a.text).collect::<String>();
    assert_eq!(texts("/to"), "a");
    assert_eq!(texts("/to/*"), "b");
    assert_eq!(texts("/*/0"), "bd");
    assert_eq!(texts("/to/**"), "bc");
    assert_eq!(texts("/**"), "abcde");
    assert_eq!(texts(""), "root");
    assert_eq!(texts("/"), "e");
}
