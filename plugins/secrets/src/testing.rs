//! Made-up keys for tests: none stands in the source as it is.

use crate::shape::Alphabet;

/// `len` characters of an alphabet, always the same for a seed.
pub(crate) fn random(alphabet: Alphabet, len: usize, seed: u32) -> String {
    let all: Vec<u8> = (b'0'..=b'z').chain(*b"+/").filter(|b| alphabet.has(*b) && b.is_ascii_alphanumeric()).collect();
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1_013_904_223);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    };
    let body: String = (0..len).filter_map(|_| all.get(next() % all.len()).copied()).map(char::from).collect();
    match alphabet {
        Alphabet::Uuid => {
            let hex = body.get(..32).unwrap_or_default();
            let cut = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
            format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32))
        }
        _ => body,
    }
}
