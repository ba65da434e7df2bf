//! From a character to the symbol that the marking automaton reads.
//!
//! Folding is per character, so that it cannot depend on where a piece of a stream ends. It covers what keeps a marking
//! readable to a person while changing its bytes: case, full-width and mathematical letters, look-alikes of other
//! scripts, accents, characters that are not seen.

/// A letter of a script that no marking is written in.
pub(crate) const OTHER_LETTER: u8 = 1;
/// Any other sign that no marking has.
pub(crate) const OTHER_SIGN: u8 = 2;

/// One folded character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// `A` to `Z`, `0` to `9`, ASCII punctuation, `' '`, `'\n'`, [`OTHER_LETTER`] or [`OTHER_SIGN`].
    pub(crate) byte: u8,
    /// Not a lower-case letter.
    pub(crate) upper: bool,
}

impl Symbol {
    /// What ends every line, and every text.
    pub(crate) const END: Self = Self { byte: b'\n', upper: true };

    /// A letter, a digit or `_`: what continues a word.
    pub(crate) fn is_word(self) -> bool {
        is_word(self.byte)
    }
}

/// [`Symbol::is_word`] of a bare symbol.
pub(crate) fn is_word(symbol: u8) -> bool {
    matches!(symbol, b'A'..=b'Z' | b'0'..=b'9' | b'_' | OTHER_LETTER)
}

/// Whether a byte is an ASCII character that folds to a word symbol.
#[inline]
pub(crate) fn is_ascii_word(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let (mut table, mut b) = ([false; 256], 0_u8);
        while b < 128 {
            table[b as usize] = b.is_ascii_alphanumeric() || b == b'_';
            b += 1;
        }
        table
    };
    TABLE.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The symbol of a character; none for one that is not seen (format characters, combining marks, controls).
pub(crate) fn fold(c: char) -> Option<Symbol> {
    match c {
        'a'..='z' => letter(c, false),
        '\t' | ' ' => plain(b' '),
        '\n' | '\r' | '\x0b' | '\x0c' => plain(b'\n'),
        '!'..='~' => u8::try_from(c).ok().and_then(plain),
        '\0'..='\x7f' => None,
        _ => wide(c),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that `fold` answers")]
fn plain(byte: u8) -> Option<Symbol> {
    Some(Symbol { byte, upper: true })
}

fn letter(like: char, upper: bool) -> Option<Symbol> {
    let byte = u8::try_from(like.to_ascii_uppercase()).unwrap_or(OTHER_LETTER);
    Some(Symbol { byte, upper })
}

fn wide(c: char) -> Option<Symbol> {
    match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => plain(b'\n'),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => plain(b' '),
        _ if unseen(c) => None,
        '\u{ff01}'..='\u{ff5e}' => fold(shift(c, 0xff01, '!')),
        '⁄' | '∕' | '╱' | '⧸' => plain(b'/'),
        '⁽' | '₍' | '❨' | '﴾' => plain(b'('),
        '⁾' | '₎' | '❩' | '﴿' => plain(b')'),
        '‐'..='―' | '−' | '﹘' | '﹣' => plain(b'-'),
        'Ⓐ'..='Ⓩ' => letter(shift(c, 0x24b6, 'A'), true),
        'ⓐ'..='ⓩ' => letter(shift(c, 0x24d0, 'a'), false),
        '\u{1f130}'..='\u{1f149}' => letter(shift(c, 0x1f130, 'A'), true),
        '\u{1f150}'..='\u{1f169}' => letter(shift(c, 0x1f150, 'A'), true),
        '\u{1f170}'..='\u{1f189}' => letter(shift(c, 0x1f170, 'A'), true),
        '\u{1d400}'..='\u{1d6a3}' => mathematical(c),
        '\u{1d7ce}'..='\u{1d7ff}' => plain(b'0' + nth(c, 0x1d7ce, 10)),
        _ => look_alike(c),
    }
}

/// Alphabets of 26 capitals and 26 small letters, one after another.
fn mathematical(c: char) -> Option<Symbol> {
    match nth(c, 0x1d400, 52) {
        n @ 0..=25 => letter(char::from(b'A' + n), true),
        n => letter(char::from(b'a' + n - 26), false),
    }
}

fn nth(c: char, base: u32, modulus: u32) -> u8 {
    u8::try_from(u32::from(c).saturating_sub(base) % modulus).unwrap_or_default()
}

fn shift(c: char, base: u32, to: char) -> char {
    char::from_u32(u32::from(c).saturating_sub(base) + u32::from(to)).unwrap_or(c)
}

/// Letters that look like one of ours: Cyrillic, Greek, Cherokee, Lisu, small capitals, accented Latin.
fn look_alike(c: char) -> Option<Symbol> {
    let like = match c {
        'Α' | 'А' | 'Ꭺ' | 'ꓮ' | 'ᴀ' | 'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
        'Β' | 'В' | 'Ᏼ' | 'ꓐ' | 'ʙ' => 'B',
        'С' | 'Ϲ' | 'Ꮯ' | 'ꓚ' | 'ᴄ' | 'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' | 'ℂ' | 'Ⅽ' => 'C',
        'Ꭰ' | 'ꓓ' | 'ᴅ' | 'Ð' | 'Ď' | 'Đ' | 'Ⅾ' => 'D',
        'Ε' | 'Е' | 'Ꭼ' | 'ꓰ' | 'ᴇ' | 'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => 'E',
        'Ϝ' | 'ꓝ' | 'ꜰ' | 'Ғ' => 'F',
        'Ԍ' | 'Ꮐ' | 'ꓖ' | 'ɢ' | 'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => 'G',
        'Η' | 'Н' | 'Ꮋ' | 'ꓧ' | 'ʜ' | 'Ĥ' => 'H',
        'Ι' | 'І' | 'Ꮖ' | 'ꓲ' | 'ɪ' | 'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ӏ' | 'Ⅰ' => {
            'I'
        }
        'Κ' | 'К' | 'Ꮶ' | 'ꓗ' | 'ᴋ' | 'Ķ' => 'K',
        'Ꮮ' | 'ꓡ' | 'ʟ' | 'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' | 'Ⅼ' => 'L',
        'Μ' | 'М' | 'Ꮇ' | 'ꓟ' | 'ᴍ' | 'Ⅿ' => 'M',
        'Ν' | 'ꓠ' | 'ɴ' | 'Ñ' | 'Ń' | 'Ņ' | 'Ň' => 'N',
        'Ο' | 'О' | 'Օ' | 'ꓳ' | 'ᴏ' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => 'O',
        'Ρ' | 'Р' | 'Ꮲ' | 'ꓑ' | 'ᴘ' => 'P',
        'Ꭱ' | 'Ꮢ' | 'ꓣ' | 'ʀ' | 'Ŕ' | 'Ŗ' | 'Ř' => 'R',
        'Ѕ' | 'Տ' | 'Ꮪ' | 'ꓢ' | 'ꜱ' | 'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => 'S',
        'Τ' | 'Т' | 'Ꭲ' | 'ꓔ' | 'ᴛ' | 'Ţ' | 'Ť' | 'Ț' => 'T',
        'Ս' | 'ꓴ' | 'ᴜ' | 'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => 'U',
        'Ѵ' | 'ꓦ' | 'ᴠ' | 'Ⅴ' => 'V',
        'Χ' | 'Х' | 'ꓫ' | 'Ҳ' | 'Ⅹ' => 'X',
        'а' | 'α' | 'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' => 'c',
        'е' | 'è' | 'é' | 'ê' | 'ë' | 'ē' => 'e',
        'і' | 'ı' | 'ì' | 'í' | 'î' | 'ï' => 'i',
        'к' | 'κ' => 'k',
        'ո' | 'ñ' | 'ń' => 'n',
        'о' | 'ο' | 'օ' | 'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' | 'ś' | 'ş' | 'š' | 'ș' => 's',
        'т' | 'τ' | 'ť' | 'ţ' => 't',
        'υ' | 'ս' | 'ù' | 'ú' | 'û' | 'ü' => 'u',
        'х' => 'x',
        // Most of the Chinese, Japanese and Korean letters, without a search.
        '\u{3041}'..='\u{a48c}' | '\u{ac00}'..='\u{d7a3}' => return plain(OTHER_LETTER),
        _ if c.is_alphanumeric() => return plain(OTHER_LETTER),
        _ => return plain(OTHER_SIGN),
    };
    letter(like, like.is_ascii_uppercase())
}

/// Format characters, fillers, variation selectors, tags and combining marks.
fn unseen(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;
