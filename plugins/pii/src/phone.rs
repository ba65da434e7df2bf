//! Telephone numbers.
//!
//! With a country code behind `+` or `00`, the code's lengths decide ([`plan`]). A national number must have a shape that
//! other numbers do not have (three, three and four digits of the North American plan; a leading zero and groups), or
//! stand beside a word that speaks of telephones.

use crate::run::{Group, Run};
use crate::view::{Open, View};
use crate::words::{Said, Topic};

mod plan;

/// Words behind a number that say what it is, as on cards and letterheads.
const AFTER: &[&str] = &[
    "office", "fax", "mobile", "mobil", "cell", "home", "work", "phone", "tel", "telefon", "desk", "direct", "main",
    "landline",
];
/// Most digits of a number (ITU-T E.164), with an international prefix.
const MOST: usize = 17;
/// Fewest digits of a number that is told by its words alone.
const FEWEST: usize = 7;

/// The end of the number that starts at `start`.
pub(crate) fn phone(view: View<'_>, start: usize, run: &Run, said: Said) -> Result<Option<usize>, Open> {
    if !begins(view, start, said) {
        return Ok(None);
    }
    let apart = !view.continues_number(start, &[' ', '-', '/']);
    let alone = apart && !run.plus && !said.is(Topic::Other, 0);
    let mut end = match run.digits() {
        _ if run.plus => international(view, run, 0)?,
        [0, 0, ..] if alone && run.groups().len() > 2 => international(view, run, 2)?,
        _ => None,
    };
    if end.is_none() && alone {
        end = american(view, run)?;
    }
    let told = said.is(Topic::Phone, 5);
    if end.is_none() && told && apart {
        end = by_words(view, run)?;
    }
    if end.is_none() && alone {
        end = shaped(view, run)?;
    }
    if end.is_none()
        && !told
        && apart
        && let Some(at) = by_words(view, run)?
        && after(view, at)?
    {
        end = Some(at);
    }
    match end {
        Some(end) => Ok(Some(extension(view, end)?)),
        None => Ok(None),
    }
}

/// Not the tail of a name, an amount or a formula.
fn begins(view: View<'_>, start: usize, said: Said) -> bool {
    let mut before = view.before(start);
    match before.next() {
        Some('$' | '€' | '£' | '@' | '*' | '^' | '+') => false,
        Some('#' | '/') => said.is(Topic::Phone, 1),
        Some('-' | '.' | '(' | '_') => !before.next().is_some_and(char::is_alphanumeric),
        Some(',') => !before.next().is_some_and(|c| c.is_ascii_digit()),
        _ => true,
    }
}

/// A number with a country code, which begins at digit `skip`.
fn international(view: View<'_>, run: &Run, skip: usize) -> Result<Option<usize>, Open> {
    let digits = run.digits().get(skip..).unwrap_or_default();
    let Some((code, least, most)) = plan::country(digits) else { return Ok(None) };
    // `+49 (0) 30`: the zero is not dialled.
    let trunk = run.groups().iter().any(|g| g.enclosed && g.len == 1 && run.digits().get(g.first) == Some(&0));
    let written = skip + code + usize::from(trunk);
    longest(view, run, |_, digits| (least..=most).contains(&digits.saturating_sub(written)))
}

/// A national number by its shape alone.
fn shaped(view: View<'_>, run: &Run) -> Result<Option<usize>, Open> {
    let groups = run.groups();
    let (Some(first), Some(second)) = (groups.first(), groups.get(1)) else { return Ok(None) };
    if run.is_date() || groups.iter().any(|g| g.separator == Some('.')) && !run.has_lengths(&[2, 2, 2, 2, 2]) {
        return Ok(None);
    }
    let zero = matches!(run.digits(), [0, 1..=9, ..]) && (2..=5).contains(&first.len);
    if zero {
        return longest(view, run, |group, digits| {
            (9..=11).contains(&digits) && group.first > 0 && may_be(run, group, digits)
        });
    }
    // `(11) 2345-6789`, as in Latin America.
    let area = first.enclosed && (2..=4).contains(&first.len) && (3..=5).contains(&second.len);
    if area && groups.get(2).is_some_and(|g| g.len == 4 && g.separator == Some('-')) {
        return longest(view, run, |group, digits| (10..=11).contains(&digits) && group.len == 4);
    }
    Ok(None)
}

/// A national number of any shape, which words beside it tell.
fn by_words(view: View<'_>, run: &Run) -> Result<Option<usize>, Open> {
    match run.is_date() {
        true => Ok(None),
        false => longest(view, run, |group, digits| may_be(run, group, digits) && digits >= FEWEST),
    }
}

/// The North American plan: three, three and four digits, none of the threes with 0 or 1 first; `1` or `001` before it.
fn american(view: View<'_>, run: &Run) -> Result<Option<usize>, Open> {
    let skip = match run.groups() {
        [one, ..] if one.len == 1 && run.value(0) == 1 => 1,
        [prefix, ..] if prefix.len == 3 && run.digits().starts_with(&[0, 0, 1]) => 1,
        _ => 0,
    };
    let Some([a, b, c, ..]) = run.groups().get(skip..) else { return Ok(None) };
    let leads = [a, b].iter().all(|g| run.digits().get(g.first).is_some_and(|d| *d >= 2));
    let signs = b.separator == c.separator || a.enclosed || b.separator == Some(')');
    let fits = (a.len, b.len, c.len) == (3, 3, 4) && leads && signs && c.separator != Some('/');
    Ok(if fits && ends(view, c.end)? { Some(c.end) } else { None })
}

/// The end of the last group at which a number may end and `fits`, given the group and all digits up to its end.
fn longest(view: View<'_>, run: &Run, fits: impl Fn(&Group, usize) -> bool) -> Result<Option<usize>, Open> {
    for group in run.groups().iter().rev() {
        if fits(group, Run::digits_to(group)) && ends(view, group.end)? {
            return Ok(Some(group.end));
        }
    }
    Ok(None)
}

/// Whether groups up to this one are as people write numbers: hardly a lone digit but the first, not too many digits.
fn may_be(run: &Run, last: &Group, digits: usize) -> bool {
    let most = if run.digits().starts_with(&[0, 0]) { MOST } else { 13 };
    let groups = run.groups().iter().take_while(|g| g.first <= last.first);
    let lone = groups.filter(|g| g.first > 0 && g.len == 1 && !g.enclosed).count();
    digits <= most && lone < 2 && last.len > 1
}

/// Whether a number ends here, and no amount, time, range or name goes on.
fn ends(view: View<'_>, end: usize) -> Result<bool, Open> {
    let digit_behind = |len: usize| Ok(view.peek_if(end + len, |c| c.is_ascii_digit())?.is_some());
    Ok(match view.peek(end)? {
        Some(('x' | 'X', len)) => digit_behind(len)?,
        Some(('.' | ',' | ':' | '-' | '/', len)) => !digit_behind(len)?,
        Some(('%' | '_' | '@' | '°' | '€' | '$' | '*' | '^', _)) => false,
        Some((c, _)) => !c.is_alphanumeric() || !crate::view::is_word(c),
        None => true,
    })
}

/// Whether a word behind a number says that it is one.
fn after(view: View<'_>, end: usize) -> Result<bool, Open> {
    let Some((_, len)) = view.peek_if(end, |c| matches!(c, ' ' | '-' | '(' | ','))? else { return Ok(false) };
    let mut at = end + len;
    if let Some((_, len)) = view.peek_if(at, |c| matches!(c, '(' | ' '))? {
        at += len;
    }
    let mut word = String::new();
    while let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_alphabetic())? {
        word.push(c.to_ascii_lowercase());
        at += len;
        if !AFTER.iter().any(|known| known.starts_with(word.as_str())) {
            return Ok(false);
        }
    }
    Ok(AFTER.contains(&word.as_str()))
}

/// Where an extension behind `end` ends, or `end`: `x123`, ` x123`, ` ext. 123`, ` extension 123`.
fn extension(view: View<'_>, end: usize) -> Result<usize, Open> {
    let mut at = end;
    if let Some((_, len)) = view.peek_if(at, |c| c == ' ')? {
        at += len;
    }
    let mut letters = 0;
    for wanted in "extension".chars() {
        match view.peek(at)? {
            Some((c, len)) if c.eq_ignore_ascii_case(&wanted) => (at, letters) = (at + len, letters + 1),
            Some((c, len)) if letters == 0 && c.eq_ignore_ascii_case(&'x') => {
                at += len;
                letters = 1;
                break;
            }
            _ => break,
        }
    }
    if !matches!(letters, 1 | 3 | 9) || letters == 1 && !view.before(at).next().is_some_and(|c| matches!(c, 'x' | 'X'))
    {
        return Ok(end);
    }
    if letters > 1 {
        for sign in ['.', ' '] {
            if let Some((c, len)) = view.peek(at)?
                && c == sign
            {
                at += len;
            }
        }
    }
    let digits = at;
    while let Some((_, len)) = view.peek_if(at, |c| c.is_ascii_digit())? {
        at += len;
        if at - digits > 18 {
            return Ok(end);
        }
    }
    Ok(if at > digits && view.ends_number(at)? { at } else { end })
}

#[cfg(test)]
mod tests;
