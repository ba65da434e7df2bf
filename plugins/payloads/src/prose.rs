//! Free text: what people and models write. Most of it has none of the marks that payloads need, and is passed over a
//! byte at a time; a line that has some is judged by the families whose marks they are.

use std::ops::Range;

use crate::decode;
use crate::family::Family;
use crate::judge::Found;
use crate::lower::Lower;
use crate::sql::token::Token;
use crate::{marks, path, shell, sql, target, xss};

/// Longest line that is judged at once; a longer one is cut.
pub(crate) const LINE: usize = 1024;
/// How sure a family must be of what stands amid other text.
const SURE: u8 = 80;

/// Marks of a line, a bit a family.
type Marks = u16;

const fn bit(family: Family) -> Marks {
    1 << family as Marks
}

/// Where the first line of `text` ends, its line feed included: None where more text could make it longer.
pub(crate) fn line(text: &str, complete: bool) -> Option<usize> {
    let most = text.floor_char_boundary(LINE);
    match text.as_bytes().get(..most).unwrap_or_default().iter().position(|b| *b == b'\n') {
        Some(at) => Some(at + 1),
        // A character that is not whole yet may still be cut off.
        None if text.len() >= LINE + 4 => Some(most),
        None if complete && !text.is_empty() => Some(most),
        None => None,
    }
}

/// What is in a line. `tokens` is room to work in.
pub(crate) fn judge(line: &str, trusted: &[String], tokens: &mut Vec<Token>, found: &mut Vec<Found>) {
    let marks = marks(line.as_bytes());
    if marks == 0 {
        return;
    }
    let plain = decode::plain(line);
    let text: &str = &plain.text;
    let lower = Lower::new(text);
    let mut take = |family: Family, at: Range<usize>, confidence: &mut dyn FnMut() -> u8| {
        if marks & bit(family) != 0 {
            let confidence = confidence();
            if confidence >= SURE {
                found.push(Found { family, confidence, at });
            }
        }
    };
    let whole = 0..line.trim_end().len();
    let mut script = (0, 0..0);
    if marks & bit(Family::Xss) != 0 {
        script = xss::confidence(text, &lower);
    }
    // Offsets are those of the line only where nothing was decoded.
    let at = if plain.layers == 0 && text.len() == line.len() { script.1 } else { whole.clone() };
    take(Family::Xss, at, &mut || script.0);
    take(Family::Sql, whole.clone(), &mut || sql::confidence(text, tokens));
    take(Family::Command, whole.clone(), &mut || shell::confidence(text, &lower));
    take(Family::Path, whole.clone(), &mut || path::confidence(line, text, plain.layers));
    take(Family::Ldap, whole.clone(), &mut || marks::ldap(text));
    take(Family::Nosql, whole.clone(), &mut || marks::nosql(text, &lower));
    take(Family::Header, whole.clone(), &mut || marks::header(line, text));
    take(Family::Template, whole.clone(), &mut || marks::template(text, &lower));
    take(Family::Ssrf, whole, &mut || addresses(text, trusted));
}

/// The surest of the addresses in a text.
fn addresses(text: &str, trusted: &[String]) -> u8 {
    let words = text.split_whitespace().filter(|word| word.contains("://")).take(32);
    words.filter_map(|word| target::target(word, trusted)).map(|t| t.confidence(false)).max().unwrap_or(0)
}

/// One pass over the bytes.
fn marks(bytes: &[u8]) -> Marks {
    const DULL: [bool; 256] = {
        let mut dull = [true; 256];
        let marked = b"<'\"%\\&.;|$`{#)=:sSuU@";
        let mut i = 0;
        while i < marked.len() {
            dull[marked[i] as usize] = false;
            i += 1;
        }
        dull
    };
    let mut marks = 0;
    for (at, &b) in bytes.iter().enumerate() {
        if DULL[usize::from(b)] {
            continue;
        }
        let next = bytes.get(at + 1).copied().unwrap_or(b'\n');
        marks |= match b {
            b'<' if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?' | b'%') => {
                bit(Family::Xss) | bit(Family::Template)
            }
            b'\'' | b'"' => quote(bytes, at),
            b'%' if next.is_ascii_hexdigit() || next == b'u' => !0,
            b'\\' if matches!(next, b'x' | b'u') => !0,
            b'&' if next == b'#' => bit(Family::Xss),
            b'&' if next == b'&' => bit(Family::Command),
            b'.' if next == b'.' && matches!(bytes.get(at + 2), Some(b'/' | b'\\')) => bit(Family::Path),
            b';' | b'|' if next != b'\n' && next != b' ' || bytes.get(at + 2).is_some_and(|b| *b == b'/') => {
                bit(Family::Command) | bit(Family::Sql)
            }
            b'$' if matches!(next, b'(' | b'{') => bit(Family::Command) | bit(Family::Template),
            b'$' if next.is_ascii_alphabetic() => bit(Family::Nosql),
            b'`' => bit(Family::Command),
            b'{' if next == b'{' || next == b'%' => bit(Family::Template),
            b'#' if next == b'{' => bit(Family::Template),
            b')' if next == b'(' => bit(Family::Ldap),
            b':' if next == b'/' => bit(Family::Ssrf),
            b's' | b'S' if word(bytes, at, b"script:") => bit(Family::Xss),
            b's' | b'S' if word(bytes, at, b"select ") => bit(Family::Sql),
            b'u' | b'U' if word(bytes, at, b"union") => bit(Family::Sql),
            _ => 0,
        };
    }
    marks
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
}

/// A quote that SQL could go on behind: `' or`, `')--`, `'='`, and not the one of `don't`.
fn quote(bytes: &[u8], at: usize) -> Marks {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let skip = rest.iter().take(8).take_while(|b| matches!(b, b' ' | b')')).count();
    let rest = rest.get(skip..).unwrap_or_default();
    let goes_on = match rest.first() {
        Some(b'o' | b'O') => word(rest, 0, b"or "),
        Some(b'a' | b'A') => word(rest, 0, b"and "),
        Some(b'u' | b'U') => word(rest, 0, b"union"),
        Some(b';' | b'#' | b'|' | b'&' | b'=') => true,
        Some(b'-') => rest.get(1) == Some(&b'-'),
        Some(b'/') => rest.get(1) == Some(&b'*'),
        _ => false,
    };
    if goes_on { bit(Family::Sql) | bit(Family::Nosql) } else { 0 }
}

#[cfg(test)]
mod tests;
