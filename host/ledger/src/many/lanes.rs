//! SHA-256 with one message in each lane of the processor's vectors.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

use super::{BLOCK, Message, digest};

/// The widest vectors have so many lanes, and a block so many words.
const MAX_LANES: usize = 16;
/// The constants of FIPS 180-4, 4.2.2.
#[rustfmt::skip]
const ROUNDS: [[u32; 16]; 4] = [[
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
], [
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
], [
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
], [
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]];

/// The next block of each lane.
type Blocks = [[u8; BLOCK]; MAX_LANES];

/// How far a lane is with its message.
#[derive(Clone, Copy, Default)]
struct Lane<'a> {
    message: Option<(usize, Message<'a>)>,
    /// Those of its blocks that are all text, and the number of the first of them.
    whole: &'a [[u8; BLOCK]],
    first: usize,
    next: usize,
    blocks: usize,
}

impl<'a> Lane<'a> {
    fn begin(number: usize, message: Message<'a>) -> Self {
        let (first, whole) = message.whole();
        Self { message: Some((number, message)), whole, first, next: 0, blocks: message.blocks() }
    }

    fn is_free(&self) -> bool {
        self.next == self.blocks
    }

    fn fill(&self, block: &mut [u8; BLOCK]) {
        let whole = self.next.checked_sub(self.first).and_then(|at| self.whole.get(at));
        match (whole, &self.message) {
            (Some(whole), _) => *block = *whole,
            (None, Some((_, message))) => *block = message.edge(self.next),
            (None, None) => {}
        }
    }
}

/// As [`super::hash_all`].
pub(super) fn hash_all(level: Level, messages: &[Message<'_>], tell: &mut dyn FnMut(usize, [u8; 32])) {
    dispatch!(level, simd => run(simd, messages, tell));
}

/// A lane whose message is done takes the next one, so that none waits for the longest.
#[inline(always)]
fn run<S: Simd>(simd: S, messages: &[Message<'_>], tell: &mut dyn FnMut(usize, [u8; 32])) {
    let mut blocks: Blocks = [[0; BLOCK]; MAX_LANES];
    let mut states = [S::u32s::splat(simd, 0); 8];
    let mut lanes = [Lane::default(); MAX_LANES];
    let mut waiting = messages.iter().enumerate();
    loop {
        let mut busy = false;
        for (index, (lane, block)) in lanes.iter_mut().zip(&mut blocks).take(S::u32s::LEN).enumerate() {
            if lane.is_free() {
                let Some((number, message)) = waiting.next() else { continue };
                *lane = Lane::begin(number, *message);
                for (state, word) in states.iter_mut().zip(message.state) {
                    state[index] = *word;
                }
            }
            busy = true;
            lane.fill(block);
        }
        if !busy {
            return;
        }
        compress(simd, &mut states, &blocks);
        for (index, lane) in lanes.iter_mut().take(S::u32s::LEN).enumerate() {
            if lane.is_free() {
                continue;
            }
            lane.next += 1;
            if let (true, Some((number, _))) = (lane.is_free(), &lane.message) {
                tell(*number, digest(&states.map(|state| state[index])));
            }
        }
    }
}

/// FIPS 180-4, 6.2.2, in every lane.
#[inline(always)]
fn compress<S: Simd>(simd: S, states: &mut [S::u32s; 8], blocks: &Blocks) {
    let mut words = [S::u32s::splat(simd, 0); 16];
    // So many words of each block make a square, which is turned so that a vector has one word of every lane.
    for (group, square) in words.chunks_exact_mut(S::u32s::LEN).enumerate() {
        let bytes = size_of::<S::u32s>();
        for (row, block) in square.iter_mut().zip(blocks) {
            *row = from_big_endian::<S>(S::u8s::from_slice(simd, &block[group * bytes..][..bytes]).bitcast());
        }
        turn::<S>(square);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *states;
    for (round, constants) in ROUNDS.iter().enumerate() {
        for at in 0..16 {
            if round > 0 {
                let (early, late) = (words[(at + 1) % 16], words[(at + 14) % 16]);
                let early = right::<S, 7>(early) ^ right::<S, 18>(early) ^ (early >> 3);
                let late = right::<S, 17>(late) ^ right::<S, 19>(late) ^ (late >> 10);
                words[at] = words[at] + early + words[(at + 9) % 16] + late;
            }
            let sum = right::<S, 6>(e) ^ right::<S, 11>(e) ^ right::<S, 25>(e);
            let choice = ((f ^ g) & e) ^ g;
            let one = h + sum + choice + (words[at] + constants[at]);
            let sum = right::<S, 2>(a) ^ right::<S, 13>(a) ^ right::<S, 22>(a);
            // What is new in it is a ^ b; b ^ c is that of the round before.
            let majority = ((a ^ b) & (b ^ c)) ^ b;
            (h, g, f, e, d, c, b, a) = (g, f, e, d + one, c, b, a, one + sum + majority);
        }
    }
    for (state, new) in states.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *state += new;
    }
}

#[inline(always)]
fn right<S: Simd, const N: u32>(word: S::u32s) -> S::u32s {
    (word >> N) | (word << (32 - N))
}

#[inline(always)]
fn from_big_endian<S: Simd>(word: S::u32s) -> S::u32s {
    if cfg!(target_endian = "big") {
        return word;
    }
    (right::<S, 8>(word) & 0xff00_ff00) | (right::<S, 24>(word) & 0x00ff_00ff)
}

/// Rows become columns: each step shuffles the two halves into each other, perfectly.
#[inline(always)]
fn turn<S: Simd>(rows: &mut [S::u32s]) {
    let half = rows.len() / 2;
    for _ in 0..rows.len().trailing_zeros() {
        let mut next = [rows[0]; MAX_LANES];
        for at in 0..half {
            next[2 * at] = rows[at].zip_low(rows[at + half]);
            next[2 * at + 1] = rows[at].zip_high(rows[at + half]);
        }
        rows.copy_from_slice(&next[..rows.len()]);
    }
}
