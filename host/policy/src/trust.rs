//! Whose plugins may serve: detached Ed25519 signatures and the keys that an operator trusts.
//!
//! A signature says who made a file, not that it is the file that was meant: whoever may write to the policy folder can
//! put an older file of the same signer there. Against that a pin (`sha256`) helps; against a file from nobody knows
//! where, a signature does. Plugins inside the binary need none.
//!
//! Nothing here reads a file. The bytes of a component are hashed once by the caller; the signature is checked against
//! that hash before anything in the component is parsed, and the name that was signed is held against the manifest
//! afterwards.

use std::path::PathBuf;

use witgate_engine::{Digest, Manifest};

mod error;
mod key;
mod signature;

pub use error::{KeyError, TrustError};
pub use key::{KeyId, PublicKey, SecretKey};
pub use signature::Signature;

/// Which plugins from files may serve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whose signatures count.
    pub keys: Vec<PublicKey>,
    /// Whether a file without a signature is refused.
    pub require_signed: bool,
}

/// Where a component came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Out of this binary: it needs no signature of its own.
    Builtin,
    /// Out of a file.
    File {
        /// Where its signature is, or would be.
        signature_file: PathBuf,
        /// What that file holds; `None` when it is not there.
        signature: Option<Vec<u8>>,
    },
}

impl Origin {
    /// Where its signature is, or would be; empty for what is in this binary.
    #[must_use]
    pub fn signature_file(&self) -> PathBuf {
        match self {
            Self::Builtin => PathBuf::new(),
            Self::File { signature_file, .. } => signature_file.clone(),
        }
    }
}

/// Who vouched for a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: KeyId,
    /// The name that stands beside the key where the operator trusts it.
    pub name: String,
}

/// A signature that is right for some bytes; whether it is right for their manifest is still to be seen.
#[derive(Debug)]
pub struct Vouched<'a> {
    signer: &'a PublicKey,
    signature: Signature,
}

impl Trust {
    /// Whether signatures are looked at: some key is trusted, or one is required.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.require_signed || !self.keys.is_empty()
    }

    /// Checks what vouches for the bytes with this digest. `None`: nothing does, and nothing needs to.
    ///
    /// A signature that is there counts as soon as one key is trusted: then it must be right, `require_signed` or not.
    ///
    /// # Errors
    /// [`TrustError`]: the plugin may not serve.
    pub fn check(&self, digest: Digest, origin: &Origin) -> Result<Option<Vouched<'_>>, TrustError> {
        let Origin::File { signature, .. } = origin else { return Ok(None) };
        if !self.counts() {
            return Ok(None);
        }
        let Some(signature) = signature else {
            return if self.require_signed { Err(TrustError::Unsigned) } else { Ok(None) };
        };
        let signature = Signature::parse(signature)?;
        let known = self.keys.iter().find(|key| signature.is_by(key));
        let signer = known.ok_or(TrustError::SignerUnknown { key: signature.key() })?;
        signature.verify(signer, digest)?;
        Ok(Some(Vouched { signer, signature }))
    }
}

impl Vouched<'_> {
    /// Holds the name and version that were signed against those of the manifest.
    ///
    /// # Errors
    /// [`TrustError::Name`]: the signature is for another plugin.
    pub fn names(&self, manifest: &Manifest) -> Result<Signer, TrustError> {
        self.signature.names(manifest)?;
        Ok(Signer { key: self.signer.id(), name: self.signer.name().to_owned() })
    }
}

#[cfg(test)]
mod tests;
