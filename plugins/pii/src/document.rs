//! Passports and driving licences: letters and digits beside a word that says what they are.

use crate::kind::Kind;
use crate::view::{Open, View, is_word};
use crate::words::{Lexicon, Topic};

/// Longest number of a document, in characters.
const MOST: usize = 20;

/// What starts at `start`, and its end.
pub(crate) fn document(view: View<'_>, start: usize, lexicon: &Lexicon) -> Result<Option<(Kind, usize)>, Open> {
    let (mut at, mut len, mut digits, mut signs) = (start, 0, 0, 0);
    while let Some((c, width)) = view.peek(at)? {
        match c {
            '0'..='9' => digits += 1,
            'A'..='Z' => {}
            '-' if view.peek_if(at + width, |c| c.is_ascii_digit())?.is_some() => signs += 1,
            _ => break,
        }
        at += width;
        len += 1;
        if len > MOST {
            return Ok(None);
        }
    }
    if digits < 4 || len < 5 || view.peek_if(at, |c| is_word(c) || c == '_')?.is_some() || !view.ends_number(at)? {
        return Ok(None);
    }
    let said = lexicon.before(view, start);
    let kind = match said.topic {
        Topic::Passport if said.gap <= 2 && signs == 0 && (6..=9).contains(&len) && digits >= 5 => Kind::Passport,
        Topic::Licence if said.gap <= 2 => Kind::Licence,
        _ => return Ok(None),
    };
    Ok(Some((kind, at)))
}

#[cfg(test)]
mod tests;
