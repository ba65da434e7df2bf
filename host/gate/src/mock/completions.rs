//! OpenAI's older text completions, whole and as a stream.

use serde_json::{Value, json};

use super::chat::usage;
use super::events::{Stream, done, framed, joined, woven};
use super::said::{CREATED, FINGERPRINT, Said};

/// The `text_completion` object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let choice = |index| {
        let text = said.choice_text(index);
        entry(said, index, text, &said.pieces(text), 0, Some(finish(said)))
    };
    joined(object(said, (0..said.asked.choices).map(choice).collect()), json!({"usage": usage(said)}))
}

/// The same object again and again, with a piece of the text in each.
pub(super) fn stream(said: &Said<'_>) -> Stream {
    let choice = |index| {
        let mut offset = 0_usize;
        let mut entries = Vec::new();
        for piece in said.pieces(said.choice_text(index)) {
            entries.push(entry(said, index, piece, &[piece], offset, None));
            offset = offset.saturating_add(piece.chars().count());
        }
        entries.push(entry(said, index, "", &[], offset, Some(finish(said))));
        entries
    };
    let mut content = woven((0..said.asked.choices).map(choice).collect(), said.reply.interleave);
    let says = |entry: &Value| entry["finish_reason"].is_null();
    let closing = content.split_off(content.iter().rposition(says).map_or(0, |last| last.saturating_add(1)));
    let frames = |entries: Vec<Value>, usage: &Value| -> Vec<Vec<u8>> {
        let with_usage = |object| {
            if said.asked.include_usage { joined(object, json!({"usage": usage})) } else { object }
        };
        entries.into_iter().map(|entry| framed(&with_usage(object(said, vec![entry])))).collect()
    };
    let content = frames(content, &Value::Null);
    let mut closing = frames(closing, &Value::Null);
    if said.asked.include_usage {
        closing.push(framed(&joined(object(said, Vec::new()), json!({"usage": usage(said)}))));
    }
    closing.push(done());
    Stream { content, closing }
}

fn object(said: &Said<'_>, choices: Vec<Value>) -> Value {
    json!({
        "id": format!("cmpl-{}", said.stem),
        "object": "text_completion",
        "created": CREATED,
        "model": said.asked.model,
        "system_fingerprint": FINGERPRINT,
        "choices": choices,
    })
}

/// `offset` counts the characters before, as log-probabilities tell them.
fn entry(said: &Said<'_>, index: u32, text: &str, tokens: &[&str], offset: usize, finish: Option<&str>) -> Value {
    let logprobs = if said.logprobs() {
        let offsets: Vec<usize> = tokens
            .iter()
            .scan(offset, |at, token| {
                let here = *at;
                *at = at.saturating_add(token.chars().count());
                Some(here)
            })
            .collect();
        json!({"tokens": tokens, "token_logprobs": vec![-0.125; tokens.len()], "top_logprobs": null, "text_offset": offsets})
    } else {
        Value::Null
    };
    json!({"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish})
}

/// There are no tools here.
fn finish<'a>(said: &'a Said<'_>) -> &'a str {
    match said.finish_reason() {
        "tool_calls" => "stop",
        other => other,
    }
}

#[cfg(test)]
mod tests;
