//! Keys without a prefix of their own, told by the parts they are made of.

use std::ops::Range;

use crate::shape::Alphabet::{Alnum, Digits, Hex, Word};
use crate::value::Value;
use crate::view::{Open, View};

/// The key in the run `start..end`, or from it on.
pub(crate) fn find(view: View<'_>, start: usize, end: usize) -> Result<Option<(&'static str, Range<usize>)>, Open> {
    let run = view.bytes(start..end);
    let within = parted(run).or_else(|| azure(run)).or_else(|| mailchimp(run)).or_else(|| vault(run));
    if let Some((provider, at)) = within {
        return Ok(Some((provider, start + at.start..start + at.end)));
    }
    if view.at(end)? == Some(b':') {
        return joined(view, start, end);
    }
    Ok(None)
}

fn all(part: &[u8], least: usize, most: usize, wanted: impl Fn(u8) -> bool) -> bool {
    (least..=most).contains(&part.len()) && part.iter().all(|b| wanted(*b))
}

/// Parts between dots or low lines.
fn parted(run: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let whole = |provider| Some((provider, 0..run.len()));
    let mut parts = run.split(|b| *b == b'.');
    if let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) {
        let bot = all(a, 23, 28, |b| Word.has(b)) && all(b, 6, 7, |b| Word.has(b)) && all(c, 27, 42, |b| Word.has(b));
        let id = crate::jwt::decode(a.get(..4).unwrap_or_default());
        if bot && id.iter().all(u8::is_ascii_digit) && Value::of(c).entropy >= 330 {
            return whole("discord");
        }
        if a == b"1000" && all(b, 32, 32, |b| Hex.has(b)) && all(c, 32, 32, |b| Hex.has(b)) {
            return whole("zoho");
        }
        if all(a, 14, 14, |b| Alnum.has(b))
            && b == b"atlasv1"
            && all(c, 60, 80, |b| Word.has(b))
            && Value::of(c).entropy >= 350
        {
            return whole("hashicorp");
        }
    }
    if let Some(at) = hashed(run) {
        return Some(("crypt", at..run.len()));
    }
    if run.ends_with(b"_mmk") && run.len() == 40 && run.get(6) == Some(&b'_') {
        return whole("maxmind");
    }
    None
}

/// A hash of a password as crypt(3) writes it: it can be tried offline. Tells where it begins.
fn hashed(run: &[u8]) -> Option<usize> {
    const METHODS: [&[u8]; 9] = [b"$1$", b"$5$", b"$6$", b"$2a$", b"$2b$", b"$2y$", b"$apr1$", b"$y$", b"$7$"];
    let start = run.iter().position(|b| *b == b'$')?;
    let rest = run.get(start..)?;
    let method = METHODS.iter().find(|method| rest.starts_with(method))?;
    let body = rest.get(method.len()..)?;
    let of = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$');
    let is_hash = all(body, 28, 128, of) && body.contains(&b'$') && Value::of(body).entropy >= 380;
    is_hash.then_some(start)
}

/// A secret of Microsoft Entra: three characters, a digit, `Q~`, and 31 to 34 more.
fn azure(run: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let of = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'.' | b'-');
    let sign = run.windows(2).position(|w| w == b"Q~")?;
    let start = sign.checked_sub(4)?;
    let digit = run.get(sign - 1).is_some_and(u8::is_ascii_digit);
    let before = start.checked_sub(1).and_then(|b| run.get(b)).is_some_and(|b| of(*b));
    let rest = run.get(sign + 2..)?;
    let len = rest.iter().take_while(|b| of(**b)).count();
    let body = rest.get(..len)?;
    let fits = digit && !before && (31..=34).contains(&len) && run.get(start..sign)?.iter().all(|b| of(*b));
    (fits && Value::of(body).entropy >= 300).then_some(("azure", start..sign + 2 + len))
}

/// 32 hexadecimal digits and the data centre: `-us12`.
fn mailchimp(run: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let (key, centre) = (run.get(..32)?, run.get(32..)?.strip_prefix(b"-us")?);
    (all(key, 32, 32, |b| Hex.has(b)) && all(centre, 1, 2, |b| Digits.has(b))).then_some(("mailchimp", 0..run.len()))
}

/// A token of Vault before 1.10: `s.` and 24 characters.
fn vault(run: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let body = run.strip_prefix(b"s.")?;
    let value = Value::of(body);
    let mixed = value.digits > 1 && value.upper > 1 && value.lower > 1 && value.entropy >= 350;
    (mixed && all(body, 24, 24, |b| Alnum.has(b))).then_some(("vault", 0..run.len()))
}

/// A number, a colon and a key.
fn joined(view: View<'_>, start: usize, end: usize) -> Result<Option<(&'static str, Range<usize>)>, Open> {
    let run = view.bytes(start..end);
    let number = run.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let from = end - number;
    let edge =
        matches!(view.before(from), Some(b) if b.is_ascii_alphanumeric()) && !run.ends_with_digits_of(b"bot", number);
    let of = |provider, to: usize| Ok(Some((provider, from..to)));
    if (8..=10).contains(&number) && !edge {
        let to = view.run(end + 1, 36, |b| Word.has(b))?;
        if to - end - 1 == 35 && Value::of(view.bytes(end + 1..to)).entropy >= 350 {
            return of("telegram", to);
        }
    }
    if number == 16 && matches!(run.first(), Some(b'0'..=b'2')) && run.get(1) == Some(&b'/') {
        let to = view.run(end + 1, 33, |b| Hex.has(b))?;
        if to - end - 1 == 32 {
            return Ok(Some(("asana", start..to)));
        }
    }
    if run.len() == 11 && run.starts_with(b"AAAA") {
        let to = view.run(end + 1, 141, |b| Word.has(b))?;
        if to - end - 1 == 140 {
            return Ok(Some(("firebase", start..to)));
        }
    }
    Ok(None)
}

trait EndsWith {
    fn ends_with_digits_of(&self, word: &[u8], digits: usize) -> bool;
}

impl EndsWith for [u8] {
    /// Whether `word` stands before the last `digits` bytes.
    fn ends_with_digits_of(&self, word: &[u8], digits: usize) -> bool {
        self.get(..self.len() - digits).is_some_and(|before| before.ends_with(word))
    }
}

#[cfg(test)]
mod tests;
