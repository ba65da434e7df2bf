//! Content: a string, or blocks of many kinds.

use super::sources;
use crate::json::{Kind, NodeRef};
use crate::request::texts::{Label, Texts, expect, required, short, string};
use crate::request::{Refusal, conversation};

/// Where a block stands, which decides what it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    System,
    Message,
    ToolResult,
    /// The content of a document.
    Document,
    /// The content of a search result.
    SearchResult,
}

impl Place {
    fn holds(self, kind: &str) -> bool {
        match kind {
            "text" => true,
            "image" => matches!(self, Self::Message | Self::ToolResult | Self::Document),
            "document" | "search_result" => matches!(self, Self::Message | Self::ToolResult),
            "thinking" | "redacted_thinking" | "tool_use" | "tool_result" => self == Self::Message,
            "tool_reference" => self == Self::ToolResult,
            _ => false,
        }
    }
}

pub(super) fn read(content: NodeRef<'_>, place: Place, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    conversation::content(content, "content blocks", label, texts, |block, texts| one(block, place, label, texts))
}

fn one(block: NodeRef<'_>, place: Place, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(block, Kind::Object)?;
    let kind_node = required(block, "type")?;
    let kind = string(kind_node)?;
    if !place.holds(kind) {
        return Err(not_covered(kind_node, kind));
    }
    match kind {
        "text" => text(block, label, texts),
        "thinking" => thinking(block, label, texts),
        "redacted_thinking" => {
            texts.opaque.encrypted(kind_node)?;
            signed(block, "data", Label { kind: "opaque", ..label }, texts)
        }
        "tool_use" => tool_use(block, label, texts),
        "tool_result" => tool_result(block, texts),
        "image" => {
            texts.opaque.image(kind_node)?;
            sources::image(block, Label::value(label.role), texts)
        }
        // What a tool brought stays its result.
        "document" if place == Place::ToolResult => sources::document(block, label, texts),
        "document" => sources::document(block, Label { kind: "document", ..label }, texts),
        "search_result" if place == Place::ToolResult => sources::search_result(block, label, texts),
        "search_result" => sources::search_result(block, Label { kind: "document", ..label }, texts),
        _ => others(block, &["tool_name"], label, texts),
    }
}

fn not_covered(kind_node: NodeRef<'_>, kind: &str) -> Refusal {
    let message = format!(
        "A content block of type `{}` is not covered here and is refused. Covered are text, tool_use, tool_result, \
         thinking, search_result and document with text; image and redacted_thinking where a setting lets them pass.",
        short(kind)
    );
    Refusal::at(kind_node, "unsupported_content", message)
}

fn text(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, "text")?;
    block.children().try_for_each(|member| match member.key() {
        Some("text") => texts.string(member, label),
        _ => other(member, &["citations"], label, texts),
    })
}

/// What the model thought, which the provider signed: read, never edited.
fn thinking(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, "thinking")?;
    block.children().try_for_each(|member| match member.key() {
        Some("thinking") => texts.signed(member, Label { kind: "reasoning", ..label }),
        Some("signature") if member.is_null() => Ok(()),
        Some("signature") => texts.signed(member, Label { kind: "opaque", ..label }),
        _ => other(member, &[], label, texts),
    })
}

fn signed(block: NodeRef<'_>, key: &str, signed: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, key)?;
    block.children().try_for_each(|member| match member.key() {
        Some(found) if found == key => texts.signed(member, signed),
        _ => other(member, &[], signed, texts),
    })
}

fn tool_use(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    let name = string(required(block, "name")?)?;
    required(block, "input")?;
    let arguments = Label { role: label.role, ..Label::tool_arguments(name) };
    block.children().try_for_each(|member| match member.key() {
        Some("input") => texts.arguments(member, arguments),
        Some("name") => texts.string(member, Label { kind: "value", ..arguments }),
        _ => other(member, &["id", "toolset_name"], label, texts),
    })
}

fn tool_result(block: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    let label = Label::tool_result(Some(string(required(block, "tool_use_id")?)?));
    block.children().try_for_each(|member| match member.key() {
        Some("content") => read(member, Place::ToolResult, label, texts),
        _ => other(member, &["tool_use_id", "is_error", "toolset_name"], label, texts),
    })
}

fn others(block: NodeRef<'_>, defined: &[&str], label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    block.children().try_for_each(|member| other(member, defined, label, texts))
}

/// What stands beside the content of a block. The keys that the block defines say nothing that would need reading.
pub(super) fn other(member: NodeRef<'_>, defined: &[&str], label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    match member.key() {
        Some("type") => Ok(()),
        Some(key) if key == "cache_control" || defined.contains(&key) => texts.all(member, Label::value(label.role)),
        _ => texts.member(member, Label::value(label.role)),
    }
}
