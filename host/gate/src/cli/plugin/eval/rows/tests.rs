#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn rows(text: &str) -> Result<Vec<Row>, PluginError> {
    read(file(text).path(), &Labels::new(&[], &[]))
}

/// Code and line of each mistake.
fn mistakes(text: &str) -> Vec<(&'static str, usize)> {
    match rows(text) {
        Err(PluginError::Rows(mistakes)) => mistakes.told.iter().map(|one| (one.code, one.line)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_is_read_with_what_it_has() {
    let all = rows(concat!(
        r#"{"text": "é: jo@example.org", "label": "pii", "kind": "sentence", "source": "own", "rule": 7, "spans": [{"start": 3, "end": 17, "type": "EMAIL_ADDRESS"}]}"#,
        "\n\n  \r\n",
        r#"{"text_b64": "aGVsbG8=", "label": "benign", "channel": "tool_result"}"#,
    ))
    .unwrap();
    let [first, second] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((first.line, first.positive, first.kind.as_str(), first.source.as_str()), (1, true, "sentence", "own"));
    // In bytes: the first letter has two.
    assert_eq!(first.spans, Some(vec![Marked { start: 4, end: 18, kind: "EMAIL_ADDRESS".to_owned() }]));
    assert_eq!((second.line, second.text.as_str(), second.positive), (4, "hello", false));
    assert_eq!((second.channel, second.kind.as_str(), &second.spans), (Some(As::ToolResult), "-", &None));
}

#[test]
fn bad_lines_are_told_by_code_and_line() {
    let text = [
        r#"{"text": "a", "label": "benign"}"#,
        "{",
        "[1]",
        r#"{"label": "benign"}"#,
        r#"{"text": "a", "text_b64": "YQ==", "label": "benign"}"#,
        r#"{"text_b64": "Y!", "label": "benign"}"#,
        r#"{"text_b64": "/w==", "label": "benign"}"#,
        r#"{"text": "a"}"#,
        r#"{"text": "a", "label": "spam"}"#,
        r#"{"text": "a", "label": "benign", "channel": "telegram"}"#,
        r#"{"text": "é", "label": "pii", "spans": [{"start": 0, "end": 2, "type": "x"}]}"#,
        r#"{"text": "é", "label": "pii", "spans": [{"start": 1, "end": 1, "type": "x"}]}"#,
        r#"{"text": 5, "label": "benign"}"#,
    ];
    let wanted = [
        ("row_syntax", 2),
        ("row_syntax", 3),
        ("row_text", 4),
        ("row_text", 5),
        ("row_base64", 6),
        ("row_base64", 7),
        ("row_label", 8),
        ("row_label", 9),
        ("row_channel", 10),
        ("row_span", 11),
        ("row_span", 12),
        ("row_syntax", 13),
    ];
    assert_eq!(mistakes(&text.join("\n")), wanted);
}

#[test]
fn mistakes_are_told_with_a_way_out_and_counted() {
    let told = rows(&"{\"text\": \"a\", \"label\": \"spam\"}\n".repeat(25)).unwrap_err().rendered();
    assert!(told.contains("error[row_label]: the label `spam` is not known") && !told.contains(":25"), "{told}");
    assert!(told.contains("--positive spam") && told.ends_with("cannot be used; 5 of them are not shown"), "{told}");
}

#[test]
fn a_file_without_rows_is_told() {
    assert!(matches!(rows("\n \n"), Err(PluginError::NoRows(_))));
    assert!(matches!(read(Path::new("nowhere.jsonl"), &Labels::new(&[], &[])), Err(PluginError::Unreadable { .. })));
}

#[test]
fn labels_can_be_given() {
    let labels = Labels::new(&["spam".to_owned()], &["ham".to_owned(), "pii".to_owned()]);
    let side = |label| labels.positive(label);
    assert_eq!(
        [side("spam"), side("ham"), side("pii"), side("attack"), side("eggs")],
        [Some(true), Some(false), Some(false), Some(true), None]
    );
}

#[test]
fn a_line_that_is_too_long_is_one_mistake_and_the_next_is_read() {
    let longest = usize::try_from(LONGEST).unwrap();
    let long = format!("{{\"text\": \"{}\", \"label\": \"benign\"}}\n{{\"text\": 1}}\n", "a".repeat(longest));
    assert_eq!(mistakes(&long), [("row_too_long", 1), ("row_syntax", 2)]);
}
