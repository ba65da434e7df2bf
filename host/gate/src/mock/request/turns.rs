//! What was said in a request, message by message.

use serde_json::Value;

/// One message, prompt or input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) text: String,
    /// Whether the user says it.
    pub(super) user: bool,
    /// Whether it is a tool's result.
    pub(super) result: bool,
}

/// `messages` of a chat completion.
pub(super) fn chat(body: &Value) -> Result<Vec<Turn>, &'static str> {
    let messages = list(&body["messages"]).ok_or("Missing required parameter: 'messages'.")?;
    let turn = |message: &Value| Turn {
        text: text(&message["content"]),
        user: message["role"] == "user",
        result: message["role"] == "tool",
    };
    Ok(messages.iter().map(turn).collect())
}

/// `instructions` and `input` of a response.
pub(super) fn responses(body: &Value) -> Result<Vec<Turn>, &'static str> {
    let mut turns: Vec<Turn> = instructions(&body["instructions"]);
    match &body["input"] {
        Value::String(text) => turns.push(Turn { text: text.clone(), user: true, result: false }),
        input => {
            let items = list(input).ok_or("Missing required parameter: 'input'.")?;
            turns.extend(items.iter().map(|item| {
                let result = item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"));
                let said = if result { &item["output"] } else { &item["content"] };
                Turn { text: text(said), user: item["role"] == "user", result }
            }));
        }
    }
    Ok(turns)
}

/// `system` and `messages` of Anthropic's. Tool results stand in the user's messages; beside them the user may say more.
pub(super) fn messages(body: &Value) -> Result<Vec<Turn>, &'static str> {
    let messages = list(&body["messages"]).ok_or("messages: at least one message is required")?;
    let mut turns = instructions(&body["system"]);
    for message in messages {
        let content = &message["content"];
        let results: Vec<String> = content
            .as_array()
            .into_iter()
            .flatten()
            .filter(|block| block["type"] == "tool_result")
            .map(|block| text(&block["content"]))
            .collect();
        let said = text(content);
        if results.is_empty() || !said.is_empty() {
            turns.push(Turn { text: said, user: message["role"] == "user", result: false });
        }
        if !results.is_empty() {
            turns.push(Turn { text: results.join("\n"), user: false, result: true });
        }
    }
    Ok(turns)
}

/// One text, a list of texts, the tokens of one, or a list of those; tokens have no text here.
pub(super) fn inputs(value: &Value) -> Option<Vec<Turn>> {
    let turn = |value: &Value| Turn { text: value.as_str().unwrap_or_default().to_owned(), user: true, result: false };
    match value {
        Value::String(_) => Some(vec![turn(value)]),
        Value::Array(list) if list.first()?.is_u64() => Some(vec![turn(&Value::Null)]),
        Value::Array(list) => Some(list.iter().map(turn).collect()),
        _ => None,
    }
}

fn instructions(value: &Value) -> Vec<Turn> {
    if value.is_null() { Vec::new() } else { vec![Turn { text: text(value), user: false, result: false }] }
}

fn list(value: &Value) -> Option<&Vec<Value>> {
    value.as_array().filter(|list| !list.is_empty())
}

/// A message's content, whole or in parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
