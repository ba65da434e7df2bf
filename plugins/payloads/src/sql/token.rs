//! SQL read into tokens.

use super::lexicon;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A number, `null`, `true`, `false`.
    Number,
    /// A string that ends.
    Text,
    /// A string that the end of the text cuts off.
    Open,
    /// A word that means nothing here.
    Word,
    /// A word in backticks or brackets.
    Quoted,
    /// `@v`, `@@v`, `:v`.
    Variable,
    /// A function that data bases have, before `(`.
    Function,
    /// Any other word before `(`.
    Call,
    /// `sleep`, `xp_cmdshell`, `load_file` …
    Probe,
    /// A table of a data base's own.
    Catalogue,
    /// `union`, `except`, `intersect`.
    Union,
    /// `select`.
    Select,
    /// `with`.
    With,
    /// Another statement's first word.
    Statement,
    /// `and`, `or`, `xor`, `&&`, `||`.
    Logic,
    /// `not`, `!`, `~`.
    Not,
    /// `=`, `<`, `like` …
    Compare,
    /// `+`, `-`, `*`, `div` …
    Math,
    /// `case`, `when`, `if` …
    Case,
    /// `from`.
    From,
    /// `where`.
    Where,
    /// `order`, `group`, `having`, `limit`.
    Order,
    /// `into`, `outfile`.
    Into,
    /// Another keyword of a clause.
    Clause,
    /// `distinct`, `all`.
    Distinct,
    /// `binary`, `exists`.
    Unary,
    /// `--`, `#` or `/* */`.
    Comment,
    /// `/*!`: a comment that is run.
    Hint,
    /// `(` or `{`.
    Left,
    /// `)` or `}`.
    Right,
    /// `,`.
    Comma,
    /// `;`.
    End,
    /// `.`.
    Dot,
    /// Anything else.
    Other,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last.
    pub(crate) end: usize,
}

/// Most tokens of one reading.
const MAX_TOKENS: usize = 160;

/// Reads SQL. `inside` is the quote in which the text stands, if it does.
pub(crate) fn read(text: &str, inside: Option<u8>, tokens: &mut Vec<Token>) {
    tokens.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    if let Some(quote) = inside {
        let (end, closed) = string(bytes, 0, quote);
        tokens.push(Token { kind: if closed { Kind::Text } else { Kind::Open }, start: 0, end });
        at = end;
    }
    while tokens.len() < MAX_TOKENS {
        let Some(&b) = bytes.get(at) else { return };
        let (kind, end) = match b {
            b if b.is_ascii_whitespace() || b < b' ' => {
                at += 1;
                continue;
            }
            b'0'..=b'9' => number(bytes, at),
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => number(bytes, at),
            b'\'' | b'"' => {
                let (end, closed) = string(bytes, at + 1, b);
                (if closed { Kind::Text } else { Kind::Open }, end)
            }
            b'`' => quoted(bytes, at, b'`'),
            b':' if bytes.get(at + 1) == Some(&b':') => (Kind::Math, at + 2),
            b'@' | b':' if bytes.get(at + 1).is_some_and(|b| is_name(*b) || *b == b'@') => variable(bytes, at),
            b'-' if bytes.get(at + 1) == Some(&b'-') => (Kind::Comment, line_end(bytes, at)),
            b'#' => (Kind::Comment, line_end(bytes, at)),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment(bytes, at),
            b'*' if bytes.get(at + 1) == Some(&b'/') => (Kind::Comment, at + 2),
            b'&' | b'|' if bytes.get(at + 1) == Some(&b) => (Kind::Logic, at + 2),
            b'-' if bytes.get(at + 1) == Some(&b'>') => (Kind::Math, at + 1 + run(bytes, at + 1, b">")),
            b'@' if bytes.get(at + 1) == Some(&b'>') => (Kind::Compare, at + 2),
            b'?' if matches!(bytes.get(at + 1), Some(b'|' | b'&')) => (Kind::Compare, at + 2),
            b'=' | b'<' | b'>' => (Kind::Compare, at + run(bytes, at, b"=<>")),
            b'!' if bytes.get(at + 1) == Some(&b'=') => (Kind::Compare, at + 2),
            b'!' | b'~' => (Kind::Not, at + 1),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'|' | b'&' => (Kind::Math, at + 1),
            b'(' | b'{' => (Kind::Left, at + 1),
            b')' | b'}' => (Kind::Right, at + 1),
            b',' => (Kind::Comma, at + 1),
            b';' => (Kind::End, at + 1),
            b'.' => (Kind::Dot, at + 1),
            b'[' => bracketed(bytes, at),
            b if is_name(b) => word(bytes, at),
            _ => (Kind::Other, at + 1),
        };
        tokens.push(Token { kind, start: at, end });
        at = end;
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80
}

fn run(bytes: &[u8], at: usize, of: &[u8]) -> usize {
    bytes.iter().skip(at).take_while(|b| of.contains(b)).count()
}

/// Where a string ends: behind its quote. A quote after a backslash, and two in a row, are part of it.
fn string(bytes: &[u8], from: usize, quote: u8) -> (usize, bool) {
    let mut at = from;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' if at > from || from == 0 => at += 1,
            b if b == quote => match bytes.get(at + 1) {
                Some(&next) if next == quote && at > from => at += 1,
                _ => return (at + 1, true),
            },
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), false)
}

fn number(bytes: &[u8], at: usize) -> (Kind, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    let len = match (rest.first(), rest.get(1)) {
        (Some(b'0'), Some(b'x' | b'X')) => 2 + rest.iter().skip(2).take_while(|b| b.is_ascii_hexdigit()).count(),
        (Some(b'0'), Some(b'b' | b'B')) => 2 + rest.iter().skip(2).take_while(|b| matches!(b, b'0' | b'1')).count(),
        _ => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
            match (rest.get(digits), rest.get(digits + 1)) {
                (Some(b'e' | b'E'), Some(b'0'..=b'9' | b'-' | b'+')) => {
                    digits + 2 + rest.iter().skip(digits + 2).take_while(|b| b.is_ascii_digit()).count()
                }
                (Some(b'e' | b'E'), None | Some(b'(' | b' ' | b'\'' | b'"')) => digits + 1,
                _ => digits,
            }
        }
    };
    // A word that begins with digits is a word, but for keywords that some servers take off: `1union`.
    let letters = rest.iter().skip(len).take_while(|b| is_name(**b)).count();
    let glued = rest.get(len..len + letters).unwrap_or_default();
    let keyword = glued.len() <= 8 && lexicon::class(&glued.to_ascii_lowercase()).is_some();
    match letters == 0 || keyword {
        true => (Kind::Number, at + len),
        false => (Kind::Word, at + len + letters),
    }
}

fn quoted(bytes: &[u8], at: usize, end: u8) -> (Kind, usize) {
    match bytes.iter().skip(at + 1).position(|b| *b == end) {
        Some(len) => (Kind::Quoted, at + len + 2),
        None => (Kind::Open, bytes.len()),
    }
}

/// A name in brackets, as one server has them; else a sign.
fn bracketed(bytes: &[u8], at: usize) -> (Kind, usize) {
    let name = bytes.iter().skip(at + 1).take(64).take_while(|b| is_name(**b)).count();
    match bytes.get(at + 1 + name) {
        Some(b']') if name > 0 => (Kind::Quoted, at + name + 2),
        _ => (Kind::Other, at + 1),
    }
}

fn variable(bytes: &[u8], at: usize) -> (Kind, usize) {
    let signs = run(bytes, at, b"@:");
    let name = bytes.iter().skip(at + signs).take_while(|b| is_name(**b) || **b == b'.').count();
    let lower = bytes.get(at..(at + signs + name).min(at + 24)).unwrap_or_default().to_ascii_lowercase();
    let kind = if lexicon::is_catalogue(&lower) { Kind::Catalogue } else { Kind::Variable };
    (kind, at + signs + name)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes.iter().skip(at).position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n + 1)
}

fn comment(bytes: &[u8], at: usize) -> (Kind, usize) {
    if matches!(bytes.get(at + 2), Some(b'!')) {
        let digits = bytes.iter().skip(at + 3).take(6).take_while(|b| b.is_ascii_digit()).count();
        return (Kind::Hint, at + 3 + digits);
    }
    let end = bytes.get(at + 2..).unwrap_or_default().windows(2).position(|w| w == b"*/");
    (Kind::Comment, end.map_or(bytes.len(), |n| at + n + 4))
}

fn word(bytes: &[u8], at: usize) -> (Kind, usize) {
    let len = bytes.iter().skip(at).take_while(|b| is_name(**b)).count();
    let end = at + len;
    let mut lower = [0_u8; 24];
    let name = bytes.get(at..end).unwrap_or_default();
    let Some(lower) = lower.get_mut(..len) else { return (Kind::Word, end) };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let open = bytes.iter().skip(end).take(8).find(|b| !b.is_ascii_whitespace()) == Some(&b'(');
    let class = lexicon::class(lower);
    let kind = match class {
        Some(Kind::Statement | Kind::Clause) if open && lexicon::is_function(lower) => Kind::Function,
        Some(kind) => kind,
        None if lexicon::is_probe(lower) && (open || lower.starts_with(b"xp_") || lower.starts_with(b"sp_")) => {
            Kind::Probe
        }
        None if lexicon::is_catalogue(lower) => Kind::Catalogue,
        None if open && lexicon::is_function(lower) => Kind::Function,
        None if open => Kind::Call,
        // A prefix of a string: `N'…'`, `x'…'`, `_utf8'…'`.
        None => Kind::Word,
    };
    (kind, end)
}

#[cfg(test)]
mod tests;
