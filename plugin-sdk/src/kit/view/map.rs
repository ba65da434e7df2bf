//! From a text that was made of another one back to it.

use std::ops::Range;

/// From `at` on, every `width` bytes of the made text come from `length` bytes of the other one: the first from those at
/// `from`, the next from those `stride` further on.
///
/// A copy is 1, 1, 1; base64 3, 4, 4; `%41` 1, 3, 3; letters with a space after each 1, 1, 2; a text read backwards 1, 1, -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    at: u32,
    from: u32,
    stride: i16,
    length: u8,
    width: u8,
}

/// Pieces in the order of the made text.
#[derive(Debug, Clone, Default)]
pub(super) struct Map(Vec<Piece>);

impl Map {
    /// What a range of the made text was made of: all units that it touches, and what stands between them.
    pub(super) fn back(&self, at: Range<usize>) -> Range<usize> {
        let Some(mut last) = at.end.checked_sub(1).filter(|last| *last >= at.start) else {
            let start = self.unit(at.start).map_or(0, |unit| unit.start);
            return start..start;
        };
        let mut hull: Option<Range<usize>> = None;
        loop {
            // Inside a piece its ends are enough.
            let first = self.piece(last).and_then(|i| self.0.get(i)).map_or(at.start, |piece| piece.at as usize);
            let first = first.max(at.start);
            for unit in [first, last].into_iter().filter_map(|at| self.unit(at)) {
                let known = hull.unwrap_or_else(|| unit.clone());
                hull = Some(known.start.min(unit.start)..known.end.max(unit.end));
            }
            if first == at.start {
                return hull.unwrap_or(0..0);
            }
            last = first - 1;
        }
    }

    fn piece(&self, at: usize) -> Option<usize> {
        self.0.partition_point(|piece| piece.at as usize <= at).checked_sub(1)
    }

    fn unit(&self, at: usize) -> Option<Range<usize>> {
        let piece = self.piece(at).and_then(|i| self.0.get(i))?;
        let nth = (at - piece.at as usize) / usize::from(piece.width.max(1));
        let from = i64::from(piece.from) + i64::try_from(nth).ok()? * i64::from(piece.stride);
        let start = usize::try_from(from).ok()?;
        Some(start..start + usize::from(piece.length))
    }
}

/// Makes a text, and the map with it.
#[derive(Debug)]
pub(super) struct Maker {
    text: String,
    map: Map,
    /// Bytes of text and map that may still be made.
    room: usize,
}

impl Maker {
    pub(super) fn new(room: usize) -> Self {
        Self { text: String::new(), map: Map::default(), room }
    }

    /// Whether there is room for more; where there is none, the text ends.
    pub(super) fn has_room(&self) -> bool {
        self.left() > 64
    }

    /// Bytes of text that fit, with a piece or two.
    fn left(&self) -> usize {
        self.room.saturating_sub(self.bytes() + 2 * size_of::<Piece>())
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.map.0.len() * size_of::<Piece>()
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// A part of the other text, which stands there at `from`, as it is.
    pub(super) fn copy(&mut self, part: &str, from: usize) {
        let part = part.get(..part.floor_char_boundary(self.left())).unwrap_or_default();
        if !part.is_empty() {
            self.piece(from, 1, 1, 1);
            self.text.push_str(part);
        }
    }

    /// A character made of `length` bytes at `from`.
    pub(super) fn push(&mut self, c: char, from: usize, length: usize) {
        let width = c.len_utf8();
        self.piece(from, width, length, i16::try_from(length).unwrap_or(i16::MAX));
        self.text.push(c);
    }

    /// A character that stands at `from`, after which nothing is read that stands before `from + stride`; or, where that is
    /// negative, a character that is read backwards.
    pub(super) fn step(&mut self, c: char, from: usize, stride: i16) {
        self.piece(from, c.len_utf8(), c.len_utf8(), stride);
        self.text.push(c);
    }

    /// Text of which every `width` bytes were made of `length` bytes, and the last ones of the rest of `from`.
    pub(super) fn units(&mut self, text: &str, from: Range<usize>, width: usize, length: usize) {
        let text = text.get(..text.floor_char_boundary(self.left())).unwrap_or_default();
        let (whole, rest) = (text.len() / width, text.len() % width);
        let stride = i16::try_from(length).unwrap_or(i16::MAX);
        if whole > 0 {
            self.piece(from.start, width, length, stride);
        }
        if rest > 0 {
            let left = from.start + whole * length;
            let piece = made_at(self.text.len() + whole * width, left, rest, from.end.saturating_sub(left), stride);
            self.map.0.push(piece);
        }
        self.text.push_str(text);
    }

    fn piece(&mut self, from: usize, width: usize, length: usize, stride: i16) {
        let new = made_at(self.text.len(), from, width, length, stride);
        if let Some(last) = self.map.0.last() {
            let (bytes, width) = (new.at - last.at, u32::from(last.width).max(1));
            let same = (last.width, last.length, last.stride) == (new.width, new.length, new.stride);
            let expected = i64::from(last.from) + i64::from(bytes / width) * i64::from(last.stride);
            if same && bytes.is_multiple_of(width) && expected == i64::from(new.from) {
                return;
            }
        }
        self.map.0.push(new);
    }

    /// The text and its map; and how many bytes they take.
    pub(super) fn done(self) -> (String, Map, usize) {
        let bytes = self.bytes();
        (self.text, self.map, bytes)
    }
}

fn made_at(at: usize, from: usize, width: usize, length: usize, stride: i16) -> Piece {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    Piece { at: narrow(at), from: narrow(from), stride, length: small(length), width: small(width) }
}

#[cfg(test)]
mod tests;
