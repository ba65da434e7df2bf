//! The arguments of tool calls that a conversation holds.

use std::borrow::Cow;

use super::Refusal;
use super::texts::{Label, Texts, string};
use crate::document::Source;
use crate::document::nested::{Origins, unescaped};
use crate::json::{Leaf, NodeRef, Tree, each_scalar};

/// How often a text is read once more. Each reading needs half as many backslashes as the one before.
const READINGS: usize = 4;

impl Texts {
    /// Arguments that stand in the body as they are. Every key and value; numbers and booleans too, since amounts and
    /// switches decide what a call does.
    pub(crate) fn arguments(&mut self, node: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        each_scalar(node, &mut |leaf| {
            let pointer = leaf.node().pointer();
            self.push(label, pointer.clone(), leaf.text(), Source::of(leaf))?;
            self.readings(label, &pointer, leaf.text(), leaf.node())
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
        each_scalar(tree.root(), &mut |leaf| {
            let source = match leaf {
                Leaf::Key(member) => Source::Key(origins.token(member.key_raw().unwrap_or_default())),
                Leaf::Value(value) => Source::Nested(origins.token(value.raw())),
            };
            let pointer = inside(node, &leaf.node().pointer());
            self.push(label, pointer.clone(), leaf.text(), source)?;
            self.readings(label, &pointer, leaf.text(), node)
        })
    }

    /// What a text says to whoever reads it as JSON once more, where that is not what it says as it stands: tools are given
    /// JSON in strings of JSON, in which a value may be written in escapes.
    fn readings(&mut self, label: Label<'_>, pointer: &str, text: &str, node: NodeRef<'_>) -> Result<(), Refusal> {
        let mut text = Cow::Borrowed(text);
        for _ in 0..READINGS {
            let Some(reading) = unescaped(&text).filter(|_| text.contains("\\u")) else { break };
            self.push(label, pointer.to_owned(), &reading, Source::Reading(node.raw()))?;
            text = Cow::Owned(reading);
        }
        Ok(())
    }
}

/// A pointer inside the text of `node`.
fn inside(node: NodeRef<'_>, pointer: &str) -> String {
    let mut place = node.pointer();
    place.push('#');
    place.push_str(pointer);
    place
}
