//! What a value looks like: random, or like something that only stands where a secret would.

/// What is counted of a value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Value {
    pub(crate) len: usize,
    pub(crate) digits: usize,
    pub(crate) upper: usize,
    pub(crate) lower: usize,
    pub(crate) distinct: usize,
    /// Shannon entropy of its characters, in hundredths of a bit.
    pub(crate) entropy: u32,
    pub(crate) hex: bool,
}

/// Most bytes of a value that are counted: what is longer is told by its beginning.
const COUNTED: usize = 255;

impl Value {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut counts = [0u8; 128];
        let mut value = Self { len: bytes.len(), hex: true, ..Self::default() };
        let counted = bytes.get(..COUNTED).unwrap_or(bytes);
        for &b in counted {
            value.digits += usize::from(b.is_ascii_digit());
            value.upper += usize::from(b.is_ascii_uppercase());
            value.lower += usize::from(b.is_ascii_lowercase());
            value.hex &= b.is_ascii_hexdigit();
            if let Some(count) = counts.get_mut(usize::from(b & 0x7f)) {
                *count += 1;
            }
        }
        let total = counted.len();
        let mut weighted = 0u64;
        for &count in counts.iter().filter(|c| **c > 0) {
            value.distinct += 1;
            weighted += u64::from(count) * u64::from(log2(u32::from(count)));
        }
        if total > 0 {
            let mean = weighted / total as u64;
            value.entropy =
                log2(u32::try_from(total).unwrap_or(u32::MAX)).saturating_sub(u32::try_from(mean).unwrap_or(0));
        }
        value
    }

    pub(crate) fn letters(self) -> usize {
        self.upper + self.lower
    }
}

/// Binary logarithm in hundredths, of 1 to 255.
fn log2(n: u32) -> u32 {
    let whole = n.max(1).ilog2();
    // Between powers of two: log2(1 + x) is close to x + 0.34 x (1 - x), within a hundredth.
    let x = ((n.max(1) * 1000) >> whole) - 1000;
    whole * 100 + (x + x * (1000 - x) * 34 / 100_000) / 10
}

/// Words that are said where a secret would stand. Matched anywhere in the value, in lower case.
const STAND_INS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "your_",
    "your-",
    "yourpass",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourapi",
    "xxxx",
    "****",
    "....",
    "----",
    "____",
    "dummy",
    "sample",
    "insert",
    "replace",
    "redacted",
    "todo",
    "fixme",
    "process.env",
    "environ",
    "getenv",
    "env.",
    "secrets.",
    "vault:",
    "%s",
    "notreal",
    "not_a",
    "not-a",
    "-here",
    "_here",
    "afake",
    "fake-",
    "fake_",
    "foobar",
    "lorem",
    "undefined",
    "deadbeef",
    "hunter1234",
    "...",
    "\u{2026}",
];

/// Words that together make up a value that is only a name.
const NAMING: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "api",
    "access",
    "private",
    "auth",
    "my",
    "your",
    "the",
    "a",
    "some",
    "user",
    "username",
    "admin",
    "client",
    "value",
    "string",
    "text",
    "test",
    "none",
    "null",
    "true",
    "false",
    "nil",
    "empty",
    "default",
    "required",
    "optional",
    "public",
    "new",
    "old",
    "bearer",
    "basic",
    "authorization",
    "credential",
    "credentials",
    "env",
    "var",
    "config",
    "settings",
    "str",
    "int",
    "bool",
    "option",
    "object",
    "undefined",
    "hidden",
    "hash",
    "hashed",
    "encrypted",
    "enter",
    "here",
    "is",
    "and",
    "or",
    "id",
    "name",
    "login",
    "db",
    "root",
    "bytes",
    "u8",
    "foo",
    "bar",
    "baz",
    "any",
    "type",
    "invalid",
    "wrong",
    "bad",
    "valid",
    "missing",
    "reset",
    "forgot",
    "confirm",
    "change",
    "show",
    "field",
    "input",
];

/// Whether the value is a stand-in: a word of that kind, one character over and over, a template, a name.
pub(crate) fn is_stand_in(bytes: &[u8]) -> bool {
    let value = Value::of(bytes);
    if value.len >= 8 && value.distinct <= 3 || has_long_repeat(bytes) {
        return true;
    }
    let lower: Vec<u8> = bytes.iter().take(COUNTED).map(u8::to_ascii_lowercase).collect();
    STAND_INS.iter().any(|word| contains(&lower, word.as_bytes())) || is_template(bytes) || is_naming(&lower)
}

/// `${…}`, `{{…}}`, `<…>`, `$NAME`, `%NAME%`, `[…]`, `$(…)`.
pub(crate) fn is_template(bytes: &[u8]) -> bool {
    match bytes {
        [b'$', rest @ ..] => {
            matches!(rest.first(), Some(b'{' | b'(' | b'['))
                || rest.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
                || rest.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
                || (rest.len() <= 2 && rest.iter().all(u8::is_ascii_digit))
        }
        [b'<' | b'{' | b'[' | b'(', ..] => true,
        [b'%', .., b'%'] => true,
        _ => {
            contains(bytes, b"${")
                || contains(bytes, b"{{")
                || contains(bytes, b"$(")
                || contains(bytes, b"#{")
                || contains(bytes, b"}}")
        }
    }
}

fn is_naming(lower: &[u8]) -> bool {
    let mut rest = lower;
    while let [first, tail @ ..] = rest {
        if !first.is_ascii_alphabetic() {
            if first.is_ascii_digit() && lower.len() - tail.len() > 12 {
                return false;
            }
            rest = tail;
            continue;
        }
        let longest = NAMING.iter().filter(|word| rest.starts_with(word.as_bytes())).map(|word| word.len()).max();
        match longest.and_then(|len| rest.get(len..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    // Digits behind a name ("password123") are what people choose; many of them are not.
    lower.iter().filter(|b| b.is_ascii_digit()).count() < 2
}

/// One character six times in a row.
fn has_long_repeat(bytes: &[u8]) -> bool {
    let (mut last, mut times) = (0u8, 0);
    for &b in bytes.iter().take(COUNTED) {
        times = if b == last { times + 1 } else { 1 };
        last = b;
        if times == 8 {
            return true;
        }
    }
    false
}

/// Whether most of it is words: what code, file names and sentences are made of.
pub(crate) fn is_wordy(bytes: &[u8]) -> bool {
    let (mut wordy, mut at) = (0, 0);
    let bytes = bytes.get(..COUNTED).unwrap_or(bytes);
    while let Some(&first) = bytes.get(at) {
        if !first.is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        // A part is one case, or small letters behind one capital.
        let mut end = at + 1;
        let second_upper = bytes.get(end).is_some_and(u8::is_ascii_uppercase);
        let same = |b: u8| match first.is_ascii_uppercase() && second_upper {
            true => b.is_ascii_uppercase(),
            false => b.is_ascii_lowercase(),
        };
        while bytes.get(end).is_some_and(|b| same(*b)) {
            end += 1;
        }
        let part = bytes.get(at..end).unwrap_or_default();
        wordy += if is_word_like(part) { part.len() } else { 0 };
        at = end;
    }
    let counted = bytes.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    wordy * 100 >= counted.max(1) * 60
}

/// Words that each begin with a capital: what types are called (`Ed25519SigningKey`).
pub(crate) fn is_type_name(bytes: &[u8]) -> bool {
    let (mut named, mut at) = (0, 0);
    while let Some(&first) = bytes.get(at) {
        let small = bytes.iter().skip(at + 1).take_while(|b| b.is_ascii_lowercase()).count();
        if first.is_ascii_uppercase() && small >= 2 {
            named += small + 1;
        }
        at += small + 1;
    }
    named * 100 >= bytes.len() * 55
}

/// Vowels and consonants as words have them.
fn is_word_like(part: &[u8]) -> bool {
    if part.len() < 4 {
        return false;
    }
    // Letters in the order of the alphabet are no word.
    let steps = part.windows(2).filter(|w| matches!(w, [a, b] if *b == a + 1)).count();
    if steps * 2 >= part.len() - 1 {
        return false;
    }
    let (mut vowels, mut row, mut longest) = (0, 0, 0);
    for b in part {
        match b.to_ascii_lowercase() {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => {
                vowels += 1;
                row = 0;
            }
            _ => row += 1,
        }
        longest = longest.max(row);
    }
    longest <= 4 && vowels * 100 >= part.len() * 18 && vowels * 100 <= part.len() * 75
}

/// Eight, four, four, four and twelve hexadecimal digits (or letters that stand for them).
pub(crate) fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_alphanumeric(),
        })
}

/// Digits with dots, dashes, colons: a version, a date, a number, an address.
pub(crate) fn is_number(bytes: &[u8]) -> bool {
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    letters <= 2 && (letters + digits < bytes.len() || digits < 16)
}

/// The alphabet in its order, and no character twice: a table of characters.
pub(crate) fn is_alphabet(bytes: &[u8], value: Value) -> bool {
    value.len >= 30
        && value.distinct == bytes.len()
        && (contains(bytes, b"abcdefghijklmnopqrstuvwxyz") || contains(bytes, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
}

pub(crate) fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

#[cfg(test)]
mod tests;
