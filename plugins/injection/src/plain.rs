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
        let lower = bytes | (0x20 * EACH);
        // Eight for each letter.
        let bits = (letters(bytes) ^ HIGH).trailing_zeros() & !7;
        let (len, head, after) = if bits < 64 {
            // Behind the text's end are zeros, and a zero ends a word as any sign does.
            let [after, ..] = (bytes >> bits).to_le_bytes();
            ((bits >> 3) as usize, lower & ((1 << bits) - 1), if after == 0 { end(text, bits) } else { after })
        } else {
            let rest = text.get(8..).unwrap_or_default();
            let more = rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
            (more.wrapping_add(8), lower, rest.get(more).copied().unwrap_or(b'\n'))
        };
        // A digit, a sign that may stand for a letter, and what is not ASCII may go on with the word.
        let ends = after == b' ' || after.is_ascii() && !after.is_ascii_digit() && !matches!(after, b'@' | b'$');
        let letters = text.get(..len).filter(|_| len > 1 && ends)?;
        Some((Self { letters, head }, after))
    }
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
