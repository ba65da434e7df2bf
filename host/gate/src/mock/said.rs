//! What the model says to one request: the script's reply with its places filled, before a dialect gives it form.
//!
//! The same request always gives the same bytes.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::events::pieces;
use super::reply::{Citation, Reply, ToolCall};
use super::request::Asked;

/// All answers are from the same second, so that they can be compared.
pub(super) const CREATED: u64 = 1_735_689_600;
/// OpenAI's mark of the model's build.
pub(super) const FINGERPRINT: &str = "fp_witgate_mock";
const CHUNK_BYTES: usize = 16;

/// One answer, ready to be written.
pub(super) struct Said<'a> {
    pub(super) asked: &'a Asked,
    pub(super) reply: &'a Reply,
    /// 24 characters made from the request's body, for ids.
    pub(super) stem: String,
    /// One at least, perhaps empty.
    pub(super) texts: Vec<String>,
    pub(super) thinking: Vec<String>,
    pub(super) refusal: Option<String>,
    pub(super) citations: Vec<Citation>,
    pub(super) calls: Vec<Call>,
}

/// A tool call as it is sent.
pub(super) struct Call {
    /// Its place and the stem, or as the script says; without the dialect's prefix in the first case.
    id: Result<String, String>,
    pub(super) name: String,
    pub(super) arguments: String,
    pub(super) custom: bool,
}

impl Call {
    /// The call's id, with this prefix where the script gave none.
    pub(super) fn id(&self, prefix: &str) -> String {
        match &self.id {
            Ok(given) => given.clone(),
            Err(made) => format!("{prefix}{made}"),
        }
    }
}

/// Four bytes of text are one token here.
pub(super) struct Tokens {
    pub(super) input: usize,
    /// Those of reasoning included.
    pub(super) output: usize,
    pub(super) reasoning: usize,
}

impl<'a> Said<'a> {
    pub(super) fn new(asked: &'a Asked, reply: &'a Reply, body: &[u8]) -> Self {
        let stem: String = Sha256::digest(body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let fill = |text: &String| text.replace("{user}", &asked.user_text).replace("{last}", &asked.last_text);
        let mut texts: Vec<String> = reply.text.iter().map(fill).collect();
        if texts.is_empty() {
            texts.push(if reply.echo { format!("You said: {}", asked.user_text) } else { String::new() });
        }
        let citation = |citation: &Citation| Citation { text: fill(&citation.text), ..citation.clone() };
        let call = |(number, call): (usize, &ToolCall)| Call {
            id: call.id.clone().ok_or_else(|| format!("{stem}{number:02}")),
            name: call.name.clone(),
            arguments: match filled(&call.arguments, &fill) {
                Value::String(text) => text,
                Value::Null => "{}".to_owned(),
                other => other.to_string(),
            },
            custom: call.custom,
        };
        Self {
            asked,
            reply,
            texts,
            thinking: reply.thinking.iter().map(fill).collect(),
            refusal: reply.refusal.as_ref().map(fill),
            citations: reply.citations.iter().map(citation).collect(),
            calls: reply.tool_calls.iter().enumerate().map(call).collect(),
            stem,
        }
    }

    /// The text of one of several choices: the script's texts in turn.
    pub(super) fn choice_text(&self, index: u32) -> &str {
        let index = usize::try_from(index).unwrap_or_default().checked_rem(self.texts.len()).unwrap_or_default();
        self.texts.get(index).map(String::as_str).unwrap_or_default()
    }

    /// A text in the pieces it is streamed in.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Vec<&'t str> {
        pieces(text, self.reply.chunk_bytes.unwrap_or(CHUNK_BYTES))
    }

    pub(super) fn logprobs(&self) -> bool {
        self.reply.logprobs || self.asked.logprobs
    }

    /// In the words of chat completions, or as the script says.
    pub(super) fn finish_reason(&self) -> &str {
        let usual = if self.calls.is_empty() { "stop" } else { "tool_calls" };
        self.reply.finish_reason.as_deref().unwrap_or(usual)
    }

    /// What is used when `choices` answers are given.
    pub(super) fn tokens(&self, texts: usize) -> Tokens {
        let tokens = |bytes: usize| bytes.div_ceil(4);
        let thinking = self.thinking.iter().chain(&self.reply.reasoning_text).map(String::len).sum::<usize>();
        let called: usize = self.calls.iter().map(|call| call.name.len().saturating_add(call.arguments.len())).sum();
        let refusal = self.refusal.as_ref().map_or(0, String::len);
        Tokens {
            input: tokens(self.asked.texts.iter().map(String::len).sum()),
            output: tokens([texts, called, refusal, thinking].into_iter().fold(0, usize::saturating_add)),
            reasoning: tokens(thinking),
        }
    }

    /// What is used when all texts are parts of one answer.
    pub(super) fn tokens_of_all(&self) -> Tokens {
        self.tokens(self.texts.iter().map(String::len).sum())
    }

    /// What is used when each choice has a text of its own.
    pub(super) fn tokens_of_choices(&self) -> Tokens {
        self.tokens((0..self.asked.choices).map(|index| self.choice_text(index).len()).sum())
    }
}

/// The value with the places in its texts filled.
fn filled(value: &Value, fill: &impl Fn(&String) -> String) -> Value {
    match value {
        Value::String(text) => Value::from(fill(text)),
        Value::Array(list) => list.iter().map(|value| filled(value, fill)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), filled(value, fill))).collect())
        }
        other => other.clone(),
    }
}

/// Log-probabilities of pieces, each taken for a token.
pub(super) fn logprobs(tokens: &[&str]) -> Value {
    let token = |token: &&str| serde_json::json!({"token": token, "logprob": -0.125, "bytes": token.as_bytes(), "top_logprobs": []});
    tokens.iter().map(token).collect()
}

#[cfg(test)]
mod tests;
