//! What is told next. Text is kept once, in its channel, and copied piece by piece as it is told: a large answer would be
//! there once more otherwise.

use std::collections::VecDeque;

use super::channel::Channel;
use super::{ChannelId, Event};

/// The most text of one event.
const PIECE: usize = 64 << 10;

/// Events in the order of the wire.
#[derive(Default)]
pub(super) struct Queue(VecDeque<Queued>);

enum Queued {
    Event(Event),
    /// A piece of a channel's text, by absolute offsets.
    Text {
        channel: usize,
        start: u64,
        bytes: usize,
    },
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn push(&mut self, event: Event) {
        self.0.push_back(Queued::Event(event));
    }

    pub(super) fn insert(&mut self, at: usize, event: Event) {
        self.0.insert(at, Queued::Event(event));
    }

    /// More text of a channel, which begins there at `start`.
    pub(super) fn text(&mut self, channel: usize, start: u64, text: &str) {
        // Small pieces that came together are judged together.
        if let Some(Queued::Text { channel: last, bytes, .. }) = self.0.back_mut()
            && *last == channel
            && bytes.saturating_add(text.len()) <= PIECE
        {
            *bytes += text.len();
            return;
        }
        let (mut rest, mut start) = (text, start);
        while !rest.is_empty() {
            let bytes = rest.floor_char_boundary(PIECE);
            self.0.push_back(Queued::Text { channel, start, bytes });
            rest = &rest[bytes..];
            start += bytes as u64;
        }
    }

    pub(super) fn pop(&mut self, channels: &mut [Channel]) -> Option<Event> {
        Some(match self.0.pop_front()? {
            Queued::Event(event) => event,
            Queued::Text { channel, start, bytes } => {
                let text = channels.get_mut(channel).map(|channel| channel.told(start, bytes)).unwrap_or_default();
                Event::Text { channel: id(channel), text }
            }
        })
    }
}

impl Extend<Event> for Queue {
    fn extend<T: IntoIterator<Item = Event>>(&mut self, events: T) {
        self.0.extend(events.into_iter().map(Queued::Event));
    }
}

/// The name of the channel at this place.
pub(super) fn id(at: usize) -> ChannelId {
    ChannelId(u32::try_from(at).unwrap_or(u32::MAX))
}
