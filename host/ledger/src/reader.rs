//! Reads records back, also while a writer appends.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain::Chain;
use crate::directory::{self, SegmentName};
use crate::envelope::Envelope;
use crate::filter::Filter;
use crate::fixed_bytes::{Digest, LedgerId, Mac};
use crate::header::{HEADER_LEN_U64, Header, of_version};
use crate::keys::ChainKey;
use crate::ratchet::{Chains, Ratchet};
use crate::record::{Record, place};
use crate::segment_reader::{Next, SegmentReader};
use crate::storage::Disk;
use crate::when::When;
use crate::words::Kind;

/// How far two clocks may be apart, or one may have stepped back.
const CLOCK_SLACK_MS: u64 = 10 * 60 * 1000;
/// An exchange's first record comes no later than this after its id was made.
const FIRST_RECORD_MS: u64 = 60 * 60 * 1000;

/// The ledger could not be read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file could not be read.
    #[error("ledger {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A segment or record is not what it should be.
    #[error("segment {segment}, offset {offset}: {what}; `witgate audit verify` tells more")]
    Broken {
        /// The segment's file name.
        segment: String,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// The format is another one.
    #[error("segment {segment} is not read: {}", of_version(*.version))]
    Version {
        /// The segment's file name.
        segment: String,
        /// The version.
        version: u16,
    },
}

impl ReadError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ledger_io",
            Self::Broken { .. } => "ledger_corrupt",
            Self::Version { .. } => "ledger_version",
        }
    }
}

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// Its digest: its leaf in the tree, which names it for ever.
    pub digest: Digest,
    /// Its MAC, as stored.
    pub mac: Mac,
    /// Its segment's file name.
    pub segment: String,
    /// Where in it.
    pub offset: u64,
}

/// The segment being read.
struct Current {
    name: SegmentName,
    reader: SegmentReader,
    /// MAC of the record before.
    previous: Mac,
    /// Its chain, where there is a key.
    chain: Option<Chain>,
}

/// How far a search may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The last record that may be looked at: of a ledger being written, the last one on disk.
    pub last: u64,
    /// How many more records may be looked at.
    pub looks: u64,
}

impl Bounds {
    /// None but the ledger's end.
    pub const NONE: Self = Self { last: u64::MAX, looks: u64::MAX };
}

/// An iterator over a ledger's records in order. Memory does not grow with the ledger.
///
/// At the end of what is written it stops; asked again later, it goes on with what was written since. With a key every
/// MAC is checked on the way; without one only the shape is: use [`crate::verify`] to know that nothing was changed.
pub struct Reader {
    dir: PathBuf,
    chains: Option<Chains>,
    current: Option<Current>,
    /// The position of the next record.
    next_seq: u64,
    /// Records before this are passed over.
    from_seq: u64,
    /// Where the record at `from_seq` is said to stand in its segment.
    hint: Option<u64>,
    failed: bool,
}

impl Reader {
    /// Reads from the first record there is.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn open(dir: &Path, key: Option<&ChainKey>) -> Result<Self, ReadError> {
        Self::from_seq(dir, key, 0)
    }

    /// Reads from the record at `seq`, going straight to its segment.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn from_seq(dir: &Path, key: Option<&ChainKey>, seq: u64) -> Result<Self, ReadError> {
        let segments = segments(dir)?;
        let after = segments.partition_point(|name| name.first_seq <= seq);
        let start = segments.get(after.saturating_sub(1)).map_or(1, |name| name.first_seq);
        Ok(Self {
            dir: dir.to_owned(),
            chains: key.map(|key| Chains::new(Ratchet::first(key))),
            current: None,
            next_seq: start,
            from_seq: seq,
            hint: None,
            failed: false,
        })
    }

    /// As [`Reader::from_seq`] without a key, for a caller who was told where in its segment the record stands: what is before
    /// it is then not read. An offset at which another record stands, or none, does no harm.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn from_place(dir: &Path, seq: u64, offset: u64) -> Result<Self, ReadError> {
        Ok(Self { hint: Some(offset), ..Self::from_seq(dir, None, seq)? })
    }

    /// Reads from the first record that may be at `when` or later, going straight to its segment. Records that are earlier may
    /// come, too.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn since(dir: &Path, key: Option<&ChainKey>, when: Option<When>) -> Result<Self, ReadError> {
        match when {
            None => Self::open(dir, key),
            Some(When::Position(seq)) => Self::from_seq(dir, key, seq),
            Some(When::Time(time_ms)) => {
                let segments = segments(dir)?;
                Self::from_seq(dir, key, begun_before(&segments, time_ms).map_or(0, |name| name.first_seq))
            }
        }
    }

    /// The position of the record that is read next.
    #[must_use]
    pub fn next_position(&self) -> u64 {
        self.next_seq.max(self.from_seq)
    }

    /// Where in its segment that record stands, for [`Reader::from_place`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.current.as_ref().map_or(HEADER_LEN_U64, |current| current.reader.offset())
    }

    /// The next record that `filter` wants. `None` at the end of what is written, or of `bounds`; both are then where the next
    /// search goes on.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn next_match(&mut self, filter: &Filter, bounds: &mut Bounds) -> Result<Option<Found>, ReadError> {
        while let Some(found) = self.advance(bounds, |envelope| filter.admits(envelope))? {
            if filter.matches(&found.record) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Goes to the next record whose envelope `wanted` accepts.
    fn advance(
        &mut self,
        bounds: &mut Bounds,
        mut wanted: impl FnMut(&Envelope<'_>) -> bool,
    ) -> Result<Option<Found>, ReadError> {
        // Whether the segment is known to be finished: then what is missing now will not come.
        let mut finished = false;
        loop {
            if self.next_seq > bounds.last || bounds.looks == 0 {
                if let Some(current) = &mut self.current {
                    // What is in memory may be from before the next record was written.
                    current.reader.seek(current.reader.offset());
                }
                return Ok(None);
            }
            let Some(Current { name, reader, previous, chain }) = &mut self.current else {
                if !self.enter_segment()? {
                    return Ok(None);
                }
                finished = false;
                continue;
            };
            let io = |source| ReadError::Io { path: name.path.clone(), source };
            let offset = reader.offset();
            let broken = |what: &str| ReadError::Broken { segment: name.name.clone(), offset, what: what.to_owned() };
            let missing = match reader.next().map_err(io)? {
                // The MAC is written last: without it the entry is still being written.
                Next::Entry(entry)
                    if entry.mac != Mac::default()
                        && chain.as_ref().is_none_or(|chain| entry.fits(chain, previous)) =>
                {
                    // What is passed over is only counted: a position may lie far into its segment.
                    if place(entry.payload).is_some_and(|(seq, _)| seq == self.next_seq && seq < self.from_seq) {
                        self.next_seq = self.next_seq.saturating_add(1);
                        *previous = entry.mac;
                        continue;
                    }
                    let envelope = Envelope::decode(entry.payload).map_err(|error| broken(&error.to_string()))?;
                    if envelope.seq != self.next_seq {
                        return Err(broken("the record has another position"));
                    }
                    self.next_seq = self.next_seq.saturating_add(1);
                    *previous = entry.mac;
                    if envelope.seq >= self.from_seq {
                        bounds.looks = bounds.looks.saturating_sub(1);
                        if wanted(&envelope) {
                            let record = Record::decode(entry.payload).map_err(|error| broken(&error.to_string()))?;
                            let (digest, segment) = (entry.leaf(), name.name.clone());
                            return Ok(Some(Found { record, digest, mac: entry.mac, segment, offset }));
                        }
                    }
                    continue;
                }
                Next::Entry(_) => Some("a record does not fit the chain"),
                Next::BadLength(_) => Some("a record's length is out of range"),
                Next::Truncated => Some("a record is cut off"),
                Next::Damaged => Some("it cannot be unpacked"),
                Next::End => None,
            };
            reader.seek(offset);
            if finished {
                let following = directory::segment_at(&self.dir, self.next_seq).is_some();
                // What was let go meanwhile is let go oldest first: the reader goes on where the ledger begins now.
                let begins = segments(&self.dir)?.first().map_or(0, |first| first.first_seq);
                let let_go = !following && begins > self.next_seq;
                if let Some(what) = missing.or((!following && !let_go).then_some("records are missing behind it")) {
                    return Err(broken(what));
                }
                self.next_seq = self.next_seq.max(if let_go { begins } else { 0 });
                self.current = None;
                continue;
            }
            // When a later segment is there, this one is finished, and is looked at once more; otherwise this is the end, for now.
            finished = segments(&self.dir)?.last().is_some_and(|last| last.first_seq > name.first_seq);
            if !finished {
                return Ok(None);
            }
        }
    }

    /// Opens the segment that begins with the next record. False when there is none yet.
    fn enter_segment(&mut self) -> Result<bool, ReadError> {
        let Some(found) = directory::segment_at(&self.dir, self.next_seq) else { return Ok(false) };
        let path = found.path.clone();
        let mut reader = match SegmentReader::open(&Disk, &found) {
            Ok(reader) => reader,
            // It was let go just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(ReadError::Io { path, source }),
        };
        let name = found.name.clone();
        let broken = |what: &str| ReadError::Broken { segment: name.clone(), offset: 0, what: what.to_owned() };
        let (bytes, header) = Header::of_segment(&found, &mut reader)?;
        let mut chain = None;
        if let Some(chains) = &mut self.chains {
            let of_step = chains.at(header.step).ok_or_else(|| broken("its chain key is too many steps ahead"))?;
            header.check(&bytes, of_step).map_err(|error| broken(&error.to_string()))?;
            chain = Some(of_step.clone());
            reader.look_ahead(chain.clone(), false);
        }
        if header.first_seq != self.next_seq {
            return Err(broken("the file's name and its header disagree"));
        }
        if let Some(offset) = self.hint.take().filter(|offset| *offset > HEADER_LEN_U64) {
            reader.seek(offset);
            let from = self.from_seq;
            let stands = matches!(reader.next(), Ok(Next::Entry(entry)) if place(entry.payload).is_some_and(|(seq, _)| seq == from));
            reader.seek(if stands { offset } else { HEADER_LEN_U64 });
            if stands {
                self.next_seq = from;
            }
        }
        self.current = Some(Current { name: found, reader, previous: header.previous, chain });
        Ok(true)
    }
}

impl Iterator for Reader {
    type Item = Result<Found, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let mut bounds = Bounds::NONE;
        let found = self.advance(&mut bounds, |_| true).transpose();
        self.failed = matches!(found, Some(Err(_)));
        found
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("dir", &self.dir).field("next_seq", &self.next_seq).finish_non_exhaustive()
    }
}

/// All records of one exchange, in order.
///
/// A UUIDv7 tells when its exchange began, so segments that ended long before are passed over, and the search ends with
/// the segment after the one that holds the exchange's end; where nothing was found yet, with those that were begun in the hour
/// after it. Any other id is looked for everywhere.
///
/// # Errors
/// When the ledger cannot be read.
pub fn find(dir: &Path, key: Option<&ChainKey>, exchange: &str) -> Result<Vec<Record>, ReadError> {
    let begun = uuid7_ms(exchange);
    let segments = segments(dir)?;
    let start = begun.and_then(|begun| begun_before(&segments, begun)).or(segments.first());
    let from = start.map_or(0, |name| name.first_seq);
    let mut reader = Reader::from_seq(dir, key, from)?;
    let mut records = Vec::new();
    // One segment is looked through in any case.
    let behind = segments.get(segments.partition_point(|name| name.first_seq <= from)..).unwrap_or_default();
    let mut stop = begun.and_then(|begun| begun_after(behind, begun)).map_or(u64::MAX, |name| name.first_seq);
    let mut bounds = Bounds::NONE;
    while let Some(found) =
        reader.advance(&mut bounds, |envelope| envelope.exchange == exchange || envelope.seq >= stop)?
    {
        let seq = found.record.seq;
        if seq >= stop {
            break;
        }
        stop = u64::MAX;
        if found.record.kind == Kind::Execution && begun.is_some() {
            stop = segments.iter().filter(|name| name.first_seq > seq).nth(1).map_or(u64::MAX, |name| name.first_seq);
        }
        records.push(found.record);
    }
    Ok(records)
}

/// The position of the last record in `dir`; 0 when there is none. Reads the last segment alone.
///
/// # Errors
/// When the directory or the segment cannot be read.
pub fn last_position(dir: &Path) -> Result<u64, ReadError> {
    let mut reader = Reader::from_seq(dir, None, u64::MAX)?;
    let mut bounds = Bounds::NONE;
    reader.advance(&mut bounds, |_| false)?;
    Ok(reader.next_seq.saturating_sub(1))
}

fn segments(dir: &Path) -> Result<Vec<SegmentName>, ReadError> {
    Ok(directory::list(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?.segments)
}

/// The random name of the ledger in `dir`, as its first segment tells it; `None` when there is no segment.
///
/// # Errors
/// When the directory or the segment's header cannot be read.
pub fn ledger_id(dir: &Path) -> Result<Option<LedgerId>, ReadError> {
    let Some(name) = segments(dir)?.into_iter().next() else { return Ok(None) };
    let mut reader =
        SegmentReader::open(&Disk, &name).map_err(|source| ReadError::Io { path: name.path.clone(), source })?;
    Ok(Some(Header::of_segment(&name, &mut reader)?.1.ledger))
}

/// The last segment that was begun before a time; what is later stands in it or behind it. Few headers are read: that of a packed
/// segment costs a frame.
fn begun_before(segments: &[SegmentName], time_ms: u64) -> Option<&SegmentName> {
    let before = time_ms.saturating_sub(CLOCK_SLACK_MS);
    let after = segments.partition_point(|name| created_ms(name).is_some_and(|created| created <= before));
    segments.get(after.checked_sub(1)?)
}

/// The first segment that was begun so late that the first record of an exchange of that time stands before it.
fn begun_after(segments: &[SegmentName], time_ms: u64) -> Option<&SegmentName> {
    let last = time_ms.saturating_add(FIRST_RECORD_MS);
    segments.get(segments.partition_point(|name| created_ms(name).is_none_or(|created| created <= last)))
}

/// When a segment was begun; `None` when its header cannot be read.
pub(crate) fn created_ms(name: &SegmentName) -> Option<u64> {
    let mut reader = SegmentReader::open(&Disk, name).ok()?;
    Header::decode(&reader.header().ok()??).ok().map(|header| header.created_ms)
}

/// The time in a UUIDv7 (RFC 9562, 5.7).
fn uuid7_ms(exchange: &str) -> Option<u64> {
    let (front, rest) = exchange.split_once('-')?;
    let (low, rest) = rest.split_once('-')?;
    if front.len() != 8 || low.len() != 4 || !rest.starts_with('7') {
        return None;
    }
    let high = u64::from_str_radix(front, 16).ok()?;
    Some((high << 16) | u64::from_str_radix(low, 16).ok()?)
}

#[cfg(test)]
mod tests;
