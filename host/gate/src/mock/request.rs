//! The parts of a request that a script looks at, the same for every dialect.

use serde_json::Value;

use super::dialect::Dialect;

mod turns;

use turns::Turn;

/// Answers to one request at most.
const MAX_CHOICES: u64 = 8;

/// A request as the scripted model sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) logprobs: bool,
    /// Whether thinking, or a summary of it, is asked for.
    pub(crate) thinking: bool,
    /// How many answers are asked for.
    pub(crate) choices: u32,
    /// Names of the tools that are offered.
    pub(crate) tools: Vec<String>,
    /// The text of each message, instructions first; of each prompt or input.
    pub(crate) texts: Vec<String>,
    /// The text of the last message.
    pub(crate) last_text: String,
    /// The text of the last message of the user's.
    pub(crate) user_text: String,
    /// Whether the last message is a tool's result.
    pub(crate) tool_result: bool,
    /// All of it.
    pub(crate) body: Value,
}

impl Asked {
    /// Takes a request from its body; the error is the message the service itself would give, in short.
    pub(crate) fn parse(dialect: Dialect, body: &[u8]) -> Result<Self, &'static str> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| "We could not parse the JSON body of your request.")?;
        let Some(model) = body["model"].as_str().map(str::to_owned) else {
            return Err("you must provide a model parameter");
        };
        let turns = match dialect {
            Dialect::OpenaiChat => turns::chat(&body)?,
            Dialect::OpenaiResponses => turns::responses(&body)?,
            Dialect::AnthropicMessages if !body["max_tokens"].is_u64() => return Err("max_tokens: Field required"),
            Dialect::AnthropicMessages | Dialect::AnthropicCountTokens => turns::messages(&body)?,
            Dialect::OpenaiCompletions => {
                turns::inputs(&body["prompt"]).ok_or("Missing required parameter: 'prompt'.")?
            }
            Dialect::OpenaiEmbeddings => turns::inputs(&body["input"]).ok_or("Missing required parameter: 'input'.")?,
        };
        let mut choices = body["n"].as_u64().unwrap_or(1);
        if dialect == Dialect::OpenaiCompletions {
            choices = choices.saturating_mul(u64::try_from(turns.len()).unwrap_or(MAX_CHOICES));
        }
        let thinking = matches!(body["thinking"]["type"].as_str(), Some("enabled" | "adaptive"))
            || body["reasoning"]["summary"].is_string();
        let logprobs = &body["logprobs"];
        Ok(Self {
            dialect,
            model,
            stream: body["stream"] == true,
            include_usage: body["stream_options"]["include_usage"] == true,
            logprobs: *logprobs == true || (dialect == Dialect::OpenaiCompletions && logprobs.is_u64()),
            thinking,
            choices: u32::try_from(choices.clamp(1, MAX_CHOICES)).unwrap_or(1),
            tools: tools(&body["tools"]),
            last_text: turns.last().map(|turn| turn.text.clone()).unwrap_or_default(),
            user_text: turns.iter().rev().find(|turn| turn.user).map(|turn| turn.text.clone()).unwrap_or_default(),
            tool_result: turns.last().is_some_and(|turn| turn.result),
            texts: turns.into_iter().map(|turn: Turn| turn.text).collect(),
            body,
        })
    }
}

/// The name stands in the tool itself, or in its `function` or `custom`.
fn tools(list: &Value) -> Vec<String> {
    let name = |tool: &Value| {
        [&tool["name"], &tool["function"]["name"], &tool["custom"]["name"]]
            .into_iter()
            .find_map(|name| name.as_str().map(str::to_owned))
    };
    list.as_array().into_iter().flatten().filter_map(name).collect()
}

#[cfg(test)]
mod tests;
