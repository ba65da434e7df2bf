//! Parts of a message, of what a tool answered, and of reasoning.

use crate::json::{Kind, NodeRef};
use crate::request::texts::{Label, Texts, expect, required, short, string};
use crate::request::{Refusal, conversation};

/// A string or an array of parts.
pub(super) fn read(content: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    conversation::content(content, "content parts", label, texts, |found, texts| part(found, label, texts))
}

pub(super) fn part(part: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(part, Kind::Object)?;
    let kind_node = required(part, "type")?;
    let (key, label) = match string(kind_node)? {
        "input_text" | "output_text" | "text" => ("text", label),
        "refusal" => ("refusal", Label { kind: "refusal", ..label }),
        "input_image" => {
            texts.opaque.image(kind_node)?;
            return image(part, Label::value(label.role), texts);
        }
        other => {
            let message = format!(
                "Content of type `{}` cannot be inspected and is refused. Only parts of type `input_text`, `output_text` \
                 and `refusal` are covered, and `input_image` where the setting `allow: [images]` lets it pass.",
                short(other)
            );
            return Err(Refusal::at(kind_node, "unsupported_content", message));
        }
    };
    required(part, key)?;
    part.children().try_for_each(|member| match member.key() {
        Some("type") => Ok(()),
        Some(name) if name == key => texts.string(member, label),
        Some("annotations" | "logprobs") => texts.all(member, Label::value(label.role)),
        _ => texts.member(member, Label::value(label.role)),
    })
}

/// A picture that is let pass: its address, and all that stands beside.
fn image(part: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    part.children().try_for_each(|member| match member.key() {
        Some("type") => Ok(()),
        Some("image_url" | "file_id") if member.is_null() => Ok(()),
        Some("image_url") => texts.image_url(member, label),
        Some("file_id") => {
            texts.opaque.stored(member, "`file_id`")?;
            texts.all(member, label)
        }
        Some("detail") => texts.all(member, label),
        _ => texts.member(member, label),
    })
}

/// The parts of a reasoning item. Those of encrypted reasoning belong to it and stay as they are.
pub(super) fn reasoning(parts: NodeRef<'_>, signed: bool, texts: &mut Texts) -> Result<(), Refusal> {
    if parts.is_null() {
        return Ok(());
    }
    expect(parts, Kind::Array)?;
    let label = Label::of("assistant", "reasoning");
    for part in parts.children() {
        expect(part, Kind::Object)?;
        let kind_node = required(part, "type")?;
        let kind = string(kind_node)?;
        if !matches!(kind, "summary_text" | "reasoning_text") {
            let message = format!(
                "Reasoning of type `{}` is not covered. Only `summary_text` and `reasoning_text` are.",
                short(kind)
            );
            return Err(Refusal::at(kind_node, "unsupported_content", message));
        }
        required(part, "text")?;
        part.children().try_for_each(|member| match member.key() {
            Some("type") => Ok(()),
            Some("text") if signed => texts.signed(member, label),
            Some("text") => texts.string(member, label),
            _ => texts.member(member, Label::value("assistant")),
        })?;
    }
    Ok(())
}
