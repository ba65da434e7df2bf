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
}

impl<'a> Plain<'a> {
    /// The word at the start of `text` and what stands after it; a line end for the end of the text.
    #[inline]
    pub(crate) fn read(text: &'a [u8]) -> Option<(Self, u8)> {
        let bytes = match text.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => eight(text),
        };
        let others = letters(bytes) ^ HIGH;
        let (len, head) = match others.trailing_zeros() {
            64 => {
                let rest = text.get(8..).unwrap_or_default();
                (8 + rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len()), bytes | (0x20 * EACH))
            }
            bit => ((bit / 8) as usize, (bytes | (0x20 * EACH)) & ((1 << (bit / 8 * 8)) - 1)),
        };
        let after = text.get(len).copied().unwrap_or(b'\n');
        // A digit, a sign that may stand for a letter, and what is not ASCII may go on with the word.
        let ends = after.is_ascii() && !after.is_ascii_digit() && !matches!(after, b'@' | b'$');
        let letters = text.get(..len).filter(|_| len > 1 && ends)?;
        Some((Self { letters, head }, after))
    }
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
