//! One pass over a text, from run to run.

use std::collections::HashSet;
use std::ops::Range;

use witgate_sdk::kit::{Fold, Hit, Normalised, Scan};

use crate::assign::{self, Thresholds};
use crate::jwt;
use crate::kind::Kind;
use crate::name::Names;
use crate::pem;
use crate::shapes::Shapes;
use crate::structure;
use crate::url;
use crate::view::{CONTEXT, Open, View};

/// Longest run that is read; a longer one is data, not a key.
pub(crate) const MAX_RUN: usize = 4096;
/// Below so many characters, and without a digit, what no name is joined to is a word.
const WORD: usize = 20;
/// Most prefixes that are tried in one run.
const TRIES: usize = 64;

/// A secret: what kind, and whose it is if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The kind.
    pub kind: Kind,
    /// The provider's name, or nothing.
    pub provider: Provider,
}

/// Whose a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Unknown.
    None,
    /// A name of ours.
    Known(&'static str),
    /// A shape, ours or the operator's.
    Shape(u16),
}

/// Which kinds are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted(u8);

impl Wanted {
    pub(crate) fn by(wanted: impl Fn(Kind) -> bool) -> Self {
        Self(Kind::ALL.into_iter().rev().fold(0, |bits, kind| bits << 1 | u8::from(wanted(kind))))
    }

    pub(crate) fn has(self, kind: Kind) -> bool {
        Kind::ALL.iter().position(|k| *k == kind).is_some_and(|i| self.0 >> i & 1 == 1)
    }
}

/// Finds secrets.
#[derive(Debug)]
pub(crate) struct Scanner {
    pub(crate) shapes: Shapes,
    pub(crate) names: Names,
    pub(crate) limits: Thresholds,
    pub(crate) wanted: Wanted,
    /// Values that are none, and beginnings of such.
    pub(crate) allowed: HashSet<String>,
    pub(crate) allowed_prefixes: Vec<String>,
}

/// Of a run: what values are made of.
const RUN: u8 = 1;
/// `0` to `9`.
const DIGIT: u8 = 2;

/// What a byte is: [`RUN`] and [`DIGIT`].
#[inline]
fn class(b: u8) -> u8 {
    const TABLE: [u8; 256] = {
        let mut table = [0; 256];
        let signs = b"_-./+~%$!@#^&*?";
        let mut i = 0;
        while i < signs.len() {
            table[signs[i] as usize] = RUN;
            i += 1;
        }
        let mut b = b'0';
        while b <= b'z' {
            if b.is_ascii_alphanumeric() {
                table[b as usize] = if b.is_ascii_digit() { RUN | DIGIT } else { RUN };
            }
            b += 1;
        }
        table
    };
    TABLE.get(usize::from(b)).copied().unwrap_or(0)
}

/// Whether values are made of this byte.
#[inline]
pub(crate) fn is_run(b: u8) -> bool {
    class(b) & RUN != 0
}

/// Whether no sign that joins a name to it stands before `start`.
#[inline]
fn is_apart(view: View<'_>, start: usize) -> bool {
    let joins = |b: Option<u8>| matches!(b, Some(b'=' | b':' | b'>' | b'"' | b'\'' | b'`' | b'\\'));
    match view.before(start) {
        Some(b' ' | b'\t') => start.checked_sub(1).is_none_or(|space| !joins(view.before(space))),
        before => !joins(before),
    }
}

type Found = Option<(Secret, Range<usize>)>;

impl Scanner {
    /// As [`Scan::scan`], of text that is read as it stands.
    fn runs(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Secret>)) -> usize {
        let view = View::new(text, complete);
        let mut at = from;
        // What is left of a run that was decided is passed over.
        let mut inside = view.before(from).is_some_and(is_run);
        loop {
            let rest = view.rest(at);
            let skip = if inside { rest.iter().take_while(|b| is_run(**b)).count() } else { 0 };
            let Some(gap) = rest.iter().skip(skip).position(|b| is_run(*b)) else { return text.len() };
            at += skip + gap;
            match self.run(view, at) {
                Ok((end, hit)) => {
                    at = end;
                    if let Some((kind, span)) = hit
                        && self.wanted.has(kind.kind)
                        && !self.is_allowed(text.get(span.clone()).unwrap_or_default())
                    {
                        at = at.max(span.end);
                        found(Hit { kind, at: span });
                    }
                    inside = view.before(at).is_some_and(is_run);
                }
                Err(Open) => return at,
            }
        }
    }

    /// Reads the run that begins at `start`. Answers where to go on, and what it is.
    #[inline]
    fn run(&self, view: View<'_>, start: usize) -> Result<(usize, Found), Open> {
        let mut seen = 0;
        let end = view.run(start, MAX_RUN, |b| {
            let class = class(b);
            // The sign that ends the run has no class.
            seen |= class;
            class & RUN != 0
        })?;
        let has_digit = seen & DIGIT != 0;
        // Most words of a text: nothing is joined to them, and they are too short to be a key.
        let short = self.shapes.shortest_own.map_or(WORD, |own| own.min(WORD));
        let is_word = end - start < short && !has_digit && view.rest(start).first() != Some(&b'-');
        if is_word && is_apart(view, start) || end - start == MAX_RUN {
            return Ok((end, None));
        }
        Ok((end, self.judge(view, start, end, has_digit)?))
    }

    fn judge(&self, view: View<'_>, start: usize, end: usize, has_digit: bool) -> Result<Found, Open> {
        let run = view.bytes(start..end);
        let secret = |kind, provider, at: Range<usize>| Ok(Some((Secret { kind, provider }, at)));
        if run.starts_with(b"----") && run.ends_with(b"BEGIN") || run == b"----" {
            return match self.block(view, start, end)? {
                Some(to) => secret(Kind::PrivateKey, Provider::None, start..to),
                None => Ok(None),
            };
        }
        if run == b"Private-Lines" && view.at(end)? == Some(b':') {
            let line = view.run(end, 12, |b| matches!(b, b':' | b' ' | b'0'..=b'9'))?;
            return match pem::body(view, line)? {
                Some(to) => secret(Kind::PrivateKey, Provider::Known("putty"), start..to),
                None => Ok(None),
            };
        }
        let mut tries = 0;
        let mut last = 0u8;
        for (i, &b) in run.iter().enumerate() {
            if !last.is_ascii_alphanumeric() && run.len() - i >= self.shapes.shortest {
                let next = run.get(i + 1).copied().unwrap_or_default();
                if tries < TRIES && self.shapes.may_begin(b, next) {
                    tries += 1;
                    if let Some(key) = self.shapes.at(view, start + i)? {
                        return secret(Kind::ApiKey, Provider::Shape(key.shape), start + i..key.end);
                    }
                }
                if b == b'e' && matches!(next, b'y' | b'w') && tries < TRIES {
                    tries += 1;
                    if let Some(len) = run.get(i..).and_then(jwt::len) {
                        return secret(Kind::Jwt, Provider::None, start + i..start + i + len);
                    }
                }
            }
            last = b;
        }
        if has_digit
            && run.len() >= 8
            && let Some((provider, at)) = structure::find(view, start, end)?
        {
            return secret(Kind::ApiKey, Provider::Known(provider), at);
        }
        if run.starts_with(b"//") {
            if let Some((provider, at)) = url::hook(run) {
                return secret(Kind::Url, Provider::Known(provider), start + at.start..start + at.end);
            }
            if let Some(at) = url::password(view, start, end)? {
                return secret(Kind::Url, Provider::None, at);
            }
        }
        if let Some((kind, at)) = assign::find(view, start, end, &self.names, self.limits)? {
            return secret(kind, Provider::None, at);
        }
        if has_digit && let Some(at) = assign::joined(run, &self.names) {
            return secret(Kind::Assigned, Provider::None, start + at..end);
        }
        Ok(None)
    }

    /// A block of a private key: its word BEGIN ends the run, or comes behind `---- `.
    fn block(&self, view: View<'_>, start: usize, end: usize) -> Result<Option<usize>, Open> {
        if end - start == 4 {
            return match view.has(end, b" BEGIN")? {
                true => pem::end(view, end + 1),
                false => Ok(None),
            };
        }
        pem::end(view, end - 5)
    }

    fn is_allowed(&self, value: &str) -> bool {
        self.allowed.contains(value) || self.allowed_prefixes.iter().any(|prefix| value.starts_with(prefix.as_str()))
    }
}

/// Widths and hidden characters are read as a person reads them.
const FOLD: Fold = Fold { case: false, width: true, marks: false, hidden: true, lookalikes: false };

/// A scanner of text as it stands.
struct Plain<'a>(&'a Scanner);

impl Scan for Plain<'_> {
    type Kind = Secret;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Secret>)) -> usize {
        self.0.runs(text, from, complete, found)
    }

    fn context(&self) -> usize {
        CONTEXT + 4
    }
}

impl Scan for Scanner {
    type Kind = Secret;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Secret>)) -> usize {
        match text.is_ascii() {
            true => self.runs(text, from, complete, found),
            false => Normalised::new(Plain(self), FOLD).scan(text, from, complete, found),
        }
    }

    fn context(&self) -> usize {
        Normalised::new(Plain(self), FOLD).context()
    }
}

#[cfg(test)]
mod tests;
