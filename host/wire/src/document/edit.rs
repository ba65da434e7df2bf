//! Edits, and what makes them acceptable.

use std::ops::Range;

use super::Span;

/// Put `text` where `at` stands. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced, in decoded text.
    pub at: Span,
    /// What stands there afterwards, decoded: it is encoded when it is carried into the body.
    pub text: String,
}

impl TextEdit {
    /// The edit that puts `text` at `start..end`.
    #[must_use]
    pub fn new(start: u64, end: u64, text: impl Into<String>) -> Self {
        Self { at: Span::new(start, end), text: text.into() }
    }
}

/// An edit that cannot be applied. None of the edits given with it is, then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The edit starts before the end of the one before it.
    #[error("the edit at {0} overlaps the one before it, or comes out of order: sort them and merge overlaps")]
    Overlap(u64),
    /// The edit ends before it starts, or reaches beyond the text that may be edited.
    #[error("the edit at {0} reaches beyond the text that may be edited")]
    OutOfRange(u64),
    /// The edit touches more than one segment, or a separator.
    #[error("the edit at {0} is not inside one segment")]
    CrossesSegments(u64),
    /// The edit cuts a character.
    #[error("the edit at {0} does not start and end on character boundaries")]
    CutsCharacter(u64),
    /// The edit changes a key, which would change what the body means.
    #[error("the edit at {0} changes a key, not a value: deny instead")]
    OfKey(u64),
    /// The edit changes what the provider has signed, which would break the signature.
    #[error("the edit at {0} changes what the provider has signed: deny instead")]
    OfSigned(u64),
    /// The edit changes what is only another reading of a text.
    #[error("the edit at {0} changes a second reading of a text, which is written elsewhere: deny instead")]
    OfReading(u64),
    /// The thing edited is not waiting for a decision.
    #[error("nothing with this id waits for a decision")]
    NotPending,
}

impl EditError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Overlap(_) => "edit_overlap",
            Self::OutOfRange(_) => "edit_out_of_range",
            Self::CrossesSegments(_) => "edit_crosses_segments",
            Self::CutsCharacter(_) => "edit_cuts_character",
            Self::OfKey(_) => "edit_of_key",
            Self::OfSigned(_) => "edit_of_signed",
            Self::OfReading(_) => "edit_of_reading",
            Self::NotPending => "edit_not_pending",
        }
    }
}

/// Checks that `edits` are ordered, do not overlap, and lie inside `text` on character boundaries. Offsets count from
/// `base`, which is the offset of the first byte of `text`.
///
/// # Errors
/// [`EditError`] for the first edit that does not hold.
pub fn check_edits(text: &str, base: u64, edits: &[TextEdit]) -> Result<(), EditError> {
    let mut done = base;
    for edit in edits {
        let at = edit.at;
        let local = at.start.checked_sub(base).zip(at.end.checked_sub(base));
        let Some(range) = local.and_then(|(start, end)| Span::new(start, end).range()) else {
            return Err(EditError::OutOfRange(at.start));
        };
        if range.end > text.len() {
            return Err(EditError::OutOfRange(at.start));
        }
        if at.start < done {
            return Err(EditError::Overlap(at.start));
        }
        if !text.is_char_boundary(range.start) || !text.is_char_boundary(range.end) {
            return Err(EditError::CutsCharacter(at.start));
        }
        done = at.end;
    }
    Ok(())
}

/// What to put where, and which of several readings wants it.
pub(crate) type Change<'a> = (Range<u64>, &'a str, usize);

/// `text` with what several readings of it want changed: where, what stands there, and the number of the reading. Where
/// two want the same or overlap, all of it is cut, and the first text stands there.
pub(crate) fn edited(text: &str, mut edits: Vec<Change<'_>>) -> String {
    edits.sort_by_key(|(at, _, of)| (at.start, at.end, *of));
    let mut united: Vec<Change<'_>> = Vec::with_capacity(edits.len());
    for (at, with, of) in edits {
        match united.last_mut() {
            Some((last, put, other)) if at.start < last.end || (at == *last && of != *other) => {
                last.end = last.end.max(at.end);
                if put.is_empty() {
                    *put = with;
                }
            }
            _ => united.push((at, with, of)),
        }
    }
    let slice = |from: u64, to: u64| {
        let at = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        text.get(at(from)..at(to)).unwrap_or_default()
    };
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, with, _) in united {
        out.push_str(slice(done, at.start));
        out.push_str(with);
        done = at.end;
    }
    out + slice(done, text.len() as u64)
}
