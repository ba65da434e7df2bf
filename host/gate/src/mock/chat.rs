//! OpenAI's chat completions, whole and as a stream.

use serde_json::{Value, json};

use super::events::{Stream, done, framed, joined, woven};
use super::said::{CREATED, Call, FINGERPRINT, Said, logprobs};

/// The `chat.completion` object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    json!({
        "id": format!("chatcmpl-{}", said.stem),
        "object": "chat.completion",
        "created": CREATED,
        "model": said.asked.model,
        "choices": (0..said.asked.choices).map(|index| choice(said, index)).collect::<Vec<_>>(),
        "usage": usage(said),
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    })
}

fn choice(said: &Said<'_>, index: u32) -> Value {
    let text = said.choice_text(index);
    let content = said.reply.content.clone().unwrap_or_else(|| content(said, text));
    let mut message = json!({
        "role": "assistant", "content": content, "refusal": said.refusal, "annotations": annotations(said, text),
    });
    if !said.thinking.is_empty() {
        message = joined(message, json!({"reasoning_content": said.thinking.join("\n\n")}));
    }
    if !said.calls.is_empty() {
        let calls: Vec<Value> = said.calls.iter().map(|call| tool_call(call, &call.arguments)).collect();
        message = joined(message, json!({"tool_calls": calls}));
    }
    let logprobs = if said.logprobs() { content_logprobs(&said.pieces(text)) } else { Value::Null };
    json!({"index": index, "message": message, "logprobs": logprobs, "finish_reason": said.finish_reason()})
}

/// Text that is empty beside tool calls or a refusal is null, as the service has it.
fn content(said: &Said<'_>, text: &str) -> Value {
    if text.is_empty() && (!said.calls.is_empty() || said.refusal.is_some()) { Value::Null } else { Value::from(text) }
}

/// Pages alone: this dialect has no other source.
fn annotations(said: &Said<'_>, text: &str) -> Vec<Value> {
    let page = |(url, title): (&String, &String)| {
        let cited = json!({"start_index": 0, "end_index": text.chars().count(), "title": title, "url": url});
        json!({"type": "url_citation", "url_citation": cited})
    };
    said.citations.iter().filter_map(|one| Some((one.url.as_ref()?, &one.title))).map(page).collect()
}

fn tool_call(call: &Call, arguments: &str) -> Value {
    let id = call.id("call_");
    if call.custom {
        json!({"id": id, "type": "custom", "custom": {"name": call.name, "input": arguments}})
    } else {
        json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
    }
}

fn content_logprobs(tokens: &[&str]) -> Value {
    json!({"content": logprobs(tokens), "refusal": null})
}

/// `usage`, as legacy completions have it too.
pub(super) fn usage(said: &Said<'_>) -> Value {
    let used = said.tokens_of_choices();
    json!({
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.input.saturating_add(used.output),
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": used.reasoning, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}

/// The chunks; the finish of the last choice, the usage if it is asked for, and `[DONE]` close them.
pub(super) fn stream(said: &Said<'_>) -> Stream {
    let choices = (0..said.asked.choices).map(|index| deltas(said, index)).collect();
    let mut content = woven(choices, said.reply.interleave);
    let says = |choice: &Value| choice["finish_reason"].is_null();
    let mut closing = content.split_off(content.iter().rposition(says).map_or(0, |last| last.saturating_add(1)));
    let chunks = |choices: &mut Vec<Value>| -> Vec<Vec<u8>> {
        choices.drain(..).map(|choice| chunk(said, &json!([choice]), Value::Null)).collect()
    };
    let content = chunks(&mut content);
    let mut closing = chunks(&mut closing);
    if said.asked.include_usage {
        closing.push(chunk(said, &json!([]), usage(said)));
    }
    closing.push(done());
    Stream { content, closing }
}

/// One choice's entries in the chunks, in order.
fn deltas(said: &Said<'_>, index: u32) -> Vec<Value> {
    let text = said.choice_text(index);
    let entry = |delta: Value, logprobs: Value, finish: Option<&str>| json!({"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish});
    let plain = |delta: Value| entry(delta, Value::Null, None);
    let first = if content(said, text).is_null() { Value::Null } else { Value::from("") };
    let mut deltas = vec![plain(json!({"role": "assistant", "content": first, "refusal": null}))];
    let thinking = said.thinking.join("\n\n");
    deltas.extend(said.pieces(&thinking).into_iter().map(|piece| plain(json!({"reasoning_content": piece}))));
    if let Some(content) = &said.reply.content {
        deltas.push(plain(json!({"content": content})));
    } else {
        for piece in said.pieces(text) {
            let logprobs = if said.logprobs() { content_logprobs(&[piece]) } else { Value::Null };
            deltas.push(entry(json!({"content": piece}), logprobs, None));
        }
    }
    let annotations = annotations(said, text);
    if !annotations.is_empty() {
        deltas.push(plain(json!({"annotations": annotations})));
    }
    let refusal = said.refusal.as_deref().unwrap_or_default();
    deltas.extend(said.pieces(refusal).into_iter().map(|piece| plain(json!({"refusal": piece}))));
    let calls = said.calls.iter().enumerate().map(|(number, call)| call_deltas(said, number, call)).collect();
    deltas.extend(woven(calls, said.reply.interleave).into_iter().map(|call| plain(json!({"tool_calls": [call]}))));
    deltas.push(entry(json!({}), Value::Null, Some(said.finish_reason())));
    deltas
}

fn call_deltas(said: &Said<'_>, number: usize, call: &Call) -> Vec<Value> {
    let mut deltas = vec![joined(tool_call(call, ""), json!({"index": number}))];
    for piece in said.pieces(&call.arguments) {
        let part = if call.custom { json!({"input": piece}) } else { json!({"arguments": piece}) };
        let kind = if call.custom { "custom" } else { "function" };
        deltas.push(json!({"index": number, kind: part}));
    }
    deltas
}

fn chunk(said: &Said<'_>, choices: &Value, usage: Value) -> Vec<u8> {
    let chunk = json!({
        "id": format!("chatcmpl-{}", said.stem),
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": said.asked.model,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
        "choices": choices,
    });
    framed(&if said.asked.include_usage { joined(chunk, json!({"usage": usage})) } else { chunk })
}

#[cfg(test)]
mod tests;
