//! Why a plugin is not trusted, and why a text is no key.

use thiserror::Error;

use super::KeyId;

/// A plugin that nobody who counts vouches for. Messages name no file: the caller knows which.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustError {
    /// No signature, and one is required.
    #[error(
        "it is not signed, and `require_signed` refuses plugins without a signature; sign it with `witgate plugin sign`"
    )]
    Unsigned,
    /// The signature's file is none.
    #[error("no plugin signature: {0}; make one with `witgate plugin sign`")]
    Malformed(String),
    /// Signed by a key that is not trusted.
    #[error(
        "signed by the key {key}, which is not among the trusted keys; trust that key, or have the plugin signed by one that is"
    )]
    SignerUnknown {
        /// Whose signature it is, by its own word.
        key: KeyId,
    },
    /// Signed were other bytes.
    #[error(
        "the key {key} signed a file with the sha256 {signed}, but the plugin has {found}: one of the two was replaced; put both in place, or sign again"
    )]
    Stale {
        /// Whose signature it is.
        key: KeyId,
        /// What it was made for, by its own word.
        signed: String,
        /// What is there.
        found: String,
    },
    /// The signature does not verify.
    #[error("the signature is not by the key {key}: it, or what it states, was changed; have the plugin signed again")]
    Invalid {
        /// Whose signature it claims to be.
        key: KeyId,
    },
    /// The signature is for another name or version than the manifest has.
    #[error("the key {key} signed it as {signed}, but its manifest says {found}; have the plugin signed again")]
    Name {
        /// Whose signature it is.
        key: KeyId,
        /// The name and version that were signed.
        signed: String,
        /// Those of the manifest.
        found: String,
    },
}

impl TrustError {
    /// Stable code, for records, metrics and scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "plugin_unsigned",
            Self::Malformed(_) => "plugin_signature_malformed",
            Self::SignerUnknown { .. } => "plugin_signer_unknown",
            Self::Stale { .. } => "plugin_signature_stale",
            Self::Invalid { .. } => "plugin_signature_invalid",
            Self::Name { .. } => "plugin_signature_name",
        }
    }
}

/// A text that is no key, or a plugin that cannot be signed. Never quotes a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not one line that begins as such a key does.
    #[error("it is not one line that begins with `{0}`")]
    Form(&'static str),
    /// What follows is not 32 bytes in base64.
    #[error("after `{0}` stand 44 characters of base64, and then a name")]
    Encoding(&'static str),
    /// 32 bytes under which nothing, or anything, would verify.
    #[error("its bytes are no Ed25519 public key that a signature can be checked with")]
    Point,
    /// A name that would not fit on the line.
    #[error("a key's name has at most 64 characters, none of them a control character")]
    Name,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// A version that would not fit on a line.
    #[error("the version in its manifest has control characters, or spaces at its ends, and cannot be signed")]
    Version,
}

impl KeyError {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Form(_) | Self::Encoding(_) | Self::Point => "plugin_key_content",
            Self::Name => "plugin_key_name",
            Self::NoRandomness => "plugin_key_random",
            Self::Version => "plugin_version_unsignable",
        }
    }
}
