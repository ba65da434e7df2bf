//! Values in a text, and others of the same shape in their places.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Place, TELLING};

/// A draw keeps so many bytes of a value's beginning, one after the other: what makes a key a key, or an account a country's, stands there.
const KEPT: [usize; 4] = [0, 2, 4, 12];
/// And no more of a value than this part.
const KEPT_PART: usize = 3;

/// One value, wherever it stands.
#[derive(Debug)]
struct Found {
    value: String,
    /// Where it stands in the text.
    at: Vec<usize>,
    stand_in: String,
    /// Whether another one is to be tried.
    open: bool,
}

/// A text, its values, and what stands in for them.
#[derive(Debug)]
pub(super) struct Redaction {
    text: String,
    found: BTreeMap<String, Found>,
    random: Random,
}

impl Redaction {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), found: BTreeMap::new(), random: Random::new()? })
    }

    /// Takes the values at some places, wherever else they stand in the text, too.
    pub(super) fn values(&mut self, places: Vec<Place>) {
        for Place { start, end, .. } in places {
            // An insertion is at a place, and of no value.
            let Some(value) = self.text.get(start..end).filter(|value| !value.is_empty()) else { continue };
            let at = self.text.match_indices(value).map(|(at, _)| at).collect();
            let found = Found { value: value.to_owned(), at, stand_in: String::new(), open: true };
            self.found.entry(value.to_owned()).or_insert(found);
        }
    }

    /// The text with other values. Those that were not given back by [`Self::again`] stay as they were drawn.
    pub(super) fn draw(&mut self, number: usize) -> String {
        let kept = KEPT.get(number % KEPT.len()).copied().unwrap_or_default();
        for found in self.found.values_mut().filter(|found| found.open) {
            found.stand_in = self.random.like(&found.value, kept.min(found.value.len() / KEPT_PART));
            found.open = false;
        }
        // The longest last, so that a value within another is a part of that one's stand-in.
        let mut order: Vec<&Found> = self.found.values().collect();
        order.sort_by_key(|found| found.value.len());
        let mut text = self.text.clone();
        for found in order {
            for at in &found.at {
                text.replace_range(*at..*at + found.stand_in.len(), &found.stand_in);
            }
        }
        text
    }

    /// Values at these places are drawn anew; all of them where no place says which.
    pub(super) fn again(&mut self, places: &[Place]) {
        for found in self.found.values_mut() {
            let touches =
                |place: &Place| found.at.iter().any(|at| *at < place.end && place.start < at + found.value.len());
            found.open = places.is_empty() || places.iter().any(touches);
        }
    }

    /// Whether nothing is left to be drawn.
    pub(super) fn is_settled(&self) -> bool {
        !self.found.values().any(|found| found.open)
    }

    /// Whether a value stands somewhere in a case.
    pub(super) fn shows_in(&self, case: &Value) -> bool {
        match case {
            Value::String(text) => {
                let mut values = self.found.keys().filter(|value| value.len() >= TELLING);
                values.any(|value| text.contains(value.as_str()))
            }
            Value::Array(items) => items.iter().any(|item| self.shows_in(item)),
            Value::Object(members) => {
                members.iter().any(|(name, item)| self.shows_in(&Value::String(name.clone())) || self.shows_in(item))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

/// Numbers that tell nothing of a value.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn new() -> Result<Self, String> {
        getrandom::u64().map(|seed| Self(seed | 1)).map_err(|error| error.to_string())
    }

    /// The next one below `bound` (xorshift64*).
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn one_of(&mut self, first: u8, count: u64) -> char {
        char::from(first.saturating_add(u8::try_from(self.below(count)).unwrap_or_default()))
    }

    /// A text with letters for letters and digits for digits, of the same length in bytes; its first `kept` bytes stay, and whatever is
    /// neither.
    fn like(&mut self, value: &str, kept: usize) -> String {
        let drawn = value.char_indices().map(|(at, char)| match (char, char.len_utf8()) {
            (char, 1) if at < kept => char,
            ('0'..='9', _) => self.one_of(b'0', 10),
            ('a'..='z', _) => self.one_of(b'a', 26),
            ('A'..='Z', _) => self.one_of(b'A', 26),
            (char, 1) => char,
            (_, 2) => 'é',
            (_, 3) => '名',
            _ => '𐐀',
        });
        drawn.collect()
    }
}

#[cfg(test)]
mod tests;
