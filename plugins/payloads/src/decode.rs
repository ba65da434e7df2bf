//! Undoing what a payload was wrapped in: URL escapes (overlong UTF-8 and `%u` too), HTML references, `\x` and `\u`
//! escapes, full-width letters and look-alike quotes, until nothing changes or the bound of rounds is reached.

use std::borrow::Cow;

/// Most rounds. What is still encoded after these was not meant to be read.
const ROUNDS: usize = 5;
/// Shortest base64 that is looked into.
const BASE64: usize = 24;

/// A text without its wrappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plain<'a> {
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// How many rounds of URL escapes were undone.
    pub(crate) layers: usize,
}

/// Undoes all of it. A text without `%`, `&`, `\` and characters beyond ASCII is itself.
pub(crate) fn plain(text: &str) -> Plain<'_> {
    let mut plain = Plain { text: Cow::Borrowed(text), layers: 0 };
    for _ in 0..ROUNDS {
        let mut changed = false;
        if let Some(next) = percent(&plain.text) {
            plain = Plain { text: Cow::Owned(next), layers: plain.layers + 1 };
            changed = true;
        }
        for undo in [references, escapes, folded] {
            if let Some(next) = undo(&plain.text) {
                plain.text = Cow::Owned(next);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    plain
}

/// The text as a form field has it, with `+` for spaces. None where that can not be what was meant.
pub(crate) fn form(text: &str) -> Option<String> {
    (text.contains('+') && !text.contains(' ')).then(|| text.replace('+', " "))
}

/// What a text says that is nothing but base64 of readable text.
pub(crate) fn base64(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('=');
    let (mut bits, mut have) = (0_u32, 0);
    if text.len() < BASE64 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for b in text.bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xff_ffff;
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes.push(low_byte(bits >> have));
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let odd = text.chars().filter(|c| c.is_control() && !c.is_ascii_whitespace()).count();
    (odd * 20 <= text.len()).then_some(text)
}

/// One round of `%41`, `%u0041` and overlong UTF-8.
fn percent(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let (mut at, mut changed) = (0, false);
    while let Some(&b) = bytes.get(at) {
        let (byte, len) = match escape(bytes, at) {
            Some((Escaped::Byte(byte), len)) => (byte, len),
            Some((Escaped::Char(c), len)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                (at, changed) = (at + len, true);
                continue;
            }
            None => (b, 1),
        };
        changed |= len > 1;
        out.push(byte);
        at += len;
    }
    // What is no UTF-8 stays a character a byte: nothing is lost, and nothing gets invalid.
    changed.then(|| match String::from_utf8(out) {
        Ok(text) => text,
        Err(e) => e.into_bytes().into_iter().map(char::from).collect(),
    })
}

enum Escaped {
    Byte(u8),
    Char(char),
}

/// The escape at a `%`, and its length.
fn escape(bytes: &[u8], at: usize) -> Option<(Escaped, usize)> {
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    if matches!(bytes.get(at + 1), Some(b'u' | b'U')) {
        let code = hex(bytes.get(at + 2..at + 6)?)?;
        // Slashes and dots that only look like ones, as file systems once mapped them.
        let c = match code {
            0x2215 | 0x2044 => '/',
            0x2216 => '\\',
            0x2024 => '.',
            _ => char::from_u32(code)?,
        };
        return Some((Escaped::Char(c), 6));
    }
    let byte = hex_byte(bytes, at + 1)?;
    // An overlong form: two bytes (or more) for what one says, and the sloppy ones that some decoders took.
    let next = || match bytes.get(at + 3) {
        Some(b'%') => hex_byte(bytes, at + 4),
        _ => None,
    };
    match byte {
        0xc0 | 0xc1 => {
            let low = next()?;
            let code = (byte & 1) << 6 | (low & 0x3f);
            let ascii = if (0x20..0x7f).contains(&low) { low } else { code };
            Some((Escaped::Byte(ascii), 6))
        }
        0xe0 | 0xf0 | 0xf8 | 0xfc => {
            let more = match byte {
                0xe0 => 2,
                0xf0 => 3,
                0xf8 => 4,
                _ => 5,
            };
            let mut code = 0_u32;
            for i in 1..=more {
                let place = at + 3 * i;
                let part = if bytes.get(place) == Some(&b'%') { hex_byte(bytes, place + 1)? } else { return None };
                code = code << 6 | u32::from(part & 0x3f);
            }
            match code < 0x80 {
                true => Some((Escaped::Byte(low_byte(code)), 3 * (more + 1))),
                false => Some((Escaped::Byte(byte), 3)),
            }
        }
        _ => Some((Escaped::Byte(byte), 3)),
    }
}

fn hex_byte(bytes: &[u8], at: usize) -> Option<u8> {
    hex(bytes.get(at..at + 2)?).map(low_byte)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |n, b| char::from(*b).to_digit(16).map(|d| (n & 0xfff_ffff) << 4 | d))
}

fn low_byte(n: u32) -> u8 {
    n.to_le_bytes()[0]
}

/// The named references that payloads use; every browser knows many more.
const NAMES: [(&str, char); 23] = [
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("tab", '\t'),
    ("newline", '\n'),
    ("colon", ':'),
    ("lpar", '('),
    ("rpar", ')'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("comma", ','),
    ("semi", ';'),
    ("period", '.'),
    ("equals", '='),
    ("nbsp", ' '),
    ("num", '#'),
    ("excl", '!'),
    ("lsqb", '['),
    ("rsqb", ']'),
    ("grave", '`'),
    ("dollar", '$'),
];

/// One round of `&lt;`, `&#60;` and `&#x3c;`, the semicolon left out or not.
fn references(text: &str) -> Option<String> {
    replaced(text, '&', |rest| {
        let bytes = rest.as_bytes();
        if bytes.get(1) == Some(&b'#') {
            let (from, base) = match bytes.get(2) {
                Some(b'x' | b'X') => (3, 16),
                _ => (2, 10),
            };
            let digits = bytes.iter().skip(from).take(10).take_while(|b| char::from(**b).is_digit(base)).count();
            let code = u32::from_str_radix(rest.get(from..from + digits)?, base).ok()?;
            let end = from + digits;
            return Some((char::from_u32(code)?, end + usize::from(bytes.get(end) == Some(&b';'))));
        }
        let letters = bytes.iter().skip(1).take(8).take_while(|b| b.is_ascii_alphabetic()).count();
        let name = rest.get(1..=letters)?;
        let (_, c) = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        (bytes.get(1 + letters) == Some(&b';')).then_some((*c, letters + 2))
    })
}

/// One round of `\x3c`, `\u003c`, `\u{3c}`, `\074` and the escapes of a quote or slash.
fn escapes(text: &str) -> Option<String> {
    replaced(text, '\\', |rest| {
        let bytes = rest.as_bytes();
        let number = |from: usize, len: usize| Some((char::from_u32(hex(bytes.get(from..from + len)?)?)?, from + len));
        match bytes.get(1)? {
            b'x' => number(2, 2),
            b'u' if bytes.get(2) == Some(&b'{') => {
                let digits = bytes.iter().skip(3).take(7).take_while(|b| b.is_ascii_hexdigit()).count();
                let (c, end) = number(3, digits)?;
                (digits > 0 && bytes.get(end) == Some(&b'}')).then_some((c, end + 1))
            }
            b'u' => number(2, 4),
            _ => None,
        }
    })
}

/// Full-width ASCII and quotation marks that some data bases read as `'`.
fn folded(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let fold = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{b4}' | '\u{2032}' => '\'',
        '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => '\u{200b}',
        _ => c,
    };
    text.chars()
        .any(|c| fold(c) != c || c == '\u{200b}')
        .then(|| text.chars().map(fold).filter(|c| *c != '\u{200b}').collect())
}

/// Replaces what `undo` reads at each `mark`; None where nothing was.
fn replaced(text: &str, mark: char, undo: impl Fn(&str) -> Option<(char, usize)>) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for (at, _) in text.match_indices(mark) {
        if at < copied {
            continue;
        }
        if let Some((c, len)) = text.get(at..).and_then(&undo) {
            let out = out.get_or_insert_with(String::new);
            out.push_str(text.get(copied..at)?);
            out.push(c);
            copied = at + len;
        }
    }
    let mut out = out?;
    out.push_str(text.get(copied..)?);
    Some(out)
}

#[cfg(test)]
mod tests;
