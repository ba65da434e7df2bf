//! The conversation.

use crate::json::{Kind, NodeRef};
use crate::request::texts::{Label, Texts, expect, required, short, string};
use crate::request::tools::callable;
use crate::request::{Refusal, conversation};

pub(super) fn read(messages: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    conversation::messages(messages, |message| one(message, texts))
}

fn one(message: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(message, Kind::Object)?;
    let role = conversation::role(message, &["developer", "system", "user", "assistant", "tool"])?;
    let text = if role == "tool" {
        Label::tool_result(message.get("tool_call_id").or_else(|| message.get("name")).and_then(NodeRef::text))
    } else {
        Label::text(role)
    };
    if role != "assistant" {
        required(message, "content")?;
    }
    for member in message.children() {
        match member.key() {
            Some("role") => {}
            Some("content") => {
                conversation::content(member, "content parts", text, texts, |part, texts| one_part(part, text, texts))?;
            }
            Some("refusal") if member.is_null() => {}
            Some("refusal") => texts.string(member, Label::of(role, "refusal"))?,
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

fn one_part(part: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(part, Kind::Object)?;
    let kind_node = required(part, "type")?;
    let (key, label) = match string(kind_node)? {
        "text" => ("text", label),
        "refusal" => ("refusal", Label { kind: "refusal", ..label }),
        "image_url" => {
            texts.opaque.image(kind_node)?;
            return image(part, Label::value(label.role), texts);
        }
        other => {
            let message = format!(
                "Content of type `{}` cannot be inspected and is refused. Only parts of type `text` and `refusal` are \
                 covered, and `image_url` where the setting `allow: [images]` lets it pass.",
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

/// A picture that is let pass: its address, and all that stands beside.
fn image(part: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    let image = required(part, "image_url")?;
    expect(image, Kind::Object)?;
    required(image, "url")?;
    for member in part.children() {
        match member.key() {
            Some("type") => {}
            Some("image_url") => image.children().try_for_each(|member| match member.key() {
                Some("url") => texts.image_url(member, label),
                Some("detail") => texts.all(member, label),
                _ => texts.member(member, label),
            })?,
            _ => texts.member(member, label)?,
        }
    }
    Ok(())
}

fn calls(calls: NodeRef<'_>, role: &str, texts: &mut Texts) -> Result<(), Refusal> {
    if calls.is_null() {
        return Ok(());
    }
    expect(calls, Kind::Array)?;
    calls.children().try_for_each(|call| one_call(call, role, texts))
}

fn one_call(call: NodeRef<'_>, role: &str, texts: &mut Texts) -> Result<(), Refusal> {
    expect(call, Kind::Object)?;
    let form = call.get("type").map_or(Ok("function"), callable)?;
    let called = required(call, form)?;
    expect(called, Kind::Object)?;
    let name = string(required(called, "name")?)?;
    let arguments = Label { role, ..Label::tool_arguments(name) };
    for member in call.children() {
        match member.key() {
            Some("type") => {}
            Some("id") => texts.all(member, Label::value(role))?,
            Some(key) if key == form => called.children().try_for_each(|part| match part.key() {
                Some("name") => texts.string(part, Label { role, kind: "value", name: Some(name) }),
                Some("arguments") if form == "function" => texts.arguments_text(part, arguments),
                Some("input") if form == "custom" => texts.string(part, arguments),
                _ => texts.member(part, Label::value(role)),
            })?,
            _ => texts.member(member, Label::value(role))?,
        }
    }
    Ok(())
}
