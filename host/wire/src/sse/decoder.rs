//! The incremental decoder.

use std::ops::Range;

use super::Frame;

/// What can be wrong with an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SseError {
    /// A frame has more bytes than the limit.
    #[error("a server-sent event is larger than {0} bytes")]
    FrameTooLarge(usize),
    /// A frame is not UTF-8.
    #[error("a server-sent event is not UTF-8")]
    InvalidUtf8,
    /// A field that may stand once in a frame stands twice.
    #[error("a server-sent event has the same field twice")]
    RepeatedField,
    /// The stream ended inside a frame.
    #[error("the event stream ended inside an event")]
    Truncated,
}

impl SseError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FrameTooLarge(_) => "sse_frame_too_large",
            Self::InvalidUtf8 => "sse_invalid_utf8",
            Self::RepeatedField => "sse_repeated_field",
            Self::Truncated => "sse_truncated",
        }
    }
}

/// Takes bytes in any pieces, gives whole frames. What it gives does not depend on where the pieces end.
///
/// Line ends are LF, CR or CRLF. A frame that ends in a bare CR is given once the next byte tells that no LF follows.
#[derive(Debug)]
pub struct Decoder {
    max_frame: usize,
    /// The frame so far, without dropped lines; never longer than `max_frame`.
    buffer: Vec<u8>,
    /// Where the current line starts in `buffer`.
    line: usize,
    /// Whether the current line ended in a CR that an LF may belong to.
    after_cr: bool,
    /// Bytes of a leading byte order mark seen; 3 once the start of the stream is past.
    mark: usize,
    /// Fields of the frame so far, as ranges in `buffer`.
    data: Vec<Range<usize>>,
    event: Option<Range<usize>>,
    id: Option<Range<usize>>,
    /// Whether a line of the frame so far was dropped.
    dropping: bool,
    dropped: u64,
}

const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Decoder {
    /// A decoder of frames of at most `max_frame` bytes.
    #[must_use]
    pub fn new(max_frame: usize) -> Self {
        Self {
            max_frame,
            buffer: Vec::new(),
            line: 0,
            after_cr: false,
            mark: 0,
            data: Vec::new(),
            event: None,
            id: None,
            dropping: false,
            dropped: 0,
        }
    }

    /// How many lines were dropped so far: comments, and fields that clients ignore.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.dropped
    }

    /// Bytes kept for the frame that is not complete yet.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Takes bytes off the front of `bytes` up to the end of a frame, and gives that frame; `None` once all are taken.
    ///
    /// # Errors
    /// [`SseError`]; the decoder is of no use afterwards.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Frame>, SseError> {
        while let Some(&first) = bytes.first() {
            if self.mark < MARK.len() {
                if first == MARK[self.mark] {
                    self.mark += 1;
                    *bytes = &bytes[1..];
                    continue;
                }
                // Not a mark after all; what was taken for one is part of the first line.
                self.buffer.extend_from_slice(&MARK[..self.mark]);
                self.mark = MARK.len();
            }
            let mut line_ends = self.after_cr;
            if self.after_cr {
                if first == b'\n' {
                    self.keep(&bytes[..1])?;
                    *bytes = &bytes[1..];
                }
            } else {
                let Some(end) = bytes.iter().position(|&b| b == b'\n' || b == b'\r') else {
                    let rest = std::mem::take(bytes);
                    self.keep(rest)?;
                    return Ok(None);
                };
                self.keep(&bytes[..=end])?;
                line_ends = bytes[end] == b'\n';
                self.after_cr = !line_ends;
                *bytes = &bytes[end + 1..];
            }
            if line_ends && let Some(frame) = self.end_line()? {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    /// Tells that the stream has ended; gives the last frame if it was only waiting for what follows its CR.
    ///
    /// # Errors
    /// [`SseError::Truncated`] if it ended inside a frame.
    pub fn end(&mut self) -> Result<Option<Frame>, SseError> {
        let last = if self.after_cr { self.end_line()? } else { None };
        let half_mark = self.mark > 0 && self.mark < MARK.len();
        if self.buffer.is_empty() && !half_mark { Ok(last) } else { Err(SseError::Truncated) }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), SseError> {
        if bytes.len() > self.max_frame.saturating_sub(self.buffer.len()) {
            return Err(SseError::FrameTooLarge(self.max_frame));
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<Frame>, SseError> {
        self.after_cr = false;
        let line = &self.buffer[self.line..];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let length = line.len();
        if line.is_empty() {
            return self.end_frame();
        }
        let colon = line.iter().position(|&b| b == b':');
        let (name, value) = match colon {
            Some(colon) => {
                let space = usize::from(line.get(colon + 1) == Some(&b' '));
                (&line[..colon], colon + 1 + space)
            }
            None => (line, length),
        };
        let value = self.line + value..self.line + length;
        let slot = match name {
            b"data" => {
                self.data.push(value);
                self.line = self.buffer.len();
                return Ok(None);
            }
            b"event" => &mut self.event,
            b"id" => &mut self.id,
            b"retry" if self.buffer[value.clone()].iter().all(u8::is_ascii_digit) && !value.is_empty() => {
                self.line = self.buffer.len();
                return Ok(None);
            }
            _ => {
                self.dropped = self.dropped.saturating_add(1);
                self.dropping = true;
                self.buffer.truncate(self.line);
                // The line before may have ended in a bare CR, and what follows may begin with an LF: side by side they
                // would be one line end instead of two.
                if let Some(end) = self.buffer.last_mut().filter(|end| **end == b'\r') {
                    *end = b'\n';
                }
                return Ok(None);
            }
        };
        if slot.replace(value).is_some() {
            // Readers would take the last one; only one of them would be inspected.
            return Err(SseError::RepeatedField);
        }
        self.line = self.buffer.len();
        Ok(None)
    }

    fn end_frame(&mut self) -> Result<Option<Frame>, SseError> {
        let only_dropped = self.dropping && self.line == 0;
        let buffer = std::mem::take(&mut self.buffer);
        self.line = 0;
        self.dropping = false;
        let (data, event, id) = (std::mem::take(&mut self.data), self.event.take(), self.id.take());
        if only_dropped {
            return Ok(None);
        }
        let raw = String::from_utf8(buffer).map_err(|_| SseError::InvalidUtf8)?;
        Ok(Some(Frame { raw, data, event, id }))
    }
}

#[cfg(test)]
mod tests;
