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
        _ => return None,
    })
}

/// The Latin letter that a Cyrillic or Greek one looks like in most typefaces.
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
        _ => return None,
    })
}
