//! Names of persons, a guess: capitalised words behind a title, or behind words that introduce somebody.

use crate::view::{Open, View, is_word};

/// Before a name, a point behind them or not.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "madam",
    "herr",
    "herrn",
    "frau",
    "monsieur",
    "madame",
    "mme",
    "mlle",
    "señor",
    "señora",
    "sr",
    "sra",
    "srta",
    "signor",
    "signora",
    "sig",
    "mevrouw",
    "meneer",
    "dhr",
    "mevr",
    "pan",
    "pani",
    "senhor",
    "senhora",
    "fru",
    "dear",
    "colleague",
    "patient",
    "customer",
    "applicant",
    "holder",
];
/// Before a name, in so many words.
const INTRODUCTIONS: &[&str] = &[
    "name is ",
    "name: ",
    "name\":\"",
    "name\": \"",
    "name=",
    "name ist ",
    "i am ",
    "i'm ",
    "this is ",
    "ich bin ",
    "heiße ",
    "m'appelle ",
    "me llamo ",
    "mi chiamo ",
    "chamo ",
    "signed, ",
    "regards, ",
    "regards,\n",
    "sincerely,\n",
    "thanks, ",
    "thanks,\n",
    "contact: ",
    "name ",
    "signed by ",
    "called ",
    "named ",
    "danke, ",
];
/// Bytes before a name that are looked at: the longest title or introduction with its signs.
const INTRODUCTION: usize = 18;
/// Small words inside a name.
const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "di", "van", "von", "der", "den", "ten", "ter", "la", "le", "el",
    "bin", "y", "e", "zu", "af",
];
/// Capitalised words that begin sentences rather than names.
const NOT_NAMES: &[&str] = &[
    "the", "this", "that", "not", "a", "an", "i", "it", "we", "you", "he", "she", "they", "there", "here", "please",
    "thanks", "sir", "madam", "all", "team", "customer", "hiring", "sorry", "glad", "happy", "is", "are", "in", "on",
    "at", "my", "your", "our",
];
/// Most words of a name.
const WORDS: usize = 4;
/// Longest word of a name, in bytes.
const WORD: usize = 30;

/// The end of the name that starts at `start`.
pub(crate) fn name(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    if !view.peek(start)?.is_some_and(|(c, _)| c.is_uppercase()) || !is_introduced(view, start) {
        return Ok(None);
    }
    let (mut at, mut good, mut words) = (start, None, 0);
    while words < WORDS {
        let Some((end, kind)) = word(view, at)? else { break };
        match kind {
            Word::Name => {
                words += 1;
                good = Some(end);
            }
            Word::Particle if words > 0 => {}
            _ => break,
        }
        match view.peek_if(end, |c| c == ' ')? {
            Some((_, len)) => at = end + len,
            None => break,
        }
    }
    Ok(good)
}

enum Word {
    Name,
    Particle,
    Other,
}

/// The word at `at`: letters, hyphens and apostrophes between them.
fn word(view: View<'_>, at: usize) -> Result<Option<(usize, Word)>, Open> {
    let (mut end, mut text) = (at, String::new());
    while let Some((c, len)) = view.peek(end)? {
        let joins =
            matches!(c, '-' | '\'' | '’') && view.peek_if(end + len, |c| is_word(c) && !c.is_ascii_digit())?.is_some();
        if !joins && (!is_word(c) || c.is_ascii_digit()) {
            break;
        }
        text.push(c);
        end += len;
        if text.len() > WORD {
            return Ok(None);
        }
    }
    let small = text.to_lowercase();
    let kind = match text.chars().next() {
        Some(c) if c.is_uppercase() && !NOT_NAMES.contains(&small.as_str()) => Word::Name,
        Some(_) if PARTICLES.contains(&text.as_str()) => Word::Particle,
        _ => Word::Other,
    };
    Ok((end > at).then_some((end, kind)))
}

/// Whether a title or an introduction stands just before.
fn is_introduced(view: View<'_>, start: usize) -> bool {
    let text = view.text();
    let from = text.ceil_char_boundary(start.saturating_sub(INTRODUCTION));
    let near = text.get(from..start).unwrap_or_default().to_lowercase();
    let title = near.trim_end_matches([' ', '.']);
    let title = (title.len() < near.len()).then(|| title.rsplit(|c: char| !c.is_alphabetic()).next()).flatten();
    title.is_some_and(|t| TITLES.contains(&t)) || INTRODUCTIONS.iter().any(|i| near.ends_with(i))
}

#[cfg(test)]
mod tests;
