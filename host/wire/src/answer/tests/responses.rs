//! OpenAI's responses.

use super::events::*;
use super::*;
use crate::document::TextEdit;

/// What a response is, at some point of its life.
fn response(status: &str, output: &Value) -> Value {
    json!({"id": "resp_1", "object": "response", "created_at": 1_700_000_000, "model": "gpt-x", "status": status, "error": null,
        "instructions": "be kind", "output": output, "tools": [], "usage": null})
}

fn message(text: &str, status: &str) -> Value {
    let content = if text.is_empty() {
        json!([])
    } else {
        json!([{"type": "output_text", "text": text, "annotations": [], "logprobs": []}])
    };
    json!({"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content})
}

fn call(at: u64, name: &str, arguments: &str) -> Value {
    json!({"id": format!("fc_{at}"), "type": "function_call", "call_id": format!("call_{at}"), "name": name,
        "arguments": arguments, "status": "completed"})
}

const SAID: &str = "ask jo@x.io é";
const CUSTOM: &str = "SELECT 1";

fn output() -> Value {
    let reasoning =
        json!({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "hm well"}]});
    let custom = json!({"id": "ct_1", "type": "custom_tool_call", "call_id": "call_4", "name": "sql", "input": CUSTOM});
    json!([
        reasoning,
        message(SAID, "completed"),
        call(2, "read", r#"{"path":"/etc"}"#),
        call(3, "delete", r#"{"all":true}"#),
        custom
    ])
}

fn events() -> Vec<Value> {
    let out = output();
    let mut events = vec![
        json!({"type": "response.created", "response": response("in_progress", &json!([]))}),
        json!({"type": "response.in_progress", "response": response("in_progress", &json!([]))}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"id": "rs_1", "type": "reasoning", "summary": []}}),
        json!({"type": "response.reasoning_summary_part.added", "item_id": "rs_1", "output_index": 0, "summary_index": 0,
            "part": {"type": "summary_text", "text": ""}}),
    ];
    let summary = |kind: &str, key: &str, text: &str| json!({"type": format!("response.reasoning_summary_text.{kind}"), "item_id": "rs_1", "output_index": 0, "summary_index": 0, key: text});
    events.extend([
        summary("delta", "delta", "hm "),
        summary("delta", "delta", "well"),
        summary("done", "text", "hm well"),
    ]);
    events.push(
        json!({"type": "response.reasoning_summary_part.done", "item_id": "rs_1", "output_index": 0, "summary_index": 0,
        "part": {"type": "summary_text", "text": "hm well"}}),
    );
    events.push(json!({"type": "response.output_item.done", "output_index": 0, "item": out[0]}));
    events.push(json!({"type": "response.output_item.added", "output_index": 1, "item": message("", "in_progress")}));
    let part = |kind: &str, text: &str| {
        json!({"type": format!("response.content_part.{kind}"), "item_id": "msg_1", "output_index": 1, "content_index": 0,
            "part": {"type": "output_text", "text": text, "annotations": [], "logprobs": []}})
    };
    let text = |kind: &str, key: &str, text: &str| {
        json!({"type": format!("response.output_text.{kind}"), "item_id": "msg_1", "output_index": 1, "content_index": 0,
            key: text, "logprobs": []})
    };
    events.push(part("added", ""));
    events.extend(["ask jo@", "x.io", " é"].map(|piece| text("delta", "delta", piece)));
    events.extend([text("done", "text", SAID), part("done", SAID)]);
    events.push(json!({"type": "response.output_item.done", "output_index": 1, "item": out[1]}));
    for (at, pieces) in [(2, &["{\"path\":", "\"/etc\"}"][..]), (3, &["{\"all\":true}"][..])] {
        let item = &out[at];
        let named = |kind: &str, key: &str, text: &str| json!({"type": format!("response.function_call_arguments.{kind}"), "item_id": item["id"], "output_index": at, key: text});
        let mut begun = item.clone();
        begun["arguments"] = json!("");
        events.push(json!({"type": "response.output_item.added", "output_index": at, "item": begun}));
        events.extend(pieces.iter().map(|piece| named("delta", "delta", piece)));
        events.push(named("done", "arguments", item["arguments"].as_str().unwrap()));
        events.push(json!({"type": "response.output_item.done", "output_index": at, "item": item}));
    }
    let mut begun = out[4].clone();
    begun["input"] = json!("");
    events.push(json!({"type": "response.output_item.added", "output_index": 4, "item": begun}));
    let custom = |kind: &str, key: &str, text: &str| json!({"type": format!("response.custom_tool_call_input.{kind}"), "item_id": "ct_1", "output_index": 4, key: text});
    events.extend([
        custom("delta", "delta", "SELECT"),
        custom("delta", "delta", " 1"),
        custom("done", "input", CUSTOM),
    ]);
    events.push(json!({"type": "response.output_item.done", "output_index": 4, "item": out[4]}));
    let mut last = response("completed", &out);
    last["usage"] = json!({"input_tokens": 9, "output_tokens": 40, "total_tokens": 49});
    events.push(json!({"type": "response.completed", "response": last}));
    for (at, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(at);
    }
    events
}

fn streamed() -> Answer {
    streamed_in(Dialect::OpenAiResponses)
}

fn whole(judge: impl FnMut(&mut Answer, &Event) -> bool) -> (Vec<Event>, String) {
    let body = response("completed", &output()).to_string();
    run(Answer::whole(Dialect::OpenAiResponses, AnswerLimits::default()), &[body.as_bytes()], judge).unwrap()
}

fn texts(events: &[Event]) -> Vec<String> {
    let mut texts: BTreeMap<ChannelId, String> = BTreeMap::new();
    for event in events {
        if let Event::Text { channel, text } = event {
            texts.entry(*channel).or_default().push_str(text);
        }
    }
    texts.into_values().collect()
}

fn calls(events: &[Event]) -> Vec<(String, String)> {
    let call = |event: &Event| match event {
        Event::ToolCall { call, .. } => Some((call.name.clone(), call.arguments.text.clone())),
        _ => None,
    };
    events.iter().filter_map(call).collect()
}

#[test]
fn clean_traffic_leaves_in_its_bytes_and_every_text_is_told_once() {
    let text = text_of(&events());
    let (events, out) = run(streamed(), &[text.as_bytes()], PASS).unwrap();
    assert_eq!(out, text);
    assert_eq!(texts(&events), ["hm well", SAID]);
    let expected =
        [("read", "path\n/etc"), ("delete", "all\ntrue"), ("sql", CUSTOM)].map(|(n, a)| (n.to_owned(), a.to_owned()));
    assert_eq!(calls(&events), expected);
    assert!(events.contains(&Event::Usage { prompt_tokens: 9, completion_tokens: 40 }));
    assert!(events.contains(&Event::Finish { reason: "completed".into() }));
    let (events, out) = whole(PASS);
    assert_eq!(out, response("completed", &output()).to_string());
    assert_eq!((texts(&events), calls(&events)), (vec!["hm well".to_owned(), SAID.to_owned()], expected.to_vec()));
}

#[test]
fn every_cut_makes_no_difference() {
    let text = text_of(&events());
    for at in (0..=text.len()).step_by(7) {
        let (first, second) = text.as_bytes().split_at(at);
        let (events, out) = run(streamed(), &[first, second], PASS).unwrap();
        assert_eq!((out.as_str(), texts(&events).len(), calls(&events).len()), (text.as_str(), 2, 3), "cut at {at}");
    }
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(run(streamed(), &bytes, PASS).unwrap().1, text);
}

/// Masks the address once it is complete.
fn mask() -> impl FnMut(&mut Answer, &Event) -> bool {
    let mut seen: BTreeMap<ChannelId, String> = BTreeMap::new();
    move |answer, event| match event {
        Event::Text { channel, text } => {
            let seen = seen.entry(*channel).or_default();
            let before = seen.len();
            seen.push_str(text);
            match seen.find("jo@x.io") {
                Some(at) if at + 7 > before => {
                    let edit = TextEdit::new(at as u64, at as u64 + 7, "[E]");
                    answer.settle(*channel, seen.len() as u64, &[edit]).unwrap();
                    true
                }
                Some(_) => false,
                None => seen.ends_with("jo@"),
            }
        }
        _ => false,
    }
}

#[test]
fn an_edit_is_in_every_copy() {
    let text = text_of(&events());
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    let (_, out) = run(streamed(), &bytes, mask()).unwrap();
    assert!(!out.contains("jo@") && !out.contains("x.io"), "{out}");
    let said: String = frames(&out)
        .iter()
        .filter(|f| f["type"] == "response.output_text.delta")
        .filter_map(|f| f["delta"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(said, "ask [E] é");
    // `output_text.done`, `content_part.done`, `output_item.done`, `response.completed`.
    assert_eq!(out.matches("ask [E] é").count(), 4);
    assert_eq!(out.replace("ask [E] é", SAID).matches("ask ").count(), text.matches("ask ").count());
    let (_, out) = whole(mask());
    assert_eq!(out, response("completed", &output()).to_string().replace("jo@x.io", "[E]"));
}

#[test]
fn a_copy_that_says_something_else_is_a_text_of_its_own() {
    let mut events = events();
    let last = events.len() - 1;
    events[last]["response"]["output"][1]["content"][0]["text"] = json!("mail jo@x.io");
    let text = text_of(&events);
    let frames: Vec<&[u8]> = text.split_inclusive("\n\n").map(str::as_bytes).collect();
    let (told, out) = run(streamed(), &frames, mask()).unwrap();
    assert_eq!(texts(&told), ["hm well", SAID, "mail jo@x.io"]);
    assert!(out.contains("mail [E]") && !out.contains("jo@"));
    events[last]["response"]["output"][2]["arguments"] = json!("{}");
    assert_eq!(run(streamed(), &[text_of(&events).as_bytes()], PASS).unwrap_err().code(), "upstream_protocol");
}

#[test]
fn texts_without_deltas_are_told_from_their_first_copy() {
    let events: Vec<Value> =
        events().into_iter().filter(|e| !e["type"].as_str().unwrap().ends_with(".delta")).collect();
    let text = text_of(&events);
    let (told, out) = run(streamed(), &[text.as_bytes()], PASS).unwrap();
    assert_eq!((texts(&told).len(), calls(&told).len(), out == text), (2, 3, true));
    let (_, out) = run(streamed(), &[text.as_bytes()], mask()).unwrap();
    assert!(!out.contains("jo@"));
}

#[test]
fn a_withheld_call_takes_its_item_along_and_numbers_stay_contiguous() {
    let text = text_of(&events());
    let (_, out) = run(streamed(), &[text.as_bytes()], withhold(&["read"])).unwrap();
    assert!(!out.contains("call_2") && !out.contains("fc_2") && !out.contains("/etc"), "{out}");
    let got = frames(&out);
    let numbers: Vec<u64> = got.iter().map(|f| f["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..got.len() as u64).collect::<Vec<_>>());
    let added: Vec<(u64, &str)> = got
        .iter()
        .filter(|f| f["type"] == "response.output_item.added")
        .map(|f| (f["output_index"].as_u64().unwrap(), f["item"]["type"].as_str().unwrap()))
        .collect();
    assert_eq!(added, [(0, "reasoning"), (1, "message"), (2, "function_call"), (3, "custom_tool_call")]);
    let last = got.last().unwrap();
    assert_eq!(last["response"]["output"].as_array().unwrap().len(), 4);
    assert_eq!(last["witgate"]["withheld"], json!([{"tool": "read"}]));
    let body: Value = serde_json::from_str(&whole(withhold(&["read", "sql"])).1).unwrap();
    let types: Vec<&str> = body["output"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["reasoning", "message", "function_call"]);
    assert_eq!(body["witgate"]["withheld"], json!([{"tool": "read"}, {"tool": "sql"}]));
}

#[test]
fn edited_arguments_are_in_every_copy() {
    let edit = |answer: &mut Answer, event: &Event| match event {
        Event::ToolCall { id, call } if call.name != "delete" => {
            let (old, new) = if call.name == "read" { ("etc", "tmp") } else { ("1", "\"2\"") };
            let at = call.arguments.text.find(old).unwrap() as u64;
            let edits = vec![TextEdit::new(at, at + old.len() as u64, new)];
            answer.resolve_call(*id, CallOutcome::Release { edits }).unwrap();
            true
        }
        _ => false,
    };
    let text = text_of(&events());
    let (_, out) = run(streamed(), &[text.as_bytes()], edit).unwrap();
    assert!(!out.contains("/etc") && !out.contains("SELECT 1"));
    let got = frames(&out);
    let joined = |kind: &str, at: u64| -> String {
        got.iter()
            .filter(|f| f["type"] == kind && f["output_index"] == at)
            .map(|f| f["delta"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(joined("response.function_call_arguments.delta", 2), r#"{"path":"/tmp"}"#);
    assert_eq!(joined("response.custom_tool_call_input.delta", 4), "SELECT \"2\"");
    let last = &got.last().unwrap()["response"]["output"];
    assert_eq!((&last[2]["arguments"], &last[4]["input"]), (&json!(r#"{"path":"/tmp"}"#), &json!("SELECT \"2\"")));
    let body: Value = serde_json::from_str(&whole(edit).1).unwrap();
    assert_eq!(&body["output"], last);
}

#[test]
fn an_early_end_is_one_that_clients_know() {
    let detail = json!({"message": "Stopped.", "code": "marking"});
    let mut driver = Driver::new(streamed(), PASS);
    driver.feed(text_of(&events()[..12]).as_bytes()).unwrap();
    let sent = frames(&String::from_utf8(driver.out.clone()).unwrap()).len();
    let ending = frames(&String::from_utf8(driver.answer.abort(AbortStyle::ContentFilter, &detail)).unwrap());
    assert_eq!((ending.len(), &ending[0]["type"]), (1, &json!("response.incomplete")));
    assert_eq!(ending[0]["sequence_number"], sent);
    assert_eq!(ending[0]["response"]["incomplete_details"], json!({"reason": "content_filter"}));
    assert_eq!(ending[0]["response"]["id"], "resp_1");
    let mut nothing = streamed();
    let ending = String::from_utf8(nothing.abort(AbortStyle::ContentFilter, &detail)).unwrap();
    assert!(ending.starts_with("event: response.created\n"));
    let mut nothing = streamed();
    let ending = String::from_utf8(nothing.abort(AbortStyle::ErrorFrame, &detail)).unwrap();
    assert!(ending.starts_with("data: {\"error\":{"), "an event with a type would not raise: {ending}");
}

#[test]
fn what_no_policy_reads_or_does_not_fit_is_refused() {
    let code = |more: &[Value]| {
        let text = text_of(&events()[..2]) + &text_of(more);
        run(streamed(), &[text.as_bytes()], PASS).unwrap_err().code()
    };
    let added = |item: Value| json!({"type": "response.output_item.added", "output_index": 0, "item": item});
    for more in [
        added(json!({"type": "web_search_call", "id": "ws"})),
        added(json!({"type": "local_shell_call", "action": {}})),
        added(json!({"type": "reasoning", "summary": [], "encrypted_content": "gAAA"})),
        added(json!({"type": "message", "role": "assistant", "content": [{"type": "output_image"}]})),
        json!({"type": "response.web_search_call.searching", "output_index": 0}),
        json!({"type": "response.audio.delta", "delta": "AAAA"}),
    ] {
        assert_eq!(code(std::slice::from_ref(&more)), "unsupported_answer", "{more}");
    }
    let delta = json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "x"});
    assert_eq!(code(&[delta]), "upstream_protocol");
    assert_eq!(code(&[]), "upstream_truncated");
    let unknown = json!({"type": "response.poem.delta", "output_index": 0, "delta": "x"});
    let text = text_of(&events()[..2]) + &text_of(&[unknown]);
    let mut driver = Driver::new(streamed(), PASS);
    driver.feed(text.as_bytes()).unwrap();
    assert!(driver.events.iter().any(
        |e| matches!(e, Event::Open { kind: ChannelKind::Value, name: Some(name), .. } if name == "response.poem.delta")
    ));
}

/// Only there may the caller's own values be put back.
#[test]
fn what_repeats_the_request_is_told_apart() {
    let mut told = Vec::new();
    run(streamed(), &[text_of(&events()).as_bytes()], |answer, event| {
        if let Event::Fields { id, text } = event {
            told.extend(answer.echoes(*id).into_iter().map(|at| text[at.range().unwrap()].to_owned()));
        }
        false
    })
    .unwrap();
    assert!(told.contains(&"be kind".to_owned()), "{told:?}");
    assert!(!told.iter().any(|text| ["msg_1", "rs_1", "fc_2", "ct_1"].contains(&text.as_str())), "{told:?}");
}

#[test]
fn metadata_comes_back_and_what_vendors_add_beside_the_output_does_not() {
    let mut begun = json!({"type": "response.created", "response": response("in_progress", &json!([]))});
    begun["response"]["metadata"] = json!({"who": "x"});
    let mut added =
        json!({"type": "response.output_item.added", "output_index": 0, "item": message("", "in_progress")});
    added["item"]["vendor"] = json!("y");
    let mut driver = Driver::new(streamed(), PASS);
    driver.feed(text_of(&[begun, added]).as_bytes()).unwrap();
    let opened: Vec<bool> = driver
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Open { channel, kind: ChannelKind::Value, .. } => Some(driver.answer.brings_back(*channel)),
            _ => None,
        })
        .collect();
    assert_eq!(opened, [true, false]);
}
