//! An answer on its way back: one state machine for every dialect, unary and streamed.
//!
//! Bytes of the upstream go in by [`Answer::feed`]; [`Answer::next_event`] tells what they mean; decisions come back by
//! [`Answer::settle`], [`Answer::settle_fields`] and [`Answer::resolve_call`]; [`Answer::take_output`] gives the bytes that
//! may go to the client.
//!
//! Inside there is one queue of frames (a unary answer is one frame). A frame leaves once all of its text is settled, all
//! of its fields are settled and all of its tool calls are decided, strictly in the order in which frames came, never in
//! parts. What no decision touches leaves in its original bytes.

mod abort;
mod calls;
mod channel;
mod dialects;
mod error;
mod event;
mod fields;
mod limits;
mod part;
mod queue;
mod read;
mod release;
mod rewrite;
mod sent;
pub(crate) mod shape;
mod tokens;

pub use error::AnswerError;
pub use event::{AbortStyle, CallId, CallOutcome, ChannelId, ChannelKind, Event, FieldsId, ToolCall};
pub use limits::AnswerLimits;

pub(crate) use abort::{Known, error_frame, error_of};
pub(crate) use release::{Changes, Leaving};
pub(crate) use sent::Sent;

use std::collections::{BTreeMap, VecDeque};

use abort::Identity;
use calls::Calls;
use channel::Channel;
use fields::Fields;
use part::Part;
use queue::Queue;
use release::Held;
use shape::{End, Form};

use crate::dialect::Dialect;
use crate::document::{EditError, Span, TextEdit};
use crate::sse::{self, Decoder, Frame};

/// The answer of one exchange. See the module.
pub struct Answer {
    dialect: Dialect,
    limits: AnswerLimits,
    form: Form,
    decoder: Decoder,
    /// A unary answer as far as it has come.
    body: Vec<u8>,
    events: Queue,
    channels: Vec<Channel>,
    /// In the order of their beginning; bounded by `max_items`.
    parts: Vec<Part>,
    fields: Fields,
    calls: Calls,
    /// Choices, output items or content blocks, and whether they are over.
    items: BTreeMap<u64, bool>,
    usage: (Option<u64>, Option<u64>),
    identity: Option<Identity>,
    held: VecDeque<Held>,
    held_bytes: usize,
    sent: Sent,
    /// Frames that were taken out.
    dropped: u64,
    /// Whose withheld calls the client was told of.
    told: Vec<End>,
    /// Something of an answer was seen.
    begun: bool,
    /// The model's answer is over.
    all_ended: bool,
    /// The upstream told of an error of its own.
    failed: bool,
    /// `[DONE]` was seen, or the upstream's end.
    done: bool,
    /// Nothing more is read: the upstream is at its end, or what it sent was refused.
    is_over: bool,
    aborted: bool,
    trailing: u64,
}

impl Answer {
    /// An answer that comes as `text/event-stream`.
    #[must_use]
    pub fn streamed(dialect: Dialect, limits: AnswerLimits) -> Self {
        Self::new(dialect, Form::Stream, limits)
    }

    /// An answer that comes as one JSON body.
    #[must_use]
    pub fn whole(dialect: Dialect, limits: AnswerLimits) -> Self {
        Self::new(dialect, Form::Whole, limits)
    }

    fn new(dialect: Dialect, form: Form, limits: AnswerLimits) -> Self {
        Self {
            dialect,
            decoder: Decoder::new(limits.max_frame),
            limits,
            form,
            body: Vec::new(),
            events: Queue::default(),
            channels: Vec::new(),
            parts: Vec::new(),
            fields: Fields::default(),
            calls: Calls::default(),
            items: BTreeMap::new(),
            usage: (None, None),
            identity: None,
            held: VecDeque::new(),
            held_bytes: 0,
            sent: Sent::default(),
            dropped: 0,
            told: Vec::new(),
            begun: false,
            all_ended: false,
            failed: false,
            done: false,
            is_over: false,
            aborted: false,
            trailing: 0,
        }
    }

    /// Takes bytes from the upstream, in any pieces: what is told and what goes out does not depend on where they end, but
    /// for how much of a text one event has: what came together is told together.
    ///
    /// # Errors
    /// [`AnswerError`] if they cannot be read in full, or a bound is reached. What was told before stays good and may
    /// be settled; then [`Self::abort`].
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), AnswerError> {
        if self.is_over {
            return Err(AnswerError::Over);
        }
        let read = match self.form {
            Form::Whole => self.feed_body(bytes),
            Form::Stream => self.feed_stream(bytes),
        };
        self.is_over = read.is_err();
        read
    }

    fn feed_body(&mut self, bytes: &[u8]) -> Result<(), AnswerError> {
        if bytes.len() > self.limits.max_body.saturating_sub(self.body.len()) {
            return Err(self.limits.body());
        }
        self.body.extend_from_slice(bytes);
        Ok(())
    }

    fn feed_stream(&mut self, mut bytes: &[u8]) -> Result<(), AnswerError> {
        while !self.done {
            let Some(frame) = self.decoder.take(&mut bytes)? else {
                break;
            };
            self.read(frame)?;
            if self.held_bytes > self.limits.max_held {
                return Err(self.limits.held());
            }
        }
        self.trailing = self.trailing.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// Tells that the upstream's body has ended.
    ///
    /// # Errors
    /// [`AnswerError`] if a unary body cannot be read, or a stream ended before it was complete.
    pub fn end(&mut self) -> Result<(), AnswerError> {
        if self.is_over {
            return Err(AnswerError::Over);
        }
        self.is_over = true;
        match self.form {
            Form::Whole => {
                let body = String::from_utf8(std::mem::take(&mut self.body));
                let body = body.map_err(|_| AnswerError::Protocol("the body is not UTF-8"))?;
                self.read(Frame::unframed(body))?;
                if !self.begun && !self.failed {
                    return Err(AnswerError::Protocol("it holds no answer"));
                }
            }
            Form::Stream if self.done => return Ok(()),
            Form::Stream => {
                let last = self.decoder.end().map_err(|error| match error {
                    sse::SseError::Truncated => AnswerError::Truncated,
                    error => error.into(),
                })?;
                if let Some(frame) = last {
                    self.read(frame)?;
                }
                let choices_ended = self.begun && self.items.values().all(|over| *over) && !self.items.is_empty();
                let ended = self.all_ended || (choices_ended && !dialects::opens_items(self.dialect));
                if !self.done && !ended && !self.failed {
                    return Err(AnswerError::Truncated);
                }
            }
        }
        if !self.done {
            self.over();
        }
        Ok(())
    }

    /// What is next to know, in the order of the wire.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop(&mut self.channels)
    }

    /// Decides on a text up to the absolute offset `upto`, in bytes of its decoded form: all before it may go out, with
    /// `edits` (absolute, too, and between the last `upto` and this one) applied. An `upto` inside a character counts as
    /// the start of that character.
    ///
    /// # Errors
    /// [`AnswerError`] if the offset moves back or passes what came, or if an edit does not hold; nothing is decided then.
    pub fn settle(&mut self, channel: ChannelId, upto: u64, edits: &[TextEdit]) -> Result<(), AnswerError> {
        self.refuse_aborted()?;
        self.channels.get_mut(channel.0 as usize).ok_or(EditError::NotPending)?.settle(upto, edits, &self.limits)
    }

    /// Whether the caller's own values may be put back into a text: it is for the client alone, and not signed.
    #[must_use]
    pub fn brings_back(&self, channel: ChannelId) -> bool {
        self.channels.get(channel.0 as usize).is_some_and(|channel| channel.brings_back)
    }

    /// Where the text of an [`Event::Fields`] that waits repeats the request, so that the caller's own values may be put
    /// back; in order.
    #[must_use]
    pub fn echoes(&self, id: FieldsId) -> Vec<Span> {
        self.fields.echoes(id)
    }

    /// Decides on an [`Event::Fields`]. Edits of values hold wherever the same value comes again at the same place.
    ///
    /// # Errors
    /// [`AnswerError`] if an edit does not hold, changes a key, or the id does not wait; nothing is decided then.
    pub fn settle_fields(&mut self, id: FieldsId, edits: &[TextEdit]) -> Result<(), AnswerError> {
        self.refuse_aborted()?;
        self.fields.settle(id, edits, &self.limits)
    }

    /// Rewrites the values of a call's arguments before it is judged: `with` is given each string as it is meant, those of
    /// JSON inside strings too, and answers what is to stand there. Answers the call as it is now; `None` if nothing
    /// changed, or what came of it could not be read. Edits of [`Self::resolve_call`] are of the rewritten call.
    ///
    /// # Errors
    /// [`AnswerError`] if the id does not wait.
    pub fn rewrite_call(
        &mut self,
        id: CallId,
        with: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<Option<ToolCall>, AnswerError> {
        self.refuse_aborted()?;
        self.calls.rewrite(id, &self.limits, with)
    }

    /// Decides on an [`Event::ToolCall`] or [`Event::UnreadableCall`]. Calls leave once all are decided, since their
    /// numbering depends on which of them do.
    ///
    /// # Errors
    /// [`AnswerError`] if an edit does not hold, the id does not wait, or an unreadable call is released.
    pub fn resolve_call(&mut self, id: CallId, outcome: CallOutcome) -> Result<(), AnswerError> {
        self.refuse_aborted()?;
        self.calls.resolve(id, outcome)
    }

    fn refuse_aborted(&self) -> Result<(), AnswerError> {
        if self.aborted { Err(AnswerError::Over) } else { Ok(()) }
    }

    /// A comment that clients skip, for while text is held back. May be sent whenever output may.
    #[must_use]
    pub fn keep_alive() -> Vec<u8> {
        sse::comment("keep-alive")
    }

    /// Bytes that came and have not left: they wait for decisions or for the rest of their frame. Each held frame counts
    /// for 256 bytes more than it has.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held_bytes.saturating_add(self.decoder.buffered()).saturating_add(self.body.len())
    }

    /// Lines of the stream that were dropped: comments, and fields that clients ignore.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.decoder.dropped_lines()
    }

    /// Bytes after `[DONE]`, which were dropped.
    #[must_use]
    pub fn trailing_bytes(&self) -> u64 {
        self.trailing
    }
}

#[cfg(test)]
mod tests;
