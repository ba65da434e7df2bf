//! Frames in, events out.

use super::fields::Draft;
use super::release::{Held, Piece};
use super::visit::{Field, Form, Visitor, visit};
use super::{Answer, AnswerError, Channel, ChannelId, ChannelKind, Event, Identity};
use crate::json::{Kind, NodeRef, Tree};
use crate::sse::Frame;

/// The most text of one event.
const PIECE: usize = 64 << 10;

impl Answer {
    /// Reads one frame, or the one body.
    pub(super) fn read(&mut self, frame: Frame) -> Result<(), AnswerError> {
        let first_event = self.events.len();
        let mut reader = Reader::new(self);
        reader.line("event", frame.event());
        reader.line("id", frame.id());
        let mut done = false;
        if let Some(data) = frame.data() {
            done = reader.answer.form == Form::Stream && data == "[DONE]";
            if !done {
                reader.json(&data)?;
            }
        }
        let Reader { draft, pieces, calls, finish, failed, .. } = reader;
        let terminal = finish.is_some() || failed;
        let fields = self.fields.tell(draft).map(|(id, text)| {
            self.events.insert(first_event, Event::Fields { id, text });
            id
        });
        if terminal && !self.ended() {
            self.complete(false);
            let reason = finish.clone().unwrap_or_else(|| "error".to_owned());
            self.events.push_back(Event::Finish { reason });
        }
        self.seen.finish |= finish.is_some();
        self.seen.failure |= failed;
        if done {
            self.seen.done = true;
            self.complete(true);
            self.events.push_back(Event::Done);
        }
        self.held_bytes = self.held_bytes.saturating_add(cost(&frame));
        self.held.push_back(Held { frame, pieces, fields, calls, terminal, done });
        Ok(())
    }

    /// No more of the model's text and no more fragments of calls come. What vendors add beside it may go on until
    /// `all` is over.
    pub(super) fn complete(&mut self, all: bool) {
        for (at, channel) in self.channels.iter_mut().enumerate() {
            if !channel.closed && (all || channel.kind != ChannelKind::Value) {
                channel.closed = true;
                self.events.push_back(Event::Close { channel: channel_id(at) });
            }
        }
        self.calls.complete(&self.limits, &mut self.events);
    }

    fn ended(&self) -> bool {
        self.seen.finish || self.seen.failure || self.seen.done
    }

    /// The channel of this kind and name, opened if it is new.
    fn channel(&mut self, kind: ChannelKind, name: Option<&str>) -> Result<usize, AnswerError> {
        let same = |channel: &Channel| channel.kind == kind && channel.name.as_deref() == name;
        if let Some(at) = self.channels.iter().position(same) {
            return Ok(at);
        }
        if self.channels.len() >= self.limits.max_channels {
            return Err(self.limits.channels());
        }
        let (at, name) = (self.channels.len(), name.map(str::to_owned));
        self.events.push_back(Event::Open { channel: channel_id(at), kind, name: name.clone() });
        self.channels.push(Channel::new(kind, name));
        Ok(at)
    }
}

/// What a held frame counts for: its bytes, and what is kept beside them however small it is.
pub(super) fn cost(frame: &Frame) -> usize {
    frame.raw().len().saturating_add(256)
}

fn channel_id(at: usize) -> ChannelId {
    ChannelId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// What one frame holds.
struct Reader<'a> {
    answer: &'a mut Answer,
    draft: Draft,
    pieces: Vec<Piece>,
    calls: bool,
    finish: Option<String>,
    failed: bool,
}

impl<'a> Reader<'a> {
    fn new(answer: &'a mut Answer) -> Self {
        Self { answer, draft: Draft::default(), pieces: Vec::new(), calls: false, finish: None, failed: false }
    }

    /// A field of the framing itself.
    fn line(&mut self, name: &str, value: Option<&str>) {
        if let Some(text) = value {
            let fields = &mut self.answer.fields;
            let hash = fields.places.line(name, text);
            fields.add(&mut self.draft, hash, text, false, &self.answer.limits);
        }
    }

    fn json(&mut self, data: &str) -> Result<(), AnswerError> {
        let tree = Tree::parse(data.as_bytes(), &self.answer.limits.json)?;
        let places = self.answer.fields.places.clone();
        visit(tree.root(), self.answer.form, &places, self)?;
        if self.answer.identity.is_none() && self.answer.form == Form::Stream {
            let mark = self.answer.fields.mark().saturating_add(1);
            self.answer.identity = Identity::of(tree.root(), &places, mark);
        }
        Ok(())
    }
}

impl Visitor for Reader<'_> {
    fn field(&mut self, field: Field<'_>) -> Result<(), AnswerError> {
        let Answer { fields, limits, .. } = &mut *self.answer;
        fields.add(&mut self.draft, field.hash, field.text, field.is_key, limits);
        Ok(())
    }

    fn text(&mut self, kind: ChannelKind, name: Option<&str>, node: NodeRef<'_>) -> Result<(), AnswerError> {
        let text = node.text().unwrap_or_default();
        if text.is_empty() {
            return Ok(());
        }
        if self.answer.ended() && kind != ChannelKind::Value {
            return Err(AnswerError::Protocol("text goes on after its end"));
        }
        let at = self.answer.channel(kind, name)?;
        let (start, end) = self.answer.channels[at].push(text);
        self.pieces.push(Piece { channel: at, start, end, raw: node.raw() });
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(rest.floor_char_boundary(PIECE));
            self.answer.events.push_back(Event::Text { channel: channel_id(at), text: piece.to_owned() });
            rest = more;
        }
        Ok(())
    }

    fn call(&mut self, element: NodeRef<'_>) -> Result<(), AnswerError> {
        if self.answer.ended() {
            return Err(AnswerError::Protocol("a tool call goes on after its end"));
        }
        self.calls = true;
        let Answer { calls, form, limits, .. } = &mut *self.answer;
        calls.fragment(element, *form, limits)
    }

    fn finish(&mut self, reason: &str) -> Result<(), AnswerError> {
        self.finish = Some(reason.to_owned());
        Ok(())
    }

    fn usage(&mut self, usage: NodeRef<'_>) {
        let count = |key| usage.get(key).and_then(NodeRef::as_u64);
        if usage.kind() == Kind::Object
            && let (Some(prompt_tokens), Some(completion_tokens)) = (count("prompt_tokens"), count("completion_tokens"))
        {
            self.answer.events.push_back(Event::Usage { prompt_tokens, completion_tokens });
        }
    }

    fn failure(&mut self) {
        self.failed = true;
    }

    fn choice(&mut self) {
        self.answer.seen.choice = true;
    }
}
