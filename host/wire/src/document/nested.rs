//! JSON text inside a JSON string: which bytes of the body its tokens were written with.

use std::ops::Range;

use crate::json::{NodeRef, encoded};

/// Carries offsets in the decoded text of a string back to the body. The offsets asked for never go back, so that a
/// string is walked once, however many tokens it holds.
#[derive(Debug)]
pub(crate) struct Origins<'t> {
    /// What is left of the string as written, without quotes.
    rest: &'t [u8],
    /// Where `rest` starts in the body.
    raw: usize,
    /// Where `rest` starts in the decoded text.
    decoded: usize,
}

impl<'t> Origins<'t> {
    /// Of a string; of anything else there is nothing to find.
    pub(crate) fn of(node: NodeRef<'t>) -> Self {
        let written = node.raw_str().as_bytes();
        let rest = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
        Self { rest, raw: node.raw().start.saturating_add(1), decoded: 0 }
    }

    /// The bytes of the body that a token of the decoded text was written with.
    pub(crate) fn token(&mut self, at: Range<usize>) -> Range<usize> {
        let start = self.advance(at.start);
        start..self.advance(at.end)
    }

    fn advance(&mut self, decoded: usize) -> usize {
        while self.decoded < decoded {
            let (raw, means) = self.unit();
            let Some(rest) = self.rest.get(raw..) else { break };
            (self.rest, self.raw, self.decoded) = (rest, self.raw + raw, self.decoded + means);
        }
        self.raw
    }

    /// Bytes of the next escape or plain byte: as written, and as meant.
    fn unit(&self) -> (usize, usize) {
        match self.rest {
            [b'\\', b'u', digits @ ..] => {
                let digits = digits.get(..4).and_then(|digits| std::str::from_utf8(digits).ok());
                match digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
                    Some(0..0x80) => (6, 1),
                    Some(0x80..0x800) => (6, 2),
                    // The first half of a pair: strings with half a pair are refused before.
                    Some(0xd800..0xe000) => (12, 4),
                    _ => (6, 3),
                }
            }
            [b'\\', ..] => (2, 1),
            _ => (1, 1),
        }
    }
}

/// `text` as a JSON string, written inside a JSON string.
pub(super) fn encoded_twice(text: &str) -> String {
    let outer = encoded(&encoded(text));
    outer.get(1..outer.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// `text` with its backslash escapes resolved as far as they can be, or none if that changes nothing. For text that
/// should be JSON and is not: whoever reads on may still read the escapes.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (meant, len) = escape_of(escape).unwrap_or(('\\', 1));
        changed |= len > 1;
        out.push(meant);
        rest = escape.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// What the escape at the start of `text` means, and its length in bytes.
fn escape_of(text: &str) -> Option<(char, usize)> {
    let meant = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = unit_of(text)?;
            let second = text.get(6..).and_then(unit_of);
            let mut pair = char::decode_utf16([Some(first), second].into_iter().flatten());
            let meant = pair.next()?.ok()?;
            return Some((meant, meant.len_utf16() * 6));
        }
        _ => return None,
    };
    Some((meant, 2))
}

/// The UTF-16 unit that `text` starts with, as an escape.
fn unit_of(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests;
