//! A detached signature: six lines of text beside a plugin.
//!
//! ```text
//! witgate-plugin-signature-v1
//! key: BASE64 of the 32 bytes of the public key
//! plugin: ID
//! version: VERSION
//! sha256: 64 small hexadecimal digits
//! signature: BASE64 of the 64 bytes of the signature
//! ```
//!
//! What is signed (Ed25519, RFC 8032, without pre-hashing) is the text
//!
//! ```text
//! witgate plugin signature v1\n
//! 64:SHA256\n
//! LENGTH:ID\n
//! LENGTH:VERSION\n
//! ```
//!
//! with the sha256 of the component's file in small hexadecimal digits, and `id` and `version` as the manifest inside the
//! component has them, each with its length in bytes before it: no two plugins have the same text. The first line keeps a
//! signature of another use from being taken for one of a plugin.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use witgate_engine::{Digest, Manifest};

use super::key::decode;
use super::{KeyError, KeyId, PublicKey, SecretKey, TrustError};

/// The first line of a signature's file.
const VERSION: &str = "witgate-plugin-signature-v1";
/// The first line of what is signed.
const DOMAIN: &str = "witgate plugin signature v1";
/// Such a file has less than 500 bytes; more is another file.
const MAX_BYTES: usize = 4096;

/// A signature as its file states it. Nothing in it is true before [`Signature::verify`] said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    key: PublicKey,
    id: String,
    version: String,
    sha256: String,
    signature: [u8; 64],
}

impl Signature {
    /// Bytes of a signature's file that are worth reading; one that has more is none.
    pub const MAX_BYTES: usize = MAX_BYTES;

    /// Signs a component with this digest and manifest.
    ///
    /// # Errors
    /// [`KeyError::Version`] when the manifest's version would not fit on a line.
    pub fn sign(key: &SecretKey, digest: Digest, manifest: &Manifest) -> Result<Self, KeyError> {
        let (id, version) = (&manifest.id, &manifest.version);
        if version.chars().any(char::is_control) || version.trim() != version {
            return Err(KeyError::Version);
        }
        let sha256 = digest.to_string();
        let signature = key.sign(message(&sha256, id, version).as_bytes());
        Ok(Self { key: key.public(), id: id.clone(), version: version.clone(), sha256, signature })
    }

    /// Reads a signature's file. Exactly the six lines, in their order; lines may end as Windows ends them.
    ///
    /// # Errors
    /// [`TrustError::Malformed`], which says what was expected.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustError> {
        let refuse = |why: &str| TrustError::Malformed(why.to_owned());
        if bytes.len() > MAX_BYTES {
            return Err(refuse("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("it is not text"))?;
        let mut lines = text.lines();
        if lines.next() != Some(VERSION) {
            return Err(TrustError::Malformed(format!("its first line is not `{VERSION}`")));
        }
        let mut member = |name: &str| {
            let line = lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.ok_or_else(|| TrustError::Malformed(format!("the line `{name}: …` is not where it must be")))
        };
        let (key, id, version) = (member("key")?, member("plugin")?, member("version")?);
        let (sha256, signature) = (member("sha256")?, member("signature")?);
        if lines.next().is_some() {
            return Err(refuse("it has more lines than a signature has"));
        }
        let key = decode(key).ok_or_else(|| refuse("`key` is not 32 bytes in base64"))?;
        let key = PublicKey::from_bytes(&key, "").map_err(|error| refuse(&error.to_string()))?;
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if sha256.len() != 64 || !sha256.bytes().all(hexadecimal) {
            return Err(refuse("`sha256` is not 64 small hexadecimal digits"));
        }
        let signature = STANDARD.decode(signature).ok().and_then(|bytes| bytes.try_into().ok());
        let signature = signature.ok_or_else(|| refuse("`signature` is not 64 bytes in base64"))?;
        Ok(Self { key, id: id.to_owned(), version: version.to_owned(), sha256: sha256.to_owned(), signature })
    }

    /// Whose signature it is, by its own word.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key.id()
    }

    /// Whether it states this key. The key itself counts, never its id.
    #[must_use]
    pub fn is_by(&self, signer: &PublicKey) -> bool {
        self.key.key() == signer.key()
    }

    /// Checks that `signer` signed the bytes with this digest, under the name and version stated here. Strict: no key
    /// and no signature of small order, no second form of the same signature (`verify_strict`).
    ///
    /// # Errors
    /// [`TrustError::SignerUnknown`], [`TrustError::Stale`], [`TrustError::Invalid`].
    pub fn verify(&self, signer: &PublicKey, digest: Digest) -> Result<(), TrustError> {
        let key = self.key();
        if !self.is_by(signer) {
            return Err(TrustError::SignerUnknown { key });
        }
        let found = digest.to_string();
        if self.sha256 != found {
            return Err(TrustError::Stale { key, signed: self.sha256.clone(), found });
        }
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature);
        let message = message(&found, &self.id, &self.version);
        signer.key().verify_strict(message.as_bytes(), &signature).map_err(|_| TrustError::Invalid { key })
    }

    /// Checks the signature with the key it carries: that somebody who has that key signed this very plugin. Says
    /// nothing about whether that key is trusted.
    ///
    /// # Errors
    /// As [`Signature::verify`], and [`TrustError::Name`].
    pub fn verify_itself(&self, digest: Digest, manifest: &Manifest) -> Result<(), TrustError> {
        self.verify(&self.key, digest)?;
        self.names(manifest)
    }

    /// Holds the name and version stated here against a manifest's.
    ///
    /// # Errors
    /// [`TrustError::Name`].
    pub fn names(&self, manifest: &Manifest) -> Result<(), TrustError> {
        if (&self.id, &self.version) == (&manifest.id, &manifest.version) {
            return Ok(());
        }
        Err(TrustError::Name {
            key: self.key(),
            signed: format!("{} {}", shown(&self.id), shown(&self.version)),
            found: format!("{} {}", shown(&manifest.id), shown(&manifest.version)),
        })
    }
}

/// The file's text.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, id, version, sha256, signature } = self;
        let (key, signature) = (key.encoded(), STANDARD.encode(signature));
        write!(f, "{VERSION}\nkey: {key}\nplugin: {id}\nversion: {version}\nsha256: {sha256}\nsignature: {signature}\n")
    }
}

fn message(sha256: &str, id: &str, version: &str) -> String {
    format!("{DOMAIN}\n{}:{sha256}\n{}:{id}\n{}:{version}\n", sha256.len(), id.len(), version.len())
}

/// A stranger's word as it may stand in a message: bounded, without control characters.
fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
