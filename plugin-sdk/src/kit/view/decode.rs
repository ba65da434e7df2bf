//! Escapes resolved, and tokens that are text in another spelling, in place.

use std::ops::Range;

use super::map::Maker;

/// Shortest token that is tried, in characters.
pub(super) const MIN_TOKEN: usize = 24;
/// A line of base64 at least this long goes on in the next.
const MIN_LINE: usize = 60;
/// Longest name of an HTML entity with its `&` and `;`.
const MAX_ENTITY: usize = 12;

/// What a byte may begin.
const OTHER: u8 = 0;
const TOKEN: u8 = 1;
const ESCAPE: u8 = 2;

const CLASS: [u8; 256] = {
    let (mut table, mut b) = ([OTHER; 256], 0_u8);
    while b < 128 {
        table[b as usize] = match b {
            b'%' | b'&' | b'\\' => ESCAPE,
            b'+' | b'/' | b'-' | b'_' => TOKEN,
            _ if b.is_ascii_alphanumeric() => TOKEN,
            _ => OTHER,
        };
        b += 1;
    }
    table
};

#[inline]
fn class(b: u8) -> u8 {
    CLASS.get(usize::from(b)).copied().unwrap_or(OTHER)
}

/// The text with everything decoded that decodes, one level deep; nothing where nothing does.
pub(super) fn decode(text: &str, room: usize) -> Option<Maker> {
    let bytes = text.as_bytes();
    let mut maker = None;
    // Up to here the text is copied.
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = candidate(bytes, at) {
        let made = maker.get_or_insert_with(|| Maker::new(room));
        if !made.has_room() {
            break;
        }
        let (start, end) = match found {
            Candidate::Escape(start) => match escape(text, start) {
                Some(escape) => {
                    made.copy(text.get(copied..start).unwrap_or_default(), copied);
                    let end = escape.put(made);
                    (start, end)
                }
                None => {
                    at = start + 1;
                    continue;
                }
            },
            Candidate::Token(start, run) => match token(bytes, start, run) {
                Some(token) => {
                    made.copy(text.get(copied..token.start).unwrap_or_default(), copied);
                    token.put(made);
                    (token.start, token.end)
                }
                None => {
                    at = run;
                    continue;
                }
            },
        };
        debug_assert!(start < end, "goes on");
        (copied, at) = (end, end);
    }
    let mut made = maker.filter(|_| copied > 0)?;
    made.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(made)
}

enum Candidate {
    Escape(usize),
    /// A run of a token's characters, from where to where.
    Token(usize, usize),
}

fn candidate(bytes: &[u8], from: usize) -> Option<Candidate> {
    let mut run = 0;
    for (i, b) in bytes.get(from..)?.iter().enumerate() {
        match class(*b) {
            OTHER => run = 0,
            TOKEN => {
                run += 1;
                if run == MIN_TOKEN {
                    let start = from + i + 1 - MIN_TOKEN;
                    let rest = bytes.get(from + i..)?;
                    let more = rest.iter().position(|b| class(*b) != TOKEN).unwrap_or(rest.len());
                    return Some(Candidate::Token(start, from + i + more));
                }
            }
            _ => return Some(Candidate::Escape(from + i)),
        }
    }
    None
}

/// An escape: the characters that it stands for, and how many bytes each takes.
enum Escape<'a> {
    One {
        c: char,
        at: usize,
        length: usize,
    },
    /// Bytes in per cent signs, `%` and two digits each.
    Bytes {
        decoded: Vec<u8>,
        at: usize,
    },
    Part {
        with: &'a str,
        at: usize,
        length: usize,
    },
}

impl Escape<'_> {
    /// Answers where it ends.
    fn put(self, made: &mut Maker) -> usize {
        match self {
            Self::One { c, at, length } => {
                made.push(c, at, length);
                at + length
            }
            Self::Bytes { decoded, at } => {
                made.units(&sanitised(&decoded), at..at + decoded.len() * 3, 1, 3);
                at + decoded.len() * 3
            }
            Self::Part { with, at, length } => {
                made.units(with, at..at + length, with.len(), length);
                at + length
            }
        }
    }
}

fn escape(text: &str, at: usize) -> Option<Escape<'_>> {
    let bytes = text.as_bytes().get(at..)?;
    match bytes.first()? {
        b'%' => {
            if matches!(bytes.get(1), Some(b'u' | b'U')) {
                return Some(Escape::One { c: char::from_u32(hex(bytes, 2, 4)?)?, at, length: 6 });
            }
            let mut decoded = vec![];
            while bytes.get(decoded.len() * 3) == Some(&b'%')
                && let Some(byte) = hex(bytes, decoded.len() * 3 + 1, 2)
            {
                decoded.push(u8::try_from(byte).unwrap_or(b'?'));
            }
            (!decoded.is_empty()).then_some(Escape::Bytes { decoded, at })
        }
        b'&' => entity(text, at),
        _ => backslash(bytes, at),
    }
}

fn backslash(bytes: &[u8], at: usize) -> Option<Escape<'static>> {
    let one = |c, length| Some(Escape::One { c, at, length });
    match bytes.get(1)? {
        b'u' if bytes.get(2) == Some(&b'{') => {
            let digits = bytes.iter().skip(3).take(6).take_while(|b| b.is_ascii_hexdigit()).count();
            let closed = bytes.get(3 + digits) == Some(&b'}');
            one(char::from_u32(hex(bytes, 3, digits)?).filter(|_| closed)?, digits + 4)
        }
        b'u' => {
            let first = hex(bytes, 2, 4)?;
            if let Some(c) = char::from_u32(first) {
                return one(c, 6);
            }
            let second = hex(bytes, 8, 4).filter(|_| bytes.get(6..8) == Some(b"\\u"))?;
            let pair = u16::try_from(first).ok().zip(u16::try_from(second).ok())?;
            one(char::decode_utf16([pair.0, pair.1]).next()?.ok()?, 12)
        }
        b'x' => one(char::from_u32(hex(bytes, 2, 2)?)?, 4),
        b'n' => one('\n', 2),
        b'r' => one('\r', 2),
        b't' => one('\t', 2),
        b'"' => one('"', 2),
        b'\'' => one('\'', 2),
        b'/' => one('/', 2),
        b'\\' => one('\\', 2),
        _ => None,
    }
}

fn entity(text: &str, at: usize) -> Option<Escape<'_>> {
    let bytes = text.as_bytes().get(at..)?;
    let length = bytes.iter().take(MAX_ENTITY).position(|b| *b == b';')? + 1;
    if bytes.get(1) == Some(&b'#') {
        let hexadecimal = matches!(bytes.get(2), Some(b'x' | b'X'));
        let digits = text.get(at + if hexadecimal { 3 } else { 2 }..at + length - 1)?;
        let known = digits.bytes().all(|b| b.is_ascii_alphanumeric());
        let number = u32::from_str_radix(digits, if hexadecimal { 16 } else { 10 }).ok().filter(|_| known)?;
        return Some(Escape::One { c: char::from_u32(number)?, at, length });
    }
    let with = match text.get(at + 1..at + length - 1)? {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" | "ensp" | "emsp" | "thinsp" => " ",
        "sol" => "/",
        "bsol" => "\\",
        "colon" => ":",
        "lpar" => "(",
        "rpar" => ")",
        "equals" => "=",
        "semi" => ";",
        "comma" => ",",
        "period" => ".",
        "num" => "#",
        "commat" => "@",
        "NewLine" => "\n",
        "Tab" => "\t",
        "shy" | "zwj" | "zwnj" => "\u{ad}",
        _ => return None,
    };
    Some(Escape::Part { with, at, length })
}

fn hex(bytes: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = bytes.get(from..from + digits).filter(|d| !d.is_empty())?;
    digits.iter().try_fold(0, |n, b| Some(n << 4 | char::from(*b).to_digit(16)?))
}

/// A token that is text in another spelling.
struct Token {
    start: usize,
    end: usize,
    /// The decoded lines: what each says, and where it stands.
    lines: Vec<(String, Range<usize>)>,
    /// Of how many characters every so many bytes were made.
    unit: (usize, usize),
}

impl Token {
    fn put(&self, made: &mut Maker) {
        let (width, length) = self.unit;
        for (text, at) in &self.lines {
            if !made.has_room() {
                return;
            }
            made.units(text, at.clone(), width, length);
        }
    }
}

fn token(bytes: &[u8], start: usize, run: usize) -> Option<Token> {
    let token = bytes.get(start..run)?;
    let skip = if token.starts_with(b"0x") || token.starts_with(b"0X") { 2 } else { 0 };
    let digits = token.get(skip..)?;
    if digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit) {
        let decoded: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| hex(pair, 0, 2).and_then(|b| u8::try_from(b).ok()).unwrap_or(b'?'))
            .collect();
        if readable(&decoded) {
            let lines = vec![(sanitised(&decoded), start + skip..run)];
            return Some(Token { start: start + skip, end: run, lines, unit: (1, 2) });
        }
    }
    // Where something stands directly before a token, its beginning is not known.
    let head = |skip: &usize| token.get(*skip..*skip + MIN_TOKEN - 4).is_some_and(|head| readable(&base64(head)));
    let start = start + (0..4).find(head)?;
    let mut lines: Vec<(String, Range<usize>)> = vec![];
    let mut line = start..run;
    loop {
        let token = bytes.get(line.clone())?;
        let decoded = base64(token);
        if !readable(&decoded) {
            break;
        }
        lines.push((sanitised(&decoded), line.clone()));
        let after = bytes.get(line.end..)?;
        let feed = if after.starts_with(b"\r\n") { 2 } else { usize::from(after.starts_with(b"\n")) };
        let next = after.get(feed..)?;
        let more = next.iter().position(|b| class(*b) != TOKEN).unwrap_or(next.len());
        if feed == 0 || token.len() < MIN_LINE || !token.len().is_multiple_of(4) || more < 2 {
            break;
        }
        line = line.end + feed..line.end + feed + more;
    }
    let (_, last) = lines.last_mut()?;
    last.end += bytes.get(last.end..)?.iter().take(2).take_while(|b| **b == b'=').count();
    Some(Token { start, end: last.end, lines, unit: (3, 4) })
}

fn base64(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3 + 3);
    for four in run.chunks(4) {
        let mut bits = 0u32;
        for &b in four {
            bits = bits << 6 | u32::from(sextet(b));
        }
        bits <<= 6 * (4 - four.len().min(4));
        let bytes = bits.to_be_bytes();
        out.extend(bytes.iter().skip(1).take(four.len().saturating_sub(1)));
    }
    out
}

fn sextet(b: u8) -> u8 {
    match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    }
}

/// Whether at least 95 of 100 characters are printable.
fn readable(bytes: &[u8]) -> bool {
    let (mut odd, mut end) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        odd += chunk.valid().chars().filter(|c| c.is_control() && !c.is_ascii_whitespace()).count();
        end += chunk.valid().len() + chunk.invalid().len();
        // The last character may be cut.
        odd += if end == bytes.len() && chunk.invalid().len() < 4 { 0 } else { chunk.invalid().len() };
    }
    odd * 20 <= bytes.len() && !bytes.is_empty()
}

/// As text, of as many bytes.
fn sanitised(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

#[cfg(test)]
mod tests;
