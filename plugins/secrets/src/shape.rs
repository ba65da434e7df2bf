//! Keys with a shape: a prefix, an alphabet and a length.

use crate::view::{Open, View};

/// What the characters behind a prefix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Alphabet {
    /// `0-9`
    Digits,
    /// `0-9a-f`
    Hex,
    /// `0-9A-Fa-f`
    Anyhex,
    /// `A-Z0-9`
    Upper,
    /// `a-z0-9`
    Lower,
    /// `A-Za-z0-9`
    Alnum,
    /// `A-Za-z0-9_-`
    Word,
    /// `A-Za-z0-9_.-`
    Dotted,
    /// `A-Za-z0-9+/`, `=` behind them
    Base64,
    /// Eight, four, four, four and twelve hexadecimal digits
    Uuid,
}

impl Alphabet {
    #[inline]
    pub(crate) fn has(self, b: u8) -> bool {
        match self {
            Self::Digits => b.is_ascii_digit(),
            Self::Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            Self::Anyhex => b.is_ascii_hexdigit(),
            Self::Upper => matches!(b, b'0'..=b'9' | b'A'..=b'Z'),
            Self::Lower => matches!(b, b'0'..=b'9' | b'a'..=b'z'),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Word => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
            Self::Dotted => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'),
            Self::Base64 => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'),
            Self::Uuid => b.is_ascii_hexdigit() || b == b'-',
        }
    }
}

/// One form of one provider's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape<'a> {
    pub(crate) provider: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) alphabet: Alphabet,
    /// Characters behind the prefix.
    pub(crate) least: usize,
    pub(crate) most: usize,
}

impl Shape<'_> {
    /// The end of the key whose prefix begins at `start`.
    pub(crate) fn end(&self, view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
        if !view.has(start, self.prefix.as_bytes())? {
            return Ok(None);
        }
        let body = start + self.prefix.len();
        let mut end = view.run(body, self.most + 1, |b| self.alphabet.has(b))?;
        if end - body > self.most {
            return Ok(None);
        }
        match view.at(end)? {
            Some(b) if b.is_ascii_alphanumeric() || b == b'_' => return Ok(None),
            _ => {}
        }
        // A full stop or a dash behind a key belongs to the sentence.
        while end > body + self.least && matches!(view.before(end), Some(b'.' | b'-')) {
            end -= 1;
        }
        if end - body < self.least || self.alphabet == Alphabet::Uuid && !crate::value::is_uuid(view.bytes(body..end)) {
            return Ok(None);
        }
        if self.alphabet == Alphabet::Base64 {
            end = view.run(end, 2, |b| b == b'=')?;
        }
        Ok(Some(end))
    }
}
