//! Keys that carry their own checksum: GitHub's and npm's.
//!
//! Behind the prefix stand 30 random characters and 6 that are the CRC-32 of them, in base 62 (digits, capitals, small
//! letters), as GitHub described in "Behind GitHub's new authentication token formats" (April 2021); npm took it over.

const PREFIXES: [&[u8]; 6] = [b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"npm_"];
const RANDOM: usize = 30;
const SUM: usize = 6;

/// Whether the checksum is right; none of a key that has none.
pub(crate) fn fits(key: &[u8]) -> Option<bool> {
    let body = PREFIXES.iter().find_map(|prefix| key.strip_prefix(*prefix))?;
    if body.len() != RANDOM + SUM {
        return None;
    }
    let (random, sum) = body.split_at(RANDOM);
    Some(base62(crc32(random)) == sum)
}

fn base62(mut number: u32) -> [u8; SUM] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; SUM];
    for place in text.iter_mut().rev() {
        *place = DIGITS.get((number % 62) as usize).copied().unwrap_or(b'0');
        number /= 62;
    }
    text
}

/// CRC-32 as ISO/IEC 3309 has it, bit by bit: keys are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests;
