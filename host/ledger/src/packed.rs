//! A finished segment, compressed: zstd frames of one MiB each, so that any place can be reached and memory stays small.
//!
//! What is hashed, MACed and signed is what comes out. The compressed bytes themselves are under nothing: changed, they do not
//! unpack, or unpack to something else, or to the same.

use std::io;

use crate::storage::{self, ReadAt};

/// Bytes of a segment in one frame; the last frame may hold less.
pub(crate) const PIECE: usize = 1 << 20;
/// The most frames: a segment has at most 1 GiB.
const MAX_PIECES: usize = 1 << 10;
/// Room for most frames: a piece is three to ten times as large.
const USUAL_FRAME: usize = 384 << 10;
/// What a gate can spare beside its traffic, and three to five times smaller already.
const LEVEL: i32 = 3;

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// One piece of a segment as a frame: it tells its length and ends with a checksum.
pub(crate) fn pack(piece: &[u8]) -> io::Result<Vec<u8>> {
    let failed = |_| io::Error::other("zstd cannot compress");
    let mut context = zstd_safe::CCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
    context.set_parameter(zstd_safe::CParameter::CompressionLevel(LEVEL)).map_err(failed)?;
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).map_err(failed)?;
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(piece.len()));
    context.compress2(&mut frame, piece).map_err(failed)?;
    Ok(frame)
}

/// Reads a compressed segment as if it were not. One piece is in memory at a time.
pub(crate) struct Unpacker {
    file: Box<dyn ReadAt>,
    /// Where in the file the frames begin, as far as they were met; the next one begins at the last.
    frames: Vec<u64>,
    /// Which piece is unpacked.
    current: Option<usize>,
    piece: Vec<u8>,
    frame: Vec<u8>,
}

impl Unpacker {
    pub(crate) fn new(file: Box<dyn ReadAt>) -> Self {
        Self { file, frames: vec![0], current: None, piece: Vec::new(), frame: Vec::new() }
    }

    /// How much of the file was read.
    pub(crate) fn position(&self) -> u64 {
        self.frames.last().copied().unwrap_or_default()
    }

    /// Fills `buffer` from `offset` of what is unpacked, as far as one piece goes; 0 at the end.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] where the file is not what a packed segment is.
    pub(crate) fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = self.piece_at(offset)?;
        let taken = from.len().min(buffer.len());
        let (to, from) = (buffer.get_mut(..taken).unwrap_or_default(), from.get(..taken).unwrap_or_default());
        to.copy_from_slice(from);
        Ok(taken)
    }

    /// What the piece with `offset` holds from there on; nothing at the end.
    ///
    /// Fails as [`read_at`](Self::read_at).
    pub(crate) fn piece_at(&mut self, offset: u64) -> io::Result<&[u8]> {
        let wanted = usize::try_from(offset / PIECE as u64).unwrap_or(usize::MAX);
        if wanted >= MAX_PIECES {
            return Err(broken("it unpacks to more than a segment may hold"));
        }
        while self.current != Some(wanted) {
            // Pieces on the way to one not met yet are unpacked, too: each is looked at once.
            let next = wanted.min(self.frames.len() - 1);
            if !self.load(next)? {
                return Ok(&[]);
            }
        }
        let within = usize::try_from(offset % PIECE as u64).unwrap_or(PIECE);
        let rest = self.piece.get(within..).unwrap_or_default();
        if rest.is_empty() {
            // A piece that is not full is the last.
            let behind = self.frames.get(wanted + 1).copied().unwrap_or_default();
            if storage::fill(&*self.file, &mut [0], behind)? > 0 {
                return Err(broken("a frame follows one that was not full"));
            }
        }
        Ok(rest)
    }

    /// Unpacks a piece whose frame's place is known. False at the end of the file.
    fn load(&mut self, index: usize) -> io::Result<bool> {
        let Some(&at) = self.frames.get(index) else { return Ok(false) };
        self.current = None;
        let Some(length) = self.read_frame(at)? else { return Ok(false) };
        let frame = self.frame.get(..length).ok_or_else(|| broken("a frame is cut"))?;
        let holds = match zstd_safe::get_frame_content_size(frame) {
            Ok(Some(holds)) => usize::try_from(holds).ok().filter(|holds| (1..=PIECE).contains(holds)),
            _ => None,
        };
        let holds = holds.ok_or_else(|| broken("a frame does not tell a length that a piece has"))?;
        self.piece.resize(holds, 0);
        let unpacked = zstd_safe::decompress(self.piece.as_mut_slice(), frame);
        if unpacked != Ok(holds) {
            return Err(broken("a frame does not unpack"));
        }
        if index + 1 == self.frames.len() {
            self.frames.push(at + length as u64);
        }
        self.current = Some(index);
        Ok(true)
    }

    /// Reads the frame at a place of the file, and how long it is; `None` at the end of the file.
    fn read_frame(&mut self, at: u64) -> io::Result<Option<usize>> {
        for room in [USUAL_FRAME, zstd_safe::compress_bound(PIECE)] {
            self.frame.resize(room, 0);
            let filled = storage::fill(&*self.file, &mut self.frame, at)?;
            let bytes = self.frame.get(..filled).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(None);
            }
            if let Ok(length) = zstd_safe::find_frame_compressed_size(bytes) {
                return Ok(Some(length));
            }
        }
        Err(broken("a frame is cut or broken"))
    }
}

#[cfg(test)]
mod tests;
