//! Finds the end of a ledger when it is opened: the last whole record, what was torn, and which exchanges never ended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::chain::Chain;
use crate::directory::{self, SegmentName};
use crate::envelope::Envelope;
use crate::error::OpenError;
use crate::fixed_bytes::LedgerId;
use crate::head::Head;
use crate::header::{Header, HeaderError};
use crate::options::Options;
use crate::segment_reader::{Next, SegmentReader};
use crate::torn;
use crate::words::Kind;

/// Bytes that were cut because a write was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// File name of the segment.
    pub segment: String,
    /// From where.
    pub at_offset: u64,
    /// How many, up to the last that was not zero.
    pub bytes: u64,
}

/// The end of a ledger.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) ledger: LedgerId,
    pub(crate) head: Head,
    /// The segment to go on with, and where in it.
    pub(crate) last: (PathBuf, u64),
    pub(crate) cut: Option<Cut>,
    /// Exchanges with an INTENT and no EXECUTION, in the order they came.
    pub(crate) open: Vec<String>,
}

/// Follows exchanges from INTENT to EXECUTION.
struct OpenExchanges {
    by_id: HashMap<String, u64>,
    limit: usize,
}

impl OpenExchanges {
    fn see(&mut self, envelope: &Envelope<'_>) {
        match envelope.kind {
            Kind::Intent if self.by_id.len() < self.limit => {
                self.by_id.insert(envelope.exchange.clone().into_owned(), envelope.seq);
            }
            Kind::Execution => {
                self.by_id.remove(&*envelope.exchange);
            }
            _ => {}
        }
    }

    fn in_order(self) -> Vec<String> {
        let mut open: Vec<_> = self.by_id.into_iter().collect();
        open.sort_by_key(|(_, seq)| *seq);
        open.into_iter().map(|(exchange, _)| exchange).collect()
    }
}

/// Finds the end of the ledger in `dir`; `None` when there is none yet.
pub(crate) fn find_end(dir: &Path, chain: &Chain, options: &Options) -> Result<Option<End>, OpenError> {
    let io = |source| OpenError::Io { path: dir.to_owned(), source };
    let listing = directory::list(dir).map_err(io)?;
    if let Some(name) = listing.misnamed {
        return Err(OpenError::Unsafe {
            path: dir.join(name),
            what: "it looks like a segment and is not named like one; move it away",
        });
    }
    for path in &listing.temporary {
        options.storage.remove(path).map_err(|source| OpenError::Io { path: path.clone(), source })?;
    }
    let from = listing.segments.len().saturating_sub(options.recovery_segments);
    let recent = listing.segments.get(from..).unwrap_or_default();
    let mut open = OpenExchanges { by_id: HashMap::new(), limit: options.recovery_exchanges };
    let mut end: Option<End> = None;
    for (index, name) in recent.iter().enumerate() {
        let last = index + 1 == recent.len();
        end = Some(read_segment(name, chain, end.as_ref(), last, &mut open)?);
    }
    Ok(end.map(|end| End { open: open.in_order(), ..end }))
}

fn read_segment(
    name: &SegmentName,
    chain: &Chain,
    before: Option<&End>,
    last: bool,
    open: &mut OpenExchanges,
) -> Result<End, OpenError> {
    let io = |source| OpenError::Io { path: name.path.clone(), source };
    let corrupt =
        |offset, seq, what: &str| OpenError::Corrupt { segment: name.name.clone(), offset, seq, what: what.to_owned() };
    let mut reader = SegmentReader::new(directory::open_checked(&name.path)?);
    let header =
        reader.header().map_err(io)?.ok_or_else(|| corrupt(0, name.first_seq, "the file is shorter than a header"))?;
    let header = Header::decode(&header, Some(chain)).map_err(|error| match error {
        HeaderError::WrongKey { found, given } => OpenError::WrongKey { segment: name.name.clone(), found, given },
        HeaderError::Version(version) => OpenError::Version { segment: name.name.clone(), version },
        HeaderError::NotALedger | HeaderError::Mac => corrupt(0, name.first_seq, &error.to_string()),
    })?;
    if header.first_seq != name.first_seq || header.first_seq == 0 {
        return Err(corrupt(0, name.first_seq, "the file's name and its header disagree"));
    }
    let mut head = Head { seq: header.first_seq - 1, mac: header.previous };
    if before.is_some_and(|end| end.head != head || end.ledger != header.ledger) {
        return Err(corrupt(0, name.first_seq, "it does not follow the segment before it"));
    }
    loop {
        let offset = reader.offset();
        let seq = head.seq.saturating_add(1);
        let entry = match reader.next().map_err(io)? {
            // A finished segment is only looked through for open exchanges: to check it is `verify`'s part.
            Next::Entry(entry) if !last || entry.fits(chain, &head.mac) => Some(entry),
            Next::Entry(_) | Next::End | Next::BadLength(_) | Next::Truncated => None,
        };
        if let Some(entry) = entry {
            let envelope = Envelope::decode(entry.payload).map_err(|error| corrupt(offset, seq, &error.to_string()))?;
            if envelope.seq != seq {
                return Err(corrupt(offset, seq, "the record has another position"));
            }
            open.see(&envelope);
            head = Head { seq, mac: entry.mac };
            continue;
        }
        reader.seek(offset);
        let cut = match reader.remains().map_err(io)? {
            None => None,
            Some(_) if !last => {
                return Err(corrupt(offset, seq, "a record does not fit the chain"));
            }
            Some(_) if torn::was_durable(&mut reader, chain, offset, seq, &head.mac).map_err(io)? => {
                return Err(corrupt(offset, seq, "a record does not fit the chain, and later ones do"));
            }
            Some((_, end)) => {
                Some(Cut { segment: name.name.clone(), at_offset: offset, bytes: end.saturating_sub(offset) })
            }
        };
        return Ok(End { ledger: header.ledger, head, last: (name.path.clone(), offset), cut, open: Vec::new() });
    }
}

#[cfg(test)]
mod tests;
