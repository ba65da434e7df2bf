//! E-mail addresses: the dot-atom form of RFC 5322 with internationalised letters (RFC 6531), bounded as RFC 5321 bounds it.

use crate::view::{Open, View, is_word};

/// Longest local part, in bytes.
pub(crate) const MAX_LOCAL: usize = 64;
/// Longest domain, in bytes.
pub(crate) const MAX_DOMAIN: usize = 255;
const MAX_LABEL: usize = 63;

/// What begins at a word's start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Local {
    /// A local part; the `@` stands here.
    At(usize),
    /// No local part, nor any that starts before this offset.
    DeadUntil(usize),
    /// Longer than a local part may be; a later start may still be one.
    TooLong,
}

/// Reads a local part from `start`.
pub(crate) fn local(view: View<'_>, start: usize) -> Result<Local, Open> {
    let mut at = view.skip_ascii(start, MAX_LOCAL, |b| b.is_ascii_alphanumeric());
    loop {
        match view.peek(at)? {
            Some((c, len)) if is_word(c) || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'') => at += len,
            Some(('@', _)) => return Ok(Local::At(at)),
            _ => return Ok(Local::DeadUntil(at)),
        }
        if at - start > MAX_LOCAL {
            return Ok(Local::TooLong);
        }
    }
}

/// The end of the address whose `@` stands at `at`, if a domain with a top-level name follows.
pub(crate) fn domain(view: View<'_>, start: usize, at: usize) -> Result<Option<usize>, Open> {
    let Some((_, sign)) = view.peek(at)? else { return Ok(None) };
    let first = at + sign;
    let (mut i, mut labels, mut good) = (first, 0, None);
    loop {
        let label = i;
        let mut alphabetic = true;
        let mut last_is_hyphen = false;
        while let Some((c, len)) = view.peek_if(i, |c| is_word(c) || c == '-')? {
            if c == '-' && i > label && alphabetic && labels > 0 && is_top_level(view, label, i)? {
                good = Some(i);
            }
            alphabetic &= c.is_alphabetic();
            last_is_hyphen = c == '-';
            i += len;
            if i - label > MAX_LABEL || i - first > MAX_DOMAIN {
                return Ok(good);
            }
        }
        if i == label {
            break;
        }
        if labels > 0 && !last_is_hyphen && (alphabetic || is_punycode(view, label)?) && is_top_level(view, label, i)? {
            good = Some(i);
        }
        labels += 1;
        match view.peek(i)? {
            Some(('.', len)) if view.peek_if(i + len, is_word)?.is_some() => i += len,
            _ => break,
        }
    }
    if let Some(end) = good
        && is_checkout(view, start, at, end)?
    {
        return Ok(None);
    }
    Ok(good)
}

fn is_punycode(view: View<'_>, label: usize) -> Result<bool, Open> {
    spells(view, label, "xn--")
}

/// At least two letters, and no file extension of pictures (`logo@2x.png`).
fn is_top_level(view: View<'_>, label: usize, end: usize) -> Result<bool, Open> {
    if end - label < 2 {
        return Ok(false);
    }
    for extension in ["png", "jpg", "jpeg", "gif", "svg", "webp"] {
        if end - label == extension.len() && spells(view, label, extension)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `git@host:path` names a repository, not a person.
fn is_checkout(view: View<'_>, start: usize, at: usize, end: usize) -> Result<bool, Open> {
    Ok(at - start == 3
        && spells(view, start, "git")?
        && view.peek(end)?.is_some_and(|(c, _)| c == ':')
        && view.peek_if(end + 1, is_word)?.is_some())
}

fn spells(view: View<'_>, at: usize, word: &str) -> Result<bool, Open> {
    let mut i = at;
    for w in word.chars() {
        match view.peek(i)? {
            Some((c, len)) if c.eq_ignore_ascii_case(&w) => i += len,
            _ => return Ok(false),
        }
    }
    Ok(true)
}
