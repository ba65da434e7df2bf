//! The conversation.

use super::Refusal;
use super::texts::{Label, Texts, expect, required, short, string};
use super::tools::function_only;
use crate::json::{Kind, NodeRef};

pub(super) fn read(messages: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(messages, Kind::Array)?;
    if messages.children().next().is_none() {
        return Err(Refusal::at(messages, "empty_messages", "`messages` must hold at least one message."));
    }
    messages.children().try_for_each(|message| one(message, texts))
}

fn one(message: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(message, Kind::Object)?;
    let role_node = required(message, "role")?;
    let role = string(role_node)?;
    if !matches!(role, "developer" | "system" | "user" | "assistant" | "tool") {
        let message =
            format!("The role `{}` is not covered. Use developer, system, user, assistant or tool.", short(role));
        return Err(Refusal::at(role_node, "unsupported_role", message));
    }
    let text = if role == "tool" {
        let name = message.get("tool_call_id").or_else(|| message.get("name")).and_then(NodeRef::text);
        Label { role, kind: "tool-result", name }
    } else {
        Label { role, kind: "text", name: None }
    };
    if role != "assistant" {
        required(message, "content")?;
    }
    for member in message.children() {
        match member.key() {
            Some("role") => {}
            Some("content") => content(member, text, texts)?,
            Some("refusal") if member.is_null() => {}
            Some("refusal") => texts.string(member, Label { role, kind: "refusal", name: None })?,
            Some("tool_calls") => calls(member, role, texts)?,
            Some("name" | "tool_call_id") => texts.all(member, Label::value(role))?,
            Some("function_call") if !member.is_null() => {
                return Err(Refusal::at(
                    member,
                    "unsupported_legacy_functions",
                    "`function_call` is the old form and is refused. Use `tool_calls`.",
                ));
            }
            Some("audio") if !member.is_null() => {
                return Err(Refusal::at(
                    member,
                    "unsupported_audio",
                    "Audio cannot be inspected and is refused. Send its transcript as text.",
                ));
            }
            Some("function_call" | "audio") => {}
            _ => texts.member(member, Label::value(role))?,
        }
    }
    Ok(())
}

fn content(content: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    match content.kind() {
        Kind::Null => Ok(()),
        Kind::String => texts.string(content, label),
        Kind::Array => content.children().try_for_each(|part| one_part(part, label, texts)),
        _ => Err(Refusal::wrong_type(content, "a string or an array of content parts")),
    }
}

fn one_part(part: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(part, Kind::Object)?;
    let kind_node = required(part, "type")?;
    let (key, label) = match string(kind_node)? {
        "text" => ("text", label),
        "refusal" => ("refusal", Label { kind: "refusal", ..label }),
        other => {
            let message = format!(
                "Content of type `{}` cannot be inspected and is refused. Only parts of type `text` and `refusal` are covered.",
                short(other)
            );
            return Err(Refusal::at(kind_node, "unsupported_content", message));
        }
    };
    required(part, key)?;
    for member in part.children() {
        match member.key() {
            Some("type") => {}
            Some(name) if name == key => texts.string(member, label)?,
            _ => texts.member(member, Label::value(label.role))?,
        }
    }
    Ok(())
}

fn calls(calls: NodeRef<'_>, role: &str, texts: &mut Texts) -> Result<(), Refusal> {
    if calls.is_null() {
        return Ok(());
    }
    expect(calls, Kind::Array)?;
    for call in calls.children() {
        expect(call, Kind::Object)?;
        if let Some(kind) = call.get("type") {
            function_only(kind)?;
        }
        let function = required(call, "function")?;
        expect(function, Kind::Object)?;
        let name = Some(string(required(function, "name")?)?);
        for member in call.children() {
            match member.key() {
                Some("type") => {}
                Some("id") => texts.all(member, Label::value(role))?,
                Some("function") => {
                    for part in function.children() {
                        match part.key() {
                            Some("name") => texts.string(part, Label { role, kind: "value", name })?,
                            Some("arguments") => texts.string(part, Label { role, kind: "tool-arguments", name })?,
                            _ => texts.member(part, Label::value(role))?,
                        }
                    }
                }
                _ => texts.member(member, Label::value(role))?,
            }
        }
    }
    Ok(())
}
