//! Numbers with letters in them: codice fiscale, NIE, DNI, National Insurance number.

use crate::view::{Open, View};
use crate::words::{Lexicon, Topic};

/// Spain's check letters, by the rest modulo 23.
const REST_23: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
/// Prefixes of National Insurance numbers that are not given out (HMRC, NIM39110).
const NO_PREFIX: &[&str] = &["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
/// What an Italian code's characters count at odd places: digits and letters A to Z.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// The end of a number that starts with a capital letter at `start`.
pub(crate) fn lettered(view: View<'_>, start: usize, lexicon: &Lexicon) -> Result<Option<usize>, Open> {
    let end = match foreigner(view, start)? {
        Some(end) => Some(end),
        None => match insurance(view, start, lexicon)? {
            Some(end) => Some(end),
            None => codice_fiscale(view, start)?,
        },
    };
    let Some(end) = end else { return Ok(None) };
    let part_of_name = view.before(start).next().is_some_and(|c| matches!(c, '-' | '_' | '.' | '/' | '#' | '='))
        && view.before(start).nth(1).is_some_and(char::is_alphanumeric);
    let fits = view.ends_number(end)? && !part_of_name && !lexicon.before(view, start).is(Topic::Other, 0);
    Ok(fits.then_some(end))
}

/// Spain, DNI: the letter behind eight digits that end at `at`.
pub(super) fn identity_card(view: View<'_>, at: usize, value: u64, told: bool) -> Result<Option<usize>, Open> {
    let mut at = at;
    if let Some((_, len)) = view.peek_if(at, |c| c == '-')? {
        at += len;
    }
    let Some((letter, len)) = view.peek_if(at, |c| c.is_ascii_alphabetic())? else { return Ok(None) };
    let fits = (told || letter.is_ascii_uppercase()) && is_check(letter, value);
    Ok((fits && view.ends_number(at + len)?).then_some(at + len))
}

fn is_check(letter: char, value: u64) -> bool {
    let rest = usize::try_from(value % 23).ok().and_then(|i| REST_23.get(i));
    rest.is_some_and(|l| char::from(*l) == letter.to_ascii_uppercase())
}

/// Spain, NIE: `X1234567L`.
fn foreigner(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let Some((first, len)) = view.peek_if(start, |c| matches!(c, 'X'..='Z'))? else { return Ok(None) };
    let hyphen = |at| Ok(view.peek_if(at, |c| c == '-')?.map_or(at, |(_, len)| at + len));
    let Some((value, at)) = digits(view, hyphen(start + len)?, 7)? else { return Ok(None) };
    let Some((letter, len)) = view.peek_if(hyphen(at)?, |c| c.is_ascii_uppercase())? else { return Ok(None) };
    let lead = u64::from(u32::from(first) - u32::from('X'));
    Ok(is_check(letter, lead * 10_000_000 + value).then_some(hyphen(at)? + len))
}

/// The United Kingdom, National Insurance number: `AB 12 34 56 C`, `AB 123456 C`, or without spaces. With a word that says
/// so, specimens (`ZZ 123456 T`) count as well.
fn insurance(view: View<'_>, start: usize, lexicon: &Lexicon) -> Result<Option<usize>, Open> {
    let mut prefix = String::new();
    let mut at = start;
    for _ in 0..2 {
        let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_uppercase())? else { return Ok(None) };
        prefix.push(c);
        at += len;
    }
    let skip = |at: usize| Ok(view.peek_if(at, |c| matches!(c, ' ' | '-'))?.map_or(at, |(_, len)| at + len));
    for _ in 0..3 {
        let Some((_, next)) = digits(view, skip(at)?, 2)? else { return Ok(None) };
        at = next;
    }
    let Some((last, len)) = view.peek_if(skip(at)?, |c| matches!(c, 'A'..='D' | 'T'))? else { return Ok(None) };
    let given = last != 'T'
        && !prefix.contains(['D', 'F', 'I', 'Q', 'U', 'V'])
        && !prefix.ends_with('O')
        && !NO_PREFIX.contains(&prefix.as_str());
    let fits = given || lexicon.before(view, start).is(Topic::National, 2);
    Ok(if fits { Some(skip(at)? + len) } else { None })
}

/// Italy, codice fiscale: 16 letters and digits, the last a check letter. Where two persons would have the same code, digits
/// are written as letters.
fn codice_fiscale(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let (mut at, mut sum) = (start, 0);
    for (i, class) in "AAAAAA00A00A000A".chars().enumerate() {
        let wanted: fn(char) -> bool = match class {
            'A' => |c| c.is_ascii_uppercase(),
            _ => |c| c.is_ascii_digit() || matches!(c, 'L'..='N' | 'P'..='V'),
        };
        let Some((c, len)) = view.peek_if(at, wanted)? else { return Ok(None) };
        let value = c.to_digit(10).or_else(|| c.to_digit(36).map(|v| v - 10)).unwrap_or(0);
        let odd = usize::try_from(value).ok().and_then(|v| ODD.get(v)).copied().unwrap_or(0);
        if i == 15 {
            return Ok((sum % 26 == value).then_some(at + len));
        }
        // Places are counted from one.
        sum += if i % 2 == 0 { odd } else { value };
        at += len;
    }
    Ok(None)
}

/// Exactly `count` digits: their value and where they end.
fn digits(view: View<'_>, start: usize, count: usize) -> Result<Option<(u64, usize)>, Open> {
    let (mut value, mut at) = (0, start);
    for _ in 0..count {
        let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_digit())? else { return Ok(None) };
        value = value * 10 + u64::from(c.to_digit(10).unwrap_or(0));
        at += len;
    }
    Ok(Some((value, at)))
}
