//! Tokens that stand for values, and the way back.
//!
//! A token looks like `[EMAIL_7GQ2XKVD]`: the kind, and eight characters of base 32 from an HMAC of the value under a key
//! of its scope alone. The scope is one exchange, or the exchanges of one principal that name the same session. Within it
//! the same value has the same token, unless that token stands in the request already: who typed it is not known, so it is
//! not put back in this exchange, and the value has another one. A token of another scope is not in this vault, and is
//! never put back.
//!
//! Only values of requests come back. What a policy takes out of an answer has a token as well, and nothing is kept for it:
//! it was hidden from the client who would get it back.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use witgate_wire::document::{Span, TextEdit};

mod degraded;
mod keys;
mod look_alikes;
mod restores;
mod session;
mod store;

pub use degraded::Degraded;
pub use restores::Restores;
pub use store::{TokenLimits, VaultStats, Vaults};

use keys::{Keys, Purpose};
use look_alikes::LookAlikes;
use session::{Found, Session};
use store::Room;

/// Bytes of one value: longer text is masked, not tokenised.
const VALUE_BYTES: usize = 1024;
/// Bytes of values that one exchange puts back: a few tokens, repeated often enough, could become gigabytes.
const RESTORED_BYTES: usize = 16 << 20;
/// Tokens that one value can have. Each turn of a session may bring the one before back as a text of the request.
const TURNS: u16 = 1024;
/// `[`, a kind of at most 24 bytes, `_`, 8 characters, `]`.
const TOKEN_BYTES: usize = 35;
/// `_`, 8 characters, `]`.
const SUFFIX_BYTES: usize = 10;

/// One exchange's view of the tokens of its scope.
#[derive(Debug)]
pub struct Vault {
    /// Where values of the scope are, and the room for them.
    room: Arc<Room>,
    session: Arc<Session>,
    keys: KeySource,
    /// What stands in this exchange's request.
    typed: LookAlikes,
    /// Bytes of values that went out.
    restored: usize,
    /// What could not be done as it should, not yet told.
    degraded: BTreeSet<Degraded>,
}

/// Keys cost more to make than most exchanges need them.
enum KeySource {
    /// Made of randomness when they are first needed; this exchange's alone.
    Own,
    /// Derived when they are first needed.
    Of(Arc<Vaults>, Vec<u8>),
    Made(Box<Keys>),
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("keys")
    }
}

impl Default for Vault {
    /// Of one exchange that shares nothing with anybody, bounds included.
    fn default() -> Self {
        let room = Arc::new(Room::new(&TokenLimits::default(), Weak::new()));
        Self::new(Arc::clone(&room), Arc::new(Session::new(room, None)), KeySource::Own)
    }
}

impl Vault {
    fn new(room: Arc<Room>, session: Arc<Session>, keys: KeySource) -> Self {
        Self { room, session, keys, typed: LookAlikes::default(), restored: 0, degraded: BTreeSet::new() }
    }

    /// Takes note of what a request says before any token is made: what looks like a token there is neither made nor put
    /// back in this exchange.
    pub(crate) fn note_request(&mut self, text: &str) {
        self.typed.note(text);
        if self.typed.is_crowded() {
            self.degrade(Degraded::LookAlikes);
        }
    }

    /// The token for a value of the request, or a plain mask where there is no room, the value is too long, or no
    /// randomness is to be had: what must not leave never does.
    pub(crate) fn token(&mut self, kind: &str, value: &str) -> String {
        self.made(Purpose::Request, kind, value)
    }

    /// The token for a value of the answer. It never comes back.
    pub(crate) fn one_way(&mut self, kind: &str, value: &str) -> String {
        self.made(Purpose::Answer, kind, value)
    }

    fn made(&mut self, purpose: Purpose, kind: &str, value: &str) -> String {
        let name = kind.to_ascii_uppercase();
        match self.try_made(purpose, &name, value) {
            Ok(token) => token,
            Err(why) => {
                self.degrade(why);
                format!("[{name}]")
            }
        }
    }

    fn try_made(&mut self, purpose: Purpose, name: &str, value: &str) -> Result<String, Degraded> {
        if value.len() > VALUE_BYTES {
            return Err(Degraded::ValueBytes);
        }
        if self.typed.is_crowded() {
            return Err(Degraded::LookAlikes);
        }
        self.make_keys()?;
        let KeySource::Made(keys) = &self.keys else { return Err(Degraded::Random) };
        for turn in 0..TURNS {
            let token = format!("[{name}_{}]", keys.suffix(purpose, name, value, turn));
            if self.typed.contains(&token) {
                continue;
            }
            let found = match purpose {
                Purpose::Request => self.session.keep(&token, value, keys, self.room.entries())?,
                Purpose::Answer => self.session.find(&token, value, keys),
            };
            match (found, purpose) {
                (Found::Other, _) | (Found::Same, Purpose::Answer) => {}
                (Found::Same, Purpose::Request) | (Found::Nothing, _) => return Ok(token),
            }
        }
        Err(Degraded::Turns)
    }

    fn make_keys(&mut self) -> Result<(), Degraded> {
        let keys = match &self.keys {
            KeySource::Made(_) => return Ok(()),
            KeySource::Own => Keys::random(),
            KeySource::Of(vaults, scope) => Some(vaults.keys(scope)),
        };
        self.keys = KeySource::Made(Box::new(keys.ok_or(Degraded::Random)?));
        Ok(())
    }

    /// Finds this scope's tokens in a text that begins at `base` of its channel. Answers the edits that put the values
    /// back, and the offset from which the text could still be the beginning of a token.
    pub(crate) fn restore(&mut self, text: &str, base: u64) -> (Vec<TextEdit>, u64) {
        self.restore_kinds(text, base, |_| true)
    }

    /// The text with the values of those kinds put back; `None` if there are none in it.
    pub(crate) fn restored(&mut self, text: &str, kinds: impl Fn(&str) -> bool) -> Option<String> {
        let (edits, _) = self.restore_kinds(text, 0, kinds);
        if edits.is_empty() {
            return None;
        }
        self.gone_out(edits.iter().map(|edit| edit.text.len()).sum());
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for edit in edits {
            let range = edit.at.range()?;
            out.push_str(text.get(done..range.start)?);
            out.push_str(&edit.text);
            done = range.end;
        }
        out.push_str(text.get(done..)?);
        Some(out)
    }

    /// Bytes of values go out to the client.
    pub(crate) fn gone_out(&mut self, bytes: usize) {
        self.restored = self.restored.saturating_add(bytes);
    }

    fn restore_kinds(&mut self, text: &str, base: u64, kinds: impl Fn(&str) -> bool) -> (Vec<TextEdit>, u64) {
        let mut edits = Vec::new();
        let mut open = base + text.len() as u64;
        if !text.contains('[') || self.typed.is_crowded() || self.session.is_empty() || self.make_keys().is_err() {
            return (edits, open);
        }
        let KeySource::Made(keys) = &self.keys else { return (edits, open) };
        let mut left = RESTORED_BYTES.saturating_sub(self.restored);
        let mut over = false;
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|t| t.find('[')).map(|i| i + from) {
            let rest = text.get(at..).unwrap_or_default();
            let window = rest.get(..rest.floor_char_boundary(TOKEN_BYTES)).unwrap_or_default();
            from = at + 1;
            match window.find(']') {
                Some(close) => {
                    let token = window.get(..=close).unwrap_or_default();
                    let wanted = kind_of(token).is_some_and(&kinds) && !self.typed.contains(token);
                    if let Some(value) = wanted.then(|| self.session.value(token, keys)).flatten() {
                        match left.checked_sub(value.len()) {
                            Some(rest) => left = rest,
                            None => {
                                over = true;
                                break;
                            }
                        }
                        let start = base + at as u64;
                        let at_span = Span::new(start, start + token.len() as u64);
                        edits.push(TextEdit { at: at_span, text: value.to_string() });
                        from = at + token.len();
                    }
                }
                None if rest.len() < TOKEN_BYTES && self.session.begins(rest) => {
                    open = base + at as u64;
                    break;
                }
                None => {}
            }
        }
        if over {
            self.degrade(Degraded::RestoredBytes);
        }
        (edits, open)
    }

    fn degrade(&mut self, why: Degraded) {
        if self.degraded.insert(why) {
            self.room.count(why);
        }
    }

    /// What could not be done as it should since this was last asked, each once an exchange.
    pub(crate) fn degraded(&self) -> &BTreeSet<Degraded> {
        &self.degraded
    }
}

/// The kind that a token names, in capitals.
fn kind_of(token: &str) -> Option<&str> {
    token.strip_prefix('[')?.get(..token.len().checked_sub(SUFFIX_BYTES + 1)?)
}

#[cfg(test)]
mod tests;
