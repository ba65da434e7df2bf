//! A part of an answer's text: a choice's message, an output item's content part, a content block. Several may make up
//! one channel.

use std::hash::{DefaultHasher, Hasher as _};

use super::ChannelKind;
use super::shape::{GLOBAL, Places, Slot};

/// A stretch of a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) channel: usize,
    /// Absolute offsets in the channel.
    pub(super) start: u64,
    pub(super) end: u64,
}

pub(super) struct Part {
    pub(super) item: u64,
    part: u64,
    pub(super) kind: ChannelKind,
    name: Option<String>,
    /// See [`Slot::alternative`].
    pub(super) alternative: bool,
    /// Where its text stands: in the channel that it shares with others, in one of its own, or in both.
    pub(super) places: Vec<Place>,
    /// Nothing more is said in it.
    pub(super) ended: bool,
    /// Of its text so far, to know a copy by; where the dialect has copies.
    so_far: Option<DefaultHasher>,
}

impl Part {
    pub(super) fn new(slot: &Slot<'_>, places: Vec<Place>, so_far: Option<DefaultHasher>) -> Self {
        Self {
            item: slot.item,
            part: slot.part,
            kind: slot.kind,
            name: slot.name.map(str::to_owned),
            alternative: slot.alternative,
            places,
            ended: false,
            so_far,
        }
    }

    pub(super) fn is(&self, slot: &Slot<'_>) -> bool {
        let same = (self.item, self.part, self.kind) == (slot.item, slot.part, slot.kind);
        // The name of what belongs to no item is a pointer, in which positions differ.
        same && (self.name.as_deref() == slot.name || (slot.item == GLOBAL && slot.part != 0))
    }

    /// Takes note of more text.
    pub(super) fn push(&mut self, text: &str) {
        for place in &mut self.places {
            place.end += text.len() as u64;
        }
        if let Some(so_far) = &mut self.so_far {
            so_far.write(text.as_bytes());
        }
    }

    /// Whether `text` is the whole of it.
    pub(super) fn is_copy(&self, text: &str, places: &Places) -> bool {
        let length = self.places.first().map_or(0, |place| place.end - place.start);
        let Some(so_far) = self.so_far.as_ref().filter(|_| length == text.len() as u64) else {
            return false;
        };
        let mut copy = places.hasher();
        copy.write(text.as_bytes());
        copy.finish() == so_far.finish()
    }
}
