//! The two secrets of a ledger: the chain key (HMAC-SHA256) and the receipt key (Ed25519).

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::fixed_bytes::KeyId;

/// In front of the secret when the chain key's id is made, so that the id is no other hash of it.
const CHAIN_KEY_ID: &[u8] = b"witgate chain key id v1\0";

pub(crate) fn key_id(parts: &[&[u8]]) -> KeyId {
    let mut state = Sha256::new();
    parts.iter().for_each(|part| state.update(part));
    let digest: [u8; 32] = state.finalize().into();
    let mut id = KeyId::default();
    id.0.copy_from_slice(&digest[..8]);
    id
}

/// The HMAC key of the chain. Whoever holds it can check the chain, and could also forge it.
#[derive(Clone)]
pub struct ChainKey(Zeroizing<[u8; 32]>);

impl ChainKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        random().map(Self)
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// First eight bytes of `SHA-256("witgate chain key id v1\0" || key)`.
    #[must_use]
    pub fn id(&self) -> KeyId {
        key_id(&[CHAIN_KEY_ID, self.0.as_slice()])
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The Ed25519 key (RFC 8032) that signs receipts.
#[derive(Clone)]
pub struct ReceiptKey(SigningKey);

impl ReceiptKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        random().map(|seed| Self(SigningKey::from_bytes(&seed)))
    }

    /// The key with this seed (RFC 8032, 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The half that checks.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The public key's id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.public().id()
    }

    /// Signs a message (RFC 8032). What this key signs says at its beginning what it is, so that nothing is taken for another:
    /// receipts, checkpoints, requests to an upstream.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    pub(crate) fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }
}

/// The public half of the receipt key: all that a client or an auditor needs to check receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key with these bytes.
    ///
    /// # Errors
    /// When they are not a point of the curve, or one of small order, under which anything verifies.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPublicKey)?;
        if key.is_weak() { Err(KeyError::NotAPublicKey) } else { Ok(Self(key)) }
    }

    /// The key's 32 bytes (RFC 8032).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// First eight bytes of the SHA-256 of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        key_id(&[self.0.as_bytes()])
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// Both secrets.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Chains the records.
    pub chain: ChainKey,
    /// Signs the receipts.
    pub receipt: ReceiptKey,
}

impl Keys {
    /// Two new random keys.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self { chain: ChainKey::generate()?, receipt: ReceiptKey::generate()? })
    }
}

pub(crate) fn random() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
    Ok(bytes)
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainKey({})", self.id())
    }
}
impl fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiptKey({})", self.id())
    }
}

#[cfg(test)]
mod tests;
