//! Since when text is held back.
//!
//! A text is as old as the time since it came, without the time in which a slow client kept the gate from reading: nothing
//! could have come then that decides it. What is settled is never counted again, so that a slow model is not cut for what it
//! said before.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;
use witgate_wire::answer::ChannelId;

/// Pieces of one channel are told apart by no less than this part of the bound: so few are kept, however small they come.
const STEPS: u32 = 64;

/// The ages of all texts of one answer; `C` names a channel.
#[derive(Debug)]
pub(super) struct Ages<C = ChannelId> {
    most: Duration,
    channels: HashMap<C, Waiting>,
    /// Time in which the gate did not read, so far.
    unread: Duration,
    longest: Duration,
}

/// What of a channel is not settled.
#[derive(Debug, Default)]
struct Waiting {
    end: u64,
    pieces: VecDeque<Piece>,
}

#[derive(Debug)]
struct Piece {
    end: u64,
    came: Instant,
    /// What [`Ages::unread`] was then.
    unread: Duration,
}

impl<C: Copy + Eq + Hash> Ages<C> {
    /// Text may wait for `most`.
    pub(super) fn new(most: Duration) -> Self {
        Self { most, channels: HashMap::new(), unread: Duration::ZERO, longest: Duration::ZERO }
    }

    /// `bytes` more of a channel came `now`, and all before `settled` is decided.
    pub(super) fn note(&mut self, channel: C, bytes: usize, now: Instant, settled: u64) {
        let unread = self.unread;
        let waiting = self.channels.entry(channel).or_default();
        waiting.end = waiting.end.saturating_add(bytes as u64);
        while let Some(piece) = waiting.pieces.front().filter(|piece| piece.end <= settled) {
            self.longest = self.longest.max(piece.age(now, unread));
            waiting.pieces.pop_front();
        }
        if bytes == 0 || waiting.end <= settled {
            return;
        }
        match waiting.pieces.back_mut() {
            // The older time holds for both: nothing waits for longer than it may.
            Some(last) if last.age(now, unread) < self.most / STEPS => last.end = waiting.end,
            _ => waiting.pieces.push_back(Piece { end: waiting.end, came: now, unread }),
        }
    }

    /// A channel is over: nothing of it waits.
    pub(super) fn over(&mut self, channel: C, now: Instant) {
        self.note(channel, 0, now, u64::MAX);
        self.channels.remove(&channel);
    }

    /// For so long the gate waited for its client, and read nothing.
    pub(super) fn unread(&mut self, time: Duration) {
        self.unread = self.unread.saturating_add(time);
    }

    /// When the oldest text will be too old; `None` while nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        let first = |waiting: &Waiting| {
            let piece = waiting.pieces.front()?;
            Some(piece.came + self.most + self.unread.saturating_sub(piece.unread))
        };
        self.channels.values().filter_map(first).min()
    }

    /// For how long a text waited that has been decided since, at most.
    pub(super) fn longest(&self) -> Duration {
        self.longest
    }
}

impl Piece {
    fn age(&self, now: Instant, unread: Duration) -> Duration {
        now.saturating_duration_since(self.came).saturating_sub(unread.saturating_sub(self.unread))
    }
}

#[cfg(test)]
mod tests;
