//! What stands before a value: signs, and the names that they join to it.

/// Signs between a name and a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    /// `=`, `:`, `=>`, `->`
    pub(crate) assigns: bool,
    /// The quote directly before the value.
    pub(crate) quote: Option<u8>,
    /// `(` or `,`: another argument.
    pub(crate) argues: bool,
    /// `<name>value`
    pub(crate) tags: bool,
}

/// One name before a value, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    pub(crate) text: &'a [u8],
    /// The signs behind it.
    pub(crate) signs: Signs,
}

impl Name<'_> {
    /// `--token`, `-token`
    pub(crate) fn is_flag(&self) -> bool {
        self.text.starts_with(b"-")
    }
}

/// Most signs between two names.
const SIGNS: usize = 24;
/// Longest name.
const NAME: usize = 64;

/// Reads names backwards, to the beginning of the line at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    text: &'a [u8],
}

impl<'a> Before<'a> {
    /// `text` ends where the value begins.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text }
    }
}

impl<'a> Iterator for Before<'a> {
    type Item = Name<'a>;

    fn next(&mut self) -> Option<Name<'a>> {
        let mut signs = Signs::default();
        let mut quotes = true;
        let mut seen = 0;
        while let [rest @ .., last] = self.text {
            match last {
                b'"' | b'\'' | b'`' if quotes && signs.quote.is_none() => signs.quote = Some(*last),
                b'"' | b'\'' | b'`' | b'\\' | b' ' | b'\t' | b'?' | b'[' | b']' | b'*' => {}
                b'=' | b':' => signs.assigns = true,
                b'>' if matches!(rest.last(), Some(b'=' | b'-')) => signs.assigns = true,
                b'>' if !signs.assigns => signs.tags = true,
                b'(' | b',' => signs.argues = true,
                b'-' if matches!(rest.last(), Some(b' ')) => {}
                _ => break,
            }
            quotes = false;
            seen += 1;
            if seen > SIGNS {
                return None;
            }
            self.text = rest;
        }
        let len = self
            .text
            .iter()
            .rev()
            .take(NAME)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            .count();
        let (rest, text) = self.text.split_at(self.text.len() - len);
        self.text = rest;
        if len == 0 || signs.tags && rest.last() != Some(&b'<') {
            self.text = &[];
            return None;
        }
        Some(Name { text, signs })
    }
}

/// Whether `-u` or `--user` of a command line stands before, with the user and a colon behind it.
pub(crate) fn is_curl_user(text: &[u8]) -> bool {
    let Some(mut text) =
        text.strip_suffix(b"\"").or_else(|| text.strip_suffix(b"'")).unwrap_or(text).strip_suffix(b":")
    else {
        return false;
    };
    let skip = |text: &mut &[u8], wanted: fn(u8) -> bool| {
        let len = text.iter().rev().take(NAME).take_while(|b| wanted(**b)).count();
        *text = text.get(..text.len() - len).unwrap_or_default();
    };
    skip(&mut text, |b| matches!(b, b'"' | b'\''));
    skip(&mut text, |b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'='));
    // Without quotes the flag was taken along, where nothing but it stands there.
    skip(&mut text, |b| matches!(b, b'"' | b'\'' | b' ' | b'='));
    text.ends_with(b" -u") || text.ends_with(b"--user") || text.ends_with(b"--proxy-user")
}

#[cfg(test)]
mod tests;
