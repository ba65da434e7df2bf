//! One character at a time: what it is read as.
//!
//! Folding looks at one character only, so that it cannot depend on where a piece of a stream ends.

/// What [`Normal`](super::Normal) makes equal. The default is everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// Capital letters become small ones, of all scripts.
    pub case: bool,
    /// Full-width, circled, squared and mathematical letters, digits and signs become plain ones; every kind of space a
    /// space, of hyphen a `-`.
    pub width: bool,
    /// Combining marks are dropped, and Latin letters with accents become plain ones.
    pub marks: bool,
    /// Characters that are not seen are dropped: zero-width, bidi controls, soft hyphens, variation selectors, tags.
    pub hidden: bool,
    /// Cyrillic and Greek letters that look like a Latin one become that one. Leave it out for texts of those scripts.
    pub lookalikes: bool,
}

impl Default for Fold {
    fn default() -> Self {
        Self { case: true, width: true, marks: true, hidden: true, lookalikes: true }
    }
}

/// What a character is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// Itself.
    Same,
    /// Another one.
    One(char),
    /// Two that are written as one.
    Two(char, char),
    /// Nothing.
    Dropped,
}

impl Fold {
    /// Only the case.
    #[must_use]
    pub fn case() -> Self {
        Self { case: true, width: false, marks: false, hidden: false, lookalikes: false }
    }

    /// Reads one character.
    pub(super) fn read(self, c: char) -> Folded {
        if c.is_ascii() {
            return match self.case && c.is_ascii_uppercase() {
                true => Folded::One(c.to_ascii_lowercase()),
                false => Folded::Same,
            };
        }
        if self.hidden && is_hidden(c) || self.marks && is_mark(c) {
            return Folded::Dropped;
        }
        let wide = if self.width { narrow(c) } else { None };
        let like = wide.or_else(|| if self.marks { unaccented(c) } else { None });
        let like = like.or_else(|| if self.lookalikes { lookalike(c) } else { None });
        if self.marks || self.width {
            match c {
                'ß' | 'ẞ' => return Folded::Two('s', 's'),
                'æ' => return Folded::Two('a', 'e'),
                'Æ' => return self.two('A', 'E'),
                'œ' => return Folded::Two('o', 'e'),
                'Œ' => return self.two('O', 'E'),
                'ﬁ' => return Folded::Two('f', 'i'),
                'ﬂ' => return Folded::Two('f', 'l'),
                _ => {}
            }
        }
        match like {
            Some(like) if self.case => Folded::One(like.to_ascii_lowercase()),
            Some(like) => Folded::One(like),
            None if self.case => lower(c),
            None => Folded::Same,
        }
    }

    fn two(self, a: char, b: char) -> Folded {
        if self.case { Folded::Two(a.to_ascii_lowercase(), b.to_ascii_lowercase()) } else { Folded::Two(a, b) }
    }
}

fn lower(c: char) -> Folded {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one == c => Folded::Same,
        (Some(one), None) => Folded::One(one),
        (Some(one), Some(two)) => Folded::Two(one, two),
        (None, _) => Folded::Same,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The plain form of a letter, digit or sign that is only written wider, in a circle, or in a mathematical alphabet.
fn narrow(c: char) -> Option<char> {
    let from = |base: char, to: char| char::from_u32(u32::from(c) - u32::from(base) + u32::from(to));
    match c {
        '\u{ff01}'..='\u{ff5e}' => from('\u{ff01}', '!'),
        '\u{212a}' => Some('K'),
        '\u{2102}' | '\u{212d}' => Some('C'),
        '\u{210a}' => Some('g'),
        '\u{210b}'..='\u{210d}' => Some('H'),
        '\u{210e}' => Some('h'),
        '\u{2110}' | '\u{2111}' => Some('I'),
        '\u{2112}' => Some('L'),
        '\u{2113}' => Some('l'),
        '\u{2115}' => Some('N'),
        '\u{2118}' | '\u{2119}' => Some('P'),
        '\u{211a}' => Some('Q'),
        '\u{211b}'..='\u{211d}' => Some('R'),
        '\u{2124}' | '\u{2128}' => Some('Z'),
        '\u{212c}' => Some('B'),
        '\u{212f}' => Some('e'),
        '\u{2130}' => Some('E'),
        '\u{2131}' => Some('F'),
        '\u{2133}' => Some('M'),
        '\u{2134}' => Some('o'),
        '\u{aa}' => Some('a'),
        '\u{ba}' => Some('o'),
        '\u{b9}' => Some('1'),
        '\u{b2}' | '\u{b3}' => from('\u{b2}', '2'),
        '\u{2070}' => Some('0'),
        '\u{2071}' => Some('i'),
        '\u{2074}'..='\u{2079}' => from('\u{2074}', '4'),
        '\u{207f}' => Some('n'),
        '\u{2080}'..='\u{2089}' => from('\u{2080}', '0'),
        '\u{2460}'..='\u{2468}' => from('\u{2460}', '1'),
        '\u{24ea}' => Some('0'),
        '\u{249c}'..='\u{24b5}' => from('\u{249c}', 'a'),
        'Ⓐ'..='Ⓩ' => from('Ⓐ', 'A'),
        'ⓐ'..='ⓩ' => from('ⓐ', 'a'),
        '\u{1f130}'..='\u{1f149}' => from('\u{1f130}', 'A'),
        '\u{1f150}'..='\u{1f169}' => from('\u{1f150}', 'A'),
        '\u{1f170}'..='\u{1f189}' => from('\u{1f170}', 'A'),
        '\u{1d400}'..='\u{1d6a3}' => {
            // Thirteen alphabets of 26 capitals and 26 small letters.
            let nth = (u32::from(c) - 0x1d400) % 52;
            char::from_u32(if nth < 26 { u32::from('A') + nth } else { u32::from('a') + nth - 26 })
        }
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_u32(u32::from('0') + (u32::from(c) - 0x1d7ce) % 10),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '\u{2018}' | '\u{2019}' => Some('\''),
        '\u{201c}' | '\u{201d}' => Some('"'),
        '\u{2024}' | '\u{3002}' | '\u{ff61}' => Some('.'),
        '\u{fe6b}' => Some('@'),
        '\u{2044}' | '\u{2215}' => Some('/'),
        _ => None,
    }
}

/// A Latin letter without its accent: Latin-1 and Latin Extended-A, as far as a reader takes it for the plain one.
fn unaccented(c: char) -> Option<char> {
    Some(match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => 'C',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'Ď' | 'Đ' | 'Ð' => 'D',
        'ď' | 'đ' => 'd',
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => 'E',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => 'G',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'Ĥ' | 'Ħ' => 'H',
        'ĥ' | 'ħ' => 'h',
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => 'I',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'Ĵ' => 'J',
        'ĵ' => 'j',
        'Ķ' => 'K',
        'ķ' => 'k',
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => 'L',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => 'N',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => 'O',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'Ŕ' | 'Ŗ' | 'Ř' => 'R',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => 'S',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'Ţ' | 'Ť' | 'Ț' => 'T',
        'ţ' | 'ť' | 'ț' => 't',
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => 'U',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'Ŵ' => 'W',
        'ŵ' => 'w',
        'Ý' | 'Ŷ' | 'Ÿ' => 'Y',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'Ź' | 'Ż' | 'Ž' => 'Z',
        'ź' | 'ż' | 'ž' => 'z',
        'Ơ' | 'Ǒ' => 'O',
        'ơ' | 'ǒ' => 'o',
        'Ư' | 'Ǔ' => 'U',
        'ư' | 'ǔ' => 'u',
        'Ǎ' => 'A',
        'ǎ' => 'a',
        'Ǐ' => 'I',
        'ǐ' => 'i',
        '\u{1e00}'..='\u{1e99}' | '\u{1ea0}'..='\u{1ef9}' => return additional(c),
        _ => return None,
    })
}

/// Latin Extended Additional: capitals and small letters take turns.
fn additional(c: char) -> Option<char> {
    let small = match c {
        '\u{1e00}'..='\u{1e01}' | '\u{1ea0}'..='\u{1eb7}' => 'a',
        '\u{1e02}'..='\u{1e07}' => 'b',
        '\u{1e08}'..='\u{1e09}' => 'c',
        '\u{1e0a}'..='\u{1e13}' => 'd',
        '\u{1e14}'..='\u{1e1d}' | '\u{1eb8}'..='\u{1ec7}' => 'e',
        '\u{1e1e}'..='\u{1e1f}' => 'f',
        '\u{1e20}'..='\u{1e21}' => 'g',
        '\u{1e22}'..='\u{1e2b}' | '\u{1e96}' => 'h',
        '\u{1e2c}'..='\u{1e2f}' | '\u{1ec8}'..='\u{1ecb}' => 'i',
        '\u{1e30}'..='\u{1e35}' => 'k',
        '\u{1e36}'..='\u{1e3d}' => 'l',
        '\u{1e3e}'..='\u{1e43}' => 'm',
        '\u{1e44}'..='\u{1e4b}' => 'n',
        '\u{1e4c}'..='\u{1e53}' | '\u{1ecc}'..='\u{1ee3}' => 'o',
        '\u{1e54}'..='\u{1e57}' => 'p',
        '\u{1e58}'..='\u{1e5f}' => 'r',
        '\u{1e60}'..='\u{1e69}' => 's',
        '\u{1e6a}'..='\u{1e71}' | '\u{1e97}' => 't',
        '\u{1e72}'..='\u{1e7b}' | '\u{1ee4}'..='\u{1ef1}' => 'u',
        '\u{1e7c}'..='\u{1e7f}' => 'v',
        '\u{1e80}'..='\u{1e89}' | '\u{1e98}' => 'w',
        '\u{1e8a}'..='\u{1e8d}' => 'x',
        '\u{1e8e}'..='\u{1e8f}' | '\u{1ef2}'..='\u{1ef9}' | '\u{1e99}' => 'y',
        '\u{1e90}'..='\u{1e95}' => 'z',
        _ => return None,
    };
    let capital = c < '\u{1e96}' && u32::from(c).is_multiple_of(2) || c > '\u{1e99}' && u32::from(c).is_multiple_of(2);
    Some(if capital { small.to_ascii_uppercase() } else { small })
}

/// The Latin letter that one of another script, a small capital or a letter of phonetics looks like in most typefaces.
fn lookalike(c: char) -> Option<char> {
    Some(match c {
        'А' | 'Α' => 'A',
        'а' | 'α' | 'ɑ' => 'a',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'Е' | 'Ε' | 'Ё' => 'E',
        'е' | 'ё' => 'e',
        'ɡ' => 'g',
        'Н' | 'Η' => 'H',
        'һ' => 'h',
        'І' | 'Ι' | 'Ї' | 'Ӏ' => 'I',
        'і' | 'ї' | 'ι' => 'i',
        'Ј' => 'J',
        'ј' => 'j',
        'К' | 'Κ' => 'K',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'о' | 'ο' | 'σ' => 'o',
        'Р' | 'Ρ' => 'P',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'Ѕ' => 'S',
        'ѕ' => 's',
        'Т' | 'Τ' => 'T',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'Ѵ' => 'V',
        'ѵ' | 'ν' => 'v',
        'Ԝ' => 'W',
        'ԝ' => 'w',
        'Х' | 'Χ' => 'X',
        'х' | 'χ' => 'x',
        'У' | 'Υ' => 'Y',
        'у' | 'γ' => 'y',
        'Ζ' => 'Z',
        'ᴀ' => 'a',
        'ʙ' | 'Ь' | 'ь' | 'в' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' | 'є' | 'ε' => 'e',
        'ꜰ' => 'f',
        'ɢ' | 'ց' => 'g',
        'ʜ' | 'հ' | 'н' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' | 'м' => 'm',
        'ɴ' | 'ո' | 'η' => 'n',
        'ᴏ' | 'օ' => 'o',
        'ᴘ' => 'p',
        'զ' => 'q',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ᴛ' => 't',
        'ᴜ' | 'ս' => 'u',
        'ᴠ' => 'v',
        'ᴡ' | 'ѡ' | 'ω' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}
