//! Values that a name says are secret: assignments in code, settings, headers, flags and sentences.

use std::ops::Range;

use crate::before::{self, Before, Name, Signs};
use crate::jwt;
use crate::kind::Kind;
use crate::name::{Clue, Names};
use crate::value::{self, Value};
use crate::view::{CONTEXT, Open, View};

/// How random a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    /// Entropy of a value behind a strong name, in hundredths of a bit a character.
    pub(crate) entropy: u32,
    /// Shortest value behind a name that says secret, in characters.
    pub(crate) least: usize,
}

/// Longest value of a password in quotes.
const PASSWORD: usize = 128;

/// Most names before a value that are read.
const NEAR: usize = 4;

/// A judged value: its kind, and where it stands.
pub(crate) type Assigned = (Kind, Range<usize>);

/// Names of schemes, and words that stand between a name and its value.
const FILLERS: &[&str] = &[
    "is",
    "code",
    "value",
    "bearer",
    "basic",
    "token",
    "api-token",
    "apikey",
    "bot",
    "for",
    "equals",
    "are",
    "to",
    "here",
    "this",
    "key",
    "set",
    "was",
    "the",
    "my",
    "be",
    "type",
    "new",
    "with",
    "as",
    "of",
    "id",
];

/// Reads the value whose run is `start..end`.
pub(crate) fn find(
    view: View<'_>,
    start: usize,
    end: usize,
    names: &Names,
    limits: Thresholds,
) -> Result<Option<Assigned>, Open> {
    let run = view.bytes(start..end);
    let last = view.before(start);
    let joined = matches!(last, Some(b'=' | b':' | b'"' | b'\'' | b'`' | b'>' | b'\\'));
    let has_digit = run.iter().any(u8::is_ascii_digit);
    let assigned = joined
        || last == Some(b' ')
            && matches!(start.checked_sub(2).and_then(|at| view.bytes(at..at + 1).first().copied()), Some(b'=' | b':'));
    let apart = matches!(last, Some(b' ' | b'\t' | b'(')) && (has_digit && run.len() >= 6 || run.len() >= 20);
    if !assigned && !apart {
        return Ok(None);
    }
    if run.starts_with(b"//") {
        return Ok(None);
    }
    let before = view.bytes(start.saturating_sub(CONTEXT)..start);
    if matches!(last, Some(b':' | b'"' | b'\'')) && before::is_curl_user(before) {
        return curl(view, start, end);
    }
    // Most values are decided by the nearest name: those further away are read when they are asked.
    let mut near = Before::new(before).take(NEAR);
    let mut services = false;
    // A word between that is no filler makes a name stand further away.
    let (mut away, mut place) = (0, 0);
    while let Some(name) = near.next() {
        let read = names.read(name.text);
        services |= read.service;
        let distance = place + away;
        place += 1;
        match read.clue {
            Clue::Veto if distance == 0 || !is_filler(name.text) => return Ok(None),
            Clue::Nothing | Clue::Veto => {
                if read.service
                    && distance <= 1
                    && let Some(found) = lone(view, start, end, name.signs)?
                {
                    return Ok(Some(found));
                }
                if !is_between(name.text) {
                    return Ok(None);
                }
                away += if is_filler(name.text) { 0 } else { NEAR };
            }
            clue => {
                // A service may be named before the word that says what it is: `acme SECRET key`.
                let service = services || near.clone().any(|name| names.read(name.text).service);
                let found = judge(view, start, end, name, (clue, service), distance, limits)?;
                // `Authorization: Bearer`, `SECRET key`: the next name may say more.
                if found.is_some() || !is_filler(name.text) && distance > 0 {
                    return Ok(found);
                }
            }
        }
    }
    Ok(None)
}

fn is_filler(name: &[u8]) -> bool {
    FILLERS.iter().any(|filler| filler.as_bytes().eq_ignore_ascii_case(name))
}

/// A short word that may stand between.
fn is_between(name: &[u8]) -> bool {
    is_filler(name) || name.len() <= 8 && name.iter().all(u8::is_ascii_alphabetic)
}

/// A random value right behind the name of a service.
fn lone(view: View<'_>, start: usize, end: usize, signs: Signs) -> Result<Option<Assigned>, Open> {
    let to = trimmed(view, start, end);
    let word = view.bytes(start..to);
    let value = Value::of(word);
    let random = value::is_uuid(word)
        || value.len >= 16
            && value.digits >= 2
            && value.letters() >= 2
            && value.entropy >= 300
            && !value::is_wordy(word)
            && !is_path(word);
    let fits = random && !signs.argues && !value::is_stand_in(word) && !value::is_number(word);
    Ok(fits.then_some((Kind::Assigned, start..padded(view, to)?)))
}

fn judge(
    view: View<'_>,
    start: usize,
    end: usize,
    name: Name<'_>,
    (clue, known): (Clue, bool),
    distance: usize,
    limits: Thresholds,
) -> Result<Option<Assigned>, Open> {
    let clue = if known && clue < Clue::Strong { Clue::Strong } else { clue };
    let Signs { assigns, quote, argues, tags } = name.signs;
    if argues && quote.is_none() {
        return Ok(None);
    }
    let direct = assigns || tags || argues || name.is_flag();
    if clue == Clue::Password {
        return password(view, start, end, (direct, argues), distance, quote);
    }
    let Some(to) = extent(view, start, end, quote)? else { return Ok(None) };
    let word = view.bytes(start..to);
    if quote.is_none() && !tags && matches!(view.at(to)?, Some(b'(' | b'[' | b'<' | b'{')) || is_path(word) {
        return Ok(None);
    }
    let is_header = name.text.eq_ignore_ascii_case(b"authorization") || name.text.eq_ignore_ascii_case(b"basic");
    if is_header && is_basic(word) {
        return Ok(Some((Kind::Authorization, start..padded(view, to)?)));
    }
    let value = Value::of(word);
    let (least, entropy) = match (clue, direct) {
        (Clue::Strong, true) => (limits.least, limits.entropy),
        (Clue::Strong, false) if distance == 0 => (limits.least.max(10), limits.entropy + 20),
        (Clue::Named, true) => (limits.least.max(10), limits.entropy + 20),
        (Clue::Named, false) if distance == 0 => (limits.least.max(12), limits.entropy + 30),
        (_, true) if distance == 0 => (limits.least.max(16), limits.entropy + 50),
        _ => (limits.least.max(16), limits.entropy + 60),
    };
    let is_uuid = value::is_uuid(word);
    let fits = match () {
        () if quote.is_none() && value.len < 32 && value::is_type_name(word) => false,
        () if is_uuid => clue >= Clue::Named && (direct || clue == Clue::Strong),
        () if known && value.len >= 20 && value.entropy >= 230 && !value::is_wordy(word) => true,
        () if known && value.digits >= 16 && value.entropy >= 230 => true,
        () if clue < Clue::Strong && value::is_alphabet(word, value) => false,
        () => is_random(word, value, least, entropy, quote.is_some()),
    };
    let kind =
        if is_header || name.text.eq_ignore_ascii_case(b"bearer") { Kind::Authorization } else { Kind::Assigned };
    Ok(match fits && !value::is_stand_in(word) {
        true => Some((kind, start..padded(view, to)?)),
        false => None,
    })
}

fn is_random(word: &[u8], value: Value, least: usize, entropy: u32, quoted: bool) -> bool {
    if value.len < least {
        return false;
    }
    let mixed = value.digits >= 1 && value.letters() >= 2;
    let long =
        value.digits >= 20 || quoted && value.len >= 20 && value.upper >= 3 && value.lower >= 3 && value.entropy >= 370;
    // A short value has less entropy than it would have were it longer.
    let needed = if value.len < 16 { entropy.saturating_sub(40) } else { entropy };
    let shape = mixed
        && !value::is_number(word)
        && (value.digits >= 2 || value.len >= 20 || value.upper > 0 && value.lower > 0);
    (shape && value.entropy >= needed || long) && !value::is_wordy(word) && !is_versioned(word)
}

/// Words and numbers between signs: `prod5zyxlmy-cmk`, `NRG0-Hermes`, `DOC_Vector_5_32`.
fn is_versioned(word: &[u8]) -> bool {
    let numbers =
        word.split(|b| *b == b'.').filter(|part| part.len() <= 5 && part.iter().any(u8::is_ascii_digit)).count();
    if numbers >= 3 || value::contains(word, b"SNAPSHOT") {
        return true;
    }
    let parts = || word.split(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':'));
    parts().count() >= 2 && parts().all(|part| part.len() < 12) && word.len() < 24 && {
        let plain = parts()
            .filter(|part| part.iter().all(u8::is_ascii_alphabetic) || part.iter().all(u8::is_ascii_digit))
            .count();
        plain * 2 >= parts().count()
    }
}

/// The path or name of a file, a host, an address of mail.
fn is_path(word: &[u8]) -> bool {
    const ENDINGS: &[&str] = &[
        ".pem", ".key", ".crt", ".cer", ".json", ".yaml", ".yml", ".txt", ".p12", ".pfx", ".jks", ".js", ".ts", ".py",
        ".rs", ".go", ".com", ".org", ".net", ".io", ".local", ".gif", ".png", ".jpg", ".html", ".md", ".log", ".gz",
        ".zip", ".tgz", ".java", ".u16", ".keytab",
    ];
    // A number in code, unless it is as long as a private key of a wallet.
    word.starts_with(b"0x") && word.len() != 66
        || word.starts_with(b"/") && value::is_wordy(word)
        || word.starts_with(b"./")
        || word.starts_with(b"~/")
        || ENDINGS.iter().any(|ending| word.ends_with(ending.as_bytes()))
        || word
            .iter()
            .position(|b| *b == b'@')
            .is_some_and(|sign| word.get(sign..).is_some_and(|host| host.contains(&b'.')) && sign > 0)
}

/// Where the value ends: at its quote, or with its run. None where what is in quotes has spaces or goes on too long.
fn extent(view: View<'_>, start: usize, end: usize, quote: Option<u8>) -> Result<Option<usize>, Open> {
    let Some(quote) = quote else { return Ok(Some(trimmed(view, start, end))) };
    let to = view.run(end, PASSWORD, |b| b != quote && b.is_ascii_graphic() && b != b'\\')?;
    Ok(match view.at(to)? {
        // Behind a value in quotes that goes on with other signs, its run counts.
        Some(b) if b == quote || b == b'\\' => Some(trimmed(view, start, to)),
        _ => Some(trimmed(view, start, end)),
    })
}

/// Without the signs that a sentence or a query puts behind.
fn trimmed(view: View<'_>, start: usize, end: usize) -> usize {
    let run = view.bytes(start..end);
    let query = run.iter().position(|b| *b == b'&').unwrap_or(run.len());
    let run = run.get(..query).unwrap_or_default();
    let tail = run
        .iter()
        .rev()
        .take_while(|b| matches!(b, b'.' | b'!' | b'?' | b',' | b'*' | b'-' | b')' | b']' | b'}'))
        .count();
    start + query - tail
}

fn padded(view: View<'_>, end: usize) -> Result<usize, Open> {
    view.run(end, 2, |b| b == b'=')
}

/// Base64 of a user, a colon and a password (RFC 7617).
fn is_basic(word: &[u8]) -> bool {
    let opened = jwt::decode(word);
    let colon = opened.iter().position(|b| *b == b':');
    word.len() >= 8
        && colon.is_some_and(|at| at > 0)
        && opened.iter().all(|b| b.is_ascii_graphic() || *b == b' ')
        && !opened.starts_with(b"{")
}

fn password(
    view: View<'_>,
    start: usize,
    end: usize,
    (direct, argues): (bool, bool),
    distance: usize,
    quote: Option<u8>,
) -> Result<Option<Assigned>, Open> {
    let to = match quote {
        Some(quote) => {
            let to = view.run(end, PASSWORD, |b| b != quote && (b.is_ascii_graphic() || !b.is_ascii()))?;
            match view.at(to)? {
                Some(b) if b == quote => to,
                _ => return Ok(None),
            }
        }
        None => {
            let to = view.run(end, PASSWORD, |b| {
                b.is_ascii_graphic()
                    && !matches!(b, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'&' | b'|' | b'\\')
            })?;
            if view.bytes(start..to).iter().any(|b| matches!(b, b'(' | b'[' | b'{')) {
                return Ok(None);
            }
            trimmed(view, start, to).max(start)
        }
    };
    let word = view.bytes(start..to);
    let value = Value::of(word);
    if value.len < 4 || value::is_stand_in(word) || is_path(word) && quote.is_none() {
        return Ok(None);
    }
    let signs = value.len - value.digits - value.letters();
    let mixed = value.digits > 0 && value.letters() > 0;
    let fits = match (direct, quote.is_some()) {
        (true, true) if argues => mixed && value.len >= 6,
        (true, true) => value.letters() >= 3 && (mixed || signs > 0 || value.len >= 6) || value.digits >= 6,
        (true, false) => value.len >= 6 && (mixed || signs > 0 && value.upper > 0 && value.lower > 0) && !is_code(word),
        (false, _) => value.len >= 6 && mixed && distance <= 2 && !is_code(word) && (value.digits >= 2 || signs > 0),
    };
    Ok(fits.then_some((Kind::Password, start..to)))
}

/// A member, a call, a name with words and a number.
fn is_code(word: &[u8]) -> bool {
    let name = word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':'));
    name && value::is_wordy(word)
        && (word.contains(&b'.') || word.contains(&b'_') || word.contains(&b':') || word.contains(&b'-'))
        || value::contains(word, b"::")
        || value::contains(word, b"->")
}

/// The password of `curl -u USER:PASSWORD`.
fn curl(view: View<'_>, start: usize, end: usize) -> Result<Option<Assigned>, Open> {
    let to =
        view.run(end, PASSWORD, |b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'|' | b'<' | b'>'))?;
    let word = view.bytes(start..to);
    let value = Value::of(word);
    let fits =
        value.len >= 4 && !value::is_stand_in(word) && !word.contains(&b'/') && (value.digits > 0 || value.len >= 8);
    Ok(fits.then_some((Kind::Authorization, start..to)))
}

/// A name and its value in one run: `codakey-123e4567-…`, `front.token.1234`. Tells where the value begins.
pub(crate) fn joined(run: &[u8], names: &Names) -> Option<usize> {
    const REACH: usize = 64;
    if run.len() < 24 {
        return None;
    }
    let head = run.get(..REACH.min(run.len())).unwrap_or_default();
    let mut found = None;
    let mut service = false;
    for (at, _) in head.iter().enumerate().filter(|(_, b)| matches!(b, b'-' | b'_' | b'.' | b'/')) {
        let (name, rest) = (run.get(..at).unwrap_or_default(), run.get(at + 1..).unwrap_or_default());
        let first = rest.split(|b| matches!(b, b'-' | b'_' | b'.')).next().unwrap_or_default();
        let value = Value::of(first);
        let read = names.read(name);
        let random = value::is_uuid(rest)
            || read.service
                && read.clue >= Clue::Weak
                && rest.len() >= 20
                && Value::of(rest).digits >= 4
                && !value::is_wordy(rest)
            || value.len >= 16
                && value.digits >= 2
                && value.letters() >= 2
                && value.entropy >= 300
                && !value::is_wordy(first);
        service |= read.service;
        if read.clue == Clue::Veto {
            return None;
        }
        let telling = read.clue >= Clue::Strong || read.clue >= Clue::Weak && service || read.service;
        if random && telling && !value::is_stand_in(first) {
            found = Some(at + 1);
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
