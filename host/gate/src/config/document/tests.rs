#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::json;

use super::*;

#[test]
fn values_and_their_lines() {
    let text = "version: 1\nlist:\n  - name: a\n    on: yes\n  - {deep: [1, 2.5,\n    null]}\n\"we/ird~\": 'x'\n";
    let (value, lines) = parse(text).unwrap();
    assert_eq!(
        value,
        json!({"version": 1, "list": [{"name": "a", "on": "yes"}, {"deep": [1, 2.5, null]}], "we/ird~": "x"})
    );
    for (pointer, line) in [
        ("", 1),
        ("/version", 1),
        ("/list", 2),
        ("/list/0", 3),
        ("/list/0/on", 4),
        ("/list/1", 5),
        ("/list/1/deep/0", 5),
        ("/list/1/deep/2", 6),
        ("/we~1ird~0", 7),
        ("/list/1/missing/member", 5),
    ] {
        assert_eq!(lines.of(pointer), Some(line), "{pointer}");
    }
}

#[test]
fn what_is_refused_and_where() {
    for (text, code, line) in [
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", Some(3)),
        ("a:\n  b: 1\n  \"b\": 2\n", "duplicate_key", Some(3)),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge_key", Some(3)),
        ("a: 1\n---\nb: 2\n", "several_documents", None),
        ("a: !secret x\n", "unknown_tag", Some(1)),
        ("a: [1, 2\nb: 3\n", "yaml_syntax", None),
        ("a: *nowhere\n", "yaml_syntax", Some(1)),
    ] {
        let mistake = parse(text).unwrap_err();
        assert_eq!(mistake.code, code, "{text:?}: {mistake:?}");
        if line.is_some() {
            assert_eq!(mistake.line, line, "{text:?}: {mistake:?}");
        }
    }
}

#[test]
fn an_alias_is_followed_and_an_alias_bomb_is_not() {
    let (value, _) = parse("a: &x [1, 2]\nb: *x\n").unwrap();
    assert_eq!(value, json!({"a": [1, 2], "b": [1, 2]}));

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", ")));
    }
    assert_eq!(parse(&bomb).unwrap_err().code, "config_too_complex");
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
    assert!(parse(&deep).is_err());
    let block: String = (0..40).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(parse(&block).unwrap_err().code, "config_too_complex");
    assert_eq!(parse(&"# long\n".repeat(200_000)).unwrap_err().code, "config_too_large");
}

#[test]
fn nothing_at_all_is_null() {
    assert_eq!(parse("").unwrap().0, Value::Null);
    assert_eq!(parse("# only a comment\n").unwrap().0, Value::Null);
}
