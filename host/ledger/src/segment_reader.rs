//! Reads a segment entry by entry through a window, so that memory does not grow with the file.

use std::fs::File;
use std::io;

use crate::chain::{Chain, FRAME_HEAD, FRAME_OVERHEAD, MAC_LEN};
use crate::directory::{self, SegmentName};
use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{Digest, Mac};
use crate::header::{HEADER_LEN, HEADER_LEN_U64};
use crate::packed::Unpacker;
use crate::record::MAX_PAYLOAD;
use crate::storage::{self, ReadAt, Storage};
use crate::tree::leaf_of;

use ahead::{Ahead, Known};

mod ahead;

/// How much is read at once. A window grows beyond it only for an entry that is longer.
const WINDOW: usize = 1 << 20;

/// A segment as it was written, or packed since.
enum Source {
    Plain(Box<dyn ReadAt>),
    Packed(Unpacker),
}

/// A file, the part of it in memory, and how far it was read.
pub(crate) struct SegmentReader {
    source: Source,
    /// Whether it could not be unpacked from some place on.
    damaged: bool,
    window: Vec<u8>,
    ahead: Ahead,
    /// Where in the window the next entry begins.
    start: usize,
    /// Where in the file the next entry begins.
    offset: u64,
}

/// An entry as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) offset: u64,
    /// The whole of it.
    pub(crate) bytes: &'a [u8],
    pub(crate) head: &'a [u8; FRAME_HEAD],
    pub(crate) payload: &'a [u8],
    pub(crate) mac: Mac,
    known: Option<&'a Known>,
}

impl Entry<'_> {
    /// Up to which record everything was on disk for certain when this one was written.
    pub(crate) fn synced(&self) -> u64 {
        self.head.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    pub(crate) fn fits(&self, chain: &Chain, previous: &Mac) -> bool {
        let known = self.known.and_then(|known| known.mac(chain.key_id, previous));
        known.unwrap_or_else(|| chain.entry_mac(previous, &self.hash())) == self.mac
    }

    /// What its MAC and its leaf are made of.
    pub(crate) fn hash(&self) -> EntryHash {
        self.known.map_or_else(|| EntryHash::of(self.front()), |known| known.hash())
    }

    /// Its bytes up to its MAC.
    fn front(&self) -> &[u8] {
        self.bytes.get(..self.bytes.len() - MAC_LEN).unwrap_or_default()
    }

    /// Its leaf in the tree.
    pub(crate) fn leaf(&self) -> Digest {
        self.known.and_then(|known| known.leaf()).unwrap_or_else(|| leaf_of(&self.hash(), &self.mac))
    }

    /// Where the next entry begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add((self.payload.len() + FRAME_OVERHEAD).try_into().unwrap_or(u64::MAX))
    }
}

/// What stands at the reader's place.
pub(crate) enum Next<'a> {
    Entry(Entry<'a>),
    /// No entry: the end of the file, or room that was reserved.
    End,
    /// The length is none that a record can have.
    BadLength(u32),
    /// The file ends inside the entry.
    Truncated,
    /// The file is packed and cannot be unpacked from here on.
    Damaged,
}

impl SegmentReader {
    /// A reader at the first entry.
    pub(crate) fn new(file: Box<dyn ReadAt>) -> Self {
        Self::over(Source::Plain(file))
    }

    /// The same, over a packed segment.
    pub(crate) fn packed(file: Box<dyn ReadAt>) -> Self {
        Self::over(Source::Packed(Unpacker::new(file)))
    }

    fn over(source: Source) -> Self {
        Self { source, damaged: false, window: Vec::new(), ahead: Ahead::default(), start: 0, offset: HEADER_LEN_U64 }
    }

    /// Opens a segment; one that was packed since its name was read, too.
    pub(crate) fn open(storage: &dyn Storage, name: &SegmentName) -> io::Result<Self> {
        let reading = |file| storage.reading(&name.path, file);
        match File::open(&name.path) {
            Ok(file) if name.packed => Ok(Self::packed(reading(file))),
            Ok(file) => Ok(Self::new(reading(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !name.packed => {
                File::open(directory::packed_path(&name.path)).map(|file| Self::packed(reading(file)))
            }
            Err(error) => Err(error),
        }
    }

    /// Entries will be asked whether they fit this chain, or for their leaves, one after the other.
    pub(crate) fn look_ahead(&mut self, chain: Option<Chain>, leaves: bool) {
        self.ahead = Ahead::new(chain, leaves);
    }

    /// The header's bytes, `None` when the file is shorter, or cannot be unpacked.
    pub(crate) fn header(&mut self) -> io::Result<Option<[u8; HEADER_LEN]>> {
        let mut header = [0; HEADER_LEN];
        let filled = self.fill(&mut header, 0)?;
        Ok((filled == HEADER_LEN).then_some(header))
    }

    /// Reads until the buffer is full or the segment ends, and takes what cannot be unpacked for the end.
    pub(crate) fn fill(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let unpacker = match &mut self.source {
            Source::Plain(file) => return storage::fill(&**file, buffer, offset),
            Source::Packed(unpacker) => unpacker,
        };
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match unpacker.read_at(room, offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.damaged = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Whether it could not be unpacked from some place on.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// How much of the file was read.
    pub(crate) fn position(&self) -> u64 {
        match &self.source {
            Source::Plain(_) => self.offset,
            Source::Packed(unpacker) => unpacker.position(),
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes to `offset` and forgets what was read, so that what was written since is seen.
    pub(crate) fn seek(&mut self, offset: u64) {
        self.window.clear();
        self.ahead.forget();
        self.start = 0;
        self.offset = offset;
    }

    /// The entry at the reader's place; the reader goes past it.
    pub(crate) fn next(&mut self) -> io::Result<Next<'_>> {
        let Some(head) = self.ensure(FRAME_HEAD)?.first_chunk::<FRAME_HEAD>() else {
            if self.damaged {
                return Ok(Next::Damaged);
            }
            let rest = self.ensure(1)?;
            return Ok(if rest.iter().all(|byte| *byte == 0) { Next::End } else { Next::Truncated });
        };
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let payload_len = usize::try_from(length).unwrap_or(usize::MAX);
        if payload_len == 0 {
            return Ok(Next::End);
        }
        if payload_len > MAX_PAYLOAD {
            return Ok(Next::BadLength(length));
        }
        let whole = payload_len + FRAME_OVERHEAD;
        if self.ensure(whole)?.len() < whole {
            return Ok(if self.damaged { Next::Damaged } else { Next::Truncated });
        }
        let begin = self.start;
        let offset = self.offset;
        self.start += whole;
        self.offset = offset.saturating_add(u64::from(length)).saturating_add(FRAME_OVERHEAD as u64);
        let bytes = self.window.get(begin..).unwrap_or_default();
        let known = self.ahead.of(bytes, offset, whole);
        let Some(entry) = bytes.get(..whole).and_then(|bytes| split(bytes, offset)) else {
            return Ok(Next::Truncated);
        };
        Ok(Next::Entry(Entry { known, ..entry }))
    }

    /// Where the first byte stands that is not zero, from the reader's place to the end, and the byte after the last such.
    pub(crate) fn remains(&mut self) -> io::Result<Option<(u64, u64)>> {
        let mut buffer = vec![0; WINDOW];
        let mut at = self.offset;
        let mut found: Option<(u64, u64)> = None;
        loop {
            let read = self.fill(&mut buffer, at)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(found.or(self.damaged.then_some((at, at))));
            }
            if let Some(first) = bytes.iter().position(|byte| *byte != 0) {
                let last = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(first);
                let begin = found.map_or(at + first as u64, |(begin, _)| begin);
                found = Some((begin, at + last as u64 + 1));
            }
            at += read as u64;
        }
    }

    /// The window from the reader's place, with at least `wanted` bytes when the file has them.
    fn ensure(&mut self, wanted: usize) -> io::Result<&[u8]> {
        if self.window.len() - self.start < wanted {
            let mut window = std::mem::take(&mut self.window);
            window.drain(..self.start);
            self.start = 0;
            let there = window.len();
            window.resize(wanted.max(WINDOW), 0);
            let from = self.offset.saturating_add(there as u64);
            let read = self.fill(window.get_mut(there..).unwrap_or_default(), from);
            window.truncate(there + read.as_ref().map_or(0, |read| *read));
            self.window = window;
            read?;
        }
        Ok(self.window.get(self.start..).unwrap_or_default())
    }
}

/// Whole entries, one behind the other.
pub(crate) fn whole_entries(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok().filter(|length| *length > 0)?;
        let (entry, rest) = bytes.split_at_checked(length.checked_add(FRAME_OVERHEAD)?)?;
        bytes = rest;
        Some(entry)
    })
}

/// Takes the bytes of one whole entry apart.
pub(crate) fn split(bytes: &[u8], offset: u64) -> Option<Entry<'_>> {
    let (head, rest) = bytes.split_first_chunk::<FRAME_HEAD>()?;
    let (payload, mac) = rest.split_last_chunk::<MAC_LEN>()?;
    Some(Entry { offset, bytes, head, payload, mac: Mac(*mac), known: None })
}
