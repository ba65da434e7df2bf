//! The keys of one scope: what makes its tokens, and what its values are encrypted with.
//!
//! All are derived from one key of the process by HMAC-SHA256 (a PRF, as in NIST SP 800-108) and live only as long as an
//! exchange uses them. Values are sealed with AES-256-GCM-SIV (RFC 8452): a nonce that came twice would not give them away.
//! The scope and the token are associated data, so that a sealed value that is moved opens nowhere else.

use aes_gcm_siv::aead::{Aead, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Crockford's base 32, without the letters that read as digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NONCE_BYTES: usize = 12;

pub(super) type Key = Zeroizing<[u8; 32]>;

/// What a token is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A value of a request, which may come back.
    Request,
    /// A value of an answer. It has a token of its own, or a caller could find out by trying whether a value that was hidden
    /// is the one it thinks of.
    Answer,
}

pub(super) struct Keys {
    token: Key,
    value: Key,
    /// The beginning of all associated data.
    scope: Vec<u8>,
}

/// A value nobody can read without the scope's keys.
#[derive(Debug)]
pub(super) struct Sealed {
    nonce: [u8; NONCE_BYTES],
    text: Vec<u8>,
}

impl Sealed {
    pub(super) fn bytes(&self) -> usize {
        self.nonce.len() + self.text.len()
    }
}

impl Keys {
    /// Of a scope, from the process's key.
    pub(super) fn derive(root: &[u8; 32], scope: &[u8]) -> Self {
        let derived = |purpose: &[u8]| Zeroizing::new(prf(root, &[b"witgate vault v1", purpose, scope]));
        Self { token: derived(b"token"), value: derived(b"value"), scope: scope.to_vec() }
    }

    /// Of a scope that nobody shares; `None` without randomness.
    pub(super) fn random() -> Option<Self> {
        Some(Self::derive(&*random()?, b""))
    }

    /// The eight characters that tell a token from others of its kind.
    pub(super) fn suffix(&self, purpose: Purpose, kind: &str, value: &str, turn: u16) -> String {
        let direction: &[u8] = match purpose {
            Purpose::Request => b"request",
            Purpose::Answer => b"answer",
        };
        let digest = prf(&self.token, &[direction, kind.as_bytes(), value.as_bytes(), &turn.to_be_bytes()]);
        digest.iter().take(8).map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
    }

    /// Encrypts a value; `None` without randomness.
    pub(super) fn seal(&self, token: &str, value: &str) -> Option<Sealed> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: value.as_bytes(), aad: &self.associated(token) };
        let text = self.cipher()?.encrypt(&Nonce::from(nonce), payload).ok()?;
        Some(Sealed { nonce, text })
    }

    /// The value; `None` if it is sealed for another scope or token.
    pub(super) fn open(&self, token: &str, sealed: &Sealed) -> Option<Zeroizing<String>> {
        let payload = Payload { msg: &sealed.text, aad: &self.associated(token) };
        let value = self.cipher()?.decrypt(&Nonce::from(sealed.nonce), payload).ok()?;
        String::from_utf8(value).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> Option<Aes256GcmSiv> {
        Aes256GcmSiv::new_from_slice(&*self.value).ok()
    }

    fn associated(&self, token: &str) -> Vec<u8> {
        parts(&[&self.scope, token.as_bytes()])
    }
}

/// A fresh key; `None` without randomness.
pub(super) fn random() -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).ok()?;
    Some(key)
}

/// HMAC-SHA256 over parts that cannot run into each other.
pub(super) fn prf(key: &[u8; 32], of: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(&parts(of));
    mac.finalize().into_bytes().into()
}

/// Parts, each with its length before it.
pub(super) fn parts(of: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(of.iter().map(|part| part.len() + 8).sum());
    for part in of {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}
