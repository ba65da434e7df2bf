//! Collecting texts with their labels.

use super::Refusal;
use crate::document::{DocumentBuilder, MappedDocument, Source};
use crate::json::{Kind, NodeRef};

/// What a segment is called.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) role: &'a str,
    pub(super) kind: &'a str,
    pub(super) name: Option<&'a str>,
}

impl<'a> Label<'a> {
    /// A value without a role of its own.
    pub(super) const VALUE: Label<'static> = Label { role: "", kind: "value", name: None };

    pub(super) fn value(role: &'a str) -> Self {
        Self { role, kind: "value", name: None }
    }
}

pub(super) struct Texts {
    builder: DocumentBuilder,
}

impl Texts {
    pub(super) fn new(max_segments: usize) -> Self {
        Self { builder: DocumentBuilder::new(max_segments) }
    }

    pub(super) fn finish(self) -> MappedDocument {
        self.builder.finish()
    }

    /// A value that must be a string.
    pub(super) fn string(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        let text = string(node)?;
        let source = Source::Value(node.raw());
        Ok(self.builder.push(label.role, label.kind, label.name, node.pointer(), text, source)?)
    }

    /// A member that the API does not define here: its key and all below it.
    pub(super) fn member(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        if let Some((key, raw)) = node.key().zip(node.key_raw()) {
            let kind = if label.kind == "value" { "key" } else { label.kind };
            self.builder.push(label.role, kind, label.name, node.pointer(), key, Source::Key(raw))?;
        }
        self.all(node, label)
    }

    /// Every string and key below `node`. The depth was bounded when the JSON was read.
    pub(super) fn all(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        match node.kind() {
            Kind::String => self.string(node, label),
            Kind::Array => node.children().try_for_each(|child| self.all(child, label)),
            Kind::Object => node.children().try_for_each(|child| self.member(child, label)),
            Kind::Null | Kind::Bool | Kind::Number => Ok(()),
        }
    }
}

pub(super) fn string<'t>(node: NodeRef<'t>) -> Result<&'t str, Refusal> {
    node.text().ok_or_else(|| Refusal::wrong_type(node, "a string"))
}

pub(super) fn required<'t>(object: NodeRef<'t>, key: &str) -> Result<NodeRef<'t>, Refusal> {
    object.get(key).filter(|node| !node.is_null()).ok_or_else(|| Refusal::missing(object, key))
}

pub(super) fn expect(node: NodeRef<'_>, kind: Kind) -> Result<(), Refusal> {
    if node.kind() == kind { Ok(()) } else { Err(Refusal::wrong_type(node, &format!("an {kind}"))) }
}

/// A name from the body, short enough for a message.
pub(super) fn short(name: &str) -> &str {
    &name[..name.floor_char_boundary(64)]
}
