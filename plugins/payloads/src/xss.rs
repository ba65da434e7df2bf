//! Cross-site scripting: markup that runs, read as a browser would in the five places a value can stand: between tags, in
//! an attribute with either quote or none, in a script, in a style.

mod script;
mod tag;

use crate::lower::Lower;
use tag::Tags;

/// How sure it is that a browser would run something of `text` (already decoded), and where: 0 to 100. `lower` is
/// the same in lower case.
pub(crate) fn confidence(text: &str, lower: &Lower) -> (u8, std::ops::Range<usize>) {
    let mut best = (0, 0..0);
    let mut take = |sure: u8, at: std::ops::Range<usize>| {
        if sure > best.0 {
            best = (sure, at);
        }
    };
    let bytes = text.as_bytes();
    if bytes.contains(&b'<') {
        for tag in Tags::new(text).take(48) {
            take(tag.confidence(), tag.at.clone());
        }
    }
    take(spaced(text), 0..text.len());
    take(attribute(text), 0..text.len());
    take(script::confidence(lower), 0..text.len());
    take(script::style(text), 0..text.len());
    best
}

/// A tag with a blank between each two letters: `< s c r i p t`.
fn spaced(text: &str) -> u8 {
    for (at, _) in text.match_indices('<').take(32) {
        let bytes = text.as_bytes().get(at + 1..).unwrap_or_default();
        let bytes = bytes.get(usize::from(bytes.first() == Some(&b' '))..).unwrap_or_default();
        let letters: Vec<u8> = bytes
            .chunks(2)
            .take(12)
            .take_while(|c| c[0].is_ascii_alphabetic() && matches!(c.get(1), None | Some(b' ' | b'>')))
            .map(|c| c[0].to_ascii_lowercase())
            .collect();
        if [&b"script"[..], b"form", b"iframe", b"object", b"style", b"embed", b"svg", b"img"]
            .iter()
            .any(|w| letters.starts_with(w))
        {
            return 85;
        }
    }
    0
}

/// Whether the text leaves an attribute and adds a handler, as `" onfocus=…` does.
fn attribute(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let mut best = 0;
    for (at, _) in text.match_indices('=') {
        let name_end =
            bytes.get(..at).unwrap_or_default().iter().rposition(|b| !b.is_ascii_whitespace()).map_or(0, |n| n + 1);
        if at - name_end > 8 {
            continue;
        }
        let len = bytes
            .get(..name_end)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(48)
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        let start = name_end - len;
        let Some(name) = text.get(start..name_end) else { continue };
        if !tag::is_handler(name) {
            continue;
        }
        let before = start.checked_sub(1).and_then(|b| bytes.get(b)).copied();
        let quote = bytes
            .get(start.saturating_sub(24)..start)
            .unwrap_or_default()
            .iter()
            .any(|b| matches!(b, b'"' | b'\'' | b'`' | b'>' | b'/'));
        let value: String = text.get(at + 1..).unwrap_or_default().chars().take(64).collect();
        let runs = script::confidence(&Lower::new(&value)) > 0
            || value.contains('(')
            || value.contains("//")
            || value.contains('`');
        best = best.max(match (before, quote, runs) {
            (_, true, true) => 92,
            (None, _, true) => 88,
            (Some(b' ' | b'\t' | b'\n' | b'/' | b'\x0c'), false, true) => 75,
            (Some(b'"' | b'\'' | b' ' | b'/'), true, false) if start < 12 => 70,
            _ => 0,
        });
    }
    best
}

/// How sure it is that letters of a text, as it came, are escaped to hide a script.
pub(crate) fn hidden(raw: &str) -> u8 {
    script::hidden(raw)
}

#[cfg(test)]
mod tests;
