//! The arguments of tool calls that a conversation holds.

use super::Refusal;
use super::texts::{Label, Texts, string};
use crate::document::Source;
use crate::document::nested::{Origins, unescaped};
use crate::json::{Leaf, NodeRef, Tree, each_scalar};

impl Texts {
    /// Arguments that stand in the body as they are. Every key and value; numbers and booleans too, since amounts and
    /// switches decide what a call does.
    pub(crate) fn arguments(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        each_scalar(node, &mut |leaf| self.push(label, leaf.node().pointer(), leaf.text(), Source::of(leaf)))
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
        each_scalar(tree.root(), &mut |leaf| {
            let source = match leaf {
                Leaf::Key(member) => Source::Key(origins.token(member.key_raw().unwrap_or_default())),
                Leaf::Value(value) => Source::Nested(origins.token(value.raw())),
            };
            self.push(label, inside(node, &leaf.node().pointer()), leaf.text(), source)
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
