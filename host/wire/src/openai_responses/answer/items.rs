//! Output items and their parts.

use super::Responses;
use crate::answer::shape::{CallPart, Done, Slot, Visitor, Walk, Written, string_of};
use crate::answer::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};

/// Where in the life of an item it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// At its beginning.
    Begun,
    /// At its end, and after it.
    Again,
    /// Once, in a unary answer.
    Whole,
}

impl<V: Visitor> Walk<'_, V, Responses> {
    pub(super) fn output(&mut self, item: u64, node: NodeRef<'_>, place: u64, phase: Phase) -> Done {
        match node.get("type").and_then(NodeRef::text) {
            Some("message") => self.members(node, place, |walk, key, member| {
                Ok(match key {
                    "type" => true,
                    "role" => member.text() == Some("assistant"),
                    "content" => walk.parts(item, member, walk.places.member(place, key), phase)?,
                    _ => false,
                })
            }),
            Some("reasoning") => self.members(node, place, |walk, key, member| {
                Ok(match key {
                    "type" => true,
                    "content" | "summary" => walk.parts(item, member, walk.places.member(place, key), phase)?,
                    "encrypted_content" if member.text().is_some_and(|text| !text.is_empty()) => {
                        walk.visitor.encrypted("output.encrypted_content")?;
                        true
                    }
                    _ => false,
                })
            }),
            Some("function_call") => self.call(item, node, place, (Written::Text, "arguments"), phase),
            Some("custom_tool_call") => self.call(item, node, place, (Written::Free, "input"), phase),
            _ => Err(AnswerError::Unsupported("an output item of another type than message, reasoning or a tool call")),
        }
    }

    fn call(
        &mut self,
        item: u64,
        node: NodeRef<'_>,
        place: u64,
        (written, arguments): (Written, &str),
        phase: Phase,
    ) -> Done {
        let body = string_of(node, arguments)?;
        self.visitor.call(CallPart {
            item,
            index: 0,
            id: string_of(node, "call_id")?.and_then(NodeRef::text),
            name: string_of(node, "name")?.and_then(NodeRef::text),
            // A stream begins with an empty one, and its pieces follow.
            arguments: body.filter(|body| phase != Phase::Begun || body.text() != Some("")),
            written,
            copy: phase == Phase::Again,
        })?;
        self.members(node, place, |_, key, _| Ok(matches!(key, "type" | "call_id" | "name") || key == arguments))
    }

    fn parts(&mut self, item: u64, parts: NodeRef<'_>, place: u64, phase: Phase) -> Result<bool, AnswerError> {
        if parts.kind() != Kind::Array {
            return Ok(parts.is_null());
        }
        for part in parts.children() {
            let at = part.position();
            self.part((item, at as u64), part, self.places.element(place, at), phase)?;
        }
        Ok(true)
    }

    pub(super) fn part(&mut self, (item, at): (u64, u64), part: NodeRef<'_>, place: u64, phase: Phase) -> Done {
        let named = |kind, name| Slot { name, ..Slot::new(item, at, kind) };
        let (slot, text) = match part.get("type").and_then(NodeRef::text) {
            Some("output_text") => (named(ChannelKind::Content, None), "text"),
            Some("refusal") => (named(ChannelKind::Refusal, None), "refusal"),
            Some("reasoning_text") => (named(ChannelKind::Reasoning, Some("text")), "text"),
            Some("summary_text") => (named(ChannelKind::Reasoning, Some("summary")), "text"),
            _ => return Err(AnswerError::Unsupported("a content part of another type than text or refusal")),
        };
        let node = part.get(text).filter(|node| node.text().is_some());
        let node = node.ok_or(AnswerError::Protocol("a content part lacks its text"))?;
        match phase {
            Phase::Begun | Phase::Whole => self.visitor.text(slot, node)?,
            Phase::Again => self.visitor.copy(slot, node)?,
        }
        self.logprobs(slot, node, part)?;
        self.members(part, place, |_, key, _| Ok(matches!(key, "type" | "logprobs") || key == text))
    }
}
