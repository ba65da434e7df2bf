//! Salted hashes of request and response bodies.

use serde::{Deserialize, Serialize};

use crate::fixed_bytes::{Digest, Salt};
use crate::sha256::Sha256;

/// What the ledger keeps of a body: `hash = SHA-256(salt || body)`, the salt and the length.
///
/// The salt is drawn for each body. Whoever has the body and the salt can check; whoever has the hash alone cannot guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BodyHash {
    /// SHA-256 over the salt's 16 bytes and then the body.
    pub hash: Digest,
    /// The salt.
    pub salt: Salt,
    /// Length of the body in bytes, without the salt.
    pub bytes: u64,
}

impl BodyHash {
    /// Hashes a whole body under a fresh salt.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn of(body: &[u8]) -> Result<Self, getrandom::Error> {
        let mut hasher = BodyHasher::new()?;
        hasher.update(body);
        Ok(hasher.finish())
    }

    /// Whether this is the hash of `body`.
    #[must_use]
    pub fn matches(&self, body: &[u8]) -> bool {
        let mut hasher = BodyHasher::with_salt(self.salt);
        hasher.update(body);
        hasher.finish() == *self
    }
}

/// Hashes a body piece by piece as it passes.
#[derive(Clone)]
pub struct BodyHasher {
    state: Sha256,
    salt: Salt,
    bytes: u64,
}

impl BodyHasher {
    /// Starts with a fresh random salt.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut salt = Salt::default();
        getrandom::fill(&mut salt.0)?;
        Ok(Self::with_salt(salt))
    }

    /// Starts with a known salt, to check a hash.
    #[must_use]
    pub fn with_salt(salt: Salt) -> Self {
        let mut state = Sha256::default();
        state.update(&salt.0);
        Self { state, salt, bytes: 0 }
    }

    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.state.update(piece);
        self.bytes = self.bytes.saturating_add(piece.len().try_into().unwrap_or(u64::MAX));
    }

    /// Ends the body.
    #[must_use]
    pub fn finish(self) -> BodyHash {
        BodyHash { hash: Digest(self.state.finish()), salt: self.salt, bytes: self.bytes }
    }
}

impl std::fmt::Debug for BodyHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyHasher").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
