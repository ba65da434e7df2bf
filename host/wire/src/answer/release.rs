//! Decided frames out.

use std::ops::Range;

use serde_json::json;

use super::calls::Fate;
use super::read::cost;
use super::visit::{Field, Form, Visitor, visit};
use super::{Answer, AnswerError, FieldsId};
use crate::json::{NodeRef, Splice, Tree, encoded, removals, splice};
use crate::sse::{self, Frame};

/// A frame that waits.
pub(super) struct Held {
    pub(super) frame: Frame,
    pub(super) pieces: Vec<Piece>,
    pub(super) fields: Option<FieldsId>,
    /// Holds fragments of tool calls.
    pub(super) calls: bool,
    /// Holds a `finish_reason` or an error object.
    pub(super) terminal: bool,
    /// Is `[DONE]`.
    pub(super) done: bool,
}

/// A string of a frame that is a part of a channel's text.
pub(super) struct Piece {
    pub(super) channel: usize,
    /// Absolute offsets in the channel.
    pub(super) start: u64,
    pub(super) end: u64,
    /// The JSON string in the frame's data.
    pub(super) raw: Range<usize>,
}

impl Answer {
    /// The bytes that may go to the client now, in the order of the wire. Frames are never split.
    pub fn take_output(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(held) = self.held.pop_front() {
            if !self.is_ready(&held) {
                self.held.push_front(held);
                break;
            }
            self.held_bytes = self.held_bytes.saturating_sub(cost(&held.frame));
            self.release(held, &mut out);
        }
        if self.held.is_empty() {
            // One large unary answer should not keep its queue's memory; a stream's is small.
            self.held.shrink_to(8);
        }
        out
    }

    fn is_ready(&self, held: &Held) -> bool {
        let waits_for_calls = held.calls || held.terminal || held.done;
        held.fields.is_none_or(|id| !self.fields.is_pending(id))
            && held.pieces.iter().all(|piece| self.channels[piece.channel].settled() >= piece.end)
            && (!waits_for_calls || self.calls.decided())
    }

    fn release(&mut self, held: Held, out: &mut Vec<u8>) {
        let mut splices = Vec::new();
        for piece in &held.pieces {
            let channel = &mut self.channels[piece.channel];
            if let Some(text) = channel.rewritten(piece.start, piece.end) {
                splices.push(Splice { at: held.frame.in_raw(piece.raw.clone()), with: encoded(&text) });
            }
            channel.leave(piece.end);
        }
        if held.done {
            self.done_sent = true;
            let reasons = self.calls.reasons();
            if !reasons.is_empty() && !self.told {
                // No frame with a finish reason came that could have carried it.
                self.told = true;
                out.extend(self.synthesized(json!([]), &json!({ "withheld": reasons })));
            }
        }
        if self.fields.edits_exist() || (self.calls.changed() && (held.calls || held.terminal)) {
            match self.changes(&held) {
                Ok(Some(more)) => splices.extend(more),
                // Dropped: nothing of it is left. It cannot fail, having been read before; if it did, nothing may pass.
                Ok(None) | Err(_) => return,
            }
        }
        if splices.is_empty() {
            out.extend_from_slice(held.frame.raw().as_bytes());
        } else if let Ok(bytes) = splice(held.frame.raw().as_bytes(), splices) {
            out.extend(bytes);
        }
    }

    /// What changes in a frame beside its channel text, as splices of its raw bytes; `None` if nothing is left of it.
    fn changes(&mut self, held: &Held) -> Result<Option<Vec<Splice>>, AnswerError> {
        let frame = &held.frame;
        let mut splices = Vec::new();
        for (name, value, range) in
            [("event", frame.event(), frame.event_range()), ("id", frame.id(), frame.id_range())]
        {
            let hash = self.fields.places.line(name, value.unwrap_or_default());
            if let (Some(at), Some(text)) = (range, self.fields.edited(hash)) {
                splices.push(Splice { at, with: text.replace(['\r', '\n'], " ") });
            }
        }
        let data = frame.data().filter(|_| !held.done);
        let Some(data) = data else {
            return Ok(Some(splices));
        };
        let tree = Tree::parse(data.as_bytes(), &self.limits.json)?;
        let mut inside = Vec::new();
        let mut cuts = Vec::new();
        if held.calls && self.calls.changed() {
            let Shrunk { empty, cuts: gone } = self.change_calls(&tree, &mut inside);
            if empty && self.form == Form::Stream && nothing_else(tree.root(), self.form) {
                return Ok(None);
            }
            cuts = gone;
        }
        if held.terminal {
            self.change_end(&tree, &mut inside);
        }
        if self.fields.edits_exist() {
            let mut editor = Editor { answer: self, splices: &mut inside };
            let places = editor.answer.fields.places.clone();
            visit(tree.root(), editor.answer.form, &places, &mut editor)?;
        }
        // What stands in something that goes does not change any more.
        inside.retain(|s| !cuts.iter().any(|cut| cut.start <= s.at.start && s.at.end <= cut.end));
        inside.extend(cuts.into_iter().map(Splice::cut));
        splices.extend(inside.into_iter().map(|s| Splice { at: frame.in_raw(s.at), with: s.with }));
        Ok(Some(splices))
    }

    /// Removes, renumbers and rewrites the tool calls of a frame.
    fn change_calls(&mut self, tree: &Tree<'_>, splices: &mut Vec<Splice>) -> Shrunk {
        let message = choice(tree.root()).and_then(|choice| choice.get(self.form.message()));
        let Some(array) = message.and_then(|message| message.get("tool_calls")) else {
            return Shrunk::default();
        };
        let (mut removed, mut kept) = (Vec::new(), 0_usize);
        for element in array.children() {
            let (fate, index) = self.calls.fate(element, self.form);
            if let Fate::Rewrite(text) = &fate
                && let Some(arguments) = element.get("function").and_then(|f| f.get("arguments"))
            {
                splices.push(Splice { at: arguments.raw(), with: encoded(text) });
            }
            let gone = matches!(fate, Fate::Remove);
            removed.push(gone);
            kept += usize::from(!gone);
            if let Some(node) =
                element.get("index").filter(|node| self.form == Form::Stream && node.as_u64() != Some(index))
            {
                splices.push(Splice { at: node.raw(), with: index.to_string() });
            }
        }
        match message {
            Some(message) if kept == 0 && !removed.is_empty() => {
                Shrunk { empty: true, cuts: removals(message, |member| member.key() == Some("tool_calls")) }
            }
            _ => Shrunk { empty: false, cuts: removals(array, |e| removed.get(e.position()) == Some(&true)) },
        }
    }

    /// Corrects the finish reason, and tells what was withheld.
    fn change_end(&mut self, tree: &Tree<'_>, splices: &mut Vec<Splice>) {
        let reason = choice(tree.root()).and_then(|choice| choice.get("finish_reason"));
        if let Some(reason) = reason.filter(|reason| reason.text() == Some("tool_calls"))
            && self.calls.all_withheld()
        {
            splices.push(Splice { at: reason.raw(), with: encoded("stop") });
        }
        let reasons = self.calls.reasons();
        if !reasons.is_empty() && !self.told {
            self.told = true;
            let brace = tree.root().raw().end - 1;
            let member = format!(",\"witgate\":{}", json!({ "withheld": reasons }));
            splices.push(Splice { at: brace..brace, with: member });
        }
    }

    /// A chunk of our own, with the stream's identity.
    pub(super) fn synthesized(&self, choices: serde_json::Value, witgate: &serde_json::Value) -> Vec<u8> {
        let (id, model, created) = self.known_identity();
        let chunk = json!({
            "id": id, "object": "chat.completion.chunk", "created": created, "model": model,
            "choices": choices, "witgate": witgate,
        });
        sse::frame(None, &chunk.to_string())
    }
}

#[derive(Default)]
struct Shrunk {
    /// No tool call is left in the frame.
    empty: bool,
    cuts: Vec<Range<usize>>,
}

fn choice(root: NodeRef<'_>) -> Option<NodeRef<'_>> {
    root.get("choices")?.children().next()
}

/// Whether a frame says nothing but that there were tool calls.
fn nothing_else(root: NodeRef<'_>, form: Form) -> bool {
    let idle = |node: NodeRef<'_>, known: &[&str]| {
        node.children().all(|member| member.is_null() || known.contains(&member.key().unwrap_or_default()))
    };
    let choice = choice(root);
    idle(root, &["id", "object", "created", "model", "system_fingerprint", "service_tier", "choices", "obfuscation"])
        && choice.is_none_or(|choice| {
            idle(choice, &["index", form.message()])
                && choice
                    .get(form.message())
                    .is_none_or(|m| m.children().all(|member| member.key() == Some("tool_calls")))
        })
}

/// Puts the new texts of edited fields in.
struct Editor<'a> {
    answer: &'a Answer,
    splices: &'a mut Vec<Splice>,
}

impl Visitor for Editor<'_> {
    fn field(&mut self, field: Field<'_>) -> Result<(), AnswerError> {
        if !field.is_key
            && let Some(text) = self.answer.fields.edited(field.hash)
        {
            self.splices.push(Splice { at: field.node.raw(), with: encoded(text) });
        }
        Ok(())
    }
}
