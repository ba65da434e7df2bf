//! Where the text of a segment comes from.

use std::ops::Range;

use crate::json::Leaf;

/// Where in the original JSON a segment comes from: the range of the token, with its quotes if it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value; an edit replaces the token by a JSON string.
    Value(Range<usize>),
    /// A value of JSON text that stands inside a JSON string: the bytes of the body that its token is written with. An
    /// edit replaces them by a JSON string, escaped once more for the string around it.
    Nested(Range<usize>),
    /// A key; it cannot be edited.
    Key(Range<usize>),
    /// A value that the provider has signed or encrypted, or that is bound to one; it cannot be edited.
    Signed(Range<usize>),
    /// The texts of other segments, joined without anything between them: the end of one with the beginning of the next. An
    /// edit goes into the first of those that it covers, and is cut from the others.
    Joined(Vec<Piece>),
    /// Another reading of a value that has a segment of its own; it cannot be edited.
    Reading(Range<usize>),
}

impl Source {
    /// Of a key or value of the original.
    #[must_use]
    pub fn of(leaf: Leaf<'_>) -> Self {
        match leaf {
            Leaf::Key(node) => Self::Key(node.key_raw().unwrap_or_default()),
            Leaf::Value(node) => Self::Value(node.raw()),
        }
    }
}

/// A stretch of another segment's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The segment, by its place in the document; `None` where its text cannot be edited as it stands.
    pub segment: Option<usize>,
    /// Where in the segment's text it begins, in bytes.
    pub from: usize,
    /// Its length in bytes.
    pub len: usize,
}

impl Piece {
    /// The pieces that `at` covers of their joined text, each with the range covered in its segment's text. What is empty
    /// stands in the first piece that it touches.
    pub(super) fn covered(pieces: &[Self], at: Range<usize>) -> impl Iterator<Item = (Option<usize>, Range<usize>)> {
        let mut start = 0;
        let mut placed = false;
        pieces.iter().filter_map(move |piece| {
            let here = start..start + piece.len;
            start = here.end;
            let (from, to) = (at.start.max(here.start), at.end.min(here.end));
            let covers = if at.is_empty() { from == to && !placed } else { from < to };
            placed |= covers;
            covers.then(|| (piece.segment, piece.from + from - here.start..piece.from + to - here.start))
        })
    }
}
