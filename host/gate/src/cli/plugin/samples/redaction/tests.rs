#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::json;

use super::*;

fn place(text: &str, value: &str) -> Place {
    let start = text.find(value).unwrap();
    Place { start, end: start + value.len(), what: "finding x".to_owned() }
}

fn redaction(text: &str, values: &[&str]) -> Redaction {
    let mut redaction = Redaction::new(text).unwrap();
    redaction.values(values.iter().map(|value| place(text, value)).collect());
    redaction
}

#[test]
fn a_value_is_replaced_wherever_it_stands_and_keeps_its_shape() {
    let text = "Ask Zoé-1234567 or Zoé-1234567, not anybody";
    let mut redaction = redaction(text, &["Zoé-1234567"]);
    for draw in 0..40 {
        let drawn = redaction.draw(draw);
        assert_eq!(drawn.len(), text.len());
        assert!(!drawn.contains("1234567") && drawn.ends_with(", not anybody"), "{drawn}");
        let stand_in = &drawn[4..16];
        assert_eq!(drawn.matches(stand_in).count(), 2);
        assert!(stand_in[5..].bytes().all(|byte| byte.is_ascii_digit()));
        redaction.again(&[]);
    }
}

#[test]
fn what_was_accepted_is_not_drawn_again() {
    let text = "aaaaaaaaaaaa bbbbbbbbbbbb";
    let mut redaction = redaction(text, &["aaaaaaaaaaaa", "bbbbbbbbbbbb"]);
    let first = redaction.draw(0);
    redaction.again(&[place(text, "bbbbbbbbbbbb")]);
    let second = redaction.draw(1);
    assert_eq!(first[..12], second[..12]);
    assert_ne!(first[13..], second[13..]);
    assert!(redaction.is_settled());
}

#[test]
fn a_value_within_another_is_gone_with_it() {
    let text = "jo@example.org, example.org";
    let mut redaction = redaction(text, &["jo@example.org", "example.org"]);
    let drawn = redaction.draw(0);
    assert!(!drawn.contains("example"), "{drawn}");
    assert!(redaction.shows_in(&json!({ "a": [{ "b": "to jo@example.org" }] })));
    assert!(redaction.shows_in(&json!({ "example.org": 1 })));
    assert!(!redaction.shows_in(&json!({ "text": drawn })));
}
