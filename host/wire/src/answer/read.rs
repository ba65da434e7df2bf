//! Frames in, events out.

use super::calls::Arguments;
use super::dialects;
use super::fields::Draft;
use super::part::{Part, Place};
use super::queue::id as channel_id;
use super::release::{Held, Piece, Repeat};
use super::shape::{CallPart, End, Field, Form, Mark, Slot, Visitor};
use super::{Answer, AnswerError, Channel, ChannelKind, Event, Identity};
use crate::json::{NodeRef, Tree};
use crate::sse::Frame;

impl Answer {
    /// Reads one frame, or the one body.
    pub(super) fn read(&mut self, frame: Frame) -> Result<(), AnswerError> {
        let first_event = self.events.len();
        let mut reader = Reader::new(self);
        let mut done = false;
        if let Some(data) = frame.data() {
            done = reader.answer.form == Form::Stream && data == "[DONE]";
            if !done {
                reader.json(&data, &frame)?;
            }
        }
        if done || frame.data().is_none() {
            reader.line("event", frame.event());
        }
        if frame.event().is_some_and(|name| !is_word(name)) {
            return Err(AnswerError::Protocol("the name of an event is not a plain word"));
        }
        reader.line("id", frame.id());
        let Reader { draft, pieces, arguments, repeats, item, mut ends, waits, finishes, failed, mark, .. } = reader;
        let fields = self.fields.tell(draft).map(|(id, text)| {
            self.events.insert(first_event, Event::Fields { id, text });
            id
        });
        if failed {
            ends.push(End::All);
        }
        let reasons =
            if failed && finishes.is_empty() && !self.all_ended { vec!["error".to_owned()] } else { finishes };
        ends.iter().for_each(|end| self.ended(*end));
        self.events.extend(reasons.into_iter().map(|reason| Event::Finish { reason }));
        self.failed |= failed;
        if done || mark == Mark::Over {
            self.over();
        }
        self.held_bytes = self.held_bytes.saturating_add(cost(&frame));
        self.held.push_back(Held {
            frame,
            pieces,
            arguments,
            repeats,
            fields,
            item,
            ends,
            waits,
            mark: if done { Mark::Over } else { mark },
            done,
        });
        Ok(())
    }

    /// Nothing comes any more, of whatever kind.
    pub(super) fn over(&mut self) {
        self.done = true;
        self.ended(End::All);
        for (at, channel) in self.channels.iter_mut().enumerate().filter(|(_, channel)| !channel.closed) {
            channel.closed = true;
            self.events.push(Event::Close { channel: channel_id(at) });
        }
        self.events.push(Event::Done);
    }

    /// No more of the model's text and no more fragments of calls come. What vendors add beside it may go on until
    /// all is over.
    fn ended(&mut self, end: End) {
        match end {
            End::All => self.all_ended = true,
            End::Item(item) => drop(self.items.insert(item, true)),
        }
        self.end_parts(end);
        for (at, channel) in self.channels.iter_mut().enumerate() {
            let here = channel.item.map_or(end == End::All, |item| end.covers(item));
            if here && !channel.closed && channel.kind != ChannelKind::Value {
                channel.closed = true;
                self.events.push(Event::Close { channel: channel_id(at) });
            }
        }
        self.calls.complete(end, &self.limits, &mut self.events);
    }

    fn end_parts(&mut self, end: End) {
        self.parts.iter_mut().filter(|part| end.covers(part.item)).for_each(|part| part.ended = true);
    }

    /// Whether copies of texts may come, which get the same edits.
    fn awaits_copies(&self) -> bool {
        dialects::has_copies(self.dialect) && self.form == Form::Stream
    }

    fn has_ended(&self, item: u64) -> bool {
        self.all_ended || self.items.get(&item).copied().unwrap_or_default()
    }
}

/// What a held frame counts for: its bytes, and what is kept beside them however small it is.
pub(super) fn cost(frame: &Frame) -> usize {
    frame.raw().len().saturating_add(256)
}

/// The names of events are words. Anything else is no event of any API, but text in a place that nobody looks at.
fn is_word(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/".contains(&b))
}

/// What one frame holds.
struct Reader<'a> {
    answer: &'a mut Answer,
    draft: Draft,
    pieces: Vec<Piece>,
    arguments: Vec<Arguments>,
    repeats: Vec<Repeat>,
    item: Option<u64>,
    ends: Vec<End>,
    waits: Vec<End>,
    finishes: Vec<String>,
    failed: bool,
    unknown: bool,
    mark: Mark,
}

impl<'a> Reader<'a> {
    fn new(answer: &'a mut Answer) -> Self {
        Self {
            answer,
            draft: Draft::default(),
            pieces: Vec::new(),
            arguments: Vec::new(),
            repeats: Vec::new(),
            item: None,
            ends: Vec::new(),
            waits: Vec::new(),
            finishes: Vec::new(),
            failed: false,
            unknown: false,
            mark: Mark::None,
        }
    }

    /// A field of the framing itself.
    fn line(&mut self, name: &str, value: Option<&str>) {
        if let Some(text) = value {
            let fields = &mut self.answer.fields;
            let hash = fields.places.line(name, text);
            fields.add(&mut self.draft, (hash, text), (false, false), &self.answer.limits);
        }
    }

    fn json(&mut self, data: &str, frame: &Frame) -> Result<(), AnswerError> {
        let tree = Tree::parse(data.as_bytes(), &self.answer.limits.json)?;
        let places = self.answer.fields.places.clone();
        let (dialect, form) = (self.answer.dialect, self.answer.form);
        dialects::visit(dialect, tree.root(), form, &places, self)?;
        // An event's name is its type, which was compared with a closed list.
        if self.unknown || frame.event() != tree.root().get("type").and_then(NodeRef::text) {
            self.line("event", frame.event());
        }
        if self.answer.identity.is_none() && form == Form::Stream {
            let mark = self.answer.fields.mark().saturating_add(1);
            self.answer.identity = Identity::of(dialect, tree.root(), &places, mark);
        }
        Ok(())
    }

    /// The part of this slot that still goes on; begun if there is none.
    fn part(&mut self, slot: &Slot<'_>) -> Result<usize, AnswerError> {
        match self.answer.parts.iter().rposition(|part| part.is(slot) && !part.ended) {
            Some(at) => Ok(at),
            None => self.begin(slot, true),
        }
    }

    fn begin(&mut self, slot: &Slot<'_>, joins: bool) -> Result<usize, AnswerError> {
        let answer = &mut *self.answer;
        let bound = answer.limits.max_items.max(answer.limits.max_channels);
        let alike = answer.parts.iter().filter(|part| part.alternative == slot.alternative).count();
        if alike >= answer.limits.texts(bound, slot.alternative) {
            return Err(answer.limits.items());
        }
        // Clients put the texts of several blocks together: a value may begin in one and end in the next.
        let joined = joins && dialects::joins_texts(answer.dialect) && slot.kind == ChannelKind::Content;
        let before = answer.parts.iter().rev().find(|part| part.kind == ChannelKind::Content && part.ended);
        let before = before.and_then(|part| part.places.first()).map(|place| place.channel);
        let before = before.filter(|at| joined && !answer.channels[*at].closed);
        let on = |part: &Part, at: usize| part.places.iter().any(|place| place.channel == at);
        let free = |at: &usize| answer.parts.iter().all(|part| !on(part, *at) || part.ended);
        let channels = match before.filter(free) {
            // And by itself, since a value that stands at its beginning is not to hide behind the end of another text.
            Some(at) => vec![at, self.open(slot, false)?],
            None => vec![self.open(slot, joined)?],
        };
        let answer = &mut *self.answer;
        let place = |at: usize| {
            let end = answer.channels[at].end();
            Place { channel: at, start: end, end }
        };
        let places = channels.into_iter().map(place).collect();
        let so_far = answer.awaits_copies().then(|| answer.fields.places.hasher());
        answer.parts.push(Part::new(slot, places, so_far));
        Ok(answer.parts.len() - 1)
    }

    fn open(&mut self, slot: &Slot<'_>, joined: bool) -> Result<usize, AnswerError> {
        let answer = &mut *self.answer;
        // Those that are over ask nothing of anybody; parts are bounded, too.
        let alike = |channel: &&Channel| !channel.closed && channel.alternative == slot.alternative;
        let bound = answer.limits.texts(answer.limits.max_channels, slot.alternative);
        if answer.channels.iter().filter(alike).count() >= bound {
            return Err(answer.limits.channels(slot.alternative));
        }
        let at = answer.channels.len();
        let name = slot.name.map(str::to_owned);
        answer.events.push(Event::Open { channel: channel_id(at), kind: slot.kind, name });
        let brings_back = !slot.fixed && (slot.kind != ChannelKind::Value || slot.echo);
        let item = (!joined).then_some(slot.item);
        let mut channel = Channel::new(slot.kind, item, slot.fixed, answer.awaits_copies());
        channel.brings_back = brings_back;
        channel.alternative = slot.alternative;
        answer.channels.push(channel);
        Ok(at)
    }

    fn push(&mut self, part: usize, node: NodeRef<'_>) {
        let text = node.text().unwrap_or_default();
        let channels: Vec<usize> = self.answer.parts[part].places.iter().map(|place| place.channel).collect();
        self.answer.parts[part].push(text);
        let mut places = Vec::with_capacity(channels.len());
        for channel in channels {
            let (start, end) = self.answer.channels[channel].push(text);
            places.push(Place { channel, start, end });
            self.answer.events.text(channel, start, text);
        }
        self.pieces.push(Piece { part, places, raw: node.raw() });
    }
}

impl Visitor for Reader<'_> {
    fn field(&mut self, field: Field<'_>) -> Result<(), AnswerError> {
        let Answer { fields, limits, .. } = &mut *self.answer;
        fields.add(&mut self.draft, (field.hash, field.text), (field.fixed, field.echo), limits);
        Ok(())
    }

    fn text(&mut self, slot: Slot<'_>, node: NodeRef<'_>) -> Result<(), AnswerError> {
        if node.text().unwrap_or_default().is_empty() {
            return Ok(());
        }
        if self.answer.has_ended(slot.item) && slot.kind != ChannelKind::Value {
            return Err(AnswerError::Protocol("text goes on after its end"));
        }
        let part = self.part(&slot)?;
        if self.answer.parts[part].places.iter().any(|place| self.answer.channels[place.channel].closed) {
            return Err(AnswerError::Protocol("text goes on after its end"));
        }
        self.push(part, node);
        Ok(())
    }

    fn copy(&mut self, slot: Slot<'_>, node: NodeRef<'_>) -> Result<(), AnswerError> {
        let text = node.text().unwrap_or_default();
        if text.is_empty() {
            return Ok(());
        }
        let places = &self.answer.fields.places;
        let part = match self.answer.parts.iter().rposition(|part| part.is(&slot) && part.is_copy(text, places)) {
            Some(at) => {
                let places = self.answer.parts[at].places.clone();
                self.pieces.push(Piece { part: at, places, raw: node.raw() });
                at
            }
            // It was not streamed, or says something else: a text of its own.
            None => {
                let mut first = true;
                for part in self.answer.parts.iter_mut().filter(|part| part.is(&slot)) {
                    part.ended = true;
                    first = false;
                }
                let at = self.begin(&slot, first)?;
                self.push(at, node);
                at
            }
        };
        self.answer.parts[part].ended = true;
        for at in self.answer.parts[part].places.iter().map(|place| place.channel) {
            let channel = &mut self.answer.channels[at];
            // What is joined goes on with the next part.
            if channel.item.is_some() && !std::mem::replace(&mut channel.closed, true) {
                self.answer.events.push(Event::Close { channel: channel_id(at) });
            }
        }
        Ok(())
    }

    fn repeats(&mut self, slot: Slot<'_>, node: NodeRef<'_>) -> Result<(), AnswerError> {
        let here = |piece: &&Piece| self.answer.parts[piece.part].is(&slot);
        let repeats = self.pieces.iter().filter(here).flat_map(|piece| piece.places.clone()).collect();
        self.repeats.push(Repeat { of: repeats, raw: node.raw() });
        Ok(())
    }

    fn encrypted(&mut self, what: &'static str) -> Result<(), AnswerError> {
        if self.answer.limits.encrypted_reasoning { Ok(()) } else { Err(AnswerError::Unsupported(what)) }
    }

    fn call(&mut self, part: CallPart<'_>) -> Result<(), AnswerError> {
        if self.answer.has_ended(part.item) && !part.copy {
            return Err(AnswerError::Protocol("a tool call goes on after its end"));
        }
        if !self.waits.contains(&End::Item(part.item)) {
            self.waits.push(End::Item(part.item));
        }
        let Answer { calls, limits, .. } = &mut *self.answer;
        self.arguments.extend(calls.part(&part, limits)?);
        Ok(())
    }

    fn item(&mut self, item: u64, opens: bool) -> Result<(), AnswerError> {
        let answer = &mut *self.answer;
        let explicit = dialects::opens_items(answer.dialect);
        let last = answer.items.last_key_value().map(|(last, _)| *last);
        match answer.items.contains_key(&item) {
            true if opens => return Err(AnswerError::Protocol("an item or block begins twice")),
            false if explicit && !opens => return Err(AnswerError::Protocol("a part of what has not begun")),
            false if explicit && last.is_some_and(|last| item < last) => {
                return Err(AnswerError::Protocol("items or blocks begin out of order"));
            }
            false if answer.items.len() >= answer.limits.max_items => return Err(answer.limits.items()),
            false => drop(answer.items.insert(item, false)),
            true => {}
        }
        answer.begun = true;
        if explicit && answer.form == Form::Stream {
            self.item = Some(item);
        }
        Ok(())
    }

    fn end(&mut self, end: End) -> Result<(), AnswerError> {
        // What begins later in the same frame may go on where this ended.
        if matches!(end, End::Item(_)) {
            self.answer.end_parts(end);
        }
        self.ends.push(end);
        Ok(())
    }

    fn unknown_event(&mut self) {
        self.unknown = true;
    }

    fn finish(&mut self, reason: &str) {
        self.finishes.push(reason.to_owned());
    }

    fn usage(&mut self, read: Option<u64>, written: Option<u64>) {
        let (known_read, known_written) = self.answer.usage;
        let usage = (read.or(known_read), written.or(known_written));
        self.answer.usage = usage;
        if let (Some(prompt_tokens), Some(completion_tokens)) = usage {
            self.answer.events.push(Event::Usage { prompt_tokens, completion_tokens });
        }
    }

    fn failure(&mut self) {
        self.failed = true;
    }

    fn mark(&mut self, mark: Mark) {
        self.answer.begun |= mark == Mark::Start;
        self.mark = mark;
    }
}
