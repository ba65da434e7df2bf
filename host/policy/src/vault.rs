//! Tokens that stand for values, and the way back.
//!
//! A token looks like `[EMAIL_7GQ2XKVD]`: the kind, and eight characters of base 32 from an HMAC of the value under a key
//! of this exchange alone. The same value has the same token throughout the exchange; a token that a caller typed, or
//! that another exchange made, is not in this vault and is never put back.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use witgate_wire::document::{Span, TextEdit};
use zeroize::Zeroizing;

/// Values of one exchange.
const ENTRIES: usize = 4096;
/// Bytes of one value: longer text is masked, not tokenised.
const VALUE_BYTES: usize = 1024;
/// `[`, a kind of at most 24 bytes, `_`, 8 characters, `]`.
const TOKEN_BYTES: usize = 35;
/// Crockford's base 32, without the letters that read as digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[derive(Debug)]
pub(crate) struct Vault {
    key: Option<Zeroizing<[u8; 32]>>,
    values: BTreeMap<String, Zeroizing<String>>,
}

impl Vault {
    pub(crate) fn new() -> Self {
        Self { key: None, values: BTreeMap::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The token for a value, or a plain mask where the vault is full, the value too long, or no randomness is to be had:
    /// what must not leave never does. `around` is the text the token goes into: a look-alike in it makes the token
    /// change.
    pub(crate) fn token(&mut self, kind: &str, value: &str, around: &str) -> String {
        let name = kind.to_ascii_uppercase();
        let mask = format!("[{name}]");
        if value.len() > VALUE_BYTES {
            return mask;
        }
        let Some(key) = self.key() else { return mask };
        for turn in 0..8_u8 {
            let token = format!("[{name}_{}]", suffix(&key, kind, value, turn));
            match self.values.get(&token) {
                Some(held) if **held == *value => return token,
                Some(_) => continue,
                None if around.contains(&token) => continue,
                None if self.values.len() >= ENTRIES => return mask,
                None => {
                    self.values.insert(token.clone(), Zeroizing::new(value.to_owned()));
                    return token;
                }
            }
        }
        mask
    }

    fn key(&mut self) -> Option<Zeroizing<[u8; 32]>> {
        if self.key.is_none() {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(&mut *key).ok()?;
            self.key = Some(key);
        }
        self.key.clone()
    }

    /// Finds this vault's tokens in a text that begins at `base` of its channel. Answers the edits that put the values
    /// back, and the offset from which the text could still be the beginning of a token.
    pub(crate) fn restore(&self, text: &str, base: u64) -> (Vec<TextEdit>, u64) {
        let mut edits = Vec::new();
        let mut open = base + text.len() as u64;
        if self.is_empty() {
            return (edits, open);
        }
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|t| t.find('[')).map(|i| i + from) {
            let rest = text.get(at..).unwrap_or_default();
            let window = rest.get(..rest.floor_char_boundary(TOKEN_BYTES)).unwrap_or_default();
            from = at + 1;
            match window.find(']') {
                Some(close) => {
                    let token = window.get(..=close).unwrap_or_default();
                    if let Some(value) = self.values.get(token) {
                        let start = base + at as u64;
                        let at_span = Span::new(start, start + token.len() as u64);
                        edits.push(TextEdit { at: at_span, text: value.to_string() });
                        from = at + token.len();
                    }
                }
                None if rest.len() < TOKEN_BYTES && self.begins(rest) => {
                    open = base + at as u64;
                    break;
                }
                None => {}
            }
        }
        (edits, open)
    }

    fn begins(&self, part: &str) -> bool {
        let from = (std::ops::Bound::Included(part), std::ops::Bound::Unbounded);
        let mut after = self.values.range::<str, _>(from);
        after.next().is_some_and(|(token, _)| token.starts_with(part))
    }
}

fn suffix(key: &[u8; 32], kind: &str, value: &str, turn: u8) -> String {
    // HMAC takes keys of any length; this one is 32 bytes.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    for part in [kind.as_bytes(), value.as_bytes()] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.update(&[turn]);
    let digest = mac.finalize().into_bytes();
    digest.iter().take(8).map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
}

#[cfg(test)]
mod tests;
