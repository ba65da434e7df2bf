//! One character at a time: what it is read as.

/// What a character stands for in normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    /// A letter or digit of a word, in lower case and without marks.
    Word(char),
    /// Two letters written as one.
    Pair(char, char),
    /// Nothing: a mark on the letter before it.
    Mark,
    /// Nothing: a character that is not seen.
    Hidden,
    /// Everything else.
    Other(char),
}

/// Reads one character.
#[inline]
pub(crate) fn fold(c: char) -> Folded {
    if c.is_ascii() {
        return match c {
            'a'..='z' | '0'..='9' => Folded::Word(c),
            'A'..='Z' => Folded::Word(c.to_ascii_lowercase()),
            c => Folded::Other(c),
        };
    }
    fold_wide(c)
}

fn fold_wide(c: char) -> Folded {
    let ascii = |base: u32, to: char| {
        char::from_u32(u32::from(to) + (u32::from(c) - base)).map_or(Folded::Other(c), |c| match fold_ascii(c) {
            Some(c) => Folded::Word(c),
            None => Folded::Other(c),
        })
    };
    match c {
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' => {
            Folded::Mark
        }
        '\u{ad}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{180e}'
        | '\u{e0000}'..='\u{e0fff}' => Folded::Hidden,
        // Joiners have honest uses in emoji and in several scripts.
        '\u{200c}' | '\u{200d}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => Folded::Mark,
        '\u{ff01}'..='\u{ff5e}' => ascii(0xff01, '!'),
        '\u{24d0}'..='\u{24e9}' => ascii(0x24d0, 'a'),
        '\u{24b6}'..='\u{24cf}' => ascii(0x24b6, 'a'),
        '\u{1d400}'..='\u{1d6a3}' => {
            // Thirteen alphabets of 52 letters each: bold, italic, script, fraktur, double-struck, sans, monospace.
            let letter = (u32::from(c) - 0x1d400) % 26;
            char::from_u32(u32::from('a') + letter).map_or(Folded::Other(c), Folded::Word)
        }
        'ß' => Folded::Pair('s', 's'),
        'æ' | 'Æ' => Folded::Pair('a', 'e'),
        'œ' | 'Œ' => Folded::Pair('o', 'e'),
        c => match plain(c) {
            Some(letter) => Folded::Word(letter),
            None if c.is_alphanumeric() => Folded::Word(c.to_lowercase().next().unwrap_or(c)),
            None => Folded::Other(c),
        },
    }
}

fn fold_ascii(c: char) -> Option<char> {
    c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase())
}

/// Letters with marks, and letters of other scripts that look like a Latin one.
fn plain(c: char) -> Option<char> {
    Some(match c {
        'à'..='å' | 'À'..='Å' | 'ā' | 'ă' | 'ą' | 'Ā' | 'Ą' | 'а' | 'А' | 'α' | 'Α' | 'ɑ' => 'a',
        'ç' | 'Ç' | 'ć' | 'č' | 'с' | 'С' | 'ϲ' => 'c',
        'ď' | 'ԁ' | 'đ' => 'd',
        'è'..='ë' | 'È'..='Ë' | 'ē' | 'ę' | 'ě' | 'е' | 'Е' | 'ё' | 'ε' | 'Ε' => 'e',
        'ğ' | 'ɡ' => 'g',
        'һ' | 'Н' | 'Η' => 'h',
        'ì'..='ï' | 'Ì'..='Ï' | 'ī' | 'ı' | 'İ' | 'і' | 'І' | 'ї' | 'ι' | 'Ι' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'ł' | 'Ł' | 'ӏ' | 'Ӏ' => 'l',
        'М' | 'Μ' => 'm',
        'ñ' | 'Ñ' | 'ń' | 'ň' | 'Ν' | 'η' => 'n',
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' | 'ō' | 'ő' | 'о' | 'О' | 'ο' | 'Ο' | 'σ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'ř' => 'r',
        'ś' | 'š' | 'Š' | 'ş' | 'ѕ' | 'Ѕ' => 's',
        'ť' | 'ţ' | 'Т' | 'τ' | 'Τ' => 't',
        'ù'..='ü' | 'Ù'..='Ü' | 'ū' | 'ů' | 'ű' | 'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'ý' | 'ÿ' | 'Ý' | 'у' | 'У' | 'Υ' | 'γ' => 'y',
        'ź' | 'ż' | 'ž' | 'Ζ' => 'z',
        _ => return None,
    })
}
