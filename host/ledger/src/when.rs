//! A place in a ledger as a person names it: a record's position, or a time.

use std::fmt;
use std::str::FromStr;

use crate::explain::utc;

const SECOND: u64 = 1000;
const DAY: u64 = 86_400 * SECOND;

/// A record's position, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The record at this position.
    Position(u64),
    /// A time, in milliseconds since 1970.
    Time(u64),
}

/// The text names no place in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a position (120), a time (2026-11-21T02:54:49Z, 2026-11-21) or how long ago (90s, 15m, 2h, 7d)")]
pub struct WhenError;

impl When {
    /// Reads a position (`120`), a time (RFC 3339, or a date, which is its midnight in UTC), or how long before `now_ms`
    /// (`90s`, `15m`, `2h`, `7d`).
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str, now_ms: u64) -> Result<Self, WhenError> {
        if let Ok(position) = number(text) {
            return Ok(Self::Position(position));
        }
        if let Some((end, unit)) = text.char_indices().next_back()
            && let Some(unit) = [('s', SECOND), ('m', 60 * SECOND), ('h', 3600 * SECOND), ('d', DAY)]
                .into_iter()
                .find_map(|(name, ms)| (name == unit).then_some(ms))
            && let Ok(count) = number(text.get(..end).unwrap_or_default())
        {
            return Ok(Self::Time(now_ms.saturating_sub(count.saturating_mul(unit))));
        }
        time(text).map(Self::Time).ok_or(WhenError)
    }
}

impl FromStr for When {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        Self::parse(text, crate::now_ms())
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(seq) => write!(f, "{seq}"),
            Self::Time(ms) => f.write_str(&utc(*ms)),
        }
    }
}

/// Digits alone: no sign, no blank.
fn number(text: &str) -> Result<u64, WhenError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or(WhenError)
}

/// RFC 3339, or a date alone. Seconds and fractions may be absent.
fn time(text: &str) -> Option<u64> {
    let part = |range: std::ops::Range<usize>| number(text.get(range)?).ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    if text.get(4..5)? != "-" || text.get(7..8)? != "-" || !(1970..=9999).contains(&year) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * DAY;
    let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else { return Some(midnight) };
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, zone) = rest.split_at(rest.find(['Z', 'z', '+', '-'])?);
    let mut parts = clock.split(':');
    let two = |part: Option<&str>, most: u64| {
        let part = part.filter(|part| part.len() == 2)?;
        number(part).ok().filter(|value| *value <= most)
    };
    let (hour, minute) = (two(parts.next(), 23)?, two(parts.next(), 59)?);
    let (second, fraction) = match parts.next() {
        None => (0, ""),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            // A leap second is the next one's first.
            (two(Some(whole), 60)?, fraction)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let milli = match fraction.len() {
        0 if !clock.ends_with('.') => 0,
        0 => return None,
        _ => {
            number(fraction).ok()?;
            number(&format!("{fraction:0<3}").chars().take(3).collect::<String>()).ok()?
        }
    };
    let of_day = ((hour * 60 + minute) * 60 + second) * SECOND + milli;
    let local = midnight + of_day;
    let (sign, offset) = match zone.split_at(1) {
        ("Z" | "z", "") => return Some(local),
        (sign, offset) => (sign, offset),
    };
    let (hours, minutes) = offset.split_once(':')?;
    let offset = (two(Some(hours), 23)? * 60 + two(Some(minutes), 59)?) * 60 * SECOND;
    if sign == "+" { local.checked_sub(offset) } else { local.checked_add(offset) }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Of the proleptic Gregorian calendar; the year is 1970 or later.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let before = year - 1;
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(before) - leaps(1969);
    years + (1..month).map(|month| days_in(year, month)).sum::<u64>() + day - 1
}

#[cfg(test)]
mod tests;
