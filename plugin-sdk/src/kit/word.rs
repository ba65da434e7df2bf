//! Where words begin and end.

/// Whether a character continues a word: a letter, a digit or `_`.
///
/// Letters of scripts that are written without spaces (Chinese, Japanese, Thai, Khmer …) do not, so that a word of another
/// script has an edge inside a sentence of theirs.
#[must_use]
#[inline]
pub fn is_word(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric() || c == '_',
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// Whether a word goes on before `at`.
#[inline]
pub(super) fn word_before(text: &str, at: usize) -> bool {
    match at.checked_sub(1).and_then(|last| text.as_bytes().get(last)) {
        None => false,
        Some(b) if b.is_ascii() => is_word(char::from(*b)),
        Some(_) => text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_word),
    }
}

/// Whether a word goes on at `at`; none at the end of the text.
#[inline]
pub(super) fn word_at(text: &str, at: usize) -> Option<bool> {
    match text.as_bytes().get(at) {
        None => None,
        Some(b) if b.is_ascii() => Some(is_word(char::from(*b))),
        Some(_) => text.get(at..).and_then(|after| after.chars().next()).map(is_word),
    }
}
