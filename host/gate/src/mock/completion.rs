//! A model's answer in OpenAI's shapes, whole and as a stream. The same request always gives the same bytes.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::request::ChatRequest;
use super::script::{Reply, ToolCall};

/// All answers are from the same second, so that they can be compared.
const CREATED: u64 = 1_735_689_600;
const FINGERPRINT: &str = "fp_witgate_mock";
const CHUNK_BYTES: usize = 16;

/// One answer, ready to be written in either form.
pub(crate) struct Completion<'a> {
    request: &'a ChatRequest,
    reply: &'a Reply,
    /// 24 characters made from the request's body.
    stem: String,
    text: String,
}

impl<'a> Completion<'a> {
    pub(crate) fn new(request: &'a ChatRequest, reply: &'a Reply, body: &[u8]) -> Self {
        let stem = Sha256::digest(body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let text = match &reply.text {
            Some(text) => text.replace("{user}", &request.user_text).replace("{last}", &request.last_text),
            None if reply.echo => format!("You said: {}", request.user_text),
            None => String::new(),
        };
        Self { request, reply, stem, text }
    }

    /// The `chat.completion` object.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let choices: Vec<Value> = (0..self.request.choices).map(|index| self.choice(index)).collect();
        let body = json!({
            "id": format!("chatcmpl-{}", self.stem),
            "object": "chat.completion",
            "created": CREATED,
            "model": self.request.model,
            "choices": choices,
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        });
        body.to_string().into_bytes()
    }

    fn choice(&self, index: u32) -> Value {
        let mut message = json!({"role": "assistant", "content": self.content(), "refusal": null, "annotations": []});
        if !self.reply.tool_calls.is_empty()
            && let Some(message) = message.as_object_mut()
        {
            let calls = self.reply.tool_calls.iter().enumerate();
            message.insert(
                "tool_calls".to_owned(),
                calls.map(|(number, call)| self.call(number, call, &arguments(call))).collect(),
            );
        }
        let logprobs = if self.logprobs() { logprobs(&pieces(&self.text, self.chunk())) } else { Value::Null };
        json!({"index": index, "message": message, "logprobs": logprobs, "finish_reason": self.finish_reason()})
    }

    /// Text that is empty beside tool calls is null, as the service has it.
    fn content(&self) -> Value {
        if self.text.is_empty() && !self.reply.tool_calls.is_empty() {
            Value::Null
        } else {
            Value::from(self.text.as_str())
        }
    }

    fn call(&self, number: usize, call: &ToolCall, arguments: &str) -> Value {
        let id = format!("call_{}{number:02}", self.stem);
        json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
    }

    fn finish_reason(&self) -> &str {
        let usual = if self.reply.tool_calls.is_empty() { "stop" } else { "tool_calls" };
        self.reply.finish_reason.as_deref().unwrap_or(usual)
    }

    fn chunk(&self) -> usize {
        self.reply.chunk_bytes.unwrap_or(CHUNK_BYTES)
    }

    fn logprobs(&self) -> bool {
        self.reply.logprobs || self.request.logprobs
    }

    /// Four bytes of text are one token here.
    fn usage(&self) -> Value {
        let tokens = |bytes: usize| bytes.div_ceil(4);
        let prompt = tokens(self.request.texts.iter().map(String::len).sum());
        let called: usize =
            self.reply.tool_calls.iter().map(|call| call.name.len().saturating_add(arguments(call).len())).sum();
        let completion = tokens(self.text.len().saturating_add(called));
        json!({
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt.saturating_add(completion),
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }

    /// The SSE events of the stream, each whole with its blank line, `[DONE]` last.
    pub(crate) fn events(&self) -> Vec<Vec<u8>> {
        let mut events = Vec::new();
        for index in 0..self.request.choices {
            self.choice_events(index, &mut events);
        }
        if self.request.include_usage {
            events.push(self.event(&json!([]), self.usage()));
        }
        events.push(b"data: [DONE]\n\n".to_vec());
        events
    }

    fn choice_events(&self, index: u32, events: &mut Vec<Vec<u8>>) {
        let mut delta = |delta: Value, logprobs: Value, finish: Option<&str>| {
            let choice = json!([{"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}]);
            events.push(self.event(&choice, Value::Null));
        };
        let first = if self.content().is_null() { Value::Null } else { Value::from("") };
        delta(json!({"role": "assistant", "content": first, "refusal": null}), Value::Null, None);
        for piece in pieces(&self.text, self.chunk()) {
            let logprobs = if self.logprobs() { logprobs(&[piece]) } else { Value::Null };
            delta(json!({"content": piece}), logprobs, None);
        }
        for (number, call) in self.reply.tool_calls.iter().enumerate() {
            let mut opening = self.call(number, call, "");
            if let Some(opening) = opening.as_object_mut() {
                opening.insert("index".to_owned(), Value::from(number));
            }
            delta(json!({"tool_calls": [opening]}), Value::Null, None);
            for piece in pieces(&arguments(call), self.chunk()) {
                delta(json!({"tool_calls": [{"index": number, "function": {"arguments": piece}}]}), Value::Null, None);
            }
        }
        delta(json!({}), Value::Null, Some(self.finish_reason()));
    }

    fn event(&self, choices: &Value, usage: Value) -> Vec<u8> {
        let mut chunk = json!({
            "id": format!("chatcmpl-{}", self.stem),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self.request.model,
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
            "choices": choices,
        });
        if self.request.include_usage
            && let Some(chunk) = chunk.as_object_mut()
        {
            chunk.insert("usage".to_owned(), usage);
        }
        format!("data: {chunk}\n\n").into_bytes()
    }
}

fn arguments(call: &ToolCall) -> String {
    match &call.arguments {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        other => other.to_string(),
    }
}

fn logprobs(tokens: &[&str]) -> Value {
    let token =
        |token: &&str| json!({"token": token, "logprob": -0.125, "bytes": token.as_bytes(), "top_logprobs": []});
    json!({"content": tokens.iter().map(token).collect::<Vec<_>>(), "refusal": null})
}

/// Pieces of at most `size` bytes, but of one character at least.
fn pieces(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let floor = rest.floor_char_boundary(size);
        let end = if floor == 0 { rest.ceil_char_boundary(1) } else { floor };
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests;
