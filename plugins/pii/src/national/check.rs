//! The check digits of each state's number, and the dates in them.

use crate::run::number;

/// Whether any state's number has these digits.
pub(super) fn any(digits: &[u8]) -> bool {
    match digits.len() {
        9 => bsn(digits) || nif(digits) || afm(digits) || itin(digits) || before_1954(digits),
        10 => personnummer(digits) || rodne_cislo(digits),
        11 => idnr(digits) || pesel(digits) || rijksregister(digits) || amka(digits),
        12 => personnummer(digits.get(2..).unwrap_or_default()),
        13 => cnp(digits),
        15 => nir(digits),
        _ => false,
    }
}

fn at(digits: &[u8], i: usize) -> u64 {
    digits.get(i).copied().map_or(0, u64::from)
}

fn part(digits: &[u8], from: usize, to: usize) -> u64 {
    number(digits.get(from..to).unwrap_or_default())
}

fn weighted(digits: &[u8], weights: &[u64]) -> u64 {
    digits.iter().zip(weights).map(|(d, w)| u64::from(*d) * w).sum()
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |d: u8| if d < 5 { d * 2 } else { d * 2 - 9 };
    let each = digits.iter().rev().enumerate();
    each.map(|(i, d)| u64::from(if i % 2 == 1 { doubled(*d) } else { *d })).sum::<u64>() % 10 == 0
}

fn is_day(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// United States, Individual Taxpayer Identification Number (IRS).
pub(super) fn itin(digits: &[u8]) -> bool {
    let group = part(digits, 3, 5);
    at(digits, 0) == 9 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// Germany, Identifikationsnummer: ISO 7064 mod 11,10; of the first ten digits one stands two or three times.
fn idnr(digits: &[u8]) -> bool {
    let Some((check, ten)) = digits.split_last() else { return false };
    let mut seen = [0u8; 10];
    for d in ten {
        if let Some(count) = seen.get_mut(usize::from(*d)) {
            *count += 1;
        }
    }
    let often = seen.iter().filter(|count| **count > 1).count();
    if at(digits, 0) == 0 || often != 1 || seen.iter().any(|count| *count > 3) {
        return false;
    }
    let mut product = 10;
    for d in ten {
        let sum = match (u64::from(*d) + product) % 10 {
            0 => 10,
            sum => sum,
        };
        product = sum * 2 % 11;
    }
    (11 - product) % 10 == u64::from(*check)
}

/// France, numéro d'inscription au répertoire: 97 less the rest modulo 97; a month, or 20 and more where it is not known.
pub(super) fn nir(digits: &[u8]) -> bool {
    let month = part(digits, 3, 5);
    matches!(at(digits, 0), 1 | 2)
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - part(digits, 0, 13) % 97 == part(digits, 13, 15)
}

/// Poland, PESEL: the century is in the month.
fn pesel(digits: &[u8]) -> bool {
    is_day(part(digits, 2, 4) % 20, part(digits, 4, 6))
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Romania, cod numeric personal.
fn cnp(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    matches!(at(digits, 0), 1..=9)
        && is_day(part(digits, 3, 5), part(digits, 5, 7))
        && at(digits, 12) == if rest == 10 { 1 } else { rest }
}

/// The Netherlands, burgerservicenummer: the eleven test.
fn bsn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    number(digits) > 0 && sum % 11 == at(digits, 8)
}

/// Belgium, rijksregisternummer: 97 less the rest of nine digits, with a 2 before them for births from 2000 on.
pub(super) fn rijksregister(digits: &[u8]) -> bool {
    let (nine, check) = (part(digits, 0, 9), part(digits, 9, 11));
    let (month, day) = (part(digits, 2, 4) % 20, part(digits, 4, 6));
    month <= 12 && day <= 31 && [nine, 2_000_000_000 + nine].iter().any(|n| 97 - n % 97 == check)
}

/// The Czech Republic and Slovakia, rodné číslo of ten digits: 50 in a woman's month, 20 where numbers ran out.
pub(super) fn rodne_cislo(digits: &[u8]) -> bool {
    let month = part(digits, 2, 4) % 50;
    let month = if month > 20 { month - 20 } else { month };
    let rest = part(digits, 0, 9) % 11;
    is_day(month, part(digits, 4, 6)) && rest % 10 == at(digits, 9)
}

/// The same of nine digits, without a check digit.
fn before_1954(digits: &[u8]) -> bool {
    is_day(part(digits, 2, 4) % 50, part(digits, 4, 6)) && part(digits, 0, 2) < 54
}

/// Sweden, personnummer of ten digits; 60 is added to the day in a samordningsnummer.
pub(super) fn personnummer(digits: &[u8]) -> bool {
    let day = part(digits, 4, 6);
    is_day(part(digits, 2, 4), if day > 60 { day - 60 } else { day }) && luhn(digits)
}

/// Portugal, número de identificação fiscal.
fn nif(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    at(digits, 0) > 0 && at(digits, 8) == if rest < 2 { 0 } else { 11 - rest }
}

/// Greece, tax number.
fn afm(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]);
    number(digits) > 0 && sum % 11 % 10 == at(digits, 8)
}

/// Greece, number of social security: a day of birth and Luhn's check digit.
fn amka(digits: &[u8]) -> bool {
    is_day(part(digits, 2, 4), part(digits, 0, 2)) && luhn(digits)
}

#[cfg(test)]
mod tests;
