//! One frame: its raw bytes, and where in them its fields stand.

use std::borrow::Cow;
use std::ops::Range;

/// All lines up to and with the blank one that ends them, without comments and unknown fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub(super) raw: String,
    /// The values of the `data` lines, in order.
    pub(super) data: Vec<Range<usize>>,
    pub(super) event: Option<Range<usize>>,
    pub(super) id: Option<Range<usize>>,
}

impl Frame {
    /// A text that is data from end to end, without framing: the body of a unary answer.
    pub(crate) fn unframed(raw: String) -> Self {
        Self { data: std::iter::once(0..raw.len()).collect(), raw, event: None, id: None }
    }

    /// Where in [`Self::raw`] a range of [`Self::data`] stands. A range over several `data` lines covers the framing
    /// between them.
    pub(crate) fn in_raw(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset_in_raw(range.start);
        let end = if range.is_empty() { start } else { self.offset_in_raw(range.end - 1) + 1 };
        start..end
    }

    fn offset_in_raw(&self, offset: usize) -> usize {
        let mut before = 0;
        for line in &self.data {
            // One more than its length: the line feed that joins it to the next line of the data.
            if offset <= before + line.len() {
                return line.start + (offset - before);
            }
            before += line.len() + 1;
        }
        self.raw.len()
    }

    /// The bytes as they came.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The bytes as they came, moved out.
    #[must_use]
    pub fn into_raw(self) -> String {
        self.raw
    }

    /// The data, its lines joined by `"\n"`; `None` if there is no `data` line.
    #[must_use]
    pub fn data(&self) -> Option<Cow<'_, str>> {
        match self.data.as_slice() {
            [] => None,
            [line] => Some(Cow::Borrowed(&self.raw[line.clone()])),
            lines => {
                let lines: Vec<&str> = lines.iter().map(|line| &self.raw[line.clone()]).collect();
                Some(Cow::Owned(lines.join("\n")))
            }
        }
    }

    /// The ranges of the `data` lines' values in [`Self::raw`], in order.
    #[must_use]
    pub fn data_lines(&self) -> &[Range<usize>] {
        &self.data
    }

    /// The event name.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event_range().map(|range| &self.raw[range])
    }

    /// The event id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id_range().map(|range| &self.raw[range])
    }

    /// Where the event name stands in [`Self::raw`].
    #[must_use]
    pub fn event_range(&self) -> Option<Range<usize>> {
        self.event.clone()
    }

    /// Where the event id stands in [`Self::raw`].
    #[must_use]
    pub fn id_range(&self) -> Option<Range<usize>> {
        self.id.clone()
    }
}
