//! Documents that remember which bytes each segment came from.

use std::ops::Range;

use super::nested::encoded_twice;
use super::{Document, EditError, Segment, Span, TextEdit, check_edits};
use crate::json::{Leaf, Splice, encoded, splice};

/// Bytes of pointers for each segment allowed, on average. A long key above many values would repeat in all of theirs.
const POINTER_BYTES: usize = 256;

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

/// The document would exceed a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// More segments than the bound given.
    #[error("the body holds more than {0} texts: send fewer messages, tools or fields")]
    Segments(usize),
    /// The pointers of all segments would take more bytes than this.
    #[error("the names of the places of all texts are longer than {0} bytes: use shorter keys")]
    Pointers(usize),
}

impl DocumentError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Segments(_) => "too_many_segments",
            Self::Pointers(_) => "pointers_too_long",
        }
    }
}

/// Collects segments in the order of the body.
#[derive(Debug)]
pub struct DocumentBuilder {
    mapped: MappedDocument,
    max_segments: usize,
    /// Bytes that further pointers may take.
    pointers_left: usize,
    max_pointers: usize,
}

impl DocumentBuilder {
    /// An empty document of at most `max_segments`.
    #[must_use]
    pub fn new(max_segments: usize) -> Self {
        let max_pointers = max_segments.saturating_mul(POINTER_BYTES).max(1 << 20);
        Self { mapped: MappedDocument::default(), max_segments, pointers_left: max_pointers, max_pointers }
    }

    /// Adds a segment with the decoded `text`, which stands at `source` in the original.
    ///
    /// # Errors
    /// [`DocumentError`] once there are more segments than the bound, or their pointers take more than 256 bytes for each
    /// segment of the bound (1 MiB at least).
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
            return Err(DocumentError::Segments(self.max_segments));
        }
        let left = self.pointers_left.checked_sub(pointer.len());
        self.pointers_left = left.ok_or(DocumentError::Pointers(self.max_pointers))?;
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
    /// Adds a text from beside the body, called `name`: read, and never edited.
    pub(crate) fn append(&mut self, name: &str, text: &str) {
        let document = &mut self.document;
        if !document.segments.is_empty() {
            document.text.push('\n');
        }
        let start = document.text.len();
        document.text.push_str(text);
        document.segments.push(Segment {
            role: String::new(),
            kind: "value".to_owned(),
            name: Some(name.to_owned()),
            pointer: String::new(),
            at: Span::of(start..document.text.len()),
        });
        self.sources.push(Source::Reading(0..0));
    }

    /// What policies read.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Carries `edits` into `original`, the bytes that this document was taken from. Only strings that an edit
    /// touches are written anew; without edits the bytes come back as they were.
    ///
    /// # Errors
    /// [`EditError`] if the edits overlap, leave their segment, cut a character, or change a key, what is signed, or what is
    /// only another reading.
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
            let source = &self.sources[index];
            let token = match source {
                Source::Value(token) | Source::Nested(token) => token.clone(),
                Source::Key(_) => return Err(EditError::OfKey(first.at.start)),
                Source::Signed(_) => return Err(EditError::OfSigned(first.at.start)),
                Source::Reading(_) => return Err(EditError::OfReading(first.at.start)),
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
            let nested = matches!(source, Source::Nested(_));
            splices.push(Splice { at: token, with: if nested { encoded_twice(&text) } else { encoded(&text) } });
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
