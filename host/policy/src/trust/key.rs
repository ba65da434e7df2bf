//! The two halves of a signing key (Ed25519, RFC 8032), each as one line of text.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::KeyError;

/// Begins the line of a public key.
const PUBLIC: &str = "witgate-plugin-key-v1";
/// Begins the line of a secret key.
const SECRET: &str = "witgate-plugin-secret-v1";
/// In front of the key when its id is made, so that the id is no other hash of it.
const ID: &[u8] = b"witgate plugin key id v1\0";
/// Characters of a key's name.
const NAME: usize = 64;

/// First eight bytes of `SHA-256("witgate plugin key id v1\0" || public key)`, shown as 16 hexadecimal digits. For people
/// and records; what counts is the key itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    fn of(key: &VerifyingKey) -> Self {
        let digest: [u8; 32] = Sha256::new().chain_update(ID).chain_update(key.as_bytes()).finalize().into();
        let mut id = [0; 8];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The half that checks: `witgate-plugin-key-v1 BASE64 NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    name: String,
}

impl PublicKey {
    /// Whether a text is meant as a key rather than as a file's name.
    #[must_use]
    pub fn is_inline(text: &str) -> bool {
        text.trim_start().starts_with(PUBLIC)
    }

    /// The key with these bytes.
    ///
    /// # Errors
    /// [`KeyError::Point`] when they are not a point of the curve, or one of small order, under which anything verifies.
    pub(super) fn from_bytes(bytes: &[u8; 32], name: &str) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        if key.is_weak() { Err(KeyError::Point) } else { Ok(Self { key, name: name.to_owned() }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.key)
    }

    /// What stands beside it: whose it is, by the word of whoever wrote the line. May be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn key(&self) -> &VerifyingKey {
        &self.key
    }

    pub(super) fn encoded(&self) -> String {
        STANDARD.encode(self.key.as_bytes())
    }
}

/// The line, without its end.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC} {}", self.encoded())?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

/// Reads the one line that is neither empty nor begins with `#`.
impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (bytes, name) = parse(text, PUBLIC)?;
        Self::from_bytes(&bytes, name)
    }
}

/// The half that signs: `witgate-plugin-secret-v1 BASE64 NAME`, the base64 of the seed (RFC 8032, 5.1.5). Its memory is
/// cleared when it is dropped, and it is never shown.
#[derive(Clone)]
pub struct SecretKey {
    key: SigningKey,
    name: String,
}

impl SecretKey {
    /// A new random key with a name of at most 64 characters.
    ///
    /// # Errors
    /// The name does not fit on a line, or the system gives no random bytes.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        let name = named(name)?.to_owned();
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self { key: SigningKey::from_bytes(&seed), name })
    }

    /// The half that checks, with the same name.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { key: self.key.verifying_key(), name: self.name.clone() }
    }

    /// The secret line, with its end and a comment line before it.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // Large enough from the start: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(512));
        text.push_str(&format!("# witgate plugin signing key (Ed25519 seed), secret, id {}\n", self.public().id()));
        text.push_str(SECRET);
        text.push(' ');
        STANDARD.encode_string(*Zeroizing::new(self.key.to_bytes()), &mut text);
        if !self.name.is_empty() {
            text.push(' ');
            text.push_str(&self.name);
        }
        text.push('\n');
        text
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (seed, name) = parse(text, SECRET)?;
        Ok(Self { key: SigningKey::from_bytes(&seed), name: name.to_owned() })
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

fn named(name: &str) -> Result<&str, KeyError> {
    let name = name.trim();
    let fits = name.chars().count() <= NAME && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(KeyError::Name) }
}

fn parse<'a>(text: &'a str, kind: &'static str) -> Result<(Zeroizing<[u8; 32]>, &'a str), KeyError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(KeyError::Form(kind));
    };
    let rest = line.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' ')).ok_or(KeyError::Form(kind))?;
    let (encoded, name) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
    let bytes = decode(encoded).ok_or(KeyError::Encoding(kind))?;
    Ok((bytes, named(name)?))
}

pub(super) fn decode(encoded: &str) -> Option<Zeroizing<[u8; 32]>> {
    // 44 characters are 32 bytes with padding; more is not looked at.
    let mut decoded = if encoded.len() == 44 { STANDARD.decode(encoded).ok()? } else { return None };
    let key = <[u8; 32]>::try_from(decoded.as_slice()).ok().map(Zeroizing::new);
    decoded.zeroize();
    key
}

#[cfg(test)]
mod tests;
