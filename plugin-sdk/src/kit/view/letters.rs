//! Letters that stand for others, or apart, or the wrong way round.

use super::map::Maker;

/// From how many single letters on they were spaced out.
pub(super) const MIN_SPACED: usize = 5;

/// The letter that a digit or sign inside a word is read as.
fn letter(b: u8, one: u8) -> u8 {
    match b {
        b'0' => b'o',
        b'1' | b'!' | b'|' => one,
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' | b'+' => b't',
        b'8' => b'b',
        b'9' => b'g',
        b => b,
    }
}

pub(super) fn is_leet(b: u8) -> bool {
    matches!(b, b'0' | b'1' | b'3'..=b'5' | b'7'..=b'9' | b'@' | b'$' | b'!' | b'|' | b'+')
}

/// Digits and signs inside words as letters. A one is an `i`, or an `l` where `one` says so.
pub(super) fn leet(text: &str, one: u8, room: usize) -> Maker {
    let mut made = Maker::new(room);
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_alphanumeric() || is_leet(*b);
    let mut new = Vec::with_capacity(bytes.len().min(room / 2));
    for run in bytes.chunk_by(|a, b| part(a) == part(b)) {
        let letters = run.iter().filter(|b| b.is_ascii_alphabetic()).count();
        let last = run.len().saturating_sub(1);
        let word = letters > 0 && run.len() > 2 && run.first().is_some_and(part);
        // A sign at the end of a word is one.
        let read = |(i, b): (usize, &u8)| if word && (i < last || b.is_ascii_digit()) { letter(*b, one) } else { *b };
        new.extend(run.iter().enumerate().map(read));
        if new.len() * 2 > room {
            break;
        }
    }
    // Only ASCII was put for ASCII; the end may have cut a character.
    let whole = text.floor_char_boundary(new.len());
    new.truncate(whole);
    made.copy(&String::from_utf8(new).unwrap_or_default(), 0);
    made
}

/// Letters that stand apart from each other, with the same character between two, put together. Where a long row of them
/// stands, shorter ones with the same between are words of the same text, too.
pub(super) fn joined(text: &str, room: usize) -> Maker {
    let bytes = text.as_bytes();
    let mut made = Maker::new(room);
    let usual = usual(bytes);
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() && made.has_room() {
        let least = if usual.is_some() && bytes.get(at + 1).copied() == usual { 2 } else { MIN_SPACED - 1 };
        let Some(end) = spaced(bytes, at, least) else {
            at += 1;
            continue;
        };
        made.copy(text.get(copied..at).unwrap_or_default(), copied);
        for i in (at..end).step_by(2) {
            if let Some(b) = bytes.get(i) {
                made.step(char::from(*b), i, 2);
            }
        }
        (copied, at) = (end, end);
    }
    if made.has_room() {
        made.copy(text.get(copied..).unwrap_or_default(), copied);
    }
    made
}

/// What stands between the letters of the first long row.
fn usual(bytes: &[u8]) -> Option<u8> {
    let mut at = 0;
    while at < bytes.len() {
        if spaced(bytes, at, MIN_SPACED).is_some() {
            return bytes.get(at + 1).copied();
        }
        at += 1;
    }
    None
}

/// Where the row of single letters ends that begins here, if it has so many.
fn spaced(bytes: &[u8], at: usize, least: usize) -> Option<usize> {
    let single = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    if at > 0 && single(at - 1) || !single(at) {
        return None;
    }
    let between = bytes.get(at + 1).filter(|b| is_between(**b))?;
    let mut letters = 1;
    while bytes.get(at + letters * 2 - 1) == Some(between) && single(at + letters * 2) {
        letters += 1;
    }
    // The last letter may be the first of a word.
    letters -= usize::from(single(at + letters * 2 - 1));
    (letters >= least).then_some(at + letters * 2 - 1)
}

pub(super) fn is_between(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.' | b'_' | b'*' | b',' | b'/' | b'|' | b'\t')
}

/// The whole text from its end to its beginning.
pub(super) fn reversed(text: &str, room: usize) -> Maker {
    let mut made = Maker::new(room);
    for (at, c) in text.char_indices().rev() {
        if !made.has_room() {
            break;
        }
        let stride = if c.is_ascii() { -1 } else { 0 };
        made.step(c, at, stride);
    }
    made
}

/// Each word from its end to its beginning, where it stands.
pub(super) fn turned(text: &str, room: usize) -> Maker {
    let mut made = Maker::new(room);
    let mut at = 0;
    for run in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        if !made.has_room() {
            break;
        }
        let word = run.trim_end_matches(|c: char| !c.is_alphanumeric());
        for (i, c) in word.char_indices().rev() {
            made.step(c, at + i, if c.is_ascii() { -1 } else { 0 });
        }
        made.copy(run.get(word.len()..).unwrap_or_default(), at + word.len());
        at += run.len();
    }
    made
}

/// Each letter as the thirteenth after it.
pub(super) fn rot13(text: &str, room: usize) -> Maker {
    let mut made = Maker::new(room);
    let whole = text.get(..text.floor_char_boundary(room / 2)).unwrap_or(text);
    made.copy(&whole.chars().map(rotated).collect::<String>(), 0);
    made
}

pub(super) fn rotated(c: char) -> char {
    let turn = |b: u8, from: u8| char::from((b - from + 13) % 26 + from);
    match u8::try_from(c) {
        Ok(b @ b'a'..=b'z') => turn(b, b'a'),
        Ok(b @ b'A'..=b'Z') => turn(b, b'A'),
        _ => c,
    }
}
