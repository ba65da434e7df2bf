#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use serde_json::{Value, json};

use crate::answer::{Answer, AnswerError, AnswerLimits, Event};
use crate::dialect::Dialect;

/// What was told, and what left.
fn run(body: &Value) -> Result<(Vec<Event>, Vec<u8>), AnswerError> {
    let mut answer = Answer::whole(Dialect::AnthropicCountTokens, AnswerLimits::default());
    answer.feed(body.to_string().as_bytes())?;
    answer.end()?;
    let mut events = Vec::new();
    while let Some(event) = answer.next_event() {
        if let Event::Fields { id, .. } = &event {
            assert!(answer.take_output().is_empty(), "a field left undecided");
            answer.settle_fields(*id, &[]).unwrap();
        }
        events.push(event);
    }
    Ok((events, answer.take_output()))
}

#[test]
fn a_count_passes_and_is_no_usage() {
    let body = json!({"input_tokens": 14, "context_management": {"original_input_tokens": 20}});
    let (events, out) = run(&body).unwrap();
    assert_eq!((events, out), (vec![Event::Done], body.to_string().into_bytes()));
}

#[test]
fn all_else_is_read() {
    let body = json!({"input_tokens": 14, "vendor": {"note": "jo@x.io"}, "account": 4_111_111_111_111_111_u64});
    let (events, out) = run(&body).unwrap();
    let Some(Event::Fields { text, .. }) = events.first() else { panic!("no fields: {events:?}") };
    let mut texts: Vec<&str> = text.lines().collect();
    texts.sort_unstable();
    assert_eq!(texts, ["4111111111111111", "account", "jo@x.io", "note", "vendor"]);
    assert_eq!(out, body.to_string().into_bytes());
    let huge = json!({"input_tokens": 4_111_111_111_111_111_u64});
    assert!(matches!(run(&huge).unwrap().0.first(), Some(Event::Fields { .. })), "a card is no count");
}

#[test]
fn an_error_passes_and_what_is_no_count_does_not() {
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let (events, out) = run(&error).unwrap();
    assert!(events.contains(&Event::Finish { reason: "error".into() }));
    assert_eq!(out, error.to_string().into_bytes());
    for body in [json!({}), json!({"input_tokens": "14"}), json!({"content": []}), json!([14])] {
        assert_eq!(run(&body).unwrap_err().code(), "upstream_protocol", "{body}");
    }
    let mut streamed = Answer::streamed(Dialect::AnthropicCountTokens, AnswerLimits::default());
    assert_eq!(streamed.feed(b"data: {\"input_tokens\":1}\n\n").unwrap_err().code(), "upstream_protocol");
}
