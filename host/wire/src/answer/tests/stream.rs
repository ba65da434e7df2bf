//! Text and fields of streams.

use super::*;
use crate::document::TextEdit;

fn usual() -> String {
    let mut usage = chunk(json!({}), None);
    usage["choices"] = json!([]);
    usage["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 0}});
    stream(&[
        chunk(json!({"role": "assistant", "content": "", "refusal": null}), None),
        say("Hel"),
        say("lo \"wörld\"\n"),
        chunk(json!({}), Some("stop")),
        usage,
    ])
}

#[test]
fn a_usual_stream_tells_its_parts_in_order_and_fields_once() {
    let (events, out) = run_stream(&usual(), PASS);
    let content = ChannelId(0);
    assert_eq!(
        events,
        [
            Event::Fields { id: FieldsId(0), text: "chatcmpl-1\ngpt-x\nfp_1".into() },
            Event::Open { channel: content, kind: ChannelKind::Content, name: None },
            // What came in one read is told as one.
            Event::Text { channel: content, text: "Hello \"wörld\"\n".into() },
            Event::Close { channel: content },
            Event::Finish { reason: "stop".into() },
            Event::Usage { prompt_tokens: 5, completion_tokens: 7 },
            Event::Done,
        ]
    );
    assert_eq!(out, usual());
}

#[test]
fn comments_and_what_follows_done_do_not_pass() {
    let text = format!(": hello\n\n{}data: {{\"late\":1}}\n\nrubbish \u{1}", usual());
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    driver.feed(text.as_bytes()).unwrap();
    driver.feed(b"more").unwrap();
    driver.end().unwrap();
    assert_eq!(String::from_utf8(driver.out).unwrap(), usual());
    assert_eq!(driver.answer.dropped_lines(), 1);
    assert_eq!(driver.answer.trailing_bytes(), 18 + 9 + 4);
    assert_eq!(driver.answer.feed(b"x"), Err(AnswerError::Over));
}

#[test]
fn a_frame_leaves_once_it_is_settled_and_not_before() {
    let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    answer.feed(data(&say("abc")).as_bytes()).unwrap();
    answer.feed(data(&say("def")).as_bytes()).unwrap();
    assert!(answer.take_output().is_empty());
    let Some(Event::Fields { id, .. }) = answer.next_event() else { panic!("fields come first") };
    answer.settle(ChannelId(0), 2, &[]).unwrap();
    answer.settle_fields(id, &[]).unwrap();
    assert!(answer.take_output().is_empty(), "the third character is not settled");
    answer.settle(ChannelId(0), 5, &[]).unwrap();
    assert_eq!(answer.take_output(), data(&say("abc")).as_bytes());
    answer.settle(ChannelId(0), 6, &[]).unwrap();
    assert_eq!(answer.take_output(), data(&say("def")).as_bytes());
    assert_eq!(answer.held_bytes(), 0);
    assert_eq!(answer.settle_fields(id, &[]).unwrap_err().code(), "edit_not_pending");
}

#[test]
fn an_edit_over_several_frames_goes_where_it_starts_and_structure_stays() {
    let text = stream(&[say("my mail is ann@"), say("exam"), say("ple.org, write"), chunk(json!({}), Some("stop"))]);
    let mut come = 0;
    let (_, out) = run_stream(&text, |answer, event| {
        let Event::Text { channel, text } = event else {
            return false;
        };
        come += text.len() as u64;
        if come == 33 {
            answer.settle(*channel, come, &[TextEdit::new(11, 26, "[MAIL]")]).unwrap();
        }
        true
    });
    let expected = stream(&[say("my mail is [MAIL]"), say(""), say(", write"), chunk(json!({}), Some("stop"))]);
    assert_eq!(out, expected);
}

/// Text that has left is forgotten in steps; offsets stay those of the whole text.
#[test]
fn a_long_stream_keeps_its_offsets() {
    let pieces: Vec<String> = (0..400).map(|n| format!("{n:03} {}|", "é".repeat(n % 40))).collect();
    let sent: Vec<Value> = pieces.iter().map(|text| say(text)).collect();
    let (mut whole, mut settled) = (String::new(), 0);
    let sent = stream(&sent);
    let frames: Vec<&[u8]> = sent.split_inclusive("\n\n").map(str::as_bytes).collect();
    let streamed = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    let (_, out) = run(streamed, &frames, |answer, event| {
        let Event::Text { channel, text } = event else {
            return false;
        };
        let start = whole.len() as u64;
        whole.push_str(text);
        // Over the end of the piece before: one piece is always held.
        let upto = if whole.starts_with("000") && text.starts_with("399") { whole.len() as u64 } else { start + 2 };
        let edits = if start == 0 { vec![] } else { vec![TextEdit::new(start - 1, start + 1, "#")] };
        assert!(settled < upto);
        answer.settle(*channel, upto.max(start + 1), &edits).unwrap();
        settled = upto;
        true
    })
    .unwrap();
    let mut expected = pieces[0].clone();
    for piece in &pieces[1..] {
        expected.pop();
        expected.push('#');
        expected.push_str(&piece[1..]);
    }
    assert_eq!(client(&out).texts["content"], expected);
}

#[test]
fn decisions_that_do_not_hold_change_nothing() {
    let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    answer.feed(data(&say("aé")).as_bytes()).unwrap();
    answer.feed(data(&say("xyz")).as_bytes()).unwrap();
    let channel = ChannelId(0);
    answer.settle(channel, 1, &[]).unwrap();
    let code = |answer: &mut Answer, upto, edits: &[(u64, u64)]| {
        let edits: Vec<TextEdit> = edits.iter().map(|&(a, b)| TextEdit::new(a, b, "-")).collect();
        answer.settle(channel, upto, &edits).unwrap_err().code()
    };
    assert_eq!(code(&mut answer, 0, &[]), "settle_out_of_range");
    assert_eq!(code(&mut answer, 7, &[]), "settle_out_of_range");
    assert_eq!(code(&mut answer, 6, &[(0, 3)]), "edit_out_of_range");
    assert_eq!(code(&mut answer, 6, &[(2, 3)]), "edit_cuts_character");
    assert_eq!(code(&mut answer, 5, &[(4, 6)]), "edit_out_of_range");
    assert_eq!(code(&mut answer, 5, &[(5, 5)]), "edit_out_of_range");
    assert_eq!(code(&mut answer, 6, &[(3, 5), (4, 6)]), "edit_overlap");
    assert_eq!(answer.settle(ChannelId(7), 0, &[]).unwrap_err().code(), "edit_not_pending");
    // Within é nothing more is settled than up to its start.
    answer.settle(channel, 2, &[]).unwrap();
    answer.settle(channel, 6, &[TextEdit::new(1, 3, "e")]).unwrap();
    answer.settle_fields(FieldsId(0), &[]).unwrap();
    assert_eq!(client(std::str::from_utf8(&answer.take_output()).unwrap()).texts["content"], "aexyz");
}

#[test]
fn channels_of_other_kinds_are_told_with_their_names() {
    let text = stream(&[
        chunk(json!({"reasoning_content": "hm", "refusal": "no", "thinking": "so"}), None),
        chunk(json!({"reasoning": "a", "reasoning_details": [{"type": "reasoning.text", "text": "b"}]}), None),
        chunk(json!({"content": [{"type": "text", "text": "c"}]}), Some("stop")),
    ]);
    let (events, out) = run_stream(&text, PASS);
    let opened: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Open { kind, name, .. } => Some(format!("{kind} {}", name.as_deref().unwrap_or("-"))),
            _ => None,
        })
        .collect();
    assert_eq!(
        opened,
        [
            "reasoning reasoning_content",
            "refusal -",
            "value thinking",
            "reasoning reasoning",
            "reasoning reasoning_details/0/text",
            "content -"
        ]
    );
    assert_eq!(out, text);
}

#[test]
fn unknown_fields_are_told_wherever_they_stand() {
    let mut odd = chunk(
        json!({"content": "x", "annotations": [{"type": "url_citation", "url_citation": {"url": "http://u"}}]}),
        None,
    );
    odd["vendor"] = json!({"deep": ["v1", 7]});
    odd["choices"][0]["native"] = json!("v2");
    odd["choices"][0]["finish_reason"] = json!("weird");
    odd["object"] = json!("else");
    odd["choices"][0]["delta"]["role"] = json!("robot");
    let text = format!("event: odd\nid: 9\n{}", stream(&[odd]));
    let (events, out) = run_stream(&text, PASS);
    let Event::Fields { text: told, .. } = &events[0] else { panic!("no fields first") };
    for value in ["odd", "9", "vendor", "deep", "native", "else", "robot", "http://u", "url_citation", "weird"] {
        assert!(told.lines().any(|line| line == value), "{value} is not in {told:?}");
    }
    // What a vendor adds may come piece by piece.
    let named = |pointer: &str| {
        let mut opened = events.iter();
        opened.any(|e| matches!(e, Event::Open { kind: ChannelKind::Value, name: Some(name), .. } if name == pointer))
    };
    assert!(named("/vendor/deep/0") && named("/choices/0/native"), "{events:?}");
    assert_eq!(out, text);
}

#[test]
fn an_edited_field_is_edited_wherever_it_comes_again() {
    let text = format!(
        "event: gpt-x\n{}",
        stream(&[say("a"), say("gpt-x"), say("b")]).replace("\n\ndata", "\n\nevent: gpt-x\ndata")
    );
    let (events, out) = run(
        Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()),
        &[text.as_bytes(), b"data: [DONE]\n\n"],
        |answer, event| match event {
            Event::Fields { id, text } => {
                assert_eq!(text, "chatcmpl-1\ngpt-x\nfp_1\ngpt-x");
                let edits = [TextEdit::new(11, 16, "\"M\""), TextEdit::new(20, 21, "2"), TextEdit::new(22, 27, "E\nV")];
                answer.settle_fields(*id, &edits).unwrap();
                true
            }
            _ => false,
        },
    )
    .unwrap();
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Fields { .. })).count(), 1);
    assert_eq!(out.matches(r#""model":"\"M\"""#).count(), 3);
    assert_eq!(out.matches("event: E V").count(), 4);
    assert_eq!(out.matches("fp_2").count(), 3);
    assert_eq!(out.matches("gpt-x").count(), 1, "the text that says the same is not a field");
}

#[test]
fn edits_of_fields_must_hold() {
    let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    let mut odd = say("a");
    odd["vendor"] = json!("v");
    answer.feed(data(&odd).as_bytes()).unwrap();
    let Some(Event::Fields { id, text }) = answer.next_event() else { panic!("no fields") };
    assert_eq!(text, "chatcmpl-1\ngpt-x\nfp_1\nvendor");
    let mut code = |start, end| answer.settle_fields(id, &[TextEdit::new(start, end, "-")]).unwrap_err().code();
    assert_eq!(code(0, 12), "edit_crosses_segments");
    assert_eq!(code(10, 11), "edit_crosses_segments");
    assert_eq!(code(22, 28), "edit_of_key");
    assert_eq!(code(30, 31), "edit_out_of_range");
    answer.settle_fields(id, &[]).unwrap();
}

#[test]
fn padding_after_the_end_is_one_channel_and_held_to_its_decision() {
    let padded = |mut chunk: Value, padding: &str| {
        chunk["obfuscation"] = json!(padding);
        chunk
    };
    let mut usage = chunk(json!({}), None);
    usage["choices"] = json!([]);
    let text = stream(&[padded(say("a"), "p1"), padded(chunk(json!({}), Some("stop")), "p2"), padded(usage, "p3")]);
    let (events, out) = run_stream(&text, PASS);
    let told: String = events
        .iter()
        .filter_map(|event| match event {
            Event::Text { channel: ChannelId(1), text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, "p1p2p3");
    assert_eq!(
        events.iter().rposition(|e| matches!(e, Event::Close { channel: ChannelId(1) })),
        Some(events.len() - 2)
    );
    assert_eq!(out, text);
}

/// An error path must not lose the finish reason, nor pass the error unread.
#[test]
fn an_error_in_the_last_chunk_keeps_the_finish_reason() {
    let error = json!({"error": {"message": "quota", "type": "server_error", "code": null}});
    let text = format!("{}{}{}", data(&say("a")), data(&chunk(json!({}), Some("length"))), data(&error));
    let (events, out) = run_stream(&text, PASS);
    assert!(events.contains(&Event::Finish { reason: "length".into() }));
    assert!(events.contains(&Event::Fields { id: FieldsId(1), text: "quota\nserver_error".into() }));
    assert_eq!(events.last(), Some(&Event::Done));
    assert_eq!(out, text);
}

#[test]
fn an_error_object_ends_a_stream() {
    let error = json!({"error": {"message": "boom"}});
    let text = format!("{}{}", data(&say("a")), data(&error));
    let (events, out) = run_stream(&text, PASS);
    let tail: Vec<&Event> = events.iter().rev().take(3).collect();
    assert_eq!(
        tail,
        [&Event::Done, &Event::Finish { reason: "error".into() }, &Event::Close { channel: ChannelId(0) }]
    );
    assert_eq!(out, text);
}

#[test]
fn data_over_several_lines_keeps_its_framing_when_edited() {
    let pretty = serde_json::to_string_pretty(&say("one two")).unwrap();
    let text = format!("data: {}\r\n\r\ndata: [DONE]\r\n\r\n", pretty.replace('\n', "\r\ndata: "));
    let (_, out) = run_stream(&text, |answer, event| match event {
        Event::Text { channel, .. } => {
            answer.settle(*channel, 7, &[TextEdit::new(4, 7, "2")]).unwrap();
            true
        }
        _ => false,
    });
    assert_eq!(out, text.replace("one two", "one 2"));
}
