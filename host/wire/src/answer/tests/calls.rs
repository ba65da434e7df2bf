//! Tool calls of streams.

use proptest::prelude::*;

use super::*;
use crate::document::TextEdit;

fn fragment(index: usize, id: Option<&str>, name: Option<&str>, arguments: &str) -> Value {
    let mut call = json!({"index": index, "function": {"arguments": arguments}});
    if let Some(id) = id {
        call["id"] = json!(id);
        call["type"] = json!("function");
    }
    if let Some(name) = name {
        call["function"]["name"] = json!(name);
    }
    chunk(json!({"tool_calls": [call]}), None)
}

fn two_calls() -> Vec<Value> {
    let mut first = fragment(0, Some("c0"), Some("read"), "");
    first["choices"][0]["delta"]["role"] = json!("assistant");
    vec![
        first,
        fragment(0, None, None, "{\"path\":"),
        fragment(1, Some("c1"), Some("delete"), "{\"all\":tr"),
        fragment(0, None, None, "\"/etc\",\"n\":3}"),
        fragment(1, None, None, "ue}"),
        chunk(json!({}), Some("tool_calls")),
    ]
}

#[test]
fn calls_are_told_whole_in_order_and_held_until_decided() {
    let text = stream(&two_calls());
    let mut driver =
        Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), |_: &mut Answer, event: &Event| {
            matches!(event, Event::ToolCall { .. })
        });
    driver.feed(text.as_bytes()).unwrap();
    assert!(driver.out.is_empty());
    let calls: Vec<(CallId, ToolCall)> = driver
        .events
        .iter()
        .filter_map(|event| match event {
            Event::ToolCall { id, call } => Some((*id, call.clone())),
            _ => None,
        })
        .collect();
    assert_eq!((calls[0].1.name.as_str(), calls[0].1.call_id.as_deref()), ("read", Some("c0")));
    assert_eq!(calls[0].1.raw_arguments, r#"{"path":"/etc","n":3}"#);
    let told: Vec<String> = calls[0]
        .1
        .arguments
        .segments
        .iter()
        .map(|s| format!("{} {} {}", s.kind, s.pointer, calls[0].1.arguments.text_of(s)))
        .collect();
    assert_eq!(told, ["key /path path", "value /path /etc", "key /n n", "value /n 3"]);
    assert_eq!(calls[1].1.arguments.text, "all\ntrue");
    let release = || CallOutcome::Release { edits: vec![] };
    driver.answer.resolve_call(calls[0].0, release()).unwrap();
    assert!(driver.answer.take_output().is_empty(), "the numbering depends on the other one");
    driver.answer.resolve_call(calls[1].0, release()).unwrap();
    assert_eq!(driver.answer.take_output(), text.as_bytes());
    assert_eq!(driver.answer.resolve_call(calls[1].0, release()).unwrap_err().code(), "edit_not_pending");
}

#[test]
fn a_withheld_call_leaves_no_trace_and_the_rest_is_renumbered() {
    let (_, out) = run_stream(&stream(&two_calls()), |answer, event| match event {
        Event::ToolCall { id, call } if call.name == "read" => {
            answer.resolve_call(*id, CallOutcome::Withhold { reason: json!({"code": "tier"}) }).unwrap();
            true
        }
        _ => false,
    });
    let got = client(&out);
    assert_eq!(got.calls, BTreeMap::from([(0, ("c1".into(), "delete".into(), "{\"all\":true}".into()))]));
    assert_eq!(got.finish.as_deref(), Some("tool_calls"));
    assert_eq!(got.witgate, Some(json!({"withheld": [{"code": "tier"}]})));
    assert!(!out.contains("path") && !out.contains("c0"));
    // The first frame keeps the role; the two that held only fragments are gone.
    assert_eq!(chunks(&out).len(), 4);
    assert!(chunks(&out)[0]["choices"][0]["delta"].get("tool_calls").is_none());
    assert!(out.ends_with("data: [DONE]\n\n"));
}

#[test]
fn when_all_are_withheld_the_model_has_stopped() {
    let (_, out) = run_stream(&stream(&two_calls()), |answer, event| match event {
        Event::ToolCall { id, call } => {
            answer.resolve_call(*id, CallOutcome::Withhold { reason: json!(call.name) }).unwrap();
            true
        }
        _ => false,
    });
    let got = client(&out);
    assert!(got.calls.is_empty());
    assert_eq!(got.finish.as_deref(), Some("stop"));
    assert_eq!(got.witgate, Some(json!({"withheld": ["read", "delete"]})));
    assert_eq!(chunks(&out).len(), 2);
}

#[test]
fn edited_arguments_stand_in_the_first_fragment() {
    let (_, out) = run_stream(&stream(&two_calls()), |answer, event| match event {
        Event::ToolCall { id, call } if call.name == "read" => {
            let edit = |pointer: &str, text: &str| {
                let segment = call.arguments.segments.iter().find(|s| s.kind == "value" && s.pointer == pointer);
                TextEdit { at: segment.unwrap().at, text: text.into() }
            };
            let edits = vec![edit("/path", "[PATH]"), edit("/n", "4")];
            answer.resolve_call(*id, CallOutcome::Release { edits }).unwrap();
            true
        }
        _ => false,
    });
    let arguments: Vec<Value> = chunks(&out)
        .iter()
        .map(|c| c["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].clone())
        .collect();
    assert_eq!(arguments[0], r#"{"path":"[PATH]","n":"4"}"#);
    assert_eq!(arguments[1..5], [json!(""), json!("{\"all\":tr"), json!(""), json!("ue}")]);
    assert_eq!(client(&out).witgate, None);
}

#[test]
fn decisions_about_calls_must_hold() {
    let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
    answer
        .feed(
            stream(&[
                fragment(0, Some("c"), Some("f"), "{\"a\":1}"),
                fragment(1, Some("d"), None, "{}"),
                chunk(json!({}), Some("tool_calls")),
            ])
            .as_bytes(),
        )
        .unwrap();
    let edit = |start, end| CallOutcome::Release { edits: vec![TextEdit::new(start, end, "x")] };
    assert_eq!(answer.resolve_call(CallId(0), edit(0, 1)).unwrap_err().code(), "edit_of_key");
    assert_eq!(answer.resolve_call(CallId(0), edit(0, 3)).unwrap_err().code(), "edit_crosses_segments");
    assert_eq!(answer.resolve_call(CallId(1), edit(0, 0)).unwrap_err().code(), "call_unreadable");
    assert_eq!(answer.resolve_call(CallId(2), edit(0, 0)).unwrap_err().code(), "edit_not_pending");
    answer.resolve_call(CallId(0), edit(2, 3)).unwrap();
}

#[test]
fn calls_that_cannot_be_read_are_told_by_code() {
    for (name, arguments, code) in [
        (Some("f"), "{\"a\":1,\"a\":2}", "json_duplicate_key"),
        (Some("f"), "{\"a\":", "json_truncated"),
        (Some("f"), "{} {}", "json_trailing"),
        (Some("f"), "\"\\ud800\"", "json_lone_surrogate"),
        (None, "{}", "missing_name"),
        (Some(""), "{}", "missing_name"),
    ] {
        let text = stream(&[fragment(0, Some("c"), name, arguments), chunk(json!({}), Some("tool_calls"))]);
        let (events, out) = run_stream(&text, PASS);
        let told = events.iter().find_map(|event| match event {
            Event::UnreadableCall { code, .. } => Some(*code),
            _ => None,
        });
        assert_eq!(told, Some(code));
        assert_eq!(client(&out).witgate, Some(json!({"withheld": [code]})));
    }
}

#[test]
fn no_arguments_at_all_are_an_empty_object() {
    let text = stream(&[fragment(0, Some("c"), Some("f"), ""), chunk(json!({}), Some("tool_calls"))]);
    let (events, out) = run_stream(&text, PASS);
    let call = events.iter().find_map(|event| match event {
        Event::ToolCall { call, .. } => Some(call.clone()),
        _ => None,
    });
    assert!(call.unwrap().arguments.segments.is_empty());
    assert_eq!(out, text);
}

#[test]
fn a_stream_without_finish_reason_tells_what_was_withheld_before_done() {
    let text = stream(&[fragment(0, Some("c"), Some("f"), "{")]);
    let (_, out) = run_stream(&text, PASS);
    let got = chunks(&out);
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["choices"], json!([]));
    assert_eq!(got[0]["id"], "chatcmpl-1");
    assert_eq!(got[0]["witgate"], json!({"withheld": ["json_truncated"]}));
    assert!(out.ends_with("data: [DONE]\n\n"));
}

#[test]
fn fields_inside_calls_are_told_and_edited_or_go_with_the_call() {
    let mut odd = fragment(0, Some("c"), Some("f"), "{}");
    odd["choices"][0]["delta"]["tool_calls"][0]["extra"] = json!("sig");
    let text = stream(&[odd, chunk(json!({}), Some("tool_calls"))]);
    for withhold in [false, true] {
        let (_, out) = run_stream(&text, |answer, event| match event {
            Event::Text { channel, text } => {
                assert_eq!(text, "sig");
                answer.settle(*channel, 3, &[TextEdit::new(0, 3, "gone")]).unwrap();
                true
            }
            Event::ToolCall { id, .. } if withhold => {
                answer.resolve_call(*id, CallOutcome::Withhold { reason: json!(1) }).unwrap();
                true
            }
            _ => false,
        });
        assert_eq!(out.contains("\"extra\":\"gone\""), !withhold);
        assert!(!out.contains("\"sig\""));
    }
}

proptest! {
    /// Any calls, interleaved anyhow, several in a frame or not, any of them withheld or edited.
    #[test]
    fn a_client_sees_the_released_calls_and_no_other(
        plan in prop::collection::vec((0..3_u8, "[a-zé\"\\\\]{0,6}"), 1..5),
        order in prop::collection::vec((any::<prop::sample::Index>(), 1..4_usize, any::<bool>()), 0..40),
    ) {
        let full: Vec<String> = plan.iter().map(|(_, value)| json!({"v": value}).to_string()).collect();
        let mut rest: Vec<&str> = full.iter().map(String::as_str).collect();
        let mut frames: Vec<Vec<Value>> = Vec::new();
        let mut started = 0;
        let add = |frames: &mut Vec<Vec<Value>>, index: usize, arguments: &str, started: &mut usize, join: bool| {
            // Calls start in order, as the API has it.
            while *started <= index {
                let (id, name) = (format!("c{started}"), format!("f{started}"));
                let start = fragment(*started, Some(&id), Some(&name), "");
                frames.push(vec![start["choices"][0]["delta"]["tool_calls"][0].clone()]);
                *started += 1;
            }
            let element = fragment(index, None, None, arguments)["choices"][0]["delta"]["tool_calls"][0].clone();
            match frames.last_mut() {
                Some(last) if join => last.push(element),
                _ => frames.push(vec![element]),
            }
        };
        for (which, take, join) in order {
            let index = which.index(rest.len());
            let cut = rest[index].char_indices().nth(take).map_or(rest[index].len(), |(at, _)| at);
            let (now, later) = rest[index].split_at(cut);
            rest[index] = later;
            add(&mut frames, index, now, &mut started, join);
        }
        for (index, left) in rest.iter().enumerate() {
            add(&mut frames, index, left, &mut started, false);
        }
        let mut sent: Vec<Value> = frames.into_iter().map(|calls| chunk(json!({"tool_calls": calls}), None)).collect();
        sent.push(chunk(json!({}), Some("tool_calls")));
        let text = stream(&sent);
        let (_, out) = run_stream(&text, |answer, event| {
            let Event::ToolCall { id, call } = event else { return false };
            let number: usize = call.name[1..].parse().unwrap();
            let outcome = match plan[number].0 {
                0 => CallOutcome::Release { edits: vec![] },
                1 => CallOutcome::Withhold { reason: json!(number) },
                _ => {
                    let at = call.arguments.segments[1].at;
                    CallOutcome::Release { edits: vec![TextEdit { at, text: "new \"é".into() }] }
                }
            };
            answer.resolve_call(*id, outcome).unwrap();
            true
        });
        let got = client(&out);
        let kept: Vec<usize> = (0..plan.len()).filter(|&n| plan[n].0 != 1).collect();
        let gone: Vec<usize> = (0..plan.len()).filter(|&n| plan[n].0 == 1).collect();
        prop_assert_eq!(got.calls.len(), kept.len());
        for (index, &number) in kept.iter().enumerate() {
            let (id, name, arguments) = &got.calls[&(index as u64)];
            prop_assert_eq!((id, name), (&format!("c{number}"), &format!("f{number}")));
            let expected = if plan[number].0 == 0 { full[number].clone() } else { json!({"v": "new \"é"}).to_string() };
            prop_assert_eq!(arguments, &expected);
        }
        prop_assert_eq!(got.finish.as_deref(), Some(if kept.is_empty() { "stop" } else { "tool_calls" }));
        prop_assert_eq!(got.witgate.is_some(), !gone.is_empty());
        if let Some(witgate) = got.witgate {
            prop_assert_eq!(witgate, json!({"withheld": gone}));
        }
        if plan.iter().all(|(what, _)| *what == 0) {
            prop_assert_eq!(out, text);
        }
    }
}

/// What the caller's own values are put into is what is judged, and what leaves.
#[test]
fn a_rewritten_call_is_told_anew_and_edits_are_of_it() {
    let put = |text: &str| text.contains("[T]").then(|| text.replace("[T]", "a\"\\é"));
    let said = [
        json!({"to": "[T]", "n": 1, "in": json!({"to": "[T]"}).to_string()}).to_string(),
        "{\"to\":\"[U]\"}".to_owned(),
    ];
    let first = fragment(0, Some("c0"), Some("send"), "");
    let second = fragment(1, Some("c1"), Some("send"), &said[1]);
    let mut chunks = vec![first];
    chunks.extend(said[0].chars().map(|c| fragment(0, None, None, &c.to_string())));
    chunks.extend([second, chunk(json!({}), Some("tool_calls"))]);
    for edited in [false, true] {
        let (_, out) = run_stream(&stream(&chunks), |answer, event| {
            let Event::ToolCall { id, call } = event else { return false };
            let told = answer.rewrite_call(*id, &mut |text| put(text)).unwrap();
            assert_eq!(told.is_some(), call.call_id.as_deref() == Some("c0"));
            let Some(told) = told else { return false };
            assert_eq!(told.name, "send");
            let values: Vec<&str> = told.arguments.segments.iter().map(|s| told.arguments.text_of(s)).collect();
            assert_eq!(values, ["to", "a\"\\é", "n", "1", "in", "{\"to\":\"a\\\"\\\\é\"}"]);
            assert_eq!(serde_json::from_str::<Value>(&told.raw_arguments).unwrap()["to"], "a\"\\é");
            assert_eq!(answer.rewrite_call(*id, &mut |text| put(text)).unwrap_err().code(), "edit_not_pending", "once");
            let at = told.arguments.segments[1].at;
            let edits = if edited { vec![TextEdit { at, text: "masked".into() }] } else { vec![] };
            answer.resolve_call(*id, CallOutcome::Release { edits }).unwrap();
            true
        });
        let calls = client(&out).calls;
        let arguments: Value = serde_json::from_str(&calls[&0].2).unwrap();
        assert_eq!(arguments["to"], if edited { "masked" } else { "a\"\\é" });
        assert_eq!(serde_json::from_str::<Value>(arguments["in"].as_str().unwrap()).unwrap(), json!({"to": "a\"\\é"}));
        assert_eq!(calls[&1].2, said[1], "what holds nothing leaves as it came");
    }
}

#[test]
fn a_call_that_cannot_be_read_is_not_rewritten() {
    let broken =
        stream(&[fragment(0, Some("c0"), Some("send"), "{\"to\":\"[T]\""), chunk(json!({}), Some("tool_calls"))]);
    run_stream(&broken, |answer, event| {
        if let Event::UnreadableCall { id, .. } = event {
            let refused = answer.rewrite_call(*id, &mut |text| Some(text.to_owned()));
            assert_eq!(refused.unwrap_err().code(), "edit_not_pending");
        }
        false
    });
}
