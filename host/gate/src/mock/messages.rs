//! Anthropic's messages, whole and as a stream.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::events::{Stream, joined, named};
use super::reply::ApiError;
use super::said::Said;

mod blocks;

use blocks::{Block, blocks};

/// The `message` object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let content: Vec<Value> = blocks(said).into_iter().map(|block| block.whole).collect();
    joined(message(said, &json!(content), stop_reason(said).into(), said.tokens_of_all().output), ending(said))
}

/// `message_start`, a `ping`, the blocks; `message_delta` and `message_stop` close them.
pub(super) fn stream(said: &Said<'_>) -> Stream {
    let start = json!({"type": "message_start", "message": message(said, &json!([]), Value::Null, 1)});
    let mut content = vec![named(&start)];
    let ping = named(&json!({"type": "ping"}));
    for (index, Block { start, deltas, .. }) in blocks(said).into_iter().enumerate() {
        content.push(named(&json!({"type": "content_block_start", "index": index, "content_block": start})));
        if index == 0 {
            content.push(ping.clone());
        }
        for delta in deltas {
            content.push(named(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
        }
        content.push(named(&json!({"type": "content_block_stop", "index": index})));
    }
    if content.len() == 1 {
        content.push(ping);
    }
    let delta = joined(json!({"stop_reason": stop_reason(said), "stop_sequence": null}), ending(said));
    let usage = usage(said, said.tokens_of_all().output);
    let closing = vec![
        named(&json!({"type": "message_delta", "delta": delta, "usage": usage})),
        named(&json!({"type": "message_stop"})),
    ];
    Stream { content, closing }
}

/// Anthropic's error object.
pub(super) fn error(status: StatusCode, error: &ApiError) -> Value {
    let usual = match status.as_u16() {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let kind = error.r#type.as_deref().unwrap_or(usual);
    json!({"type": "error", "error": {"type": kind, "message": error.message}})
}

fn message(said: &Said<'_>, content: &Value, stop_reason: Value, output: usize) -> Value {
    json!({
        "id": format!("msg_{}", said.stem),
        "type": "message",
        "role": "assistant",
        "model": said.asked.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
        "usage": usage(said, output),
    })
}

fn usage(said: &Said<'_>, output: usize) -> Value {
    json!({
        "input_tokens": said.tokens_of_all().input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
    })
}

/// Why a refusal was made; nothing for another ending.
fn ending(said: &Said<'_>) -> Value {
    let details = |why: &String| json!({"stop_details": {"type": "refusal", "category": null, "explanation": why}});
    said.refusal.as_ref().map_or_else(|| json!({}), details)
}

fn stop_reason<'a>(said: &'a Said<'_>) -> &'a str {
    if said.refusal.is_some() && said.reply.finish_reason.is_none() {
        return "refusal";
    }
    match said.finish_reason() {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        other => other,
    }
}

#[cfg(test)]
mod tests;
