//! The parts of a chat completion request that a script looks at.

use serde_json::Value;

/// Answers to one request at most.
const MAX_CHOICES: u64 = 8;

/// A request as the scripted model sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChatRequest {
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) logprobs: bool,
    /// How many answers are asked for.
    pub(crate) choices: u32,
    /// Names of the tools that are offered.
    pub(crate) tools: Vec<String>,
    /// The text of each message.
    pub(crate) texts: Vec<String>,
    /// The text of the last message.
    pub(crate) last_text: String,
    /// The text of the last message of role `user`.
    pub(crate) user_text: String,
    /// Whether the last message is a tool's result.
    pub(crate) tool_result: bool,
}

impl ChatRequest {
    /// Takes a request from its body; the error is the message OpenAI's own service would give, in short.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| "We could not parse the JSON body of your request.")?;
        let Some(model) = body["model"].as_str() else {
            return Err("you must provide a model parameter");
        };
        let Some(messages) = body["messages"].as_array().filter(|messages| !messages.is_empty()) else {
            return Err("Missing required parameter: 'messages'.");
        };
        let texts: Vec<String> = messages.iter().map(|message| text(&message["content"])).collect();
        let of_user = messages.iter().zip(&texts).rev().find(|(message, _)| message["role"] == "user");
        let choices = body["n"].as_u64().unwrap_or(1).clamp(1, MAX_CHOICES);
        Ok(Self {
            model: model.to_owned(),
            stream: body["stream"] == true,
            include_usage: body["stream_options"]["include_usage"] == true,
            logprobs: body["logprobs"] == true,
            choices: u32::try_from(choices).unwrap_or(1),
            tools: body["tools"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|tool| tool["function"]["name"].as_str())
                .map(str::to_owned)
                .collect(),
            last_text: texts.last().cloned().unwrap_or_default(),
            user_text: of_user.map(|(_, text)| text.clone()).unwrap_or_default(),
            tool_result: messages.last().is_some_and(|message| message["role"] == "tool"),
            texts,
        })
    }
}

/// A message's content, whole or in parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
