//! A linear scorer over what a text is made of: runs of three and four characters, and runs of SQL tokens in each of the
//! three readings. Trained by `train/train.rs`; the weights are one byte each.

use crate::sql::token::{Token, read};

/// How many buckets features fall into.
pub const BUCKETS: usize = 1 << 14;
/// How many scores there are.
pub const HEADS: usize = 4;
/// Bytes before the weights: a scale and a bias a head, each an `i32` in 1/65536.
pub const HEADER: usize = HEADS * 8;
/// Longest text that is scored at once.
pub(crate) const WINDOW: usize = 1024;

/// What a text is made of, as buckets. Made once, used for many texts.
#[derive(Debug)]
pub(crate) struct Features {
    seen: Vec<u64>,
    buckets: Vec<u16>,
}

impl Default for Features {
    fn default() -> Self {
        Self { seen: vec![0; BUCKETS / 64], buckets: Vec::with_capacity(512) }
    }
}

impl Features {
    /// The buckets of a decoded text, each once, in the order they came. `tokens` is room to work in.
    pub(crate) fn of(&mut self, text: &str, tokens: &mut Vec<Token>) -> &[u16] {
        for bucket in self.buckets.drain(..) {
            if let Some(word) = self.seen.get_mut(usize::from(bucket) / 64) {
                *word = 0;
            }
        }
        let text = text.get(..text.floor_char_boundary(WINDOW)).unwrap_or_default();
        self.characters(text);
        self.tokens(text, None, 1, tokens);
        for (quote, context) in [(b'\'', 2), (b'"', 3)] {
            if text.as_bytes().contains(&quote) {
                self.tokens(text, Some(quote), context, tokens);
            }
        }
        &self.buckets
    }

    /// Runs of three and four characters: letters in lower case, digits and blanks as one each.
    fn characters(&mut self, text: &str) {
        let mut last = 2_u32;
        let mut previous = 2_u8;
        let mut feed = |byte: u8, add: &mut dyn FnMut(u32)| {
            last = last << 8 | u32::from(byte);
            add(hash(last & 0xff_ffff, 0x11));
            if last > 0xff_ffff {
                add(hash(last, 0x12));
            }
        };
        for &b in text.as_bytes() {
            let folded = match b {
                b'A'..=b'Z' => b + 32,
                b'0'..=b'9' => b'0',
                b'\t' | b'\n' | b'\r' | b' ' => b' ',
                0x80.. => 0x80,
                0..=31 => 1,
                b => b,
            };
            if folded == previous && matches!(folded, b'0' | b' ' | 0x80) {
                continue;
            }
            previous = folded;
            feed(folded, &mut |h| self.add(h));
        }
        feed(3, &mut |h| self.add(h));
    }

    /// Runs of one to four kinds of tokens, the ends of the text included.
    fn tokens(&mut self, text: &str, quote: Option<u8>, context: u32, tokens: &mut Vec<Token>) {
        read(text, quote, tokens);
        let mut last = 0_u32;
        let kinds = tokens.iter().map(|t| t.kind as u32 + 3).chain([2]);
        let mut run = 1_u32;
        for (count, kind) in kinds.enumerate().take(64) {
            run = run << 8 | kind;
            last = last.wrapping_add(1);
            if count < 3 {
                // How it begins.
                self.add(hash(run, 0x30 + context));
            }
            self.add(hash(run & 0xffff, 0x40 + context));
            self.add(hash(run & 0xff_ffff, 0x50 + context));
            if last >= 3 {
                self.add(hash(run, 0x60 + context));
            }
        }
    }

    fn add(&mut self, hash: u32) {
        let bucket = hash as usize % BUCKETS;
        if let (Some(word), Ok(small)) = (self.seen.get_mut(bucket / 64), u16::try_from(bucket))
            && *word & 1 << (bucket % 64) == 0
        {
            *word |= 1 << (bucket % 64);
            self.buckets.push(small);
        }
    }
}

/// A multiply and a fold: enough for buckets.
fn hash(value: u32, sort: u32) -> u32 {
    let mixed = (u64::from(value) << 8 | u64::from(sort)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 40).unwrap_or(0)
}

/// The weights, as the trainer wrote them.
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// The scores of the features of a text, as logarithms of odds in 1/256.
pub(crate) fn scores(buckets: &[u16]) -> [i32; HEADS] {
    let mut sums = [0_i32; HEADS];
    for bucket in buckets {
        let at = HEADER + usize::from(*bucket) * HEADS;
        let Some(weights) = WEIGHTS.get(at..at + HEADS) else { continue };
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += i32::from(weight.cast_signed());
        }
    }
    let number = |at: usize| {
        WEIGHTS.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| i64::from(i32::from_le_bytes(b)))
    };
    let root = i64::from(buckets.len().max(1).isqrt().try_into().unwrap_or(1_i32));
    for (head, sum) in sums.iter_mut().enumerate() {
        let scaled = (i64::from(*sum) * number(head * 8) / root + number(head * 8 + 4)) / 256;
        *sum = i32::try_from(scaled).unwrap_or(0);
    }
    sums
}

#[cfg(test)]
mod tests;
