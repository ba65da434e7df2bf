//! Postal addresses, a guess: a number and a street's name, and what follows it up to a postcode.

use crate::view::{Open, View, is_word};

/// Behind a street's name.
const SUFFIX_WORDS: &[&str] = &[
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "boulevard",
    "blvd",
    "way",
    "place",
    "pl",
    "square",
    "sq",
    "terrace",
    "close",
    "crescent",
    "highway",
    "hwy",
    "parkway",
    "pkwy",
    "circle",
    "cir",
    "trail",
    "walk",
    "mews",
    "gardens",
    "grove",
    "hill",
    "row",
    "green",
    "park",
    "quay",
];
/// The end of a street's name, in German, Dutch and the languages of the north.
const SUFFIXES: &[&str] = &[
    "straße",
    "strasse",
    "str",
    "weg",
    "gasse",
    "allee",
    "platz",
    "ring",
    "damm",
    "ufer",
    "laan",
    "straat",
    "plein",
    "gracht",
    "gade",
    "vej",
    "vägen",
    "gatan",
    "stræde",
    "allé",
    "veien",
    "gata",
    "katu",
    "tie",
    "boulevard",
    "steig",
    "chaussee",
];
/// Before a street's name, in the Romance and Slavic languages.
const PREFIXES: &[&str] = &[
    "rue",
    "avenue",
    "boulevard",
    "chemin",
    "place",
    "allée",
    "impasse",
    "quai",
    "calle",
    "avenida",
    "plaza",
    "paseo",
    "camino",
    "ronda",
    "via",
    "viale",
    "piazza",
    "corso",
    "largo",
    "vicolo",
    "rua",
    "travessa",
    "praça",
    "alameda",
    "ulica",
    "aleja",
    "ul",
    "al",
    "calea",
    "strada",
    "bulevardul",
];
/// Most words of a street's name.
const WORDS: usize = 5;
/// Longest word, in bytes.
const WORD: usize = 40;
/// Lines or parts behind the street, up to the postcode.
const PARTS: usize = 3;

/// The end of the address that starts with a number: `12 High Street, Leeds LS1 4AB`, `14 rue de la Paix`.
pub(crate) fn number_first(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let mut at = start;
    while let Some((_, len)) = view.peek_if(at, |c| c.is_ascii_digit())? {
        at += len;
        if at - start > 6 {
            return Ok(None);
        }
    }
    if let Some((_, len)) = view.peek_if(at, |c| matches!(c, 'a'..='c' | 'A'..='C' | ','))? {
        at += len;
    }
    let Some((_, len)) = view.peek_if(at, |c| c == ' ')? else { return Ok(None) };
    at += len;
    let (mut prefixed, mut last) = (false, None);
    for i in 0..WORDS {
        let Some((end, text)) = word(view, at)? else { break };
        let small = text.to_lowercase();
        prefixed |= i == 0 && PREFIXES.contains(&small.as_str());
        let capital = text.chars().next().is_some_and(char::is_uppercase);
        if !capital && !prefixed {
            break;
        }
        if i > 0 && (prefixed && capital || SUFFIX_WORDS.contains(&small.as_str())) {
            last = Some(end);
        }
        match view.peek_if(end, |c| c == ' ')? {
            Some((_, len)) => at = end + len,
            None => break,
        }
    }
    match last {
        Some(end) => tail(view, end).map(Some),
        None => Ok(None),
    }
}

/// The end of the address that starts with the street: `Hauptstraße 12, 10115 Berlin`, `Via Roma, 3`.
pub(crate) fn street_first(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    let Some((mut end, text)) = word(view, start)? else { return Ok(None) };
    let small = text.to_lowercase();
    let capital = text.chars().next().is_some_and(char::is_uppercase);
    let mut street = capital && SUFFIXES.iter().any(|s| small.len() > s.len() + 2 && small.ends_with(s));
    if !street && PREFIXES.contains(&small.as_str()) {
        for _ in 0..WORDS {
            let Some((_, len)) = view.peek_if(end, |c| c == ' ')? else { break };
            let Some((next, text)) = word(view, end + len)? else { break };
            street |= text.chars().next().is_some_and(char::is_uppercase);
            end = next;
        }
    }
    if !street {
        return Ok(None);
    }
    for sign in ['.', ',', ' '] {
        if let Some((c, len)) = view.peek(end)?
            && c == sign
        {
            end += len;
        }
    }
    let number = end;
    while let Some((_, len)) = view.peek_if(end, |c| c.is_ascii_digit())? {
        end += len;
        if end - number > 5 {
            return Ok(None);
        }
    }
    match end > number {
        true => tail(view, end).map(Some),
        false => Ok(None),
    }
}

/// The end of what follows a street that ends at `end`: at most [`PARTS`] lines or parts, if the last has a postcode.
fn tail(view: View<'_>, end: usize) -> Result<usize, Open> {
    let (mut at, mut good) = (end, end);
    for _ in 0..PARTS {
        let mut gap = 0;
        while let Some((_, len)) = view.peek_if(at, |c| matches!(c, ',' | ' ' | '\n'))? {
            at += len;
            gap += 1;
            if gap > 4 {
                return Ok(good);
            }
        }
        if gap == 0 {
            return Ok(good);
        }
        let (mut digits, mut words) = (0, 0);
        while words < WORDS {
            let Some((next, text)) = word(view, at)? else { break };
            let first = text.chars().next();
            if !first.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()) {
                break;
            }
            digits += text.chars().filter(char::is_ascii_digit).count();
            words += 1;
            at = next;
            match view.peek_if(at, |c| c == ' ')? {
                Some((_, len))
                    if word(view, at + len)?
                        .is_some_and(|(_, t)| t.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())) =>
                {
                    at += len
                }
                _ => break,
            }
        }
        match words {
            0 => return Ok(good),
            _ if digits >= 2 => good = at,
            _ => {}
        }
    }
    Ok(good)
}

/// A word of letters and digits at `at`, hyphens and apostrophes between them.
fn word(view: View<'_>, at: usize) -> Result<Option<(usize, String)>, Open> {
    let (mut end, mut text) = (at, String::new());
    while let Some((c, len)) = view.peek(end)? {
        let joins = matches!(c, '-' | '\'' | '’') && view.peek_if(end + len, is_word)?.is_some();
        if !joins && !is_word(c) {
            break;
        }
        text.push(c);
        end += len;
        if text.len() > WORD {
            return Ok(None);
        }
    }
    Ok((end > at).then_some((end, text)))
}

#[cfg(test)]
mod tests;
