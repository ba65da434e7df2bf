//! One channel of an answer.

use witgate_sdk::{Decision, Edit, Fault, Session, Step};

use crate::BLOCKED;
use crate::config::Direction;
use crate::hits::{Hits, MAX_EDITS, Notes, Told};
use crate::scanner::{Part, Progress, Scanner};
use crate::words::Mask;

/// Matches of one pattern that are told in one channel, where they are not replaced.
const MOST: usize = 256;

/// The state of one channel.
#[derive(Debug)]
pub struct Channel {
    scanner: &'static Scanner,
    active: Mask,
    progress: Progress,
    hits: Hits,
    notes: Notes,
    /// What is not settled, and as much before it as may decide about it.
    text: String,
    /// Where `text` begins in the channel.
    base: u64,
    settled: u64,
}

impl Channel {
    pub(crate) fn new(scanner: &'static Scanner, active: Mask) -> Self {
        Self {
            scanner,
            active,
            progress: scanner.begin(0),
            hits: Hits::new(&scanner.patterns, MOST),
            notes: Notes::default(),
            text: String::new(),
            base: 0,
            settled: 0,
        }
    }

    fn advance(&mut self, complete: bool) -> Step {
        let Self { scanner, active, progress, hits, notes, text, base, settled } = self;
        let end = *base + text.len() as u64;
        let part = Part { text, base: *base, complete };
        let frontier = scanner.scan(part, progress, *active, &mut |hit| hits.take(hit));
        let frontier = if complete { u64::MAX } else { frontier };
        // Up to where everything is told, and where the first refusal stands.
        let mut done = frontier.min(end);
        let mut refused = None;
        let mut decision = Decision::allow();
        hits.sort();
        hits.drain(&scanner.patterns, frontier, |hit, pattern, told| {
            match (told, pattern.replacement()) {
                (Told::Refused, _) if refused.is_none() => {
                    refused = Some(hit.at.start);
                    decision.verdict = Decision::deny(BLOCKED, pattern.told(Direction::Answer)).verdict;
                }
                (Told::Edit(at), Some(replacement)) => {
                    let full = decision.edits.len() >= MAX_EDITS;
                    match decision.edits.last_mut() {
                        // Nothing may wait any more: the last edit covers the rest.
                        Some(last) if full && complete => last.at.end = at.end,
                        _ if full || at.end > done => {
                            done = done.min(at.start);
                            return false;
                        }
                        _ => decision.edits.push(Edit { at, replacement }),
                    }
                }
                _ => {}
            }
            notes.add(hit, pattern, &mut decision);
            true
        });
        if let Some(at) = refused {
            decision.edits.retain(|edit| edit.at.end <= at);
        }
        *settled = done.min(refused.unwrap_or(done)).max(*settled);
        let step = Step { settled: *settled, decision };
        let keep = usize::try_from(done.saturating_sub(*base)).unwrap_or(usize::MAX).min(text.len());
        let gone = text.floor_char_boundary(keep.saturating_sub(scanner.context()));
        text.drain(..gone);
        *base += gone as u64;
        step
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        if self.active == 0 {
            self.settled += text.len() as u64;
            return Ok(Step::settled(self.settled));
        }
        self.text.push_str(text);
        Ok(self.advance(false))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        match self.active {
            0 => Ok(Step::settled(self.settled)),
            _ => Ok(self.advance(true)),
        }
    }
}

#[cfg(test)]
mod tests;
