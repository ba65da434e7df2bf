//! International bank account numbers (ISO 13616): the country's structure and the check digits of ISO 7064 (mod 97).

use crate::view::{Open, View};

/// Country and structure of what follows the two check digits: `n` digits, `a` letters, `c` either, as SWIFT's IBAN
/// Registry has them.
const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "n8c12"),
    ("AE", "n19"),
    ("AL", "n8c16"),
    ("AT", "n16"),
    ("AZ", "a4c20"),
    ("BA", "n16"),
    ("BE", "n12"),
    ("BG", "a4n6c8"),
    ("BH", "a4c14"),
    ("BI", "n23"),
    ("BR", "n23a1c1"),
    ("BY", "c4n4c16"),
    ("CH", "n5c12"),
    ("CR", "n18"),
    ("CY", "n8c16"),
    ("CZ", "n20"),
    ("DE", "n18"),
    ("DJ", "n23"),
    ("DK", "n14"),
    ("DO", "c4n20"),
    ("EE", "n16"),
    ("EG", "n25"),
    ("ES", "n20"),
    ("FI", "n14"),
    ("FK", "a2n12"),
    ("FO", "n14"),
    ("FR", "n10c11n2"),
    ("GB", "a4n14"),
    ("GE", "a2n16"),
    ("GI", "a4c15"),
    ("GL", "n14"),
    ("GR", "n7c16"),
    ("GT", "c24"),
    ("HN", "a4n20"),
    ("HR", "n17"),
    ("HU", "n24"),
    ("IE", "a4n14"),
    ("IL", "n19"),
    ("IQ", "a4n15"),
    ("IS", "n22"),
    ("IT", "a1n10c12"),
    ("JO", "a4n4c18"),
    ("KW", "a4c22"),
    ("KZ", "n3c13"),
    ("LB", "n4c20"),
    ("LC", "a4c24"),
    ("LI", "n5c12"),
    ("LT", "n16"),
    ("LU", "n3c13"),
    ("LV", "a4c13"),
    ("LY", "n21"),
    ("MC", "n10c11n2"),
    ("MD", "c20"),
    ("ME", "n18"),
    ("MK", "n3c10n2"),
    ("MN", "n16"),
    ("MR", "n23"),
    ("MT", "a4n5c18"),
    ("MU", "a4n19a3"),
    ("NI", "a4n20"),
    ("NL", "a4n10"),
    ("NO", "n11"),
    ("OM", "n3c16"),
    ("PK", "a4c16"),
    ("PL", "n24"),
    ("PS", "a4c21"),
    ("PT", "n21"),
    ("QA", "a4c21"),
    ("RO", "a4c16"),
    ("RS", "n18"),
    ("RU", "n14c15"),
    ("SA", "n2c18"),
    ("SC", "a4n20a3"),
    ("SD", "n14"),
    ("SE", "n20"),
    ("SI", "n15"),
    ("SK", "n20"),
    ("SM", "a1n10c12"),
    ("SO", "n19"),
    ("ST", "n21"),
    ("SV", "a4n20"),
    ("TL", "n19"),
    ("TN", "n20"),
    ("TR", "n6c16"),
    ("UA", "n6c19"),
    ("VA", "n18"),
    ("VG", "a4n16"),
    ("XK", "n16"),
    ("YE", "a4n4c18"),
];

/// The end of the number that starts at `start`: together, or in groups with one separator between two characters, as
/// long as its country has it.
pub(crate) fn iban(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let mut head = [' '; 4];
    let mut at = start;
    for (i, slot) in head.iter_mut().enumerate() {
        let wanted: fn(char) -> bool = if i < 2 { |c| c.is_ascii_alphabetic() } else { |c| c.is_ascii_digit() };
        let Some((c, len)) = view.peek_if(at, wanted)? else { return Ok(None) };
        *slot = c.to_ascii_uppercase();
        at += len;
    }
    let body = at;
    match registered(view, head, body)? {
        Some(end) => Ok(Some(end)),
        None => unregistered(view, start, head, body),
    }
}

/// As the country has it.
fn registered(view: View<'_>, [a, b, c, d]: [char; 4], body: usize) -> Result<Option<usize>, Open> {
    let (mut at, mut grouped) = (body, None);
    let known = COUNTRIES.iter().find(|(country, _)| country.chars().eq([a, b]));
    let Some((_, structure)) = known else { return Ok(None) };
    let mut check = Mod97::default();
    for (class, count) in parts(structure) {
        for _ in 0..count {
            if let Some((sign, len)) = view.peek_if(at, |c| matches!(c, ' ' | '-' | '.'))?
                && *grouped.get_or_insert(sign) == sign
            {
                at += len;
            }
            let wanted: fn(char) -> bool = match class {
                'n' => |c| c.is_ascii_digit(),
                'a' => |c| c.is_ascii_alphabetic(),
                _ => |c| c.is_ascii_alphanumeric(),
            };
            let Some((c, len)) = view.peek_if(at, wanted)? else { return Ok(None) };
            check.push(c);
            at += len;
        }
    }
    for c in [a, b, c, d] {
        check.push(c);
    }
    Ok((check.rest == 1 && view.ends_number(at)?).then_some(at))
}

/// In one piece, capital letters and mostly digits, with right check digits: numbers that look like the others are in use
/// before the registry has them.
fn unregistered(view: View<'_>, start: usize, head: [char; 4], body: usize) -> Result<Option<usize>, Open> {
    let capital = view.text().as_bytes().get(start).is_some_and(u8::is_ascii_uppercase);
    let (mut at, mut count, mut digits, mut check) = (body, 0, 0, Mod97::default());
    while let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_uppercase() || c.is_ascii_digit())? {
        check.push(c);
        digits += usize::from(c.is_ascii_digit());
        count += 1;
        at += len;
        if count > 30 {
            return Ok(None);
        }
    }
    head.into_iter().for_each(|c| check.push(c));
    let fits = capital && count >= 14 && digits >= 12 && check.rest == 1;
    Ok((fits && view.ends_number(at)?).then_some(at))
}

/// A structure's classes and how many of each.
fn parts(structure: &str) -> impl Iterator<Item = (char, usize)> + '_ {
    let mut rest = structure;
    std::iter::from_fn(move || {
        let class = rest.chars().next()?;
        let digits = rest.get(1..)?;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (count, tail) = digits.split_at_checked(end)?;
        rest = tail;
        Some((class, count.parse().ok()?))
    })
}

/// The rest of a number modulo 97, letters counting from 10 (ISO 7064).
#[derive(Debug, Default)]
pub(crate) struct Mod97 {
    rest: u32,
}

impl Mod97 {
    /// One more digit or letter; others do not count.
    pub(crate) fn push(&mut self, c: char) {
        match c.to_digit(36) {
            Some(digit @ 0..10) => self.rest = (self.rest * 10 + digit) % 97,
            Some(letter) => self.rest = (self.rest * 100 + letter) % 97,
            None => {}
        }
    }

    /// What is left of all.
    pub(crate) fn rest(&self) -> u32 {
        self.rest
    }
}

#[cfg(test)]
mod tests;
