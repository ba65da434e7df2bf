//! The operator's own shapes: characters and classes with counts, such as `EMP-[0-9]{6}`.
//!
//! A shape is read from left to right and takes as much as it may; it never gives back. So `[0-9]{1,3}[0-9]` finds nothing
//! in `123`, and the time is that of one look at each character.

use crate::config::{Check, Custom};
use crate::iban::Mod97;
use crate::view::{CONTEXT, Open, View, is_word};

/// Most characters of a match.
pub(crate) const LONGEST: usize = 128;

/// A shape with its check digit and the words that must stand before it.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    items: Vec<Item>,
    check: Check,
    words: Vec<String>,
}

/// Characters of one class.
#[derive(Debug, Clone)]
struct Item {
    class: u128,
    least: usize,
    most: usize,
}

impl Shape {
    /// Reads a shape.
    pub(crate) fn new(custom: &Custom) -> Result<Self, String> {
        let mut items = vec![];
        let mut chars = custom.shape.chars().peekable();
        while let Some(c) = chars.next() {
            let class = match c {
                '[' => class(&mut chars)?,
                '\\' => bit(chars.next().ok_or("`\\` at the end: write `\\\\` for it")?)?,
                '{' | '}' | ']' | '*' | '+' | '?' | '(' | ')' | '|' | '^' | '$' => {
                    return Err(format!("`{c}` has no meaning here: write `\\{c}` for the character"));
                }
                c => bit(c)?,
            };
            let (least, most) = match chars.next_if_eq(&'{') {
                Some(_) => counts(&mut chars)?,
                None => (1, 1),
            };
            items.push(Item { class, least, most });
        }
        let longest: usize = items.iter().map(|item| item.most).sum();
        if items.first().is_none_or(|item| item.least == 0) {
            return Err("must begin with something that is always there".into());
        }
        if longest > LONGEST {
            return Err(format!("may be {longest} characters long, at most {LONGEST} are allowed"));
        }
        let words = custom.words.iter().map(|word| word.to_ascii_lowercase()).collect();
        Ok(Self { items, check: custom.check, words })
    }

    /// Whether a match may begin with this byte.
    pub(crate) fn begins_with(&self, b: u8) -> bool {
        // Wide digits and the like fold to ASCII ones.
        b >= 0x80 || self.items.first().is_some_and(|item| item.class >> b & 1 == 1)
    }

    /// The end of the match that starts at `start`.
    pub(crate) fn find(&self, view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
        let edge = |c: Option<char>| !c.is_some_and(|c| is_word(c) || c == '_');
        let (mut at, mut luhn, mut mod97) = (start, Luhn::default(), Mod97::default());
        let (mut first, mut last) = (None, None);
        for item in &self.items {
            let mut count = 0;
            while count < item.most {
                let Some((c, len)) = view.peek(at)? else { break };
                if !c.is_ascii() || item.class >> u32::from(c) & 1 == 0 {
                    break;
                }
                first = first.or(Some(c));
                last = Some(c);
                luhn.push(c);
                mod97.push(c);
                at += len;
                count += 1;
            }
            if count < item.least {
                return Ok(None);
            }
        }
        let before = edge(first) || edge(view.before(start).next());
        let after = edge(last) || edge(view.peek(at)?.map(|(c, _)| c));
        let checked = match self.check {
            Check::None => true,
            Check::Luhn => luhn.holds(),
            Check::Mod97 => mod97.rest() == 1,
        };
        let said =
            || self.words.is_empty() || self.words.iter().any(|w| view.has_before(start, CONTEXT, &[w.as_str()]));
        Ok((before && after && checked && said()).then_some(at))
    }
}

/// Luhn's check, from left to right: both sums are kept, since the length is not known before.
#[derive(Debug, Default)]
struct Luhn {
    even: u32,
    odd: u32,
    digits: u32,
}

impl Luhn {
    fn push(&mut self, c: char) {
        let Some(d) = c.to_digit(10) else { return };
        let doubled = if d < 5 { d * 2 } else { d * 2 - 9 };
        // The sum whose last digit stands alone is the other one after each digit.
        (self.even, self.odd) = (self.odd + d, self.even + doubled);
        self.digits += 1;
    }

    fn holds(&self) -> bool {
        self.digits > 1 && self.even.is_multiple_of(10)
    }
}

fn bit(c: char) -> Result<u128, String> {
    match c {
        ' '..='~' => Ok(1 << u32::from(c)),
        c => Err(format!("`{}` is not a printable ASCII character", c.escape_default())),
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn class(chars: &mut Chars<'_>) -> Result<u128, String> {
    let mut class = 0;
    loop {
        let from = match chars.next().ok_or("a class without its `]`")? {
            ']' if class != 0 => return Ok(class),
            ']' => return Err("a class without characters".into()),
            '\\' => chars.next().ok_or("a class without its `]`")?,
            c => c,
        };
        let mut ahead = chars.clone();
        let range = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
        if !range {
            class |= bit(from)?;
            continue;
        }
        chars.next();
        let to = match chars.next() {
            Some('\\') => chars.next(),
            c => c,
        }
        .ok_or("a class without its `]`")?;
        if to < from {
            return Err(format!("`{from}-{to}` is the wrong way round"));
        }
        for c in from..=to {
            class |= bit(c)?;
        }
    }
}

/// `n}` or `n,m}`.
fn counts(chars: &mut Chars<'_>) -> Result<(usize, usize), String> {
    let text: String = chars.by_ref().take_while(|c| *c != '}').collect();
    let (least, most) = text.split_once(',').unwrap_or((&text, &text));
    match (least.parse(), most.parse()) {
        (Ok(least), Ok(most)) if least <= most && (1..=LONGEST).contains(&most) => Ok((least, most)),
        _ => Err(format!("`{{{text}}}` is no count: write `{{6}}` or `{{2,6}}`")),
    }
}

#[cfg(test)]
mod tests;
