//! One text that comes piece by piece, as far as it has not left yet.

use std::collections::VecDeque;
use std::ops::Range;

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
    /// The caller's own values may stand in it.
    pub(super) brings_back: bool,
    /// What might have stood in place of another text.
    pub(super) alternative: bool,
    pub(super) closed: bool,
    /// Text from `base` on; its first `gone` bytes have left.
    tail: String,
    gone: usize,
    /// Up to which it was told; what is not is kept, whatever was settled before.
    told: u64,
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
            brings_back: false,
            alternative: false,
            closed: false,
            tail: String::new(),
            gone: 0,
            told: 0,
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

    /// The edits that touch `start..end`, by their place in it. What an edit puts in goes where the edit starts; the rest of
    /// what it covers is cut from what follows.
    pub(super) fn edits_of(&self, start: u64, end: u64) -> impl Iterator<Item = (Range<u64>, &str)> {
        let first = self.edits.partition_point(|edit| edit.at.end < start);
        let here = self.edits.range(first..).take_while(move |edit| edit.at.start < end);
        here.filter(move |edit| edit.at.start >= start || edit.at.end > start).map(move |edit| {
            let text = if edit.at.start >= start { edit.text.as_str() } else { "" };
            (edit.at.start.max(start) - start..edit.at.end.min(end) - start, text)
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
        let cut = self.gone.min(self.local(self.told));
        if cut >= CUT && cut * 2 >= self.tail.len() {
            self.tail.drain(..cut);
            self.base += cut as u64;
            self.gone -= cut;
        }
    }

    /// A piece of the text that is told now: the next `bytes`, from `start` on.
    pub(super) fn told(&mut self, start: u64, bytes: usize) -> String {
        let end = start.saturating_add(bytes as u64);
        let text = self.tail.get(self.local(start)..self.local(end)).unwrap_or_default().to_owned();
        self.told = end;
        text
    }

    fn local(&self, offset: u64) -> usize {
        usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.tail.len())
    }
}
