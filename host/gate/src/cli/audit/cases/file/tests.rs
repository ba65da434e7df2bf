#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::json;

use super::*;
use crate::config::parse_yaml;

#[test]
fn what_is_written_is_read_as_the_same() {
    let case = json!({
        "name": "admission: \"quoted\" # not a comment",
        "config": { "kinds": { "card": "block" } },
        "stage": "admission",
        "segments": [{ "role": "user", "kind": "text", "text": "a\tb\n\u{7f}é名: - {x}\u{2028}" }, { "text": "'two'" }],
        "expect": { "verdict": "deny", "code": "pii_card", "findings": ["card"], "labels": [] },
    });
    let mut file = CasesFile::default();
    file.add(&case).unwrap();
    file.add(&case).unwrap();
    let Ok((read, _)) = parse_yaml(&file.text()) else { panic!("{}", file.text()) };
    assert_eq!(read, json!([case, case]));
}

#[test]
fn no_more_is_written_than_is_read() {
    let mut file = CasesFile::default();
    let long = json!({ "name": "long", "text": "x".repeat(MOST_BYTES / 2) });
    file.add(&long).unwrap();
    file.add(&long).unwrap_err();
    assert_eq!(file.cases(), 1);
}
