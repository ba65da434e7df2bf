//! Decided frames out.

use std::ops::Range;

use serde_json::{Value, json};

use super::calls::{Arguments, Calls};
use super::dialects;
use super::part::Place;
use super::read::cost;
use super::shape::{End, Field, Form, Mark, Visitor};
use super::{Answer, AnswerError, FieldsId};
use crate::document::edited;
use crate::json::{Splice, Tree, encoded, splice};
use crate::sse::Frame;

/// A frame that waits.
pub(super) struct Held {
    pub(super) frame: Frame,
    pub(super) pieces: Vec<Piece>,
    pub(super) arguments: Vec<Arguments>,
    pub(super) repeats: Vec<Repeat>,
    pub(super) fields: Option<FieldsId>,
    /// What the frame is about, where frames are about one item each.
    pub(super) item: Option<u64>,
    /// What is over with it.
    pub(super) ends: Vec<End>,
    /// Whose calls it holds parts of.
    pub(super) waits: Vec<End>,
    pub(super) mark: Mark,
    /// Is `[DONE]`.
    pub(super) done: bool,
}

/// A string of a frame that is a part of a channel's text, or a copy of the whole.
pub(super) struct Piece {
    pub(super) part: usize,
    pub(super) places: Vec<Place>,
    /// The JSON string in the frame's data.
    pub(super) raw: Range<usize>,
}

/// A value that repeats pieces of the same frame in another form. It goes when one of them is changed.
pub(super) struct Repeat {
    pub(super) of: Vec<Place>,
    pub(super) raw: Range<usize>,
}

/// What a dialect changes in a frame because of what was withheld.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) splices: Vec<Splice>,
    /// Ranges that go or are replaced with all that stands in them.
    pub(crate) whole: Vec<Splice>,
    /// Nothing of the frame is left.
    pub(crate) gone: bool,
}

/// What is known when a frame leaves.
pub(crate) struct Leaving<'a> {
    pub(crate) form: Form,
    pub(crate) calls: &'a Calls,
    /// What is over with this frame.
    pub(crate) ends: &'a [End],
    pub(crate) item: Option<u64>,
    /// Holds parts of calls.
    pub(crate) has_calls: bool,
    /// Frames that were dropped before it.
    pub(crate) dropped: u64,
}

impl Leaving<'_> {
    /// Whether this frame ends an item.
    pub(crate) fn is_end_of(&self, item: u64) -> bool {
        covers(self.ends, item)
    }
}

fn covers(ends: &[End], item: u64) -> bool {
    ends.iter().any(|end| end.covers(item))
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
        held.fields.is_none_or(|id| !self.fields.is_pending(id))
            && held
                .pieces
                .iter()
                .flat_map(|piece| &piece.places)
                .all(|place| self.channels[place.channel].settled() >= place.end)
            && (held.waits.is_empty() || self.calls.decided(|item| covers(&held.waits, item)))
            && (held.ends.is_empty() || self.calls.decided(|item| covers(&held.ends, item)))
            && (!held.done || self.calls.decided(|_| true))
    }

    fn release(&mut self, held: Held, out: &mut Vec<u8>) {
        let (splices, whole) = self.texts(&held);
        if held.item.is_some_and(|item| self.calls.is_withheld(item, 0)) {
            self.dropped += 1;
            return;
        }
        let reasons = self.untold(&held);
        let mut changes = Changes { splices, whole, gone: false };
        let changing = self.fields.edits_exist() || self.calls.any_withheld();
        if changing && self.changes(&held, &reasons, &mut changes).is_err() {
            // It cannot fail, having been read before; if it did, nothing may pass.
            return;
        }
        if changes.gone {
            self.dropped += 1;
            return;
        }
        if held.done && !reasons.is_empty() {
            // No frame that could have carried it came.
            out.extend(self.telling(&json!({ "withheld": reasons })));
        }
        self.sent.note(&held, self.calls_before(&held));
        let mut splices = changes.splices;
        // What stands in something that goes does not change any more.
        splices.retain(|s| !changes.whole.iter().any(|cut| cut.at.start <= s.at.start && s.at.end <= cut.at.end));
        splices.extend(changes.whole);
        let splices: Vec<Splice> =
            splices.into_iter().map(|s| Splice { at: held.frame.in_raw(s.at), with: s.with }).collect();
        let lines = self.lines(&held);
        let bytes = match splices.is_empty() && lines.is_empty() {
            true => held.frame.into_raw().into_bytes(),
            // Read before, so that it cannot fail; if it did, nothing would pass.
            false => {
                splice(held.frame.raw().as_bytes(), splices.into_iter().chain(lines).collect()).unwrap_or_default()
            }
        };
        // A unary answer is one frame, and can be large: it is moved.
        if out.is_empty() {
            *out = bytes;
        } else {
            out.extend_from_slice(&bytes);
        }
    }

    /// What channels and calls change in a frame, as splices of its data.
    fn texts(&mut self, held: &Held) -> (Vec<Splice>, Vec<Splice>) {
        let (mut splices, mut whole) = (Vec::new(), Vec::new());
        for repeat in &held.repeats {
            let changed =
                |place: &Place| self.channels[place.channel].edits_of(place.start, place.end).next().is_some();
            if repeat.of.iter().any(changed) {
                whole.push(Splice { at: repeat.raw.clone(), with: "null".to_owned() });
            }
        }
        for piece in &held.pieces {
            let edits = piece.places.iter().enumerate().flat_map(|(of, place)| {
                let edits = self.channels[place.channel].edits_of(place.start, place.end);
                edits.map(move |(at, text)| (at, text, of))
            });
            let edits: Vec<_> = edits.collect();
            if !edits.is_empty()
                && let Some(text) = said(&held.frame, &piece.raw)
            {
                splices.push(Splice { at: piece.raw.clone(), with: encoded(&edited(&text, edits)) });
            }
        }
        for place in held.pieces.iter().flat_map(|piece| &piece.places) {
            self.channels[place.channel].leave(place.end);
        }
        for place in &held.arguments {
            if let Some(with) = self.calls.rewritten(place) {
                splices.push(Splice { at: place.raw.clone(), with });
            }
        }
        (splices, whole)
    }

    /// Why calls were withheld that this frame is the one to tell of.
    fn untold(&mut self, held: &Held) -> Vec<Value> {
        let over = |item| held.done || covers(&held.ends, item);
        let reasons = self.calls.reasons(|item| over(item) && !covers(&self.told, item));
        if !reasons.is_empty() {
            self.told.extend(if held.done { vec![End::All] } else { held.ends.clone() });
        }
        reasons
    }

    /// What changes in a frame beside its texts.
    fn changes(&mut self, held: &Held, reasons: &[Value], changes: &mut Changes) -> Result<(), AnswerError> {
        let Some(data) = held.frame.data().filter(|_| !held.done) else {
            return Ok(());
        };
        let tree = Tree::parse(data.as_bytes(), &self.limits.json)?;
        if self.calls.any_withheld() {
            let leaving = Leaving {
                form: self.form,
                calls: &self.calls,
                ends: &held.ends,
                item: held.item,
                has_calls: !held.waits.is_empty(),
                dropped: self.dropped,
            };
            dialects::change(self.dialect, tree.root(), &leaving, changes);
            if !reasons.is_empty() {
                let brace = tree.root().raw().end - 1;
                let member = format!(",\"witgate\":{}", json!({ "withheld": reasons }));
                changes.splices.push(Splice { at: brace..brace, with: member });
            }
        }
        if self.fields.edits_exist() {
            let mut editor = Editor { answer: self, splices: &mut changes.splices };
            let places = editor.answer.fields.places.clone();
            dialects::visit(editor.answer.dialect, tree.root(), editor.answer.form, &places, &mut editor)?;
        }
        Ok(())
    }

    /// New values of the framing's own fields.
    fn lines(&self, held: &Held) -> Vec<Splice> {
        let frame = &held.frame;
        let lines = [("event", frame.event(), frame.event_range()), ("id", frame.id(), frame.id_range())];
        let edited = |(name, value, at): (&str, Option<&str>, Option<Range<usize>>)| {
            let text = self.fields.edited(self.fields.places.line(name, value?))?;
            Some(Splice { at: at?, with: text.replace(['\r', '\n'], " ") })
        };
        if !self.fields.edits_exist() { Vec::new() } else { lines.into_iter().filter_map(edited).collect() }
    }

    fn calls_before(&self, held: &Held) -> u64 {
        held.item.map_or(0, |item| self.calls.items_before(item))
    }
}

/// The text of a JSON string of a frame.
fn said(frame: &Frame, raw: &Range<usize>) -> Option<String> {
    serde_json::from_str(frame.data()?.get(raw.clone())?).ok()
}

/// Puts the new texts of edited fields in.
struct Editor<'a> {
    answer: &'a Answer,
    splices: &'a mut Vec<Splice>,
}

impl Visitor for Editor<'_> {
    fn field(&mut self, field: Field<'_>) -> Result<(), AnswerError> {
        if !field.fixed
            && let Some(text) = self.answer.fields.edited(field.hash)
        {
            self.splices.push(Splice { at: field.node.raw(), with: encoded(text) });
        }
        Ok(())
    }
}
