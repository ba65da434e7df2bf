//! Collecting texts with their labels.

use super::{Opaque, Refusal, RequestLimits};
use crate::digits::is_telling;
use crate::document::{DocumentBuilder, MappedDocument, Source};
use crate::json::{JsonLimits, Kind, NodeRef};

/// What a segment is called.
#[derive(Clone, Copy)]
pub(crate) struct Label<'a> {
    pub(crate) role: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: Option<&'a str>,
}

impl<'a> Label<'a> {
    /// A value without a role of its own.
    pub(crate) const VALUE: Label<'static> = Label { role: "", kind: "value", name: None };

    pub(crate) fn of(role: &'a str, kind: &'a str) -> Self {
        Self { role, kind, name: None }
    }

    pub(crate) fn value(role: &'a str) -> Self {
        Self::of(role, "value")
    }

    pub(crate) fn text(role: &'a str) -> Self {
        Self::of(role, "text")
    }

    /// What a tool answered to the call `id`.
    pub(crate) fn tool_result(id: Option<&'a str>) -> Self {
        Self { role: "tool", kind: "tool-result", name: id }
    }

    /// What the model is told of a tool.
    pub(crate) fn tool_definition(name: &'a str) -> Self {
        Self { role: "system", kind: "tool-definition", name: Some(name) }
    }

    /// What the model called a tool with.
    pub(crate) fn tool_arguments(name: &'a str) -> Self {
        Self { role: "assistant", kind: "tool-arguments", name: Some(name) }
    }
}

pub(crate) struct Texts {
    builder: DocumentBuilder,
    /// What may pass unread.
    pub(crate) opaque: Opaque,
    /// For JSON inside strings.
    pub(super) json: JsonLimits,
}

impl Texts {
    pub(super) fn new(limits: &RequestLimits) -> Self {
        Self { builder: DocumentBuilder::new(limits.max_segments), opaque: limits.opaque, json: limits.json }
    }

    pub(super) fn finish(self) -> MappedDocument {
        self.builder.finish()
    }

    pub(super) fn push(
        &mut self,
        label: Label<'_>,
        pointer: String,
        text: &str,
        source: Source,
    ) -> Result<(), Refusal> {
        Ok(self.builder.push(label.role, label.kind, label.name, pointer, text, source)?)
    }

    /// How many segments there are.
    pub(super) fn segments(&self) -> usize {
        self.builder.segments()
    }

    /// The segment from `first` on that is this value, if it is one as it stands.
    pub(super) fn segment_of(&self, node: NodeRef<'_>, first: usize) -> Option<usize> {
        self.builder.find(first, &Source::Value(node.raw()))
    }

    /// A value that must be a string. What a tool answered is often JSON; written in escapes, it is read behind them.
    pub(crate) fn string(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        if label.kind == "tool-result" && string(node)?.contains("\\u") {
            return self.arguments_text(node, label);
        }
        self.push(label, node.pointer(), string(node)?, Source::Value(node.raw()))
    }

    /// A string that is signed, encrypted or bound to such a one: read, and never edited.
    pub(crate) fn signed(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        self.push(label, node.pointer(), string(node)?, Source::Signed(node.raw()))
    }

    /// The key of a member that the API does not define.
    pub(crate) fn key(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        let Some((key, raw)) = node.key().zip(node.key_raw()) else { return Ok(()) };
        let kind = if label.kind == "value" { "key" } else { label.kind };
        self.push(Label { kind, ..label }, node.pointer(), key, Source::Key(raw))
    }

    /// A member that the API does not define here: its key and all below it.
    pub(crate) fn member(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        self.key(node, label)?;
        self.all(node, label)
    }

    /// Every string, key and telling number below `node`. The depth was bounded when the JSON was read.
    pub(crate) fn all(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        match node.kind() {
            Kind::String => self.string(node, label),
            Kind::Array => node.children().try_for_each(|child| self.all(child, label)),
            Kind::Object => node.children().try_for_each(|child| self.member(child, label)),
            Kind::Number if is_telling(node) => {
                self.push(label, node.pointer(), node.raw_str(), Source::Value(node.raw()))
            }
            Kind::Null | Kind::Bool | Kind::Number => Ok(()),
        }
    }
}

pub(crate) fn string<'t>(node: NodeRef<'t>) -> Result<&'t str, Refusal> {
    node.text().ok_or_else(|| Refusal::wrong_type(node, "a string"))
}

pub(crate) fn required<'t>(object: NodeRef<'t>, key: &str) -> Result<NodeRef<'t>, Refusal> {
    object.get(key).filter(|node| !node.is_null()).ok_or_else(|| Refusal::missing(object, key))
}

pub(crate) fn expect(node: NodeRef<'_>, kind: Kind) -> Result<(), Refusal> {
    if node.kind() == kind { Ok(()) } else { Err(Refusal::wrong_type(node, &format!("an {kind}"))) }
}

/// A name from the body, short enough for a message.
pub(crate) fn short(name: &str) -> &str {
    &name[..name.floor_char_boundary(64)]
}
