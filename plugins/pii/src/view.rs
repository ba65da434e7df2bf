//! A text that may still grow, read character by character with look-alike digits, signs and separators folded.

/// The text ends here and more may come: nothing can be decided yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open;

/// A text, and whether its end is the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    text: &'a str,
    complete: bool,
}

/// How many bytes before a match its context words may stand. A session keeps at least this much.
pub(crate) const CONTEXT: usize = 64;

impl<'a> View<'a> {
    pub(crate) fn new(text: &'a str, complete: bool) -> Self {
        Self { text, complete }
    }

    /// The whole text.
    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// The folded character at `at` and its length in bytes; none at the end of a complete text.
    #[inline]
    pub(crate) fn peek(self, at: usize) -> Result<Option<(char, usize)>, Open> {
        match self.text.as_bytes().get(at) {
            Some(&b) if b < 0x80 => Ok(Some((char::from(b), 1))),
            Some(_) => Ok(self.text.get(at..).and_then(|t| t.chars().next()).map(|c| (fold(c), c.len_utf8()))),
            None if self.complete => Ok(None),
            None => Err(Open),
        }
    }

    /// Where the ASCII bytes that satisfy `wanted` end, from `at` on and at most `most` of them. The fast path of [`peek`](Self::peek).
    #[inline]
    pub(crate) fn skip_ascii(self, at: usize, most: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().take(most).take_while(|b| b.is_ascii() && wanted(**b)).count()
    }

    /// The folded character at `at`, if there is one that satisfies `wanted`.
    #[inline]
    pub(crate) fn peek_if(self, at: usize, wanted: impl FnOnce(char) -> bool) -> Result<Option<(char, usize)>, Open> {
        Ok(self.peek(at)?.filter(|(c, _)| wanted(*c)))
    }

    /// The folded characters before `at`, backwards.
    pub(crate) fn before(self, at: usize) -> impl Iterator<Item = char> + 'a {
        self.text.get(..at).unwrap_or_default().chars().rev().map(fold)
    }

    /// Whether one of `words` (lower case ASCII) stands within `reach` bytes before `at`, at most [`CONTEXT`].
    pub(crate) fn has_before(self, at: usize, reach: usize, words: &[&str]) -> bool {
        let mut start = at.saturating_sub(reach.min(CONTEXT));
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let near = self.text.get(start..at).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|w| near.contains(w))
    }

    /// Whether what ends at `end` ends as a number does: not in a letter, and not in a decimal point and more digits.
    pub(crate) fn ends_number(self, end: usize) -> Result<bool, Open> {
        Ok(match self.peek(end)? {
            Some((c, _)) if is_word(c) || c == '_' => false,
            Some(('.', len)) => self.peek_if(end + len, |c| c.is_ascii_digit())?.is_none(),
            _ => true,
        })
    }

    /// Whether a number that starts at `start` is the tail of a longer one: `3.` or `12-` before it.
    pub(crate) fn continues_number(self, start: usize, signs: &[char]) -> bool {
        let mut before = self.before(start);
        before.next().is_some_and(|c| signs.contains(&c)) && before.next().is_some_and(|c| c.is_ascii_digit())
    }
}

/// Letters and digits that words of e-mail addresses are made of. Scripts written without spaces are left out, so that an
/// address inside a Chinese or Japanese sentence has an edge.
#[inline]
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (matches!(c, '\u{c0}'..='\u{52f}') && c.is_alphabetic())
}

/// Full-width and typographic forms of what the shapes are made of.
fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        '\u{fe6b}' => '@',
        '\u{3002}' | '\u{ff61}' | '\u{2024}' => '.',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        c => c,
    }
}
