//! A command line as the shell would run it, without what it takes out of words.

/// Characters around which a sign is within a word.
fn is_letter(b: Option<&u8>) -> bool {
    b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.'))
}

/// The text without quotes, backslashes, carets, empty variables and one-letter sets inside of words; None where there
/// are none.
pub(crate) fn bare(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let (mut at, mut changed) = (0, false);
    let brace = text.trim_start().starts_with('{') && text.contains(',') && !text.contains(':');
    while let Some(&b) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let inside = is_letter(out.last());
        let skip = match b {
            b'\\' | b'^'
                if is_letter(bytes.get(at + 1))
                    && (inside || at == 0 || b == b'^')
                    && bytes.get(at + 1) != Some(&b'/') =>
            {
                1
            }
            // A quote within a word that has its other half there too: `c'a't`, not `don't`.
            b'\'' | b'"' if inside && is_letter(bytes.get(at + 1)) && paired(bytes, at, b) => 1,
            b'\'' | b'"' if inside && bytes.get(at + 1) == Some(&b) => 2,
            b'\'' | b'"' if rest.get(..2) == Some(&[b, b]) && is_letter(bytes.get(at + 2)) => 2,
            b'`' if inside && rest.get(1) == Some(&b'`') && rest.get(2) != Some(&b'`') => 2,
            b'$' => variable(rest, inside),
            b'[' if bytes.get(at + 2) == Some(&b']') => {
                out.push(bytes.get(at + 1).copied().unwrap_or_default());
                3
            }
            b'>' | b'<' if rest.get(1..3) == Some(b"()") => 3,
            b'{' | b',' | b'}' if brace => {
                out.push(b' ');
                1
            }
            _ => 0,
        };
        if skip == 0 {
            out.push(b);
            at += 1;
            continue;
        }
        changed = true;
        let ifs = rest.get(1..5).is_some_and(|v| {
            v.eq_ignore_ascii_case(b"{IFS") || v.get(..3).is_some_and(|v| v.eq_ignore_ascii_case(b"IFS"))
        });
        if b == b'$' && ifs {
            out.push(b' ');
        }
        at += skip;
    }
    changed.then(|| String::from_utf8_lossy(&out).into_owned())
}

/// Whether a word has another quote of this sort.
fn paired(bytes: &[u8], at: usize, quote: u8) -> bool {
    let in_word = |b: &&u8| !b.is_ascii_whitespace();
    bytes.iter().skip(at + 1).take(24).take_while(in_word).any(|b| *b == quote)
        || bytes.get(..at).unwrap_or_default().iter().rev().take(24).take_while(in_word).any(|b| *b == quote)
}

/// How long an expansion is that comes to nothing, or to a blank.
fn variable(rest: &[u8], inside: bool) -> usize {
    match rest.get(1) {
        Some(b'@' | b'*' | b'!' | b'?' | b'-' | b'#' | b'$' | b'_' | b'1'..=b'9') if inside => 2,
        Some(b'(') if inside && rest.get(2) == Some(&b')') => 3,
        Some(b'{') => rest.iter().take(24).position(|b| *b == b'}').map_or(0, |n| n + 1),
        Some(b'"' | b'\'') => 1,
        Some(b'I') if rest.get(1..4) == Some(b"IFS") => {
            4 + usize::from(matches!(rest.get(4), Some(b'$')))
                * 2
                * usize::from(rest.get(5).is_some_and(u8::is_ascii_digit))
        }
        Some(b) if inside && b.is_ascii_alphabetic() => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
