#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

mod abort;
mod calls;
mod choices;
mod events;
mod messages;
mod refusals;
mod responses;
mod splits;
mod stream;
mod whole;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// A chunk as OpenAI sends it.
fn chunk(delta: Value, finish: Option<&str>) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "gpt-x",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
    })
}

fn say(text: &str) -> Value {
    chunk(json!({"content": text}), None)
}

fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// The chunks as a stream that ends properly.
fn stream(chunks: &[Value]) -> String {
    let mut out: String = chunks.iter().map(data).collect();
    out.push_str("data: [DONE]\n\n");
    out
}

/// Decides like a driver that waits for nothing: everything passes, but for what `judge` takes on itself.
struct Driver<J> {
    answer: Answer,
    judge: J,
    ends: BTreeMap<ChannelId, u64>,
    events: Vec<Event>,
    out: Vec<u8>,
}

/// Answers whether it has decided on the event itself.
type Judge = fn(&mut Answer, &Event) -> bool;

const PASS: Judge = |_, _| false;

impl<J: FnMut(&mut Answer, &Event) -> bool> Driver<J> {
    fn new(answer: Answer, judge: J) -> Self {
        Self { answer, judge, ends: BTreeMap::new(), events: Vec::new(), out: Vec::new() }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), AnswerError> {
        let fed = self.answer.feed(bytes);
        self.decide();
        fed
    }

    fn end(&mut self) -> Result<(), AnswerError> {
        let ended = self.answer.end();
        self.decide();
        ended
    }

    fn decide(&mut self) {
        while let Some(event) = self.answer.next_event() {
            if let Event::Text { channel, text } = &event {
                *self.ends.entry(*channel).or_default() += text.len() as u64;
            }
            if !(self.judge)(&mut self.answer, &event) {
                match &event {
                    Event::Text { channel, .. } => self.answer.settle(*channel, self.ends[channel], &[]).unwrap(),
                    Event::Fields { id, .. } => self.answer.settle_fields(*id, &[]).unwrap(),
                    Event::ToolCall { id, .. } => {
                        self.answer.resolve_call(*id, CallOutcome::Release { edits: vec![] }).unwrap();
                    }
                    Event::UnreadableCall { id, code, .. } => {
                        self.answer.resolve_call(*id, CallOutcome::Withhold { reason: json!(code) }).unwrap();
                    }
                    _ => {}
                }
            }
            self.events.push(event);
        }
        self.out.extend(self.answer.take_output());
    }
}

/// Runs all of `pieces` through; events and output.
fn run(
    answer: Answer,
    pieces: &[&[u8]],
    judge: impl FnMut(&mut Answer, &Event) -> bool,
) -> Result<(Vec<Event>, String), AnswerError> {
    let mut driver = Driver::new(answer, judge);
    for piece in pieces {
        driver.feed(piece)?;
    }
    driver.end()?;
    assert_eq!(driver.answer.held_bytes(), 0, "all was decided, so nothing may be held");
    Ok((driver.events, String::from_utf8(driver.out).unwrap()))
}

fn run_stream(text: &str, judge: impl FnMut(&mut Answer, &Event) -> bool) -> (Vec<Event>, String) {
    run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &[text.as_bytes()], judge).unwrap()
}

fn run_whole(body: &Value, judge: impl FnMut(&mut Answer, &Event) -> bool) -> (Vec<Event>, String) {
    run(Answer::whole(Dialect::OpenAiChat, AnswerLimits::default()), &[body.to_string().as_bytes()], judge).unwrap()
}

/// The chunks of a stream's output, read by nothing of this crate.
fn chunks(out: &str) -> Vec<Value> {
    let frames = out.split("\n\n").filter(|frame| !frame.is_empty() && *frame != "data: [DONE]");
    frames.map(|frame| serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap()).collect()
}

/// What a client puts together from a stream: text by member of the delta, tool calls by index, the finish reason.
#[derive(Debug, Default, PartialEq)]
struct Client {
    texts: BTreeMap<String, String>,
    calls: BTreeMap<u64, (String, String, String)>,
    finish: Option<String>,
    witgate: Option<Value>,
}

fn client(out: &str) -> Client {
    let mut client = Client::default();
    for chunk in chunks(out) {
        if let Some(witgate) = chunk.get("witgate") {
            assert!(client.witgate.replace(witgate.clone()).is_none(), "told once");
        }
        let choice = &chunk["choices"][0];
        if let Some(finish) = choice["finish_reason"].as_str() {
            client.finish = Some(finish.to_owned());
        }
        for (key, value) in choice["delta"].as_object().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                client.texts.entry(key.clone()).or_default().push_str(text);
            }
        }
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let known = client.calls.entry(call["index"].as_u64().unwrap()).or_default();
            known.0.push_str(call["id"].as_str().unwrap_or_default());
            known.1.push_str(call["function"]["name"].as_str().unwrap_or_default());
            known.2.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    client
}
