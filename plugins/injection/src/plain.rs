//! Plain words, which are most words: two or more ASCII letters, and nothing around them that belongs to a word. They are
//! read eight letters at a time.

/// Every byte of eight.
const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * EACH;

/// A plain word as it stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain<'a> {
    /// In either case.
    pub(crate) letters: &'a [u8],
    /// The first eight letters in lower case, the first one lowest, zeros after the word's end: as [`eight`] has them.
    pub(crate) head: u64,
    /// The first letters as they stand.
    written: u64,
}

impl<'a> Plain<'a> {
    /// The word at the start of `text` and what stands after it; a line end for the end of the text.
    #[inline]
    pub(crate) fn read(text: &'a [u8]) -> Option<(Self, u8)> {
        if let Some(word) = Self::short(text) {
            return Some((word, b' '));
        }
        if !text.first().is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        Self::any(text)
    }

    /// The same for any.
    #[inline(never)]
    fn any(text: &'a [u8]) -> Option<(Self, u8)> {
        let bytes = match text.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => eight(text),
        };
        let bits = length(bytes);
        let (len, head, after) = if bits < 64 {
            // Behind the text's end are zeros, and a zero ends a word as any sign does.
            let [after, ..] = (bytes >> bits).to_le_bytes();
            ((bits >> 3) as usize, lower(bytes, bits), if after == 0 { end(text, bits) } else { after })
        } else {
            let len = long(text);
            (len, bytes | (0x20 * EACH), text.get(len).copied().unwrap_or(b'\n'))
        };
        // A digit, a sign that may stand for a letter, and what is not ASCII may go on with the word.
        let ends = after == b' ' || after.is_ascii() && !after.is_ascii_digit() && !matches!(after, b'@' | b'$');
        let letters = text.get(..len).filter(|_| len > 1 && ends)?;
        Some((Self { letters, head, written: bytes }, after))
    }

    /// Most of them: of two to seven letters, with a space after them.
    #[inline]
    fn short(text: &'a [u8]) -> Option<Self> {
        let chunk = text.first_chunk::<8>()?;
        let bytes = u64::from_le_bytes(*chunk);
        let bits = length(bytes);
        if !(16..64).contains(&bits) || bytes >> bits & 0xff != u64::from(b' ') {
            return None;
        }
        Some(Self { letters: chunk.get(..(bits >> 3) as usize)?, head: lower(bytes, bits), written: bytes })
    }

    /// Whether it is written with one capital letter, the first.
    #[inline]
    pub(crate) fn is_capital(self) -> bool {
        self.written & 0x2020 == 0x2000
    }
}

/// Eight for each letter before what is none, of eight bytes.
#[inline]
fn length(bytes: u64) -> u32 {
    (letters(bytes) ^ HIGH).trailing_zeros() & !7
}

/// So many bits of eight letters, in lower case.
#[inline]
fn lower(bytes: u64, bits: u32) -> u64 {
    (bytes | (0x20 * EACH)) & !(u64::MAX << bits)
}

/// How many letters there are at the start of a text, of which the first eight are known.
fn long(text: &[u8]) -> usize {
    let mut len = 8_usize;
    while let Some(bytes) = text.get(len..).and_then(<[u8]>::first_chunk) {
        let bits = length(u64::from_le_bytes(*bytes));
        len = len.wrapping_add((bits >> 3) as usize);
        if bits < 64 {
            return len;
        }
    }
    let rest = text.get(len..).unwrap_or_default();
    len.wrapping_add(rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len()))
}

/// What stands behind a word where a zero was read: it, or the text's end.
#[cold]
fn end(text: &[u8], bits: u32) -> u8 {
    text.get((bits >> 3) as usize).copied().unwrap_or(b'\n')
}

/// Up to eight bytes as a number, the first one lowest.
#[inline]
pub(crate) fn eight(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |eight, b| eight << 8 | u64::from(*b))
}

/// The highest bit of each byte that is an ASCII letter.
#[inline]
fn letters(bytes: u64) -> u64 {
    let lower = (bytes | (0x20 * EACH)) & !HIGH;
    // No sum goes beyond its byte: both are below 0x9f.
    let from_a = lower.wrapping_add((0x80 - 0x61) * EACH);
    let beyond_z = lower.wrapping_add((0x7f - 0x7a) * EACH);
    from_a & !beyond_z & !bytes & HIGH
}

#[cfg(test)]
mod tests;
