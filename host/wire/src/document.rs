//! One text and segments over it: what policies read, and what their edits refer to.
//!
//! All text is decoded (JSON escapes resolved). Segments are joined by one line feed each, which belongs to no
//! segment, so that an edit can never run from one value into another.

mod build;
mod edit;
mod mapped;
pub(crate) mod nested;
mod source;

pub use build::{DocumentBuilder, DocumentError};
pub(crate) use edit::edited;
pub use edit::{EditError, TextEdit, check_edits};
pub use mapped::MappedDocument;
pub use source::{Piece, Source};

/// Half-open range of byte offsets in decoded UTF-8 text, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last one.
    pub end: u64,
}

impl Span {
    /// The span from `start` up to and without `end`.
    #[must_use]
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    pub(crate) fn of(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start as u64, end: range.end as u64 }
    }

    /// As a range in memory; `None` if it ends before it starts or cannot be addressed on this machine.
    #[must_use]
    pub fn range(self) -> Option<std::ops::Range<usize>> {
        let (start, end) = (usize::try_from(self.start).ok()?, usize::try_from(self.end).ok()?);
        (start <= end).then_some(start..end)
    }
}

/// One value (or key) of a body, as a part of [`Document::text`]: a string, or a number of nine digits or more (as
/// written), which can be an account's or a card's; in arguments of a tool every number and boolean. An edit of a number
/// or boolean leaves a string in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The role as the dialect names it; empty where none applies.
    pub role: String,
    /// `text`, `document`, `tool-result`, `tool-arguments`, `tool-definition`, `reasoning`, `refusal`, `opaque` (signatures
    /// and encrypted reasoning), `key`, `value`.
    pub kind: String,
    /// The tool, call or function that the segment belongs to, where there is one.
    pub name: Option<String>,
    /// RFC 6901 pointer: where the text stands in the body or in the arguments. A key has its member's pointer. A text of
    /// JSON inside a string has the string's pointer, `#`, and its own pointer from there:
    /// `/messages/1/tool_calls/0/function/arguments#/to`. What joins the texts of neighbouring parts of a message (the end of
    /// one with the beginning of the next) has the pointer of the array that holds them.
    pub pointer: String,
    /// Where the text stands in [`Document::text`].
    pub at: Span,
}

/// One text with segments over it, in the order of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The texts of all segments, joined by `"\n"`.
    pub text: String,
    /// Ordered by where they start; they never overlap.
    pub segments: Vec<Segment>,
}

impl Document {
    /// The text of a segment of this document; empty for a span that is not of this document.
    #[must_use]
    pub fn text_of(&self, segment: &Segment) -> &str {
        segment.at.range().and_then(|range| self.text.get(range)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
