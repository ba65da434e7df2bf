//! An earlier exchange, found by the position of its admission DECISION, and the labels that a request made from it inherits.
//!
//! Nothing is kept in memory for this: a position leads to its segment, and the exchange's records stand behind it in order.

use std::path::Path;

use crate::body::{Body, Execution, Intent};
use crate::decision::Decision;
use crate::filter::Filter;
use crate::fixed_bytes::Digest;
use crate::reader::{Bounds, ReadError, Reader};
use crate::record::Record;
use crate::reference::Inherited;
use crate::words::Stage;

/// So many labels may come with references; an exchange has room for as many of its own.
pub const MAX_INHERITED: usize = 128;
/// So far behind its beginning an exchange's end is looked for, in records.
const MAX_LOOKS: u64 = 1 << 20;
/// An INTENT stands right before its admission DECISION, or before the CHECKPOINT that begins a segment.
const BEFORE: u64 = 2;
/// So many labels of one plugin a DECISION holds; where there are as many, some may be missing.
const RECORDED_LABELS: usize = 1024;

/// What stands at a position.
#[derive(Debug)]
pub enum Referenced {
    /// Nothing: the ledger is shorter.
    Missing,
    /// Nothing any more: the operator's rule let go of it, or of the INTENT before it.
    LetGo,
    /// A record that is no admission DECISION.
    Other(Digest),
    /// An admission DECISION, which stands for its exchange.
    Admission(Box<Earlier>),
}

impl Referenced {
    /// What stands at `seq` in the ledger in `dir`. A writer may be appending.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn at(dir: &Path, seq: u64) -> Result<Self, ReadError> {
        let mut reader = Reader::from_seq(dir, None, seq.saturating_sub(BEFORE))?;
        let mut bounds = Bounds { looks: MAX_LOOKS, ..Bounds::NONE };
        let mut asked: Option<(String, Intent)> = None;
        let mut begins_later = false;
        while let Some(found) = reader.next_match(&Filter::default(), &mut bounds)? {
            let Record { seq: at, exchange, body, .. } = found.record;
            begins_later |= at > seq;
            match body {
                _ if at > seq => break,
                Body::Intent(intent) if at < seq => asked = Some((exchange, *intent)),
                Body::Decision(decision) if at == seq && decision.stage == Stage::Admission => {
                    let Some((_, intent)) = asked.filter(|(of, _)| *of == exchange) else { return Ok(Self::LetGo) };
                    let mut earlier = Earlier {
                        reader,
                        bounds,
                        digest: found.digest,
                        exchange,
                        intent,
                        labels: Vec::new(),
                        overfull: false,
                    };
                    earlier.inherit(&decision);
                    return Ok(Self::Admission(Box::new(earlier)));
                }
                _ if at == seq => return Ok(Self::Other(found.digest)),
                _ => {}
            }
        }
        Ok(if begins_later { Self::LetGo } else { Self::Missing })
    }
}

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its end is recorded, and all that was decided before.
    Recorded,
    /// It ended with the process: what was decided of its answer was not recorded.
    Lost,
    /// It has not ended yet.
    Open,
    /// Its end stands too far behind its beginning.
    TooFar,
}

/// An earlier exchange, read from its beginning on.
#[derive(Debug)]
pub struct Earlier {
    reader: Reader,
    bounds: Bounds,
    /// The digest of its admission DECISION.
    pub digest: Digest,
    /// Its id.
    pub exchange: String,
    /// What was asked, and by whom.
    pub intent: Intent,
    labels: Vec<Inherited>,
    overfull: bool,
}

impl Earlier {
    /// Reads on to its end, as far as it is written; asked again, it goes on from there.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn end(&mut self) -> Result<End, ReadError> {
        let own = Filter { exchange: Some(self.exchange.clone()), ..Filter::default() };
        while let Some(found) = self.reader.next_match(&own, &mut self.bounds)? {
            match found.record.body {
                Body::Decision(decision) => self.inherit(&decision),
                Body::Execution(end) => return Ok(if is_lost(&end) { End::Lost } else { End::Recorded }),
                _ => {}
            }
        }
        Ok(if self.bounds.looks == 0 { End::TooFar } else { End::Open })
    }

    fn inherit(&mut self, decision: &Decision) {
        for part in &decision.plugins {
            self.overfull |= part.labels.len() >= RECORDED_LABELS;
            for label in &part.labels {
                let (source, key, value) = (part.plugin.clone(), label.key.clone(), label.value.clone());
                self.overfull |= !add(&mut self.labels, &Inherited { source, key, value });
            }
        }
    }

    /// Adds its labels to those of other references: what it inherited itself, and what its policies said so far. False when
    /// they are more than [`MAX_INHERITED`] together, or not all of them were recorded.
    #[must_use]
    pub fn add_labels(&self, to: &mut Vec<Inherited>) -> bool {
        let all = self.intent.inherited.iter().chain(&self.labels);
        all.fold(!self.overfull, |fit, label| add(to, label) && fit)
    }
}

/// Adds a label, once. False when there is no room.
fn add(labels: &mut Vec<Inherited>, label: &Inherited) -> bool {
    if labels.contains(label) {
        return true;
    }
    let fits = labels.len() < MAX_INHERITED;
    if fits {
        labels.push(label.clone());
    }
    fits
}

/// Whether a recovery wrote this end, because a crash had left none.
fn is_lost(end: &Execution) -> bool {
    end.code.as_deref() == Some(Execution::RECOVERED)
}

#[cfg(test)]
mod tests;
