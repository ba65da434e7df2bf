//! OpenAI's embeddings: vectors of length one made from each input's digest, so that equal inputs are equal and others are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::said::Said;

/// Numbers in a vector when none are asked for, and at most.
const DIMENSIONS: usize = 1536;
const MAX_DIMENSIONS: usize = 4096;

/// The `list` object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let body = &said.asked.body;
    let dimensions = body["dimensions"].as_u64().and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(DIMENSIONS);
    let inputs: Vec<String> = match &body["input"] {
        Value::Array(list) if !list.first().is_some_and(Value::is_u64) => list.iter().map(Value::to_string).collect(),
        one => vec![one.to_string()],
    };
    let embedding = |(index, input): (usize, &String)| {
        let vector = vector(input, dimensions.clamp(1, MAX_DIMENSIONS));
        let form = if body["encoding_format"] == "base64" {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Value::from(STANDARD.encode(bytes))
        } else {
            Value::from(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": form})
    };
    let tokens = said.tokens_of_all().input;
    json!({
        "object": "list",
        "data": inputs.iter().enumerate().map(embedding).collect::<Vec<_>>(),
        "model": said.asked.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    })
}

fn vector(input: &str, dimensions: usize) -> Vec<f32> {
    let mut numbers: Vec<f32> = (0_u32..)
        .flat_map(|block| Sha256::new().chain_update(block.to_le_bytes()).chain_update(input).finalize())
        .take(dimensions)
        .map(|byte| f32::from(byte) - 127.5)
        .collect();
    // No byte is 127.5: the length is never 0.
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut numbers {
        *number /= length;
    }
    numbers
}

#[cfg(test)]
mod tests;
