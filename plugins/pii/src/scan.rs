//! One pass over a text, from word to word.

use std::sync::Arc;

use crate::address;
use crate::bank::bank;
use crate::birth;
use crate::card::{self, card};
use crate::document::document;
use crate::email::{self, Local};
use crate::iban::iban;
use crate::ip;
use crate::kind::Kind;
use crate::national::{lettered, national};
use crate::person;
use crate::phone::phone;
use crate::run::Run;
use crate::shape::Shape;
use crate::signs::Signs;
use crate::ssn::ssn;
use crate::view::{Open, View, is_word};
use crate::words::{Lexicon, Topic};

/// What to look for.
#[derive(Debug)]
pub(crate) struct Watch {
    kinds: u16,
    /// The operator's own, with their places in the configuration.
    shapes: Vec<(u8, Shape)>,
    lexicon: Arc<Lexicon>,
}

impl Watch {
    /// For the built-in kinds of these bits, and these shapes.
    pub(crate) fn new(kinds: u16, shapes: Vec<(u8, Shape)>, lexicon: Arc<Lexicon>) -> Self {
        Self { kinds, shapes, lexicon }
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds == 0 && self.shapes.is_empty()
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds & kind.bit() != 0
    }

    /// Whether a match may have no sign, so that every start must be tried.
    fn is_everywhere(&self) -> bool {
        !self.shapes.is_empty() || self.has(Kind::Person) || self.has(Kind::Address)
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
pub(crate) fn scan(text: &str, start: usize, complete: bool, watch: &Watch, found: impl FnMut(Match)) -> usize {
    let mut signs = if watch.is_everywhere() { Signs::everywhere() } else { Signs::new(text) };
    scan_by(&mut signs, text, start, complete, watch, found)
}

/// Whether this is the code of a token, such as `[DL_K3V9X2QA]`, whose name may be a word that a number follows.
fn is_token(view: View<'_>, at: usize, end: usize) -> bool {
    let mut before = view.before(at).take(64).skip_while(|c| c.is_ascii_uppercase() || *c == '_');
    view.before(at).next() == Some('_') && before.next() == Some('[') && matches!(view.peek(end), Ok(Some((']', _))))
}

fn scan_by(
    signs: &mut Signs<'_>,
    text: &str,
    start: usize,
    complete: bool,
    watch: &Watch,
    mut found: impl FnMut(Match),
) -> usize {
    let view = View::new(text, complete);
    let mut at = start;
    let mut before = view.before(at).next();
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
            Some(':') => is_word(c) || matches!(c, '+' | '('),
            _ => is_word(c) || matches!(c, ':' | '+' | '('),
        };
        let outcome = match shapes(view, at, watch) {
            Ok(None) if begins => match_at(view, at, c, watch, &mut no_email_before),
            other => other,
        };
        match outcome {
            Ok(Some((kind, end))) => {
                if !is_token(view, at, end) {
                    found(Match { kind, at: at..end });
                }
                at = end;
                before = view.before(at).next();
                continue;
            }
            Ok(None) => {}
            Err(Open) => return at,
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

type Found = Result<Option<(Kind, usize)>, Open>;

/// The operator's own kinds.
fn shapes(view: View<'_>, at: usize, watch: &Watch) -> Found {
    let first = view.text().as_bytes().get(at).copied().unwrap_or_default();
    for (i, shape) in &watch.shapes {
        if shape.begins_with(first)
            && let Some(end) = shape.find(view, at)?
        {
            return Ok(Some((Kind::Custom(*i), end)));
        }
    }
    Ok(None)
}

fn match_at(view: View<'_>, at: usize, first: char, watch: &Watch, no_email_before: &mut usize) -> Found {
    if watch.has(Kind::Email) && at >= *no_email_before && is_word(first) {
        match email::local(view, at)? {
            Local::At(sign) => match email::domain(view, at, sign)? {
                Some(end) => return Ok(Some((Kind::Email, end))),
                None => *no_email_before = sign,
            },
            Local::DeadUntil(end) => *no_email_before = end,
            Local::TooLong => {}
        }
    }
    if watch.has(Kind::Ip)
        && (first.is_ascii_hexdigit() || first == ':')
        && let Some(end) = ip::v6(view, at)?
    {
        return Ok(Some((Kind::Ip, end)));
    }
    match first {
        '0'..='9' | '+' | '(' => digits(view, at, first, watch),
        c if is_word(c) => letters(view, at, c, watch),
        _ => Ok(None),
    }
}

/// What begins with a letter.
fn letters(view: View<'_>, at: usize, first: char, watch: &Watch) -> Found {
    let is = |kind, end: Option<usize>| end.map(|end| (kind, end));
    let mut found = None;
    if first.is_ascii_alphabetic() && watch.has(Kind::Iban) {
        found = is(Kind::Iban, iban(view, at)?);
    }
    if found.is_none() && first.is_ascii_uppercase() && watch.has(Kind::NationalId) {
        found = is(Kind::NationalId, lettered(view, at, &watch.lexicon)?);
    }
    if found.is_none() && first.is_ascii_uppercase() {
        found = documents(view, at, watch)?;
    }
    if found.is_none() && watch.has(Kind::Birth) {
        found = is(Kind::Birth, birth::name(view, at, &watch.lexicon)?);
    }
    if found.is_none() && watch.has(Kind::Address) {
        found = is(Kind::Address, address::street_first(view, at)?);
    }
    if found.is_none() && watch.has(Kind::Person) {
        found = is(Kind::Person, person::name(view, at)?);
    }
    Ok(found)
}

fn documents(view: View<'_>, at: usize, watch: &Watch) -> Found {
    if !watch.has(Kind::Passport) && !watch.has(Kind::Licence) {
        return Ok(None);
    }
    Ok(document(view, at, &watch.lexicon)?.filter(|(kind, _)| watch.has(*kind)))
}

/// What begins with a digit, a `+` or a parenthesis.
fn digits(view: View<'_>, at: usize, first: char, watch: &Watch) -> Found {
    let is = |kind, end: Option<usize>| end.map(|end| (kind, end));
    let digit = first.is_ascii_digit();
    if digit
        && watch.has(Kind::Ip)
        && let Some(end) = ip::v4(view, at)?
    {
        return Ok(Some((Kind::Ip, end)));
    }
    // Behind other digits only a card begins, in a group of three or more: lists of numbers are long.
    let tail = digit && view.continues_number(at, &[' ', '-', '.', '/', ',']);
    if tail && (!watch.has(Kind::Card) || is_short(view, at)? || !card::may_begin(view, at)?) {
        return Ok(None);
    }
    let mut found = None;
    if let Some(run) = Run::read(view, at)? {
        let all = run.digits().len();
        if digit && all >= 12 && watch.has(Kind::Card) && (!tail || card::is_begun(run.digits())) {
            let said = watch.lexicon.before(view, at);
            let whole = run.groups().first().is_some_and(|g| g.len >= 12);
            if !whole || !said.is(Topic::Other, 0) && !said.is(Topic::National, 1) {
                found = is(Kind::Card, card(view, at, said.is(Topic::Card, 2))?);
            }
        }
        if tail {
            return Ok(found);
        }
        if found.is_none() && digit && all >= 9 && watch.has(Kind::Ssn) {
            found = is(Kind::Ssn, ssn(view, at)?);
        }
        if found.is_none() && all >= 6 {
            let said = watch.lexicon.before(view, at);
            if digit && watch.has(Kind::NationalId) {
                found = is(Kind::NationalId, national(view, at, &run, said)?);
            }
            if found.is_none() && digit && watch.has(Kind::Bank) {
                found = is(Kind::Bank, bank(view, at, &run, said)?);
            }
            if found.is_none() && all >= 7 && watch.has(Kind::Phone) {
                found = is(Kind::Phone, phone(view, at, &run, said)?);
            }
        }
        if found.is_none() && digit && watch.has(Kind::Birth) {
            found = is(Kind::Birth, birth::numbers(view, at, &run, &watch.lexicon)?);
        }
    }
    if found.is_none() && digit {
        found = documents(view, at, watch)?;
    }
    if found.is_none() && digit && watch.has(Kind::Address) {
        found = is(Kind::Address, address::number_first(view, at)?);
    }
    Ok(found)
}

/// Whether there are at most two digits here.
fn is_short(view: View<'_>, at: usize) -> Result<bool, Open> {
    let mut end = at;
    for _ in 0..3 {
        match view.peek_if(end, |c| c.is_ascii_digit())? {
            Some((_, len)) => end += len,
            None => return Ok(true),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
