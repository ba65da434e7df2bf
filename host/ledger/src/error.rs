//! What can go wrong, each with a stable code.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::fixed_bytes::KeyId;
use crate::header::of_version;

/// A key could not be made, read or written. No message ever holds key material.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The file could not be read or written.
    #[error("key file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is open to others, a link, or no file.
    #[error("key file {path} is refused: {what}")]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// Why.
        what: &'static str,
    },
    /// The file holds no key.
    #[error("key file {path} holds no key: expected one line of 64 hexadecimal digits, or of base64 of 32 bytes")]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// The bytes are no usable Ed25519 public key.
    #[error("these 32 bytes are not an Ed25519 public key")]
    NotAPublicKey,
}

impl KeyError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRandomness => "key_no_randomness",
            Self::Io { .. } => "key_io",
            Self::Unsafe { .. } => "key_unsafe",
            Self::Content { .. } => "key_content",
            Self::NotAPublicKey => "key_not_public",
        }
    }
}

/// A ledger could not be opened for writing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another writer has it.
    #[error("the ledger {dir} is in use by another process; one ledger has one writer")]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// Records in the middle do not fit the chain.
    #[error(
        "the ledger was changed: segment {segment}, offset {offset}, record {seq}: {what}; keep the files as they are, run \
         `witgate audit verify`, and start a new ledger directory"
    )]
    Corrupt {
        /// The segment's file name.
        segment: String,
        /// Where in it.
        offset: u64,
        /// The record that should stand there.
        seq: u64,
        /// What does not fit.
        what: String,
    },
    /// The chain key is another one.
    #[error(
        "segment {segment} was made with chain key {found}, the key given is {given}; give the key it was made with"
    )]
    WrongKey {
        /// The segment's file name.
        segment: String,
        /// The id in the segment.
        found: KeyId,
        /// The id of the key given.
        given: KeyId,
    },
    /// No chain key was given, and none is kept beside the segments.
    #[error("the ledger {dir} keeps no chain key yet; start once with its first key (`ledger.hmac_key_file`)")]
    NoKey {
        /// The directory.
        dir: PathBuf,
    },
    /// The checkpoints are signed with another key.
    #[error(
        "the checkpoints of the ledger {dir} are signed with key {found}, the key given is {given}; give that key, or both: \
         the old one as `ledger.previous_receipt_key_file` signs that the new one takes over"
    )]
    SigningKey {
        /// The directory.
        dir: PathBuf,
        /// The id of the key that signed last.
        found: KeyId,
        /// The id of the key given.
        given: KeyId,
    },
    /// Records that had been durable are gone.
    #[error("the ledger {dir} was cut: {what}; put back what is missing, or start a new ledger directory")]
    Cut {
        /// The directory.
        dir: PathBuf,
        /// What shows it.
        what: String,
    },
    /// The format is another one.
    #[error("segment {segment} is not read: {}", of_version(*.version))]
    Version {
        /// The segment's file name.
        segment: String,
        /// The version in the segment.
        version: u16,
    },
    /// A file or directory that others could change.
    #[error("{path} is refused: {what}")]
    Unsafe {
        /// The path.
        path: PathBuf,
        /// Why.
        what: &'static str,
    },
    /// The options contradict each other.
    #[error("ledger options: {what}")]
    Options {
        /// What is wrong.
        what: &'static str,
    },
    /// Reading or writing failed.
    #[error("ledger {path}: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was recovered could not be written.
    #[error("the ledger was read, but its recovery could not be written: {0}")]
    Append(AppendError),
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "ledger_locked",
            Self::Corrupt { .. } => "ledger_corrupt",
            Self::WrongKey { .. } => "ledger_wrong_key",
            Self::NoKey { .. } => "ledger_no_key",
            Self::SigningKey { .. } => "ledger_signing_key",
            Self::Cut { .. } => "ledger_cut",
            Self::Version { .. } => "ledger_version",
            Self::Unsafe { .. } => "ledger_unsafe_path",
            Self::Options { .. } => "ledger_options",
            Self::Io { .. } => "ledger_io",
            Self::Append(error) => error.code(),
        }
    }
}

/// A record was not taken. Nothing may be done on the strength of it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Too many records wait to be written.
    #[error("the ledger's queue is full: the disk is slower than the traffic")]
    QueueFull,
    /// The record is too long.
    #[error("the record has {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The record cannot be written as it is.
    #[error("the record is refused: {what}")]
    Invalid {
        /// Why.
        what: &'static str,
    },
    /// Writing or syncing failed, now or before; the ledger tries by itself until it works again.
    #[error("the ledger cannot be written: {detail}")]
    Failed {
        /// The stable code of the cause.
        code: &'static str,
        /// What failed.
        detail: Arc<str>,
    },
    /// The ledger was closed.
    #[error("the ledger is closed")]
    Closed,
}

impl AppendError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::QueueFull => "ledger_queue_full",
            Self::TooLarge { .. } => "ledger_record_too_large",
            Self::Invalid { .. } => "ledger_record_invalid",
            Self::Failed { code, .. } => code,
            Self::Closed => "ledger_closed",
        }
    }
}
