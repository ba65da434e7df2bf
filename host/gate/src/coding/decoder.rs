//! Decodes piece by piece: what is flushed comes out at once, and nothing is decoded ahead of what is taken.

use std::fmt;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use super::{Bounds, Coding, CodingError};

/// Bytes decoded in one go; about a tenth of a millisecond.
const STEP: usize = 16 << 10;
/// Bytes of one piece.
const PIECE: usize = 4 * STEP;
/// Members of one gzip body, frames of one of zstd: each costs more to begin than its bytes cost to send.
const MEMBERS: u32 = 64;
/// The largest window of zstd, as a power of two: RFC 9659, section 3.
const ZSTD_WINDOW: u32 = 23;
/// The largest window of gzip, as a power of two.
const GZIP_WINDOW: u8 = 15;

/// Decodes one body.
pub(crate) struct Decoder {
    engine: Engine,
    bounds: Bounds,
    read: u64,
    wrote: u64,
    /// Whether what came so far is whole.
    ended: bool,
    members: u32,
}

enum Engine {
    Gzip(Decompress),
    Flate(Decompress),
    /// `deflate`, before the two bytes came that say which format it is.
    Undecided(Option<u8>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(DCtx<'static>),
}

/// What one go did: bytes read, bytes written, and whether the body is whole by now.
type Went = (usize, usize, bool);

impl Decoder {
    /// Begins to decode a body.
    ///
    /// # Errors
    /// [`CodingError::Broken`] when there is no memory for it.
    pub(crate) fn new(coding: Coding, bounds: Bounds) -> Result<Self, CodingError> {
        let engine = match coding {
            Coding::Gzip => Engine::Gzip(Decompress::new_gzip(GZIP_WINDOW)),
            Coding::Deflate => Engine::Undecided(None),
            Coding::Brotli => {
                let alloc = StandardAlloc::default;
                // Strict: without the windows of up to 1 GiB that are no part of the standard.
                Engine::Brotli(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
            }
            Coding::Zstd => {
                let mut context = DCtx::try_create().ok_or(CodingError::Broken)?;
                context.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW)).map_err(|_| CodingError::Broken)?;
                Engine::Zstd(context)
            }
        };
        Ok(Self { engine, bounds, read: 0, wrote: 0, ended: false, members: 1 })
    }

    /// Decodes the next piece of at most 64 KiB and takes from `input` what it read. An empty piece: all of `input` is read,
    /// and more is needed.
    ///
    /// # Errors
    /// The bytes are not of the coding, or a bound is passed; the decoder is of no use then.
    pub(crate) fn piece(&mut self, input: &mut &[u8]) -> Result<Vec<u8>, CodingError> {
        let mut piece = Vec::new();
        let mut out = [0; STEP];
        while piece.len() < PIECE {
            if self.ended {
                if input.is_empty() {
                    break;
                }
                self.next_member()?;
            }
            let (read, wrote, ended) = self.engine.run(input, &mut out)?;
            *input = input.get(read..).unwrap_or_default();
            piece.extend_from_slice(out.get(..wrote).unwrap_or_default());
            self.read = self.read.saturating_add(read as u64);
            self.wrote = self.wrote.saturating_add(wrote as u64);
            self.ended = ended;
            self.bounds.check(self.read, self.wrote)?;
            if read == 0 && wrote == 0 && !ended {
                match input.is_empty() {
                    true => break,
                    false => return Err(CodingError::Broken),
                }
            }
        }
        Ok(piece)
    }

    /// Decodes all of `input`. Lets others run between pieces.
    ///
    /// # Errors
    /// As of [`Self::piece`].
    pub(crate) async fn all(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CodingError> {
        for mut part in input.chunks(PIECE) {
            loop {
                let piece = self.piece(&mut part)?;
                if piece.is_empty() {
                    break;
                }
                out.extend_from_slice(&piece);
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// The body is over.
    ///
    /// # Errors
    /// It was not complete.
    pub(crate) fn end(&self) -> Result<(), CodingError> {
        if self.ended { Ok(()) } else { Err(CodingError::Truncated) }
    }

    /// Whether anything was decoded yet.
    pub(crate) fn has_begun(&self) -> bool {
        self.read > 0
    }

    /// More came after the end: another member or frame, where the format has such.
    fn next_member(&mut self) -> Result<(), CodingError> {
        self.members += 1;
        match &mut self.engine {
            Engine::Gzip(member) if self.members <= MEMBERS => *member = Decompress::new_gzip(GZIP_WINDOW),
            Engine::Zstd(_) if self.members <= MEMBERS => {}
            _ => return Err(CodingError::Broken),
        }
        self.ended = false;
        Ok(())
    }
}

impl Engine {
    fn run(&mut self, input: &[u8], out: &mut [u8]) -> Result<Went, CodingError> {
        match self {
            Self::Gzip(engine) | Self::Flate(engine) => inflate(engine, input, out),
            Self::Undecided(first) => match (*first, input) {
                (_, []) => Ok((0, 0, false)),
                (None, [byte, ..]) => {
                    *first = Some(*byte);
                    Ok((1, 0, false))
                }
                (Some(first), [second, ..]) => {
                    let mut engine = Decompress::new(is_zlib(first, *second));
                    let went = inflate(&mut engine, &[first], out)?;
                    *self = Self::Flate(engine);
                    // The first byte was counted when it came. No format says anything by one byte alone.
                    match went {
                        (1, 0, false) => self.run(input, out),
                        _ => Err(CodingError::Broken),
                    }
                }
            },
            Self::Brotli(state) => {
                let (mut left, mut read, mut room, mut wrote, mut total) = (input.len(), 0, out.len(), 0, 0);
                let result =
                    BrotliDecompressStream(&mut left, &mut read, input, &mut room, &mut wrote, out, &mut total, state);
                match result {
                    BrotliResult::ResultFailure => Err(CodingError::Broken),
                    BrotliResult::ResultSuccess => Ok((read, wrote, true)),
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok((read, wrote, false)),
                }
            }
            Self::Zstd(context) => {
                let mut from = InBuffer { src: input, pos: 0 };
                let mut to = OutBuffer::around(out);
                let left = context.decompress_stream(&mut to, &mut from).map_err(|_| CodingError::Broken)?;
                let wrote = to.pos();
                Ok((from.pos, wrote, left == 0))
            }
        }
    }
}

fn inflate(engine: &mut Decompress, input: &[u8], out: &mut [u8]) -> Result<Went, CodingError> {
    let (read, wrote) = (engine.total_in(), engine.total_out());
    let status = engine.decompress(input, out, FlushDecompress::Sync).map_err(|_| CodingError::Broken)?;
    let since = |now: u64, then: u64| usize::try_from(now - then).map_err(|_| CodingError::Broken);
    Ok((since(engine.total_in(), read)?, since(engine.total_out(), wrote)?, status == Status::StreamEnd))
}

/// Whether a body begins as RFC 1950 wants it: method 8, a window of at most 32 KiB, and a multiple of 31.
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("read", &self.read).field("wrote", &self.wrote).finish_non_exhaustive()
    }
}
