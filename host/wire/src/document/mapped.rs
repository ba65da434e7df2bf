//! Documents that remember which bytes each segment came from.

use std::collections::BTreeMap;

use super::edit::{Change, edited};
use super::nested::encoded_twice;
use super::{Document, EditError, Piece, Segment, Source, Span, TextEdit, check_edits};
use crate::json::{Splice, encoded, splice};

/// Which of two readings wants a change, the one that sees more first: where they overlap, its text stands.
const JOINED: usize = 0;
const OWN: usize = 1;

/// A document and the way back into the bytes that it was taken from.
#[derive(Clone, Debug, Default)]
pub struct MappedDocument {
    pub(super) document: Document,
    /// One for each segment.
    pub(super) sources: Vec<Source>,
}

impl MappedDocument {
    /// Adds a text from beside the body, called `name`: read, and never edited.
    pub fn append(&mut self, name: &str, text: &str) {
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
        let mut changes: BTreeMap<usize, Vec<Change<'_>>> = BTreeMap::new();
        for edit in edits {
            let at = edit.at.start;
            let index = self.segment_of(edit.at)?;
            let start = self.document.segments[index].at.start;
            let local = edit.at.start - start..edit.at.end - start;
            match &self.sources[index] {
                Source::Value(_) | Source::Nested(_) => {
                    changes.entry(index).or_default().push((local, &edit.text, OWN));
                }
                Source::Joined(pieces) => {
                    let local = Span::new(local.start, local.end).range().ok_or(EditError::OutOfRange(at))?;
                    let mut text = edit.text.as_str();
                    for (segment, place) in Piece::covered(pieces, local) {
                        let segment = segment.ok_or(EditError::OfReading(at))?;
                        let place = Span::of(place);
                        let with = std::mem::take(&mut text);
                        changes.entry(segment).or_default().push((place.start..place.end, with, JOINED));
                    }
                }
                Source::Key(_) => return Err(EditError::OfKey(at)),
                Source::Signed(_) => return Err(EditError::OfSigned(at)),
                Source::Reading(_) => return Err(EditError::OfReading(at)),
            }
        }
        Ok(changes.into_iter().filter_map(|(index, changes)| self.splice(index, changes)).collect())
    }

    /// What stands at a segment's place once it is changed.
    fn splice(&self, index: usize, changes: Vec<Change<'_>>) -> Option<Splice> {
        let text = edited(self.document.text_of(self.document.segments.get(index)?), changes);
        match self.sources.get(index)? {
            Source::Value(token) => Some(Splice { at: token.clone(), with: encoded(&text) }),
            Source::Nested(token) => Some(Splice { at: token.clone(), with: encoded_twice(&text) }),
            Source::Key(_) | Source::Signed(_) | Source::Joined(_) | Source::Reading(_) => None,
        }
    }

    fn segment_of(&self, at: Span) -> Result<usize, EditError> {
        let after = self.document.segments.partition_point(|segment| segment.at.start <= at.start);
        match after.checked_sub(1) {
            Some(index) if at.end <= self.document.segments[index].at.end => Ok(index),
            _ => Err(EditError::CrossesSegments(at.start)),
        }
    }
}
