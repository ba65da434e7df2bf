//! SHA-256 of many messages at once.
//!
//! An entry's leaf does not depend on any other's, nor does its MAC: what goes into it is the *stored* MAC of the one before. The
//! nodes of one level of the tree are independent, too. So where the processor has no instructions for SHA-256, one message goes
//! into each lane of its vectors, and eight of them take the time of two or three. Where it has such instructions, messages are
//! hashed one after the other, unless its vectors are wide enough to be faster still.

use fearless_simd::{Level, Simd, SimdBase as _, dispatch};
use sha2::block_api::compress256;

use crate::sha256::sha256;

mod lanes;

/// The state before any block (FIPS 180-4, 5.3.3).
pub(crate) const BEGIN: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
/// Bytes of a block.
pub(crate) const BLOCK: usize = 64;
/// Bytes of the length, and the one byte before it, that end every message.
const ENDING: usize = 9;
/// Fewer messages are not worth filling vectors for.
const FEW: usize = 3;
/// Vectors of so many lanes are faster than instructions for SHA-256.
const WIDE: usize = 16;

/// What is hashed: a domain byte or none, then a text.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    /// Where to begin: [`BEGIN`], or what some whole blocks made of it.
    pub(crate) state: &'a [u32; 8],
    /// Bytes of those blocks.
    pub(crate) before: u64,
    pub(crate) domain: Option<u8>,
    pub(crate) text: &'a [u8],
}

impl<'a> Message<'a> {
    /// A domain byte and a text.
    pub(crate) fn of(domain: u8, text: &'a [u8]) -> Self {
        Self { state: &BEGIN, before: 0, domain: Some(domain), text }
    }

    /// Where the text begins.
    fn front(&self) -> usize {
        usize::from(self.domain.is_some())
    }

    fn len(&self) -> usize {
        self.front() + self.text.len()
    }

    fn blocks(&self) -> usize {
        (self.len() + ENDING).div_ceil(BLOCK)
    }

    /// The blocks that are all text: the number of the first, and what there is of them.
    fn whole(&self) -> (usize, &'a [[u8; BLOCK]]) {
        let first = self.front();
        let text = self.text.get(first * BLOCK - first..).unwrap_or_default();
        (first, text.as_chunks().0)
    }

    /// A block that is not all text, with the padding of FIPS 180-4, 5.1.1.
    fn edge(&self, number: usize) -> [u8; BLOCK] {
        let mut out = [0; BLOCK];
        let (begin, end) = (number * BLOCK, self.len());
        let skip = if begin == 0 { self.front() } else { 0 };
        if let (Some(domain), [first, ..], 0) = (self.domain, &mut out, begin) {
            *first = domain;
        }
        let text = self.text.get(begin + skip - self.front()..).unwrap_or_default();
        let length = text.len().min(BLOCK - skip);
        if let (Some(to), Some(from)) = (out.get_mut(skip..skip + length), text.get(..length)) {
            to.copy_from_slice(from);
        }
        if let Some(byte) = end.checked_sub(begin).and_then(|at| out.get_mut(at)) {
            *byte = 0x80;
        }
        if number + 1 == self.blocks()
            && let Some(last) = out.last_chunk_mut()
        {
            *last = (self.before + end as u64).saturating_mul(8).to_be_bytes();
        }
        out
    }

    /// Its hash alone.
    pub(crate) fn hash(&self) -> [u8; 32] {
        if self.before == 0 {
            return sha256(&[self.domain.as_slice(), self.text]);
        }
        let mut state = *self.state;
        let (first, whole) = self.whole();
        if first > 0 {
            compress256(&mut state, &[self.edge(0)]);
        }
        compress256(&mut state, whole);
        for number in first + whole.len()..self.blocks() {
            compress256(&mut state, &[self.edge(number)]);
        }
        digest(&state)
    }
}

fn digest(state: &[u32; 8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, word) in out.as_chunks_mut().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    out
}

/// Hashes all of them; `tell` gets the number of each and its hash, in any order.
pub(crate) fn hash_all(messages: &[Message<'_>], mut tell: impl FnMut(usize, [u8; 32])) {
    let level = Level::new();
    let wide = dispatch!(level, simd => width(simd)) >= WIDE;
    if messages.len() > FEW && (wide || !has_instructions()) {
        lanes::hash_all(level, messages, &mut tell);
    } else {
        messages.iter().enumerate().for_each(|(index, message)| tell(index, message.hash()));
    }
}

fn width<S: Simd>(_: S) -> usize {
    S::u32s::LEN
}

/// Whether the processor has instructions for SHA-256.
fn has_instructions() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

#[cfg(test)]
mod tests;
