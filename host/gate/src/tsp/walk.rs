//! Goes through DER value by value: of the structures of RFC 3161 and RFC 5652 only a few members are needed.

use der::{AnyRef, Decode as _, Reader as _, SliceReader, Tag, TagNumber};

use super::TspError;

/// The values in a constructed one, in order.
pub(super) struct Walk<'a>(SliceReader<'a>);

/// `[number]`, constructed.
pub(super) fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

impl<'a> Walk<'a> {
    /// Over the contents of a constructed value, or over a whole file.
    pub(super) fn over(bytes: &'a [u8]) -> Result<Self, TspError> {
        SliceReader::new(bytes).map(Self).map_err(|_| TspError::Malformed("it is too long"))
    }

    /// Over what is in the next value, a SEQUENCE.
    pub(super) fn sequence(&mut self, what: &'static str) -> Result<Self, TspError> {
        Self::over(self.take(Tag::Sequence, what)?)
    }

    /// The contents of the next value, which has this tag.
    pub(super) fn take(&mut self, tag: Tag, what: &'static str) -> Result<&'a [u8], TspError> {
        self.optional(tag)?.ok_or(TspError::Malformed(what))
    }

    /// The contents of the next value if it has this tag.
    pub(super) fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>, TspError> {
        if self.0.is_finished() || Tag::peek(&self.0) != Ok(tag) {
            return Ok(None);
        }
        AnyRef::decode(&mut self.0).map(|any| Some(any.value())).map_err(|_| TspError::Malformed("a value ends early"))
    }

    /// The next value as it stands, with tag and length; `None` at the end.
    pub(super) fn raw(&mut self) -> Result<Option<&'a [u8]>, TspError> {
        if self.0.is_finished() {
            return Ok(None);
        }
        self.0.tlv_bytes().map(Some).map_err(|_| TspError::Malformed("a value ends early"))
    }

    /// Nothing may be left.
    pub(super) fn end(&self, what: &'static str) -> Result<(), TspError> {
        if self.0.is_finished() { Ok(()) } else { Err(TspError::Malformed(what)) }
    }
}
