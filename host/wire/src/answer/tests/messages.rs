//! Anthropic's messages.

use super::events::*;
use super::*;
use crate::document::TextEdit;

fn block(index: u64, begin: Value, deltas: &[Value]) -> Vec<Value> {
    let mut out = vec![json!({"type": "content_block_start", "index": index, "content_block": begin})];
    out.extend(deltas.iter().map(|delta| json!({"type": "content_block_delta", "index": index, "delta": delta})));
    out.push(json!({"type": "content_block_stop", "index": index}));
    out
}

fn tool(index: u64, name: &str, pieces: &[&str]) -> Vec<Value> {
    let begin = json!({"type": "tool_use", "id": format!("toolu_{index}"), "name": name, "input": {}});
    let pieces: Vec<Value> = pieces.iter().map(|p| json!({"type": "input_json_delta", "partial_json": p})).collect();
    block(index, begin, &pieces)
}

/// Thinking with its signature, text with a citation, two tool calls.
fn events() -> Vec<Value> {
    let mut out = vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 1}}}),
        json!({"type": "ping"}),
    ];
    out.extend(block(
        0,
        json!({"type": "thinking", "thinking": "", "signature": ""}),
        &[
            json!({"type": "thinking_delta", "thinking": "let me "}),
            json!({"type": "thinking_delta", "thinking": "see"}),
            json!({"type": "signature_delta", "signature": "c2lnbmVk"}),
        ],
    ));
    out.extend(block(
        1,
        json!({"type": "text", "text": ""}),
        &[
            json!({"type": "text_delta", "text": "ask jo@"}),
            json!({"type": "text_delta", "text": "x.io é"}),
            json!({"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "quoted",
                "document_index": 0, "document_title": "A title", "start_char_index": 0, "end_char_index": 6}}),
        ],
    ));
    out.extend(tool(2, "read", &["", "{\"path\":\"/et", "c\"}"]));
    out.extend(tool(3, "delete", &["{\"all\":true}"]));
    out.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
        "usage": {"output_tokens": 40}}));
    out.push(json!({"type": "message_stop"}));
    out
}

fn streamed() -> Answer {
    streamed_in(Dialect::AnthropicMessages)
}

fn whole_body() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "tool_use",
        "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 40},
        "content": [
            {"type": "thinking", "thinking": "let me see", "signature": "c2lnbmVk"},
            {"type": "text", "text": "ask jo@x.io é", "citations": [{"type": "char_location", "cited_text": "quoted",
                "document_index": 0, "document_title": "A title", "start_char_index": 0, "end_char_index": 6}]},
            {"type": "tool_use", "id": "toolu_2", "name": "read", "input": {"path": "/etc"}},
            {"type": "tool_use", "id": "toolu_3", "name": "delete", "input": {"all": true}},
        ],
    })
}

fn whole(judge: impl FnMut(&mut Answer, &Event) -> bool) -> (Vec<Event>, String) {
    let answer = Answer::whole(Dialect::AnthropicMessages, AnswerLimits::default());
    run(answer, &[whole_body().to_string().as_bytes()], judge).unwrap()
}

/// Texts by kind and name, calls, fields.
type Told = (BTreeMap<String, String>, Vec<(String, String)>, Vec<String>);

/// What was told, in an order that does not depend on the form.
fn told(events: &[Event]) -> Told {
    let (mut names, mut texts, mut calls, mut fields) = (BTreeMap::new(), BTreeMap::new(), vec![], vec![]);
    for event in events {
        match event {
            Event::Open { channel, kind, name } => {
                names.insert(*channel, format!("{kind}/{}", name.as_deref().unwrap_or("-")));
            }
            Event::Text { channel, text } => {
                texts.entry(names[channel].clone()).or_insert_with(String::new).push_str(text)
            }
            Event::ToolCall { call, .. } => calls.push((call.name.clone(), call.arguments.text.clone())),
            Event::Fields { text, .. } => fields.extend(text.lines().map(str::to_owned)),
            _ => {}
        }
    }
    fields.sort();
    (texts, calls, fields)
}

#[test]
fn clean_traffic_leaves_in_its_bytes_and_both_forms_tell_the_same() {
    let text = text_of(&events());
    let (events, out) = run(streamed(), &[text.as_bytes()], PASS).unwrap();
    assert_eq!(out, text);
    let (whole_events, whole_out) = whole(PASS);
    assert_eq!(whole_out, whole_body().to_string());
    assert_eq!(told(&events), told(&whole_events));
    let (texts, calls, fields) = told(&events);
    assert_eq!(texts["content/-"], "ask jo@x.io é");
    assert_eq!(texts["reasoning/thinking"], "let me see");
    assert_eq!(calls, [("read".into(), "path\n/etc".into()), ("delete".into(), "all\ntrue".into())]);
    assert_eq!(texts["value/signature"], "c2lnbmVk");
    assert_eq!(fields, ["A title", "char_location", "claude-x", "msg_1", "quoted"]);
    assert!(events.contains(&Event::Usage { prompt_tokens: 9, completion_tokens: 40 }));
    assert!(events.contains(&Event::Finish { reason: "tool_use".into() }));
}

#[test]
fn every_cut_makes_no_difference() {
    let text = text_of(&events());
    let (all, out) = run(streamed(), &[text.as_bytes()], PASS).unwrap();
    for at in 0..=text.len() {
        let (first, second) = text.as_bytes().split_at(at);
        let (events, other) = run(streamed(), &[first, second], PASS).unwrap();
        assert_eq!((told(&events), &other), (told(&all), &out), "cut at {at}");
    }
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(run(streamed(), &bytes, PASS).unwrap().1, out);
}

type Seen = BTreeMap<ChannelId, String>;

/// Masks the address once it is complete, in whichever channel.
fn mask(answer: &mut Answer, event: &Event, seen: &mut Seen) -> bool {
    let Event::Text { channel, text } = event else { return false };
    let seen = seen.entry(*channel).or_default();
    seen.push_str(text);
    match seen.find("jo@x.io") {
        Some(at) => {
            let at = at as u64;
            answer.settle(*channel, seen.len() as u64, &[TextEdit::new(at, at + 7, "[E]")]).unwrap();
            true
        }
        None => seen.ends_with("jo@") || seen.ends_with("jo@x") || seen.ends_with("jo@x.i"),
    }
}

#[test]
fn a_value_split_over_deltas_is_masked() {
    let text = text_of(&events());
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    let mut seen = Seen::new();
    let (_, out) = run(streamed(), &bytes, |answer, event| mask(answer, event, &mut seen)).unwrap();
    let text: String = frames(&out).iter().filter_map(|f| f["delta"]["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(text, "ask [E] é");
    let mut seen = Seen::new();
    let (_, out) = whole(|answer, event| mask(answer, event, &mut seen));
    assert_eq!(out, whole_body().to_string().replace("jo@x.io", "[E]"));
}

#[test]
fn what_is_signed_is_never_edited() {
    let edit_thinking = |answer: &mut Answer, event: &Event| match event {
        Event::Text { channel, text } if text.starts_with("let") || text.starts_with("c2l") => {
            let edited = answer.settle(*channel, 3, &[TextEdit::new(0, 3, "x")]);
            assert_eq!(edited.unwrap_err().code(), "edit_of_signed");
            false
        }
        _ => false,
    };
    let text = text_of(&events());
    assert_eq!(run(streamed(), &[text.as_bytes()], edit_thinking).unwrap().1, text);
    assert_eq!(whole(edit_thinking).1, whole_body().to_string());
}

#[test]
fn a_withheld_call_takes_its_block_along_and_the_rest_is_renumbered() {
    let text = text_of(&events());
    let (_, out) = run(streamed(), &[text.as_bytes()], withhold(&["read"])).unwrap();
    assert!(!out.contains("toolu_2") && !out.contains("/et"));
    let got = frames(&out);
    let starts: Vec<(u64, &str)> = got
        .iter()
        .filter(|f| f["type"] == "content_block_start")
        .map(|f| (f["index"].as_u64().unwrap(), f["content_block"]["type"].as_str().unwrap()))
        .collect();
    assert_eq!(starts, [(0, "thinking"), (1, "text"), (2, "tool_use")]);
    assert!(got.iter().all(|f| f["index"].as_u64().is_none_or(|index| index < 3)));
    let end = got.iter().find(|f| f["type"] == "message_delta").unwrap();
    assert_eq!(
        (&end["delta"]["stop_reason"], &end["witgate"]["withheld"]),
        (&json!("tool_use"), &json!([{"tool": "read"}]))
    );

    let (_, out) = run(streamed(), &[text.as_bytes()], withhold(&["read", "delete"])).unwrap();
    let end = frames(&out).into_iter().find(|f| f["type"] == "message_delta").unwrap();
    assert_eq!(end["delta"]["stop_reason"], "end_turn");
    assert_eq!(end["witgate"]["withheld"], json!([{"tool": "read"}, {"tool": "delete"}]));

    let (_, out) = whole(withhold(&["read", "delete"]));
    let body: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(body["content"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&body["stop_reason"], &body["witgate"]["withheld"][1]),
        (&json!("end_turn"), &json!({"tool": "delete"}))
    );
}

#[test]
fn edited_arguments_go_out_in_the_first_fragment() {
    let edit = |answer: &mut Answer, event: &Event| match event {
        Event::ToolCall { id, call } if call.name == "read" => {
            let at = call.arguments.text.find("etc").unwrap() as u64;
            let edits = vec![TextEdit::new(at, at + 3, "tmp\"")];
            answer.resolve_call(*id, CallOutcome::Release { edits }).unwrap();
            true
        }
        _ => false,
    };
    let text = text_of(&events());
    let (_, out) = run(streamed(), &[text.as_bytes()], edit).unwrap();
    let pieces: Vec<String> = frames(&out)
        .iter()
        .filter(|f| f["index"] == 2)
        .filter_map(|f| f["delta"]["partial_json"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(pieces, [r#"{"path":"/tmp\""}"#, "", ""]);
    let body: Value = serde_json::from_str(&whole(edit).1).unwrap();
    assert_eq!(body["content"][2]["input"], json!({"path": "/tmp\""}));
    assert_eq!(body["content"][3]["input"], json!({"all": true}));
}

#[test]
fn an_early_end_closes_what_is_open() {
    let detail = json!({"message": "Stopped.", "type": "policy_violation", "code": "marking"});
    // Up to and with the first text delta.
    let upto = text_of(&events()[..9]);
    for style in [AbortStyle::ContentFilter, AbortStyle::ErrorFrame] {
        let mut driver = Driver::new(streamed(), PASS);
        driver.feed(upto.as_bytes()).unwrap();
        let ending = frames(&String::from_utf8(driver.answer.abort(style, &detail)).unwrap());
        assert_eq!(ending[0], json!({"type": "content_block_stop", "index": 1}));
        let last = ending.last().unwrap();
        match style {
            AbortStyle::ContentFilter => {
                assert_eq!(ending[1]["delta"]["stop_reason"], "refusal");
                assert_eq!((ending.len(), &last["type"]), (3, &json!("message_stop")));
            }
            AbortStyle::ErrorFrame => {
                assert_eq!((ending.len(), &last["type"]), (2, &json!("error")));
                let error = json!({"message": "Stopped.", "type": "policy_violation", "code": "marking"});
                assert_eq!(last["error"], error);
            }
        }
    }
    let mut nothing_yet = streamed();
    let ending = String::from_utf8(nothing_yet.abort(AbortStyle::ContentFilter, &detail)).unwrap();
    let types: Vec<Value> = frames(&ending).into_iter().map(|f| f["type"].clone()).collect();
    assert_eq!(types, ["message_start", "message_delta", "message_stop"]);
    let mut over = Driver::new(streamed(), PASS);
    over.feed(text_of(&events()).as_bytes()).unwrap();
    assert!(over.answer.abort(AbortStyle::ErrorFrame, &detail).is_empty());
}

#[test]
fn what_no_policy_reads_or_does_not_fit_is_refused() {
    let start = &events()[..1];
    let code = |more: &[Value]| {
        let text = text_of(start) + &text_of(more);
        run(streamed(), &[text.as_bytes()], PASS).unwrap_err().code()
    };
    let begin = |kind: Value| json!({"type": "content_block_start", "index": 0, "content_block": kind});
    for kind in [
        json!({"type": "server_tool_use"}),
        json!({"type": "image"}),
        json!({"type": "redacted_thinking", "data": "x"}),
    ] {
        assert_eq!(code(&[begin(kind.clone())]), "unsupported_answer", "{kind}");
    }
    let text = begin(json!({"type": "text", "text": ""}));
    let delta = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}});
    let stop = json!({"type": "content_block_stop", "index": 0});
    for more in [vec![delta.clone()], vec![text.clone(), text.clone()], vec![text.clone(), stop, delta]] {
        assert_eq!(code(&more), "upstream_protocol", "{more:?}");
    }
    assert_eq!(code(&[text]), "upstream_truncated");
    let limits = AnswerLimits { encrypted_reasoning: true, ..AnswerLimits::default() };
    let mut events = events();
    events.splice(2..2, block(0, json!({"type": "redacted_thinking", "data": "x"}), &[]));
    let allowed = Answer::streamed(Dialect::AnthropicMessages, limits);
    assert!(run(allowed, &[text_of(&events[..4]).as_bytes()], PASS).is_err_and(|e| e.code() == "upstream_truncated"));
}

#[test]
fn an_error_of_the_upstreams_passes() {
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let text = text_of(&events()[..9]) + &event(&error);
    let (events, out) = run(streamed(), &[text.as_bytes()], PASS).unwrap();
    assert_eq!(out, text);
    assert!(events.contains(&Event::Finish { reason: "error".into() }));
}

#[test]
fn a_value_over_two_blocks_is_one_value() {
    let mut sent = vec![events()[0].clone()];
    for (index, text) in [(0, "ask jo@"), (1, "x.io now")] {
        let delta = json!({"type": "text_delta", "text": text});
        sent.extend(block(index, json!({"type": "text", "text": ""}), &[delta]));
    }
    sent.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}}));
    sent.push(json!({"type": "message_stop"}));
    let text = text_of(&sent);
    let reads: Vec<&[u8]> = text.split_inclusive("\n\n").map(str::as_bytes).collect();
    let mut seen = Seen::new();
    let (_, out) = run(streamed(), &reads, |answer, event| mask(answer, event, &mut seen)).unwrap();
    let text: String = frames(&out).iter().filter_map(|f| f["delta"]["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(text, "ask [E] now");
    assert_eq!(run(streamed(), &reads, PASS).unwrap().1, text_of(&sent));
}

#[test]
fn what_follows_the_end_does_not_pass() {
    let text = text_of(&events());
    let mut driver = Driver::new(streamed(), PASS);
    driver.feed(format!("{text}{text}").as_bytes()).unwrap();
    assert!(driver.events.contains(&Event::Done), "the end does not wait for the connection to close");
    assert_eq!(String::from_utf8(driver.out).unwrap(), text);
    assert_eq!(driver.answer.trailing_bytes(), text.len() as u64);
}

#[test]
fn a_value_at_the_beginning_of_a_block_does_not_hide_behind_the_one_before() {
    let mut body = whole_body();
    body["content"] = json!([{"type": "text", "text": "well"}, {"type": "text", "text": "jo@x.io"}]);
    // As a policy that wants a word's boundary before it would see it.
    let of_its_own = |answer: &mut Answer, event: &Event| match event {
        Event::Text { channel, text } if text == "jo@x.io" && channel.index() == 1 => {
            answer.settle(*channel, 7, &[TextEdit::new(0, 7, "[E]")]).unwrap();
            true
        }
        _ => false,
    };
    let answer = Answer::whole(Dialect::AnthropicMessages, AnswerLimits::default());
    let (_, out) = run(answer, &[body.to_string().as_bytes()], of_its_own).unwrap();
    assert!(out.contains(r#""text":"[E]""#) && !out.contains("jo@"), "{out}");
}

#[test]
fn nothing_is_put_back_into_what_is_signed() {
    let block = json!({"type": "thinking", "thinking": "x", "signature": "c2ln"});
    let text = json!({"type": "text", "text": "y"});
    let body = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [block, text],
        "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}});
    let mut opened = Vec::new();
    let answer = Answer::whole(Dialect::AnthropicMessages, AnswerLimits::default());
    run(answer, &[body.to_string().as_bytes()], |answer, event| {
        if let Event::Open { channel, kind, .. } = event {
            opened.push((*kind, answer.brings_back(*channel)));
        }
        false
    })
    .unwrap();
    let expected = [(ChannelKind::Reasoning, false), (ChannelKind::Value, false), (ChannelKind::Content, true)];
    assert_eq!(opened, expected);
}
