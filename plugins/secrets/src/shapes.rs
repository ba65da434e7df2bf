//! All shapes, found by the first two bytes of their prefixes.

use crate::checksum;
#[cfg(test)]
use crate::providers::Row;
use crate::providers::SHAPES;
use crate::shape::{Alphabet, Shape};
use crate::value::{self, Value};
use crate::view::{Open, View};

/// A key with a shape: whose it is, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keyed {
    /// Index of the shape.
    pub(crate) shape: u16,
    pub(crate) end: usize,
}

/// The built-in shapes and the operator's own.
#[derive(Debug)]
pub(crate) struct Shapes {
    own: Vec<OwnShape>,
    /// First two bytes of a prefix and the shape, in order.
    index: Vec<(u16, u16)>,
    /// Which first two bytes there are.
    begins: [u64; 256],
    /// The shortest key of the built-in shapes, and of the operator's.
    pub(crate) shortest: usize,
    pub(crate) shortest_own: Option<usize>,
}

/// A shape that the operator describes.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnShape {
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) alphabet: Alphabet,
    pub(crate) least: u16,
    pub(crate) most: u16,
}

fn pair(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [a, b, ..] if a.is_ascii() && b.is_ascii() => Some(u16::from(*a) << 7 | u16::from(*b)),
        _ => None,
    }
}

impl Shapes {
    pub(crate) fn new(own: Vec<OwnShape>) -> Self {
        let prefixes = SHAPES.iter().map(|row| row.1).chain(own.iter().map(|shape| shape.prefix.as_str()));
        let mut index: Vec<(u16, u16)> = prefixes
            .enumerate()
            .filter_map(|(i, prefix)| Some((pair(prefix.as_bytes())?, u16::try_from(i).ok()?)))
            .collect();
        // The longest prefix is the most telling: it is tried first.
        let length = |i: u16| Self::row(&own, i).map_or(0, |shape| shape.prefix.len());
        index.sort_by_key(|(pair, i)| (*pair, usize::MAX - length(*i)));
        let mut begins = [0u64; 256];
        for (pair, _) in &index {
            if let Some(word) = begins.get_mut(usize::from(pair >> 6)) {
                *word |= 1 << (pair & 63);
            }
        }
        let shortest_own = own.iter().map(|shape| shape.prefix.len() + usize::from(shape.least)).min();
        let built_in = SHAPES.iter().map(|row| row.1.len() + usize::from(row.3)).min().unwrap_or(0);
        Self { own, index, begins, shortest: built_in.min(shortest_own.unwrap_or(built_in)), shortest_own }
    }

    fn row(own: &[OwnShape], index: u16) -> Option<Shape<'_>> {
        let index = usize::from(index);
        match SHAPES.get(index) {
            Some(&(provider, prefix, alphabet, least, most)) => {
                Some(Shape { provider, prefix, alphabet, least: least.into(), most: most.into() })
            }
            None => own.get(index - SHAPES.len()).map(|own| Shape {
                provider: &own.name,
                prefix: &own.prefix,
                alphabet: own.alphabet,
                least: own.least.into(),
                most: own.most.into(),
            }),
        }
    }

    /// Whose key it is.
    pub(crate) fn provider(&self, shape: u16) -> &str {
        Self::row(&self.own, shape).map_or("", |shape| shape.provider)
    }

    /// Whether a prefix may begin with these two bytes.
    #[inline]
    pub(crate) fn may_begin(&self, a: u8, b: u8) -> bool {
        let pair = usize::from(a) << 7 | usize::from(b);
        a.is_ascii() && b.is_ascii() && self.begins.get(pair >> 6).is_some_and(|word| word >> (pair & 63) & 1 == 1)
    }

    /// The key that begins at `start`, where an alphanumeric character does.
    pub(crate) fn at(&self, view: View<'_>, start: usize) -> Result<Option<Keyed>, Open> {
        let Some(pair) = pair(view.rest(start)) else { return Ok(None) };
        let first = self.index.partition_point(|(p, _)| *p < pair);
        let rows = self.index.get(first..).unwrap_or_default();
        for &(_, index) in rows.iter().take_while(|(p, _)| *p == pair) {
            let Some(shape) = Self::row(&self.own, index) else { continue };
            let Some(end) = shape.end(view, start)? else { continue };
            let is_own = usize::from(index) >= SHAPES.len();
            if is_own || is_key(&shape, view.bytes(start..end), view.before(start)) {
                return Ok(Some(Keyed { shape: index, end }));
            }
        }
        Ok(None)
    }
}

/// Whether what has the shape is a key: its checksum fits, or it is no stand-in and looks random.
fn is_key(shape: &Shape<'_>, key: &[u8], before: Option<u8>) -> bool {
    let marked = shape.prefix.bytes().any(|b| !b.is_ascii_alphanumeric());
    // In base64 any letters come together.
    if matches!(before, Some(b'+')) || !marked && matches!(before, Some(b'/' | b'-' | b'_' | b'.')) {
        return false;
    }
    if checksum::fits(key) == Some(true) {
        return true;
    }
    let body = key.get(shape.prefix.len()..).unwrap_or_default();
    let value = Value::of(body);
    let random = value.len * 4 >= 80 || value.entropy >= 220;
    // A prefix of four says enough where a digit follows (one key in six hundred has none), or exactly so many characters.
    let exact = shape.least == shape.most && shape.least >= 30;
    let telling = shape.prefix.len() >= 4 && marked && (shape.prefix.len() >= 6 || value.digits > 0 || exact);
    random
        && value.distinct >= 6
        && !value::is_template(body)
        && !value::contains(body, b"XXXXXX")
        && !value::contains(body, b"xxxxxx")
        && !key.ends_with(b"EXAMPLE")
        && (telling || (value.digits > 0 || marked && value.len >= 30) && !value::is_wordy(body))
        && !(shape.alphabet == Alphabet::Upper && value.digits == 0 && value::is_wordy(body))
}

/// A row of the table is well formed.
#[cfg(test)]
pub(crate) fn well_formed(row: &Row) -> bool {
    row.1.len() >= 2 && row.3 <= row.4 && pair(row.1.as_bytes()).is_some()
}

#[cfg(test)]
mod tests;
