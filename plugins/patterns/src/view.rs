//! A text as patterns read it, and the way back to its bytes.

use std::ops::Range;

use witgate_sdk::kit::{Fold, Normal};

/// Bytes of the original that one byte of a folded text may stand for, with what was dropped beside it.
pub(crate) const REACH: usize = 36;

/// A text as it stands, or as a reader sees it.
#[derive(Debug)]
pub(crate) enum View<'a> {
    Plain(&'a str),
    Folded(Normal<'a>),
}

impl<'a> View<'a> {
    pub(crate) fn folded(text: &'a str) -> Self {
        Self::Folded(Normal::new(text, Fold::default()))
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Folded(normal) => normal.text(),
        }
    }

    /// What a span stands for in the original.
    pub(crate) fn original(&self, at: Range<usize>) -> Range<usize> {
        match self {
            Self::Plain(_) => at,
            Self::Folded(normal) => normal.original(at),
        }
    }

    /// Where what stands at `at` begins in the original.
    pub(crate) fn origin(&self, at: usize) -> usize {
        self.original(at..at).start
    }

    /// Where what begins at `original`, or after it, stands here.
    pub(crate) fn place(&self, original: usize) -> usize {
        match self {
            Self::Plain(_) => original,
            Self::Folded(normal) => normal.normal(original),
        }
    }

    /// The first place from `at` on at which a character of the original begins: only such a place is found again when the
    /// text is read once more.
    pub(crate) fn align(&self, at: usize) -> usize {
        let mut at = self.text().ceil_char_boundary(at);
        while at < self.text().len() && self.place(self.origin(at)) != at {
            at = self.text().ceil_char_boundary(at + 1);
        }
        at
    }
}
