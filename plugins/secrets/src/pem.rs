//! Private keys as blocks of lines: PEM (RFC 7468, RFC 1421), OpenPGP armour, SSH2, PuTTY.

use crate::view::{Open, View};

/// Most bytes of a block: four times an RSA key of 8,192 bits.
pub(crate) const MAX_BLOCK: usize = 24 << 10;

/// Least base64 characters of a key. Ed25519 in PKCS #8 has 64.
const LEAST: usize = 40;

/// The end of the private key whose dashes begin at `start`; `begin` is where the word BEGIN stands.
pub(crate) fn end(view: View<'_>, begin: usize) -> Result<Option<usize>, Open> {
    // " RSA PRIVATE KEY-----", " PGP PRIVATE KEY BLOCK-----", " SSH2 ENCRYPTED PRIVATE KEY ----"
    let label = begin + 5;
    let dashes = view.run(label, 48, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ')?;
    let name = view.bytes(label..dashes);
    if !crate::value::contains(name, b"PRIVATE KEY") {
        return Ok(None);
    }
    body(view, dashes)
}

/// The end of a block whose body begins at `start`.
pub(crate) fn body(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let most = start + MAX_BLOCK;
    let (mut at, mut letters, mut last) = (start, 0, start);
    let mut headers = 0;
    while at < most {
        let Some(b) = view.at(at)? else { break };
        match b {
            b'-' => {
                let dashes = view.run(at, 8, |b| b == b'-')?;
                if dashes - at < 4 {
                    at = dashes;
                    continue;
                }
                if !view.has(dashes, b"END")? && !view.has(dashes, b" END")? {
                    // The dashes of the first line.
                    if letters == 0 && dashes - start <= 8 {
                        at = dashes;
                        continue;
                    }
                    break;
                }
                let line = view.run(dashes, 60, |b| b != b'-' && b != b'\n')?;
                let end = view.run(line, 5, |b| b == b'-')?;
                return Ok((letters >= LEAST).then_some(end));
            }
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b',' | b'=' | b'+' | b'|' | b'>' | b'<' | b'*'
            | b';' | b'#' | b'(' | b')' | b'.' => at += 1,
            b'\\' => at += 2,
            _ if is_body(b) => {
                let end = view.run(at, 1024, is_body)?;
                let next = view.at(end)?;
                let title = if headers < 8 && letters < LEAST {
                    view.run(end, 40, |b| b.is_ascii_alphanumeric() || b == b'-')?
                } else {
                    end
                };
                if letters < LEAST && headers < 8 && view.at(title)? == Some(b':') {
                    // A header: to the end of the line.
                    headers += 1;
                    at = view.run(title, 200, |b| b != b'\n' && b != b'\\')?;
                    continue;
                }
                // The last line may be short; a short one behind long ones that the mark does not follow is text.
                if end - at < 16 {
                    let gap = view.run(end, 12, |b| {
                        matches!(
                            b,
                            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'\\' | b'n' | b'r' | b'=' | b'+' | b','
                        )
                    })?;
                    let closed = view.bytes(gap..gap + 4) == b"----";
                    if !closed && view.rest(gap).len() < 4 {
                        view.at(gap + 3)?;
                    }
                    let goes_on = letters > 0 && (closed || matches!(next, Some(b'=' | b'+' | b'/')));
                    if !goes_on {
                        break;
                    }
                }
                letters += end - at;
                last = end;
                at = end;
            }
            _ => break,
        }
    }
    // No end in sight: what was read of it is masked.
    Ok((letters >= LEAST).then_some(last))
}

fn is_body(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+')
}

#[cfg(test)]
mod tests;
