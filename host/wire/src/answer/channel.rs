//! One text that comes piece by piece, as far as it has not left yet.

use std::collections::VecDeque;

use super::{AnswerError, AnswerLimits, ChannelKind};
use crate::document::{EditError, TextEdit, check_edits};

/// Released text is cut off in steps of at least this size, and of at least half of what is kept, so that cutting costs
/// a constant time a byte.
const CUT: usize = 4096;

pub(super) struct Channel {
    /// With which it ends; `None` where it ends with the answer.
    pub(super) item: Option<u64>,
    pub(super) kind: ChannelKind,
    fixed: bool,
    pub(super) closed: bool,
    /// Text from `base` on; its first `gone` bytes have left.
    tail: String,
    gone: usize,
    base: u64,
    settled: u64,
    /// In order. Those that what has left has passed are kept only where copies may come.
    edits: VecDeque<TextEdit>,
    copies: bool,
}

impl Channel {
    pub(super) fn new(kind: ChannelKind, item: Option<u64>, fixed: bool, copies: bool) -> Self {
        Self {
            item,
            kind,
            fixed,
            closed: false,
            tail: String::new(),
            gone: 0,
            base: 0,
            settled: 0,
            edits: VecDeque::new(),
            copies,
        }
    }

    /// Appends `text`; answers its absolute offsets.
    pub(super) fn push(&mut self, text: &str) -> (u64, u64) {
        let start = self.end();
        self.tail.push_str(text);
        (start, self.end())
    }

    pub(super) fn end(&self) -> u64 {
        self.base + self.tail.len() as u64
    }

    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    pub(super) fn settle(&mut self, upto: u64, edits: &[TextEdit], limits: &AnswerLimits) -> Result<(), AnswerError> {
        if upto < self.settled || upto > self.end() {
            return Err(AnswerError::Settle(upto));
        }
        let from = self.local(self.settled);
        // Within a character nothing is decided yet.
        let to = self.tail.floor_char_boundary(self.local(upto));
        check_edits(&self.tail[from..to], self.settled, edits)?;
        let end = self.base + to as u64;
        if let Some(last) = edits.last().filter(|last| last.at.start >= end) {
            return Err(EditError::OutOfRange(last.at.start).into());
        }
        if let Some(first) = edits.first().filter(|_| self.fixed) {
            return Err(EditError::OfSigned(first.at.start).into());
        }
        if self.copies && self.edits.len().saturating_add(edits.len()) > limits.max_fields {
            return Err(limits.edits());
        }
        self.edits.extend(edits.iter().cloned());
        self.settled = end;
        Ok(())
    }

    /// The new text of `start..end`, a whole piece that is settled; `None` if no edit touches it. What an edit puts in
    /// goes where the edit starts; the rest of what it covers is cut from the pieces that follow.
    pub(super) fn rewritten(&self, start: u64, end: u64) -> Option<String> {
        self.applied(start, end, |from, to| {
            self.tail.get(self.local(from)..self.local(to)).unwrap_or_default().to_owned()
        })
    }

    /// The new text of a copy of `start..end`; `None` if no edit touches it.
    pub(super) fn recopied(&self, text: &str, start: u64, end: u64) -> Option<String> {
        let at = |offset: u64| usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
        self.applied(start, end, |from, to| text.get(at(from)..at(to)).unwrap_or_default().to_owned())
    }

    fn applied(&self, start: u64, end: u64, slice: impl Fn(u64, u64) -> String) -> Option<String> {
        let first = self.edits.partition_point(|edit| edit.at.end < start);
        let mut text = String::new();
        let mut done = start;
        let mut touched = false;
        for edit in self.edits.range(first..).take_while(|edit| edit.at.start < end) {
            if edit.at.start >= start {
                text.push_str(&slice(done, edit.at.start));
                text.push_str(&edit.text);
            } else if edit.at.end <= start {
                continue;
            }
            touched = true;
            done = edit.at.end.min(end);
        }
        touched.then(|| {
            text.push_str(&slice(done, end));
            text
        })
    }

    /// Tells that everything before `end` has left.
    pub(super) fn leave(&mut self, end: u64) {
        if !self.copies {
            while self.edits.front().is_some_and(|edit| edit.at.end <= end && edit.at.start < end) {
                self.edits.pop_front();
            }
        }
        self.gone = self.local(end).max(self.gone);
        if self.gone >= CUT && self.gone * 2 >= self.tail.len() {
            self.tail.drain(..self.gone);
            self.base += self.gone as u64;
            self.gone = 0;
        }
    }

    fn local(&self, offset: u64) -> usize {
        usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.tail.len())
    }
}
