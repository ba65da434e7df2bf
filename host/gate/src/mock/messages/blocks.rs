//! The blocks of a message: thinking, text with its citations, tool calls.

use serde_json::{Value, json};

use crate::mock::events::joined;
use crate::mock::reply::Citation;
use crate::mock::said::{Call, Said};

/// One block in both forms.
pub(super) struct Block {
    pub(super) whole: Value,
    /// As `content_block_start` has it.
    pub(super) start: Value,
    pub(super) deltas: Vec<Value>,
}

/// All blocks, in the service's order.
pub(super) fn blocks(said: &Said<'_>) -> Vec<Block> {
    match &said.reply.content {
        Some(Value::Array(list)) => return list.iter().map(as_it_is).collect(),
        Some(other) => return vec![as_it_is(other)],
        None => {}
    }
    let mut blocks: Vec<Block> = said.thinking.iter().map(|thinking| thought(said, thinking)).collect();
    let redacted = said.reply.redacted_thinking.as_ref();
    blocks.extend(redacted.map(|data| as_it_is(&json!({"type": "redacted_thinking", "data": data}))));
    let last = said.texts.iter().rposition(|text| !text.is_empty());
    for (index, value) in said.texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let citations = if Some(index) == last { said.citations.as_slice() } else { &[] };
        blocks.push(text(said, value, citations));
    }
    blocks.extend(said.calls.iter().map(|call| tool_use(said, call)));
    blocks
}

fn as_it_is(block: &Value) -> Block {
    Block { whole: block.clone(), start: block.clone(), deltas: Vec::new() }
}

fn thought(said: &Said<'_>, thinking: &str) -> Block {
    let signature = said.reply.signature.clone().unwrap_or_else(|| format!("mock-signature-{}", said.stem));
    let mut deltas: Vec<Value> =
        said.pieces(thinking).into_iter().map(|piece| json!({"type": "thinking_delta", "thinking": piece})).collect();
    deltas.push(json!({"type": "signature_delta", "signature": signature}));
    Block {
        whole: json!({"type": "thinking", "thinking": thinking, "signature": signature}),
        start: json!({"type": "thinking", "thinking": "", "signature": ""}),
        deltas,
    }
}

fn text(said: &Said<'_>, text: &str, citations: &[Citation]) -> Block {
    let mut start = json!({"type": "text", "text": ""});
    let mut whole = json!({"type": "text", "text": text});
    let citations: Vec<Value> = citations.iter().map(citation).collect();
    if !citations.is_empty() {
        start = joined(start, json!({"citations": []}));
        whole = joined(whole, json!({"citations": citations}));
    }
    let mut deltas: Vec<Value> =
        said.pieces(text).into_iter().map(|piece| json!({"type": "text_delta", "text": piece})).collect();
    deltas.extend(citations.into_iter().map(|citation| json!({"type": "citations_delta", "citation": citation})));
    Block { whole, start, deltas }
}

/// A page of a search, or characters of the request's first document.
fn citation(citation: &Citation) -> Value {
    let Citation { text, title, url } = citation;
    match url {
        Some(url) => json!({
            "type": "web_search_result_location", "cited_text": text, "url": url, "title": title, "encrypted_index": "bW9jaw==",
        }),
        None => json!({
            "type": "char_location", "cited_text": text, "document_index": 0, "document_title": title,
            "start_char_index": 0, "end_char_index": text.chars().count(),
        }),
    }
}

/// Arguments that are no JSON go into a whole message as text: there is no better place for them.
fn tool_use(said: &Said<'_>, call: &Call) -> Block {
    let block = |input: &Value| json!({"type": "tool_use", "id": call.id("toolu_"), "name": call.name, "input": input});
    let input = serde_json::from_str(&call.arguments).unwrap_or_else(|_| Value::from(call.arguments.as_str()));
    let pieces = std::iter::once("").chain(said.pieces(&call.arguments));
    Block {
        whole: block(&input),
        start: block(&json!({})),
        deltas: pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece})).collect(),
    }
}
