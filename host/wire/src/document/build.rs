//! Documents that remember which bytes each segment came from.

use std::ops::Range;

use super::{Document, EditError, Segment, Span, TextEdit, check_edits};
use crate::json::{Splice, encode_string, splice};

/// Where in the original JSON a segment comes from: the range of the token, with its quotes if it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value; an edit replaces the token by a JSON string.
    Value(Range<usize>),
    /// A key; it cannot be edited.
    Key(Range<usize>),
}

/// The document would exceed its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body holds more than {0} texts: send fewer messages, tools or fields")]
pub struct DocumentError(
    /// The bound on segments.
    pub usize,
);

impl DocumentError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        "too_many_segments"
    }
}

/// Collects segments in the order of the body.
#[derive(Debug)]
pub struct DocumentBuilder {
    mapped: MappedDocument,
    max_segments: usize,
}

impl DocumentBuilder {
    /// An empty document of at most `max_segments`.
    #[must_use]
    pub fn new(max_segments: usize) -> Self {
        Self { mapped: MappedDocument::default(), max_segments }
    }

    /// Adds a segment with the decoded `text`, which stands at `source` in the original.
    ///
    /// # Errors
    /// [`DocumentError`] once there are more segments than the bound.
    pub fn push(
        &mut self,
        role: &str,
        kind: &str,
        name: Option<&str>,
        pointer: String,
        text: &str,
        source: Source,
    ) -> Result<(), DocumentError> {
        let document = &mut self.mapped.document;
        if document.segments.len() >= self.max_segments {
            return Err(DocumentError(self.max_segments));
        }
        if !document.segments.is_empty() {
            document.text.push('\n');
        }
        let start = document.text.len();
        document.text.push_str(text);
        document.segments.push(Segment {
            role: role.to_owned(),
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            pointer,
            at: Span::of(start..document.text.len()),
        });
        self.mapped.sources.push(source);
        Ok(())
    }

    /// The document as it stands.
    #[must_use]
    pub fn finish(self) -> MappedDocument {
        self.mapped
    }
}

/// A document and the way back into the bytes that it was taken from.
#[derive(Clone, Debug, Default)]
pub struct MappedDocument {
    document: Document,
    /// One for each segment.
    sources: Vec<Source>,
}

impl MappedDocument {
    /// What policies read.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Carries `edits` into `original`, the bytes that this document was taken from. Only strings that an edit
    /// touches are written anew; without edits the bytes come back as they were.
    ///
    /// # Errors
    /// [`EditError`] if the edits overlap, leave their segment, cut a character or change a key.
    pub fn apply(&self, original: &[u8], edits: &[TextEdit]) -> Result<Vec<u8>, EditError> {
        let splices = self.splices(edits)?;
        // Sources are disjoint tokens of `original`; only bytes of another body can fail here.
        splice(original, splices).map_err(|_| EditError::OutOfRange(0))
    }

    /// The replacements of raw JSON tokens that `edits` amount to.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn splices(&self, edits: &[TextEdit]) -> Result<Vec<Splice>, EditError> {
        check_edits(&self.document.text, 0, edits)?;
        let mut splices = Vec::new();
        let mut rest = edits;
        while let Some(first) = rest.first() {
            let index = self.segment_of(first.at)?;
            let segment = &self.document.segments[index];
            let Source::Value(token) = &self.sources[index] else {
                return Err(EditError::OfKey(first.at.start));
            };
            let here = rest.iter().take_while(|edit| edit.at.start <= segment.at.end).count();
            let mut text = String::new();
            let mut done = segment.at.start;
            for edit in &rest[..here] {
                if edit.at.end > segment.at.end {
                    return Err(EditError::CrossesSegments(edit.at.start));
                }
                text.push_str(self.slice(done, edit.at.start));
                text.push_str(&edit.text);
                done = edit.at.end;
            }
            text.push_str(self.slice(done, segment.at.end));
            let mut with = String::with_capacity(text.len() + 2);
            encode_string(&text, &mut with);
            splices.push(Splice { at: token.clone(), with });
            rest = &rest[here..];
        }
        Ok(splices)
    }

    fn segment_of(&self, at: Span) -> Result<usize, EditError> {
        let after = self.document.segments.partition_point(|segment| segment.at.start <= at.start);
        match after.checked_sub(1) {
            Some(index) if at.end <= self.document.segments[index].at.end => Ok(index),
            _ => Err(EditError::CrossesSegments(at.start)),
        }
    }

    fn slice(&self, start: u64, end: u64) -> &str {
        Span::new(start, end).range().and_then(|range| self.document.text.get(range)).unwrap_or_default()
    }
}
