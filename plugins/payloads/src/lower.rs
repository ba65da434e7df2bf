//! A text in lower case, to look for many things in.

use std::ops::Deref;

/// Bits of the filter: a pair of bytes has one.
const BITS: usize = 4096;

/// A text in lower case, and which pairs of bytes it has. Nearly all of what is looked for has a pair that a text has not, and
/// is known by it not to be there: a look at a few bits in place of a search.
#[derive(Debug)]
pub(crate) struct Lower {
    text: String,
    pairs: [u64; BITS / 64],
}

impl Lower {
    pub(crate) fn new(text: &str) -> Self {
        Self::of(text.to_ascii_lowercase())
    }

    /// Of a text that is in lower case.
    pub(crate) fn of(text: String) -> Self {
        let mut pairs = [0; BITS / 64];
        let mut last = 0;
        for b in text.bytes() {
            let bit = bit(last, b);
            if let Some(word) = pairs.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
            last = b;
        }
        Self { text, pairs }
    }

    /// Whether the text may have this: where it has not all its pairs, it has not.
    #[inline]
    pub(crate) fn may(&self, what: &str) -> bool {
        what.as_bytes().windows(2).all(|pair| match *pair {
            [a, b] => {
                let bit = bit(a, b);
                self.pairs.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
            }
            _ => true,
        })
    }

    /// Whether the text has this.
    #[inline]
    pub(crate) fn has(&self, what: &str) -> bool {
        self.may(what) && self.text.contains(what)
    }

    /// Whether it has one of these.
    pub(crate) fn has_any(&self, these: &[&str]) -> bool {
        these.iter().any(|what| self.has(what))
    }
}

impl Deref for Lower {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

#[inline]
fn bit(a: u8, b: u8) -> usize {
    (usize::from(a) << 5 ^ usize::from(b)) % BITS
}

#[cfg(test)]
mod tests;
