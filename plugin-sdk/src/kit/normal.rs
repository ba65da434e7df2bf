//! A text as a reader sees it, and the way back.

use std::ops::Range;

use super::fold::{Fold, Folded};

/// Characters in a row that are dropped. The rest of the row stays as it is: so what one character of the normalised text
/// stands for is bounded, and padding cannot make a session hold back without end.
const MAX_DROPPED: usize = 8;

/// Bytes of the original that one byte of the normalised text can stand for, with what was dropped beside it. As many
/// before a place tell how a row of dropped characters is read from there on.
pub(super) const REACH: usize = (MAX_DROPPED + 1) * 4;

/// Normalised text, with a map from its offsets to those of the original.
///
/// Text that nothing is changed in but the case of ASCII letters has no map at all; each other change takes 8 bytes.
///
/// ```
/// use witgate_sdk::kit::{Fold, Normal};
///
/// let original = "Der ＧＥＨＥＩＭ\u{200b}\u{200b}е Plan"; // full-width, hidden characters, a Cyrillic е
/// let normal = Normal::new(original, Fold::default());
/// assert_eq!((normal.text(), normal.dropped()), ("der geheime plan", 2));
/// let at = normal.text().find("geheime").unwrap();
/// assert_eq!(&original[normal.original(at..at + 7)], "ＧＥＨＥＩＭ\u{200b}\u{200b}е");
/// ```
#[derive(Debug, Clone)]
pub struct Normal<'a> {
    original: &'a str,
    text: String,
    runs: Vec<Run>,
    dropped: usize,
}

/// From `normal` on, up to the next run, the text is what stands at `original`: byte for byte, or one character that was
/// changed.
#[derive(Debug, Clone, Copy)]
struct Run {
    normal: u32,
    /// The highest bit: one character that was changed.
    original: u32,
}

impl Run {
    const CHANGED: u32 = 1 << 31;

    fn new(normal: usize, original: usize, changed: bool) -> Self {
        // Texts of 2 GiB do not fit into a guest.
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX) & !Self::CHANGED;
        Self { normal: narrow(normal), original: narrow(original) | if changed { Self::CHANGED } else { 0 } }
    }

    fn normal(self) -> usize {
        self.normal as usize
    }

    fn original(self) -> usize {
        (self.original & !Self::CHANGED) as usize
    }

    fn changed(self) -> bool {
        self.original & Self::CHANGED != 0
    }
}

impl<'a> Normal<'a> {
    /// Normalises a text, in one pass.
    #[must_use]
    pub fn new(original: &'a str, fold: Fold) -> Self {
        let mut normal = Self { original, text: String::with_capacity(original.len()), runs: vec![], dropped: 0 };
        let (mut at, mut in_a_row) = (0, 0);
        // Whether what comes next belongs to the run that is open.
        let mut in_step = true;
        while let Some(rest) = original.get(at..).filter(|rest| !rest.is_empty()) {
            let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
            if ascii > 0 {
                normal.step(at, &mut in_step);
                let plain = rest.get(..ascii).unwrap_or_default();
                let from = normal.text.len();
                normal.text.push_str(plain);
                if fold.case
                    && let Some(new) = normal.text.get_mut(from..)
                {
                    new.make_ascii_lowercase();
                }
                (at, in_a_row) = (at + ascii, 0);
                continue;
            }
            let Some(c) = rest.chars().next() else { break };
            let folded = fold.read(c);
            in_a_row = if folded == Folded::Dropped { in_a_row + 1 } else { 0 };
            match folded {
                Folded::Dropped if in_a_row > MAX_DROPPED => {
                    normal.step(at, &mut in_step);
                    normal.text.push(c);
                }
                Folded::Dropped => {
                    normal.dropped += 1;
                    in_step = false;
                }
                Folded::Same => {
                    normal.step(at, &mut in_step);
                    normal.text.push(c);
                }
                Folded::One(to) => {
                    normal.runs.push(Run::new(normal.text.len(), at, true));
                    normal.text.push(to);
                    in_step = false;
                }
                Folded::Two(a, b) => {
                    normal.runs.push(Run::new(normal.text.len(), at, true));
                    normal.text.extend([a, b]);
                    in_step = false;
                }
            }
            at += c.len_utf8();
        }
        normal
    }

    /// What follows stands for the same number of bytes, from `original` on.
    fn step(&mut self, original: usize, in_step: &mut bool) {
        if !*in_step {
            self.runs.push(Run::new(self.text.len(), original, false));
            *in_step = true;
        }
    }

    /// The normalised text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many characters were dropped: in a text that should have none, a sign of something to hide.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// What a span of the normalised text stands for in the original: from the character that its first byte comes from to
    /// the end of the one that its last byte comes from. Always on character boundaries; marks and hidden characters inside
    /// are part of it, those after it are not.
    #[must_use]
    pub fn original(&self, at: Range<usize>) -> Range<usize> {
        let start = self.start_of(at.start);
        let Some(last) = at.end.checked_sub(1).filter(|last| *last >= at.start) else {
            return start..start;
        };
        let (first, changed) = self.source(last);
        let mut end = first;
        if changed {
            end += self.original.get(first..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        } else {
            end = self.original.ceil_char_boundary(end + 1);
        }
        start..end.max(start)
    }

    /// Where in the normalised text stands what begins at `original` or after it.
    #[must_use]
    pub fn normal(&self, original: usize) -> usize {
        let after = self.runs.partition_point(|run| run.original() <= original);
        let next = self.runs.get(after).map_or(self.text.len(), |run| run.normal());
        let (normal, began, changed) = match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) => (run.normal(), run.original(), run.changed()),
            None => (0, 0, false),
        };
        match original - began {
            0 => normal,
            _ if changed => next,
            step => (normal + step).min(next),
        }
    }

    /// Where what stands at `normal` begins in the original.
    pub(super) fn start_of(&self, normal: usize) -> usize {
        match normal < self.text.len() {
            true => self.original.floor_char_boundary(self.source(normal).0),
            false => self.original.len(),
        }
    }

    /// Where the byte at `normal` comes from, and whether from a character that was changed.
    fn source(&self, normal: usize) -> (usize, bool) {
        let after = self.runs.partition_point(|run| run.normal() <= normal);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) if run.changed() => (run.original(), true),
            Some(run) => (run.original() + (normal - run.normal()), false),
            None => (normal, false),
        }
    }
}

#[cfg(test)]
mod tests;
