//! Payment card numbers: ISO/IEC 7812 length, issuer range and Luhn's check digit.

use crate::view::{Open, View};

/// Longest card number, in digits.
pub(crate) const MAX_DIGITS: usize = 19;

/// The end of the card number that starts at `start`. Digits stand together, or in groups with one and the same separator:
/// groups of three or more, or digit by digit. Of several ends that fit, the longest. Where a word before it `said` that it is a
/// card, the issuer need not be known.
pub(crate) fn card(view: View<'_>, start: usize, said: bool) -> Result<Option<usize>, Open> {
    if view.continues_number(start, &['.', ',']) || in_iban(view, start) {
        return Ok(None);
    }
    let mut number = Number::default();
    let (mut separator, mut at, mut found) = (None, start, None);
    loop {
        match view.peek(at)? {
            Some((c, len)) if c.is_ascii_digit() => {
                if !number.push(c) {
                    return Ok(found);
                }
                at += len;
            }
            next => {
                if number.is_card(said) && view.ends_number(at)? {
                    found = Some(at);
                }
                match next {
                    Some((c @ (' ' | '-'), len))
                        if separator.is_none_or(|s| s == c)
                            && number.may_split()
                            && view.peek_if(at + len, |c| c.is_ascii_digit())?.is_some() =>
                    {
                        separator = Some(c);
                        number.split();
                        at += len;
                    }
                    _ => return Ok(found),
                }
            }
        }
    }
}

/// Whether the groups just before are those of an IBAN: country, check digits, more.
fn in_iban(view: View<'_>, start: usize) -> bool {
    let mut near: Vec<char> = view.before(start).take(12).collect();
    near.reverse();
    near.last() == Some(&' ')
        && near.windows(5).any(|w| {
            matches!(w, [a, b, c, d, ' '] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
        })
}

#[derive(Debug, Default)]
struct Number {
    value: u64,
    digits: usize,
    group: usize,
    groups: usize,
    singles: bool,
}

impl Number {
    /// False when there are too many digits.
    fn push(&mut self, c: char) -> bool {
        if self.digits == MAX_DIGITS {
            return false;
        }
        self.value = self.value * 10 + u64::from(c.to_digit(10).unwrap_or(0));
        self.digits += 1;
        self.group += 1;
        true
    }

    /// Whether the group so far may be followed by another.
    fn may_split(&self) -> bool {
        match self.groups {
            0 => self.group == 1 || self.group >= 3,
            _ if self.singles => self.group == 1,
            _ => self.group >= 3,
        }
    }

    fn split(&mut self) {
        if self.groups == 0 {
            self.singles = self.group == 1;
        }
        self.groups += 1;
        self.group = 0;
    }

    fn is_card(&self, said: bool) -> bool {
        self.digits >= 12
            && (self.groups == 0 || !self.singles || self.group == 1)
            && (issued(self.value, self.digits) || said && self.digits >= 13)
            && luhn(self.value)
    }
}

fn luhn(mut value: u64) -> bool {
    let (mut sum, mut double) = (0, false);
    while value > 0 {
        let digit = value % 10;
        sum += match (double, digit) {
            (false, d) => d,
            (true, d @ 0..5) => d * 2,
            (true, d) => d * 2 - 9,
        };
        value /= 10;
        double = !double;
    }
    sum % 10 == 0
}

/// First six digits (inclusive), and the least and greatest length.
const RANGES: &[(u64, u64, usize, usize)] = &[
    (60_400, 60_499, 12, 19),   // Maestro, older
    (180_000, 180_099, 15, 15), // JCB, older
    (213_100, 213_199, 15, 15),
    (220_000, 220_499, 16, 19), // Mir
    (222_100, 272_099, 16, 16), // Mastercard
    (300_000, 305_999, 14, 19), // Diners Club
    (309_500, 309_599, 14, 19),
    (340_000, 349_999, 15, 15), // American Express
    (350_000, 359_999, 16, 19), // JCB, RuPay
    (360_000, 369_999, 14, 19), // Diners Club
    (370_000, 379_999, 15, 15), // American Express
    (380_000, 399_999, 14, 19), // Diners Club
    (400_000, 499_999, 16, 16), // Visa
    (400_000, 499_999, 13, 13),
    (400_000, 499_999, 19, 19),
    (500_000, 509_999, 12, 19), // Maestro
    (510_000, 559_999, 16, 16), // Mastercard
    (560_000, 589_999, 12, 19), // Maestro
    (601_100, 601_199, 16, 19), // Discover
    (620_000, 629_999, 16, 19), // UnionPay
    (630_000, 639_999, 12, 19), // Maestro
    (644_000, 659_999, 16, 19), // Discover
    (670_000, 679_999, 12, 19), // Maestro
    (810_000, 829_999, 16, 19), // UnionPay, RuPay
];

/// Whether an issuer's number may begin at `start`: by its first six digits, whatever stands between them. Long lists of
/// numbers are passed over by this alone.
pub(crate) fn may_begin(view: View<'_>, start: usize) -> Result<bool, Open> {
    let (mut digits, mut count, mut between, mut at) = ([0; 6], 0, 0, start);
    while let Some(slot) = digits.get_mut(count) {
        match view.peek(at)? {
            Some((c, len)) if c.is_ascii_digit() => {
                *slot = c.to_digit(10).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
                (count, between, at) = (count + 1, 0, at + len);
            }
            // More than stands between two groups of a run.
            Some((' ' | '-' | '.' | '/' | '(' | ')', len)) if between < 4 => (between, at) = (between + 1, at + len),
            _ => return Ok(false),
        }
    }
    Ok(is_begun(&digits))
}

/// Whether any issuer's numbers begin with these digits.
pub(crate) fn is_begun(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(6).fold(0, |n, d| n * 10 + u64::from(*d));
    RANGES.iter().any(|&(from, to, ..)| (from..=to).contains(&prefix))
}

fn issued(value: u64, digits: usize) -> bool {
    let Some(shift) = digits.checked_sub(6).and_then(|d| u32::try_from(d).ok()) else { return false };
    let Some(prefix) = 10u64.checked_pow(shift).map(|p| value / p) else { return false };
    RANGES.iter().any(|&(from, to, least, most)| (from..=to).contains(&prefix) && (least..=most).contains(&digits))
}
