//! Putting documents together.

use super::{MappedDocument, Segment, Source, Span};

/// Bytes of pointers for each segment allowed, on average. A long key above many values would repeat in all of theirs.
const POINTER_BYTES: usize = 256;

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

    /// How many segments there are.
    pub(crate) fn segments(&self) -> usize {
        self.mapped.document.segments.len()
    }

    /// The segment from `first` on with this source.
    pub(crate) fn find(&self, first: usize, source: &Source) -> Option<usize> {
        let found = self.mapped.sources.get(first..)?.iter().position(|other| other == source);
        found.map(|at| first + at)
    }

    /// The document as it stands.
    #[must_use]
    pub fn finish(self) -> MappedDocument {
        self.mapped
    }
}
