//! The conversation: messages, calls and what they gave, reasoning.

use super::content;
use crate::json::{Kind, NodeRef};
use crate::request::read::Read;
use crate::request::texts::{Label, Texts, expect, required, short, string};
use crate::request::{Refusal, conversation};

pub(super) fn read(input: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    match input.kind() {
        Kind::String => read.texts.string(input, Label::text("user")),
        Kind::Array if input.children().next().is_none() && !read.texts.opaque.stored_state => {
            Err(Refusal::at(input, "empty_input", "`input` must hold at least one item."))
        }
        Kind::Array => input.children().try_for_each(|item| one(item, read)),
        _ => Err(Refusal::wrong_type(input, "a string or an array of items")),
    }
}

fn one(item: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(item, Kind::Object)?;
    let kind = item.get("type").filter(|node| !node.is_null());
    let texts = &mut read.texts;
    match kind.map(string).transpose()? {
        Some("message") => message(item, texts),
        None if item.get("role").is_some() => message(item, texts),
        Some("function_call") => call(item, "arguments", texts),
        Some("custom_tool_call") => call(item, "input", texts),
        Some("function_call_output" | "custom_tool_call_output") => output(item, texts),
        Some("reasoning") => reasoning(item, texts),
        Some("compaction") => {
            required(item, "encrypted_content")?;
            reasoning(item, texts)
        }
        Some("item_reference") | None => {
            texts.opaque.stored(kind.unwrap_or(item), "An item reference")?;
            required(item, "id")?;
            others(item, "assistant", texts)
        }
        Some("additional_tools") => item.children().try_for_each(|member| match member.key() {
            Some("tools") => super::tools(member, read),
            _ => other(member, "system", &mut read.texts),
        }),
        Some("configuration_update") => others(item, "", texts),
        Some(found) => {
            let message = format!(
                "Items of type `{}` belong to tools that the provider runs, or are not covered, and are refused. Covered are \
                 messages, calls of functions and custom tools with their outputs, and reasoning.",
                short(found)
            );
            Err(Refusal::at(kind.unwrap_or(item), "unsupported_item", message))
        }
    }
}

fn message(message: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    let role = conversation::role(message, &["developer", "system", "user", "assistant"])?;
    required(message, "content")?;
    message.children().try_for_each(|member| match member.key() {
        Some("role") => Ok(()),
        Some("content") => content::read(member, Label::text(role), texts),
        _ => other(member, role, texts),
    })
}

/// A call; `key` is the member that holds its arguments.
fn call(call: NodeRef<'_>, key: &str, texts: &mut Texts) -> Result<(), Refusal> {
    let name = string(required(call, "name")?)?;
    required(call, key)?;
    let label = Label::tool_arguments(name);
    call.children().try_for_each(|member| match member.key() {
        Some("arguments") if key == "arguments" => texts.arguments_text(member, label),
        Some("input") if key == "input" => texts.string(member, label),
        Some("name") => texts.string(member, Label { kind: "value", ..label }),
        _ => other(member, "assistant", texts),
    })
}

fn output(output: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(output, "output")?;
    let label = Label::tool_result(output.get("call_id").and_then(NodeRef::text));
    output.children().try_for_each(|member| match member.key() {
        Some("output") => content::read(member, label, texts),
        _ => other(member, "tool", texts),
    })
}

/// Reasoning, or a conversation compacted into it.
fn reasoning(item: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    let encrypted = item.get("encrypted_content").filter(|node| !node.is_null());
    if let Some(encrypted) = encrypted {
        texts.opaque.encrypted(encrypted)?;
    }
    item.children().try_for_each(|member| match member.key() {
        Some("summary" | "content") => content::reasoning(member, encrypted.is_some(), texts),
        Some("encrypted_content") if member.is_null() => Ok(()),
        Some("encrypted_content") => texts.signed(member, Label::of("assistant", "opaque")),
        _ => other(member, "assistant", texts),
    })
}

fn others(item: NodeRef<'_>, role: &str, texts: &mut Texts) -> Result<(), Refusal> {
    item.children().try_for_each(|member| other(member, role, texts))
}

/// What every item may have.
fn other(member: NodeRef<'_>, role: &str, texts: &mut Texts) -> Result<(), Refusal> {
    match member.key() {
        Some("type") => Ok(()),
        Some("id" | "call_id" | "name" | "namespace" | "status" | "phase" | "role") => {
            texts.all(member, Label::value(role))
        }
        _ => texts.member(member, Label::value(role)),
    }
}
