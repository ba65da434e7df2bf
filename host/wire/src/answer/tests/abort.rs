//! Streams that the gate ends.

use super::*;
use crate::document::TextEdit;

fn aborted(style: AbortStyle, judge: Judge) -> (String, String) {
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), judge);
    driver.feed(data(&say("fine ")).as_bytes()).unwrap();
    driver.feed(data(&say("SECRET")).as_bytes()).unwrap();
    let detail = json!({"code": "marking", "message": "Stopped.", "exchange": "x1"});
    let ending = driver.answer.abort(style, &detail);
    assert!(driver.answer.abort(style, &detail).is_empty());
    assert_eq!(driver.answer.feed(b"x"), Err(AnswerError::Over));
    assert_eq!(driver.answer.settle(ChannelId(0), 11, &[]), Err(AnswerError::Over));
    assert_eq!(driver.answer.settle_fields(FieldsId(0), &[]), Err(AnswerError::Over));
    let withhold = CallOutcome::Withhold { reason: json!(1) };
    assert_eq!(driver.answer.resolve_call(CallId(0), withhold), Err(AnswerError::Over));
    assert!(driver.answer.take_output().is_empty() && driver.answer.next_event().is_none());
    assert_eq!(driver.answer.held_bytes(), 0);
    (String::from_utf8(driver.out).unwrap(), String::from_utf8(ending).unwrap())
}

const HOLD_SECRET: Judge = |_, event| matches!(event, Event::Text { text, .. } if text == "SECRET");

#[test]
fn content_filter_ends_gracefully_and_releases_nothing_held() {
    let (before, ending) = aborted(AbortStyle::ContentFilter, HOLD_SECRET);
    assert_eq!(before, data(&say("fine ")));
    assert!(ending.ends_with("data: [DONE]\n\n") && !ending.contains("SECRET"));
    let last = &chunks(&ending)[0];
    assert_eq!(last["id"], "chatcmpl-1");
    assert_eq!((&last["model"], &last["created"]), (&json!("gpt-x"), &json!(1_700_000_000)));
    assert_eq!(last["object"], "chat.completion.chunk");
    assert_eq!(
        last["choices"],
        json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": "content_filter"}])
    );
    assert_eq!(last["witgate"]["exchange"], "x1");
}

#[test]
fn an_error_frame_has_no_done() {
    let (_, ending) = aborted(AbortStyle::ErrorFrame, HOLD_SECRET);
    assert!(!ending.contains("[DONE]"));
    let error = &chunks(&ending)[0];
    assert_eq!(
        error["error"],
        json!({"message": "Stopped.", "type": "policy_violation", "param": null, "code": "marking"})
    );
    assert_eq!(error["witgate"]["code"], "marking");
}

#[test]
fn unsettled_identity_is_not_told() {
    let (before, ending) = aborted(AbortStyle::ContentFilter, |_, event| matches!(event, Event::Fields { .. }));
    assert!(before.is_empty());
    assert_eq!(chunks(&ending)[0]["id"], "chatcmpl-witgate");
    assert!(!ending.contains("gpt-x") && !ending.contains("chatcmpl-1"));
}

#[test]
fn edited_identity_is_told_as_edited() {
    let (_, ending) = aborted(AbortStyle::ContentFilter, |answer, event| match event {
        Event::Fields { id, .. } => {
            answer.settle_fields(*id, &[TextEdit::new(11, 16, "m")]).unwrap();
            true
        }
        _ => HOLD_SECRET(answer, event),
    });
    assert_eq!(chunks(&ending)[0]["model"], "m");
}

#[test]
fn what_was_settled_and_not_taken_goes_first() {
    let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    answer.feed(data(&say("abc")).as_bytes()).unwrap();
    answer.settle(ChannelId(0), 3, &[]).unwrap();
    answer.settle_fields(FieldsId(0), &[]).unwrap();
    let ending = answer.abort(AbortStyle::ErrorFrame, &json!({}));
    assert!(ending.starts_with(data(&say("abc")).as_bytes()));
}

#[test]
fn nothing_follows_done() {
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    driver.feed(stream(&[chunk(json!({}), Some("stop"))]).as_bytes()).unwrap();
    assert!(driver.answer.abort(AbortStyle::ContentFilter, &json!({})).is_empty());
}

#[test]
fn a_whole_answer_is_dropped() {
    let mut answer = Answer::whole(Dialect::OpenAiChat, AnswerLimits::default());
    answer.feed(br#"{"choices":[{"message":{"content":"a"}}]}"#).unwrap();
    answer.end().unwrap();
    assert!(answer.abort(AbortStyle::ContentFilter, &json!({})).is_empty());
    assert!(answer.take_output().is_empty());
}

#[test]
fn an_abort_after_a_broken_frame_still_ends_properly() {
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    driver.feed(data(&say("a")).as_bytes()).unwrap();
    driver.feed(b"data: broken\n\n").unwrap_err();
    let ending =
        String::from_utf8(driver.answer.abort(AbortStyle::ErrorFrame, &json!({"code": "upstream_protocol"}))).unwrap();
    assert_eq!(chunks(&ending)[0]["error"]["code"], "upstream_protocol");
}

#[test]
fn keep_alives_are_comments() {
    assert_eq!(Answer::keep_alive(), b": keep-alive\n\n");
}
