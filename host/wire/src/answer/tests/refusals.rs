//! What does not pass, and the bounds.

use super::*;

fn stream_code(text: &str) -> &'static str {
    run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[text.as_bytes()], PASS).unwrap_err().code()
}

#[test]
fn what_no_policy_reads_is_refused() {
    let choice = |key: &str, value: Value| {
        let mut chunk = say("x");
        chunk["choices"][0][key] = value;
        data(&chunk)
    };
    let delta = |delta: Value| data(&chunk(delta, None));
    let mut forged = say("x");
    forged["witgate"] = json!({});
    for text in [
        choice("logprobs", json!({"content": []})),
        choice("message", json!({"content": "x"})),
        choice("finish_reason", json!("function_call")),
        delta(json!({"function_call": {"name": "f"}})),
        delta(json!({"audio": {"id": "a"}})),
        delta(json!({"images": [{"image_url": {"url": "data:"}}]})),
        delta(json!({"content": [{"type": "image", "text": "x"}]})),
        delta(json!({"content": [{"type": "text", "text": 5}]})),
        delta(json!({"content": {"text": "x"}})),
        delta(json!({"tool_calls": [{"index": 0, "type": "video", "video": {"name": "x"}}]})),
        data(&forged),
    ] {
        assert_eq!(stream_code(&text), "unsupported_answer", "{text}");
    }
}

#[test]
fn what_is_not_a_completion_is_refused() {
    let delta = |delta: Value| data(&chunk(delta, None));
    let mut nameless = say("x");
    nameless["choices"][0]["index"] = json!("first");
    let call = |call: Value| delta(json!({"tool_calls": [call]}));
    let named = |name: &str| call(json!({"index": 0, "id": "c", "function": {"name": name, "arguments": ""}}));
    let finished = data(&chunk(json!({}), Some("stop")));
    for text in [
        data(&json!([])),
        data(&json!({"choices": {}})),
        data(&json!({"choices": ["x"]})),
        data(&nameless),
        delta(json!("x")),
        delta(json!({"refusal": 5})),
        delta(json!({"tool_calls": {}})),
        delta(json!({"tool_calls": ["x"]})),
        call(json!({"function": {"name": "f"}})),
        call(json!({"index": "0", "function": {"name": "f"}})),
        call(json!({"index": 0, "function": "f"})),
        call(json!({"index": 0, "function": {"arguments": {"a": 1}}})),
        format!("{}{}", named("read"), named("delete")),
        format!("{finished}{}", data(&say("late"))),
        format!("{finished}{}", named("late")),
        choice_finish(json!(5)),
    ] {
        assert_eq!(stream_code(&text), "upstream_protocol", "{text}");
    }
    assert!(run_stream(&format!("{}{}{}", named("read"), named("read"), stream(&[])), PASS).1.contains("read"));
}

fn choice_finish(reason: Value) -> String {
    let mut chunk = say("x");
    chunk["choices"][0]["finish_reason"] = reason;
    data(&chunk)
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (text, code) in [
        ("data: hello\n\n", "json_syntax"),
        ("data: [DONE] and more\n\n", "json_syntax"),
        ("data:\n\n", "json_truncated"),
        ("data: {\"choices\":[],\"choices\":[]}\n\n", "json_duplicate_key"),
        ("data: {\"id\":\"\\ud800\"}\n\n", "json_lone_surrogate"),
        ("data: \u{feff}{}\n\n", "json_byte_order_mark"),
    ] {
        assert_eq!(stream_code(text), code, "{text}");
    }
    let bytes = b"data: {\"id\":\"\xff\"}\n\n";
    let error = run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[bytes], PASS).unwrap_err();
    assert_eq!(error.code(), "sse_invalid_utf8");
}

#[test]
fn a_stream_that_breaks_off_is_truncated() {
    for text in
        [String::new(), data(&say("a")), format!("{}data: {{\"cho", data(&say("a"))), "data: [DONE]\n".to_owned()]
    {
        assert_eq!(stream_code(&text), "upstream_truncated", "{text}");
    }
    let finished = format!("{}{}", data(&say("a")), data(&chunk(json!({}), Some("stop"))));
    assert_eq!(run_stream(&finished, PASS).0.last(), Some(&Event::Done));
    assert_eq!(stream_code(&format!("{finished}data: {{")), "upstream_truncated");
}

#[test]
fn a_whole_body_that_cannot_be_read_is_refused() {
    for (body, code) in [
        (&b""[..], "json_truncated"),
        (b"<html>", "json_syntax"),
        (b"\xff", "upstream_protocol"),
        (b"{}", "upstream_protocol"),
        (b"{\"choices\":[]}", "upstream_protocol"),
        (b"{\"choices\":[{\"message\":{\"content\":\"a\",\"content\":\"b\"}}]}", "json_duplicate_key"),
        (b"{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", "unsupported_answer"),
    ] {
        let error = run(Answer::whole(Dialect::OpenAiChat, AnswerLimits::default()), &[body], PASS).unwrap_err();
        assert_eq!(error.code(), code, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn what_came_before_a_broken_frame_is_still_good() {
    let text = format!("{}data: broken\n\n", data(&say("a")));
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    assert_eq!(driver.feed(text.as_bytes()).unwrap_err().code(), "json_syntax");
    assert_eq!(driver.out, data(&say("a")).as_bytes());
    assert_eq!(driver.answer.feed(b"x"), Err(AnswerError::Over));
    assert_eq!(driver.answer.end(), Err(AnswerError::Over));
}

#[test]
fn bounds_are_errors_with_names() {
    let limits = AnswerLimits::default();
    let feed = |limits: AnswerLimits, text: &str| {
        Answer::streamed(Dialect::OpenAiChat, limits).feed(text.as_bytes()).unwrap_err().code()
    };
    let said = data(&say("some text"));
    assert_eq!(feed(AnswerLimits { max_frame: 100, ..limits }, &said), "sse_frame_too_large");
    assert_eq!(feed(AnswerLimits { max_held: 2000, ..limits }, &said.repeat(5)), "held_limit");
    assert_eq!(feed(AnswerLimits { max_held: 2000, ..limits }, &"\n".repeat(100)), "held_limit");
    assert_eq!(feed(AnswerLimits { max_channels: 0, ..limits }, &said), "too_many_channels");
    let call = |index| data(&chunk(json!({"tool_calls": [{"index": index, "function": {"name": "f"}}]}), None));
    assert_eq!(feed(AnswerLimits { max_tool_calls: 2, ..limits }, &call(2)), "too_many_tool_calls");
    assert_eq!(feed(limits, &call(u64::MAX)), "too_many_tool_calls");
    let mut whole = Answer::whole(Dialect::OpenAiChat, AnswerLimits { max_body: 10, ..limits });
    whole.feed(&[b' '; 10]).unwrap();
    assert_eq!(whole.feed(b" ").unwrap_err().code(), "answer_too_large");
    let deep = format!("data: {{\"x\":{}\n\n", "[".repeat(100));
    assert_eq!(feed(limits, &deep), "json_too_deep");
}

/// Beyond the bound on what is remembered, fields are told again, and their edits are refused beyond it.
#[test]
fn forgotten_fields_are_told_again() {
    let limits = AnswerLimits { max_fields: 2, ..AnswerLimits::default() };
    let mut answer = Answer::streamed(Dialect::OpenAiChat, limits);
    answer.feed(data(&say("a")).repeat(2).as_bytes()).unwrap();
    let fields: Vec<String> = std::iter::from_fn(|| answer.next_event())
        .filter_map(|event| match event {
            Event::Fields { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(fields, ["chatcmpl-1\ngpt-x\nfp_1", "fp_1"]);
    let edits: Vec<crate::document::TextEdit> =
        [(0, 1), (11, 12), (17, 18)].map(|(a, b)| crate::document::TextEdit::new(a, b, "-")).into();
    assert_eq!(answer.settle_fields(FieldsId(0), &edits).unwrap_err().code(), "too_many_field_edits");
    answer.settle_fields(FieldsId(0), &edits[..2]).unwrap();
}
