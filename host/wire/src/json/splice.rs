//! Replacing ranges of bytes and nothing else.

use std::ops::Range;

/// Put `with` where the bytes `at` stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Range of bytes in the original.
    pub at: Range<usize>,
    /// What stands there afterwards.
    pub with: String,
}

impl Splice {
    /// A splice that takes `at` out.
    #[must_use]
    pub fn cut(at: Range<usize>) -> Self {
        Self { at, with: String::new() }
    }
}

/// Splices that contradict each other or the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// Two splices cover the same byte.
    #[error("two replacements overlap at byte {0}")]
    Overlap(usize),
    /// A splice reaches beyond the original, or ends before it starts.
    #[error("a replacement reaches beyond the text at byte {0}")]
    OutOfRange(usize),
}

impl SpliceError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Overlap(_) => "splice_overlap",
            Self::OutOfRange(_) => "splice_out_of_range",
        }
    }
}

/// Applies `splices`, in any order, to `original`. Bytes that no splice covers come out unchanged.
///
/// # Errors
/// [`SpliceError`] if two splices overlap or one is out of range; nothing is applied then.
pub fn splice(original: &[u8], mut splices: Vec<Splice>) -> Result<Vec<u8>, SpliceError> {
    splices.sort_by_key(|s| (s.at.start, s.at.end));
    let grown: usize = splices.iter().map(|s| s.with.len()).sum();
    let mut out = Vec::with_capacity(original.len().saturating_add(grown));
    let mut done = 0;
    for s in &splices {
        if s.at.start < done {
            return Err(SpliceError::Overlap(s.at.start));
        }
        if s.at.end < s.at.start || s.at.end > original.len() {
            return Err(SpliceError::OutOfRange(s.at.end));
        }
        out.extend_from_slice(&original[done..s.at.start]);
        out.extend_from_slice(s.with.as_bytes());
        done = s.at.end;
    }
    out.extend_from_slice(&original[done..]);
    Ok(out)
}

#[cfg(test)]
mod tests;
