//! JSON web tokens (RFC 7519) by their structure: a header that is JSON and names an algorithm, and a payload.

use crate::value::contains;

/// Longest header that is read, in base64 characters.
const HEADER: usize = 96;

/// How much of `run` (characters of base64url and dots) is a token. It begins with `eyJ` or `ewo`.
pub(crate) fn len(run: &[u8]) -> Option<usize> {
    let mut parts = run.split(|b| *b == b'.');
    let (header, payload) = (parts.next()?, parts.next()?);
    if header.len() < 16 || payload.len() < 10 || !is_base64url(header) || !is_base64url(payload) {
        return None;
    }
    let opened = decode(header.get(..HEADER).unwrap_or(header));
    let named = ["\"alg\"", "\"typ\"", "\"kid\"", "\"enc\"", "\"x5t\"", "\"jku\"", "\"cty\"", "\"zip\""];
    if !named.iter().any(|name| contains(&opened, name.as_bytes())) {
        return None;
    }
    // Signed tokens have three parts, encrypted ones five.
    let signed = parts.take(3).take_while(|part| is_base64url(part)).map(|part| part.len() + 1).sum::<usize>();
    let len = header.len() + 1 + payload.len() + signed;
    Some(len)
}

fn is_base64url(part: &[u8]) -> bool {
    part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Base64 and base64url, without care for what is left over.
pub(crate) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for b in text {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(six)) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests;
