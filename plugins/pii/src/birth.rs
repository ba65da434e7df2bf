//! Days of birth: a date beside a word that speaks of birth.

use crate::run::Run;
use crate::view::{Open, View, is_word};
use crate::words::{Lexicon, Topic};

/// How names of months begin, in English, German, Dutch, French, Spanish, Portuguese, Italian.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "maa", "mai", "mei",
    "okt", "dez", "fév", "avr", "juin", "aoû", "déc", "ene", "abr", "ago", "dic", "fev", "out", "gen", "mag", "giu",
    "lug", "set", "ott",
];

/// The end of the date that starts with the digits of `run` at `start`.
pub(crate) fn numbers(view: View<'_>, start: usize, run: &Run, lexicon: &Lexicon) -> Result<Option<usize>, Open> {
    let [first, ..] = run.groups() else { return Ok(None) };
    let end = match run.groups().get(2) {
        Some(third) if run.is_date() || is_short(run) => Some(third.end),
        _ if first.len <= 2 && (1..=31).contains(&run.value(0)) => month_and_year(view, first.end)?,
        _ => None,
    };
    match end {
        Some(end) if view.ends_number(end)? => Ok(is_said(view, start, lexicon).then_some(end)),
        _ => Ok(None),
    }
}

/// `5/11/83`.
fn is_short(run: &Run) -> bool {
    let [a, b, c, ..] = run.groups() else { return false };
    let few = a.len <= 2 && b.len <= 2 && c.len == 2 && b.separator == c.separator;
    few && matches!(b.separator, Some('/' | '.' | '-'))
        && (1..=31).contains(&run.value(0))
        && (1..=31).contains(&run.value(1))
}

/// The end of the date that starts with a month's name at `start`: `March 3, 1980`.
pub(crate) fn name(view: View<'_>, start: usize, lexicon: &Lexicon) -> Result<Option<usize>, Open> {
    let Some(at) = month(view, start)? else { return Ok(None) };
    if !is_said(view, start, lexicon) {
        return Ok(None);
    }
    let Some((_, len)) = view.peek_if(at, |c| c == ' ')? else { return Ok(None) };
    let Some((day, mut at)) = digits(view, at + len, 2)? else { return Ok(None) };
    for sign in [',', ' '] {
        if let Some((c, len)) = view.peek(at)?
            && c == sign
        {
            at += len;
        }
    }
    let Some((year, end)) = digits(view, at, 4)? else { return Ok(None) };
    let fits = (1..=31).contains(&day) && (1800..=2199).contains(&year) && view.ends_number(end)?;
    Ok(fits.then_some(end))
}

fn is_said(view: View<'_>, start: usize, lexicon: &Lexicon) -> bool {
    lexicon.before(view, start).is(Topic::Birth, 3)
}

/// ` December 1980`, `. Dezember 1980`, `th of December, 1980` behind a day.
fn month_and_year(view: View<'_>, end: usize) -> Result<Option<usize>, Open> {
    let mut at = end;
    if let Some((c, len)) = view.peek_if(at, |c| matches!(c, '.' | 's' | 'n' | 'r' | 't'))? {
        at += len;
        if c != '.' {
            let Some((_, len)) = view.peek_if(at, |c| matches!(c, 't' | 'd' | 'h'))? else { return Ok(None) };
            at += len;
        }
    }
    let Some((_, len)) = view.peek_if(at, |c| matches!(c, ' ' | '-'))? else { return Ok(None) };
    at += len;
    for small in ["of ", "de "] {
        at = skip(view, at, small)?;
    }
    let Some(mut at) = month(view, at)? else { return Ok(None) };
    for small in [",", " de", " ", "-"] {
        at = skip(view, at, small)?;
    }
    Ok(digits(view, at, 4)?.filter(|(year, _)| (1800..=2199).contains(year)).map(|(_, end)| end))
}

/// Behind `text`, if it stands at `at`.
fn skip(view: View<'_>, at: usize, text: &str) -> Result<usize, Open> {
    let mut end = at;
    for wanted in text.chars() {
        match view.peek(end)? {
            Some((c, len)) if c == wanted => end += len,
            _ => return Ok(at),
        }
    }
    Ok(end)
}

/// The end of the month's name at `at`, with a point that shortens it.
fn month(view: View<'_>, at: usize) -> Result<Option<usize>, Open> {
    let (mut end, mut word) = (at, String::new());
    while let Some((c, len)) = view.peek_if(end, |c| is_word(c) && !c.is_ascii_digit())? {
        word.extend(c.to_lowercase());
        end += len;
        let known = MONTHS.iter().any(|m| m.starts_with(word.as_str()) || word.starts_with(m));
        if !known || word.len() > 12 {
            return Ok(None);
        }
    }
    if word.len() < 3 {
        return Ok(None);
    }
    skip(view, end, ".").map(Some)
}

/// Up to `most` digits: their value and where they end.
fn digits(view: View<'_>, start: usize, most: usize) -> Result<Option<(u64, usize)>, Open> {
    let (mut value, mut at) = (0, start);
    for _ in 0..most {
        let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_digit())? else { break };
        value = value * 10 + u64::from(c.to_digit(10).unwrap_or(0));
        at += len;
    }
    Ok((at > start).then_some((value, at)))
}

#[cfg(test)]
mod tests;
