//! One pass over a text, from word to word.

use crate::card::card;
use crate::email::{self, Local};
use crate::ip;
use crate::kind::Kind;
use crate::signs::Signs;
use crate::ssn::ssn;
use crate::view::{Open, View, is_word};

/// Which kinds to look for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) email: bool,
    pub(crate) card: bool,
    pub(crate) ssn: bool,
    pub(crate) ip: bool,
}

impl Wanted {
    /// Those that satisfy `wanted`.
    pub(crate) fn by(wanted: impl Fn(Kind) -> bool) -> Self {
        Self { email: wanted(Kind::Email), card: wanted(Kind::Card), ssn: wanted(Kind::Ssn), ip: wanted(Kind::Ip) }
    }
}

/// Where a match stands.
pub(crate) type Match = witgate_sdk::kit::Hit<Kind>;

/// Tells `found` every match of `text` from `start` on, in order. Answers how far everything is decided: to the end of a
/// complete text, else to where something began that more text may complete, at most
/// [`MAX_HELD`](crate::session::MAX_HELD) bytes before the end. What stands before `start` counts as context only.
///
/// Every start is tried for a bounded number of characters, so the time is linear in the text. Where no sign of a match
/// is near ([`Signs`]), no start is tried.
pub(crate) fn scan(text: &str, start: usize, complete: bool, wanted: Wanted, found: impl FnMut(Match)) -> usize {
    scan_by(&mut Signs::new(text), text, start, complete, wanted, found)
}

fn scan_by(
    signs: &mut Signs<'_>,
    text: &str,
    start: usize,
    complete: bool,
    wanted: Wanted,
    mut found: impl FnMut(Match),
) -> usize {
    let view = View::new(text, complete);
    let mut at = start;
    let mut before = view.before(start).next();
    let mut no_email_before = 0;
    while let Ok(Some((c, len))) = view.peek(at) {
        if signs.behind(at) {
            let from = signs.next(at);
            if from > at {
                at = from;
                before = view.before(at).next();
                continue;
            }
        }
        let begins = match before {
            Some(b) if is_word(b) => false,
            Some(':') => is_word(c),
            _ => is_word(c) || c == ':',
        };
        if begins {
            match match_at(view, at, c, wanted, &mut no_email_before) {
                Ok(Some(m)) => {
                    at = m.at.end;
                    before = view.before(at).next();
                    found(m);
                    continue;
                }
                Ok(None) => {}
                Err(Open) => return at,
            }
        }
        before = Some(c);
        at += len;
        // Within a word nothing begins.
        if is_word(c) {
            at = view.skip_ascii(at, usize::MAX, |b| b.is_ascii_alphanumeric());
        }
    }
    at
}

fn match_at(
    view: View<'_>,
    at: usize,
    first: char,
    wanted: Wanted,
    no_email_before: &mut usize,
) -> Result<Option<Match>, Open> {
    let is = |kind, end| Ok(Some(Match { kind, at: at..end }));
    if wanted.email && at >= *no_email_before && first != ':' {
        match email::local(view, at)? {
            Local::At(sign) => match email::domain(view, at, sign)? {
                Some(end) => return is(Kind::Email, end),
                None => *no_email_before = sign,
            },
            Local::DeadUntil(end) => *no_email_before = end,
            Local::TooLong => {}
        }
    }
    if wanted.ip
        && (first.is_ascii_hexdigit() || first == ':')
        && let Some(end) = ip::v6(view, at)?
    {
        return is(Kind::Ip, end);
    }
    if !first.is_ascii_digit() {
        return Ok(None);
    }
    if wanted.ip
        && let Some(end) = ip::v4(view, at)?
    {
        return is(Kind::Ip, end);
    }
    if wanted.card
        && let Some(end) = card(view, at)?
    {
        return is(Kind::Card, end);
    }
    if wanted.ssn
        && let Some(end) = ssn(view, at)?
    {
        return is(Kind::Ssn, end);
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
