//! Where a text has a sign of a match: most prose has few, and what lies between them need not be read as text.
//!
//! Every match holds a digit, a colon or an `@`, as ASCII or as another character that folds to it. Up to the first of
//! them, what belongs to it is ASCII and of the characters that a local part of an e-mail address may have, with a
//! parenthesis or one word before it. Names, addresses and the operator's own shapes have no sign: every start is tried.

/// Bytes that are looked at in one step.
const STEP: usize = 32;

/// Finds the signs of a text, one after the other.
#[derive(Debug)]
pub(crate) struct Signs<'a> {
    bytes: &'a [u8],
    /// Just after the last sign that was found.
    known: usize,
    #[cfg(test)]
    pub(crate) work: usize,
}

impl<'a> Signs<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            known: 0,
            #[cfg(test)]
            work: 0,
        }
    }

    /// Of a text in which every start is to be tried.
    pub(crate) fn everywhere() -> Self {
        Self {
            bytes: &[],
            known: usize::MAX,
            #[cfg(test)]
            work: 0,
        }
    }

    /// Whether `at` is beyond the last sign.
    #[inline]
    pub(crate) fn behind(&self, at: usize) -> bool {
        at >= self.known
    }

    /// Where a match may begin, at or after `at`: where what belongs to the next sign begins. The end of the text counts as a
    /// sign, since more may come there. What lies between the answer and the sign is not looked at again, so that all
    /// calls together are linear in the text.
    pub(crate) fn next(&mut self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.first().is_none_or(|b| is_sign(*b)) {
            self.known = at + 1;
            return at;
        }
        let free = free_of_signs(rest);
        let (before, _) = rest.split_at_checked(free).unwrap_or_default();
        let belongs = before.iter().rev().take_while(|b| is_local(**b)).count();
        let numeric = rest.get(free).is_none_or(|b| !matches!(b, b'@' | b':'));
        let leads = if numeric { leads(before.get(..free - belongs).unwrap_or_default()) } else { 0 };
        let belongs = belongs + leads;
        self.known = at + free + 1;
        #[cfg(test)]
        {
            self.work += free + belongs + 1;
        }
        at + free - belongs
    }
}

/// Longest word before a number that may be part of it: a month, the letters of a National Insurance number.
const MAX_WORD: usize = 12;

/// How many bytes at the end of `before` belong to a number behind them: a parenthesis, or a word, its point and a space.
fn leads(before: &[u8]) -> usize {
    match before.split_last() {
        // `(0161)`, `+(370)`.
        Some((b'(', rest)) => 1 + usize::from(rest.ends_with(b"+")),
        Some((b' ', rest)) => {
            let word = rest.strip_suffix(b".").unwrap_or(rest);
            let letters = word.iter().rev().take(MAX_WORD + 1).take_while(|b| b.is_ascii_alphabetic()).count();
            if (1..=MAX_WORD).contains(&letters) { before.len() - word.len() + letters } else { 0 }
        }
        _ => 0,
    }
}

/// How many bytes there are before the first sign.
fn free_of_signs(bytes: &[u8]) -> usize {
    let mut free = 0;
    // Without a branch for each byte, so that it becomes vector instructions.
    for step in bytes.chunks_exact(STEP) {
        if step.iter().fold(false, |any, b| any | is_sign(*b)) {
            break;
        }
        free += STEP;
    }
    let rest = bytes.get(free..).unwrap_or_default();
    free + rest.iter().position(|b| is_sign(*b)).unwrap_or(rest.len())
}

/// A digit, a colon, an `@`, or part of a character that is not ASCII.
#[inline]
fn is_sign(b: u8) -> bool {
    b.wrapping_sub(b'0') <= b':' - b'0' || b == b'@' || b >= 0x80
}

/// What a local part of an address may have, of ASCII. Groups of hexadecimal digits are part of it.
fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

#[cfg(test)]
mod tests;
