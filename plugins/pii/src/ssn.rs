//! US social security numbers, as the Social Security Administration has issued them.

use crate::view::{CONTEXT, Open, View};

/// What says that nine digits are such a number.
const WORDS: &[&str] =
    &["ssn", "social security", "social-security", "social_security", "socialsecurity", "soc sec", "ss#"];

/// The end of the number that starts at `start`: `AAA-GG-SSSS`; with spaces or without separators only near a word that
/// says so.
pub(crate) fn ssn(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    if view.continues_number(start, &['.', ',', '-', ' ']) {
        return Ok(None);
    }
    let Some((area, at)) = digits(view, start, 3)? else { return Ok(None) };
    let (separator, at) = match view.peek(at)? {
        Some((c @ ('-' | ' '), len)) => (Some(c), at + len),
        _ => (None, at),
    };
    let Some((group, at)) = digits(view, at, 2)? else { return Ok(None) };
    let at = match (separator, view.peek(at)?) {
        (Some(s), Some((c, len))) if s == c => at + len,
        (None, _) => at,
        _ => return Ok(None),
    };
    let Some((serial, end)) = digits(view, at, 4)? else { return Ok(None) };
    let issued = !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0;
    if !issued || !view.ends_number(end)? || goes_on(view, end)? {
        return Ok(None);
    }
    let said = separator == Some('-') || view.has_before(start, CONTEXT, WORDS);
    Ok(said.then_some(end))
}

fn goes_on(view: View<'_>, end: usize) -> Result<bool, Open> {
    match view.peek(end)? {
        Some(('-', len)) => Ok(view.peek_if(end + len, |c| c.is_ascii_digit())?.is_some()),
        _ => Ok(false),
    }
}

/// Exactly `count` digits: their value and where they end.
fn digits(view: View<'_>, start: usize, count: usize) -> Result<Option<(u32, usize)>, Open> {
    let (mut value, mut at) = (0, start);
    for _ in 0..count {
        let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_digit())? else { return Ok(None) };
        value = value * 10 + c.to_digit(10).unwrap_or(0);
        at += len;
    }
    Ok(Some((value, at)))
}
