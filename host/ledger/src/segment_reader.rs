//! Reads a segment entry by entry through a window, so that memory does not grow with the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::chain::{Chain, FRAME_HEAD, FRAME_OVERHEAD, MAC_LEN};
use crate::directory::{self, SegmentName};
use crate::fixed_bytes::Mac;
use crate::header::{HEADER_LEN, HEADER_LEN_U64};
use crate::packed::Unpacker;
use crate::record::MAX_PAYLOAD;

/// How much is read at once. A window grows beyond it only for an entry that is longer.
const WINDOW: usize = 1 << 20;

/// A segment as it was written, or packed since.
enum Source {
    Plain(File),
    Packed(Unpacker),
}

impl Source {
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read_at(buffer, offset),
            Self::Packed(unpacker) => unpacker.read_at(buffer, offset),
        }
    }
}

/// A file, the part of it in memory, and how far it was read.
pub(crate) struct SegmentReader {
    source: Source,
    /// Whether it could not be unpacked from some place on.
    damaged: bool,
    window: Vec<u8>,
    /// Where in the window the next entry begins.
    start: usize,
    /// Where in the file the next entry begins.
    offset: u64,
}

/// An entry as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) offset: u64,
    /// The whole of it: a leaf of the tree.
    pub(crate) bytes: &'a [u8],
    pub(crate) head: &'a [u8; FRAME_HEAD],
    pub(crate) payload: &'a [u8],
    pub(crate) mac: Mac,
}

impl Entry<'_> {
    /// Up to which record everything was on disk for certain when this one was written.
    pub(crate) fn synced(&self) -> u64 {
        self.head.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    pub(crate) fn fits(&self, chain: &Chain, previous: &Mac) -> bool {
        chain.entry_mac(previous, self.head, self.payload) == self.mac
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
    pub(crate) fn new(file: File) -> Self {
        Self::over(Source::Plain(file))
    }

    /// The same, over a packed segment.
    pub(crate) fn packed(file: File) -> Self {
        Self::over(Source::Packed(Unpacker::new(file)))
    }

    fn over(source: Source) -> Self {
        Self { source, damaged: false, window: Vec::new(), start: 0, offset: HEADER_LEN_U64 }
    }

    /// Opens a segment; one that was packed since its name was read, too.
    pub(crate) fn open(name: &SegmentName) -> io::Result<Self> {
        match File::open(&name.path) {
            Ok(file) if name.packed => Ok(Self::packed(file)),
            Ok(file) => Ok(Self::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !name.packed => {
                File::open(directory::packed_path(&name.path)).map(Self::packed)
            }
            Err(error) => Err(error),
        }
    }

    /// The header's bytes, `None` when the file is shorter, or cannot be unpacked.
    pub(crate) fn header(&mut self) -> io::Result<Option<[u8; HEADER_LEN]>> {
        let mut header = [0; HEADER_LEN];
        let mut filled = 0;
        while let Some(room) = header.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.read_at(room, filled as u64)? {
                0 => return Ok(None),
                read => filled += read,
            }
        }
        Ok(Some(header))
    }

    /// Reads, and takes what cannot be unpacked for the end.
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            return match self.source.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.damaged = true;
                    Ok(0)
                }
                read => read,
            };
        }
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

    pub(crate) fn file(&self) -> &File {
        match &self.source {
            Source::Plain(file) => file,
            Source::Packed(unpacker) => unpacker.file(),
        }
    }

    /// Goes to `offset` and forgets what was read, so that what was written since is seen.
    pub(crate) fn seek(&mut self, offset: u64) {
        self.window.clear();
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
        let Some(entry) = self.window.get(begin..begin + whole).and_then(|bytes| split(bytes, offset)) else {
            return Ok(Next::Truncated);
        };
        Ok(Next::Entry(entry))
    }

    /// Where the first byte stands that is not zero, from the reader's place to the end, and the byte after the last such.
    pub(crate) fn remains(&mut self) -> io::Result<Option<(u64, u64)>> {
        let mut buffer = vec![0; WINDOW];
        let mut at = self.offset;
        let mut found: Option<(u64, u64)> = None;
        loop {
            let read = self.read_at(&mut buffer, at)?;
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
            self.window.drain(..self.start);
            self.start = 0;
            let mut filled = self.window.len();
            let target = wanted.max(WINDOW);
            self.window.resize(target, 0);
            while filled < target {
                let at = self.offset.saturating_add(filled as u64);
                let mut window = std::mem::take(&mut self.window);
                let read = self.read_at(window.get_mut(filled..).unwrap_or_default(), at);
                self.window = window;
                match read {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(error) => {
                        self.window.truncate(filled);
                        return Err(error);
                    }
                }
            }
            self.window.truncate(filled);
        }
        Ok(self.window.get(self.start..).unwrap_or_default())
    }
}

/// Takes the bytes of one whole entry apart.
pub(crate) fn split(bytes: &[u8], offset: u64) -> Option<Entry<'_>> {
    let (head, rest) = bytes.split_first_chunk::<FRAME_HEAD>()?;
    let (payload, mac) = rest.split_last_chunk::<MAC_LEN>()?;
    Some(Entry { offset, bytes, head, payload, mac: Mac(*mac) })
}
