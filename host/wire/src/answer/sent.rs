//! What the client knows of a stream, so that an early end fits to it.

use std::collections::BTreeMap;

use super::release::Held;
use super::shape::{End, Mark};

/// What has left.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// That there is an answer.
    pub(crate) started: bool,
    /// Items by the number that the client knows them by, and whether they are over.
    pub(crate) items: BTreeMap<u64, bool>,
    /// That it is over.
    pub(crate) over: bool,
    /// Frames.
    pub(crate) frames: u64,
}

impl Sent {
    /// Takes note of a frame that leaves. `before`: how many items before its own have not left.
    pub(super) fn note(&mut self, held: &Held, before: u64) {
        self.frames += 1;
        match held.mark {
            Mark::Start => self.started = true,
            Mark::Over => self.over = true,
            Mark::None | Mark::Open | Mark::Close => {}
        }
        if let Some(item) = held.item {
            let item = item.saturating_sub(before);
            let over = self.items.entry(item).or_default();
            *over |= held.mark == Mark::Close;
        }
        for end in &held.ends {
            if let (End::Item(item), None) = (end, held.item) {
                self.items.insert(*item, true);
            }
        }
    }

    /// Items that have begun for the client and are not over.
    pub(crate) fn open(&self) -> impl Iterator<Item = u64> {
        self.items.iter().filter(|(_, over)| !**over).map(|(item, _)| *item)
    }
}
