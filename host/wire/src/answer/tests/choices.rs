//! Several choices, and log probabilities.

use super::*;
use crate::document::TextEdit;

fn of(index: u64, delta: Value, finish: Option<&str>) -> Value {
    let mut chunk = chunk(delta, finish);
    chunk["choices"][0]["index"] = json!(index);
    chunk
}

fn call(choice: u64, name: &str) -> Value {
    let call = json!({"index": 0, "id": format!("c{choice}"), "function": {"name": name, "arguments": "{}"}});
    of(choice, json!({"tool_calls": [call]}), None)
}

#[test]
fn each_choice_has_texts_and_calls_of_its_own() {
    let sent = stream(&[
        of(0, json!({"content": "ab"}), None),
        of(1, json!({"content": "xy"}), None),
        call(0, "read"),
        call(1, "delete"),
        of(0, json!({}), Some("tool_calls")),
        of(1, json!({"content": "z"}), None),
        of(1, json!({}), Some("tool_calls")),
    ]);
    let (events, out) = run_stream(&sent, PASS);
    assert_eq!(out, sent);
    let opened = events.iter().filter(|e| matches!(e, Event::Open { .. })).count();
    assert_eq!(opened, 2);
    let (_, out) = run_stream(&sent, |answer, event| match event {
        Event::ToolCall { id, call } if call.name == "read" => {
            answer.resolve_call(*id, CallOutcome::Withhold { reason: json!("r") }).unwrap();
            true
        }
        _ => false,
    });
    let ends: Vec<(u64, String, bool)> = chunks(&out)
        .iter()
        .filter(|c| c["choices"][0]["finish_reason"].is_string())
        .map(|c| {
            let choice = &c["choices"][0];
            let finish = choice["finish_reason"].as_str().unwrap().to_owned();
            (choice["index"].as_u64().unwrap(), finish, c.get("witgate").is_some())
        })
        .collect();
    assert_eq!(ends, [(0, "stop".into(), true), (1, "tool_calls".into(), false)]);
    assert!(!out.contains("read") && out.contains("delete"));
}

#[test]
fn a_choice_that_is_over_does_not_wait_for_the_calls_of_another() {
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    for chunk in [of(0, json!({"content": "ab"}), None), of(0, json!({}), Some("stop"))] {
        driver.feed(data(&chunk).as_bytes()).unwrap();
    }
    driver.feed(data(&call(1, "read")).as_bytes()).unwrap();
    assert_eq!(chunks(&String::from_utf8(driver.out).unwrap()).len(), 2);
}

#[test]
fn an_early_end_ends_every_choice_that_is_open() {
    let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), PASS);
    for chunk in [
        of(0, json!({"content": "a"}), Some("stop")),
        of(1, json!({"content": "b"}), None),
        of(2, json!({"content": "c"}), None),
    ] {
        driver.feed(data(&chunk).as_bytes()).unwrap();
    }
    let ending = String::from_utf8(driver.answer.abort(AbortStyle::ContentFilter, &json!({}))).unwrap();
    let ended: Vec<u64> =
        chunks(&ending)[0]["choices"].as_array().unwrap().iter().map(|c| c["index"].as_u64().unwrap()).collect();
    assert_eq!(ended, [1, 2]);
}

fn token(text: &str, other: &str) -> Value {
    let of = |text: &str| json!({"token": text, "logprob": -0.5, "bytes": text.as_bytes()});
    let mut token = of(text);
    token["top_logprobs"] = json!([of(text), of(other)]);
    token
}

fn with_logprobs(text: &str, tokens: &[(&str, &str)]) -> Value {
    let mut chunk = say(text);
    let tokens: Vec<Value> = tokens.iter().map(|(token_text, other)| token(token_text, other)).collect();
    chunk["choices"][0]["logprobs"] = json!({"content": tokens, "refusal": null});
    chunk
}

#[test]
fn log_probabilities_go_with_the_text_they_repeat() {
    let sent = stream(&[
        with_logprobs("ask ", &[("ask", "tell"), (" ", "")]),
        with_logprobs("jo@x", &[("jo", "al"), ("@x", "@y")]),
        with_logprobs(" é", &[(" é", " e")]),
        chunk(json!({}), Some("stop")),
    ]);
    let (events, out) = run_stream(&sent, PASS);
    assert_eq!(out, sent);
    let mut texts: BTreeMap<ChannelId, String> = BTreeMap::new();
    for event in &events {
        if let Event::Text { channel, text } = event {
            texts.entry(*channel).or_default().push_str(text);
        }
    }
    // The text, and what each rank of alternatives makes.
    assert_eq!(texts.into_values().collect::<Vec<_>>(), ["ask jo@x é", "ask jo@x é", "tellal@y e"]);
    let (_, out) = run_stream(&sent, |answer, event| match event {
        Event::Text { channel, text } if channel.index() == 0 && text.contains("jo@x") => {
            // After "ask ".
            answer.settle(*channel, 8, &[TextEdit::new(4, 8, "[E]")]).unwrap();
            true
        }
        _ => false,
    });
    assert!(!out.contains("jo") && !out.contains("@x") && !out.contains("106,111"), "{out}");
    let probabilities: Vec<bool> = chunks(&out).iter().map(|c| c["choices"][0]["logprobs"].is_object()).collect();
    assert_eq!(probabilities, [true, false, true, false]);
}

#[test]
fn log_probabilities_of_another_text_are_refused() {
    for chunk in [
        with_logprobs("ask", &[("tell", "x")]),
        with_logprobs("ask", &[("as", "x")]),
        with_logprobs("", &[("more", "x")]),
    ] {
        let error =
            run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[data(&chunk).as_bytes()], PASS);
        assert_eq!(error.unwrap_err().code(), "unsupported_answer", "{chunk}");
    }
    let mut other = with_logprobs("ask", &[("ask", "x")]);
    other["choices"][0]["logprobs"]["content"][0]["top_logprobs"][1]["bytes"] = json!(b"SECRET".to_vec());
    let error = run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[data(&other).as_bytes()], PASS);
    assert_eq!(error.unwrap_err().code(), "unsupported_answer");
    let mut lie = with_logprobs("ask", &[("ask", "x")]);
    lie["choices"][0]["logprobs"]["content"][0]["token"] = json!("SECRET");
    let error = run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[data(&lie).as_bytes()], PASS);
    assert_eq!(error.unwrap_err().code(), "unsupported_answer");
}

#[test]
fn what_a_vendor_adds_to_several_choices_is_not_mixed() {
    let piece = |choice: u64, text: &str| {
        let mut chunk = of(choice, json!({}), None);
        chunk["choices"][0]["note"] = json!(text);
        chunk
    };
    let (events, _) = run_stream(&stream(&[piece(0, "41"), piece(1, "x"), piece(0, "11"), piece(1, "y")]), PASS);
    let mut texts: BTreeMap<ChannelId, String> = BTreeMap::new();
    for event in &events {
        if let Event::Text { channel, text } = event {
            texts.entry(*channel).or_default().push_str(text);
        }
    }
    assert_eq!(texts.into_values().collect::<Vec<_>>(), ["4111", "xy"]);
}

#[test]
fn numbers_and_bytes_that_could_say_something_are_told() {
    let mut odd = say("x");
    odd["card"] = json!(4_111_111_111_111_111_u64);
    odd["created"] = json!(4_111_111_111_111_111_u64);
    odd["note"] = json!(b"secret".to_vec());
    let (events, out) = run_stream(&stream(&[odd]), PASS);
    let Event::Fields { text, .. } = &events[0] else { panic!("no fields first") };
    assert_eq!(text.matches("4111111111111111").count(), 2, "{text}");
    assert!(text.contains("secret") && !text.contains("1700000000") && out.contains("[115,"));
}

/// Twenty alternatives of each token are what the APIs give, and do not count as texts of the answer.
#[test]
fn as_many_alternatives_as_the_apis_give() {
    let token = |text: &str, others: usize| {
        let of = |text: String| json!({"token": text, "logprob": -0.5, "bytes": text.as_bytes()});
        let mut token = of(text.to_owned());
        token["top_logprobs"] = (0..others).map(|rank| of(format!("{text}{rank}"))).collect();
        token
    };
    let said = |text: &str, others: usize| {
        let mut chunk = chunk(json!({"content": text}), None);
        chunk["choices"][0]["logprobs"] = json!({"content": [token(text, others)], "refusal": null});
        chunk
    };
    let one = AnswerLimits { max_channels: 1, ..AnswerLimits::default() };
    let feed = |others: usize| {
        let mut driver = Driver::new(Answer::streamed(Dialect::OpenAiChat, one), PASS);
        let sent = stream(&[said("ask", others), said("ing", others), chunk(json!({}), Some("stop"))]);
        driver.feed(sent.as_bytes()).map(|()| driver.out == sent.as_bytes())
    };
    assert_eq!(feed(20), Ok(true));
    let error = feed(21).unwrap_err();
    assert_eq!(error.code(), "too_many_channels");
    assert!(error.to_string().contains("alternatives"), "{error}");
}
