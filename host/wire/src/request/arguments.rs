//! The arguments of tool calls that a conversation holds.

use super::Refusal;
use super::texts::{Label, Texts, string};
use crate::document::Source;
use crate::document::nested::{Origins, unescaped};
use crate::json::{Kind, NodeRef, Tree};

impl Texts {
    /// Arguments that stand in the body as they are. Every key and value; numbers and booleans too, since amounts and
    /// switches decide what a call does.
    pub(crate) fn arguments(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        each(node, &mut |node, key| {
            let pointer = node.pointer();
            match key {
                Some((text, raw)) => self.push(label, pointer, text, Source::Key(raw)),
                None => self.push(label, pointer, node.text().unwrap_or(node.raw_str()), Source::Value(node.raw())),
            }
        })
    }

    /// Arguments, or a tool's answer, that stand in the body as the text of their JSON: read as [`Self::arguments`] reads them. What is not
    /// strict JSON (models do break off) is one text as it stands, and once more with its escapes resolved, since a value
    /// may be written in them.
    pub(crate) fn arguments_text(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        let text = string(node)?;
        let Ok(tree) = Tree::parse(text.as_bytes(), &self.json) else {
            self.push(label, node.pointer(), text, Source::Value(node.raw()))?;
            return match unescaped(text) {
                Some(reading) => self.push(label, inside(node, ""), &reading, Source::Reading(node.raw())),
                None => Ok(()),
            };
        };
        let mut origins = Origins::of(node);
        each(tree.root(), &mut |inner, key| {
            let pointer = inside(node, &inner.pointer());
            match key {
                Some((text, raw)) => self.push(label, pointer, text, Source::Key(origins.token(raw))),
                None => {
                    let source = Source::Nested(origins.token(inner.raw()));
                    self.push(label, pointer, inner.text().unwrap_or(inner.raw_str()), source)
                }
            }
        })
    }
}

/// A pointer inside the text of `node`.
fn inside(node: NodeRef<'_>, pointer: &str) -> String {
    let mut place = node.pointer();
    place.push('#');
    place.push_str(pointer);
    place
}

type Key<'t> = Option<(&'t str, std::ops::Range<usize>)>;

/// Every key and scalar below `node`, in the order written; `null` says nothing. The depth was bounded when the JSON was
/// read.
fn each<'t>(
    node: NodeRef<'t>,
    visit: &mut impl FnMut(NodeRef<'t>, Key<'t>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    match node.kind() {
        Kind::Null => Ok(()),
        Kind::Bool | Kind::Number | Kind::String => visit(node, None),
        Kind::Array | Kind::Object => node.children().try_for_each(|child| {
            if let Some(key) = child.key().zip(child.key_raw()) {
                visit(child, Some(key))?;
            }
            each(child, visit)
        }),
    }
}
