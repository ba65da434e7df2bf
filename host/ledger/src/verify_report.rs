//! What a verification found.

use std::io;
use std::path::PathBuf;

use serde::Serialize;

use crate::fixed_bytes::{Digest, KeyId, LedgerId};
use crate::head::Head;
use crate::header::of_version;

/// The verification could not be done at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A file could not be read.
    #[error("ledger {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The chain key is another one.
    #[error("the ledger was made with chain key {found}, the key given is {given}")]
    WrongKey {
        /// The id in the first segment.
        found: KeyId,
        /// The id of the key given.
        given: KeyId,
    },
    /// The format is another one.
    #[error("segment {segment} is not read: {}", of_version(*.version))]
    Version {
        /// The segment's file name.
        segment: String,
        /// The version.
        version: u16,
    },
}

impl VerifyError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ledger_io",
            Self::WrongKey { .. } => "ledger_wrong_key",
            Self::Version { .. } => "ledger_version",
        }
    }
}

/// A record's place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Position.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub time_ms: u64,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A stable code, such as `entry_mac`; all are listed in `docs/ledger-format.md`.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
    /// File name of the segment; `None` when it concerns none.
    pub segment: Option<String>,
    /// Where in it.
    pub offset: u64,
    /// The record that stands, or should stand, there; the first that may be concerned where it cannot be told which one is.
    pub seq: u64,
    /// The last record that may be concerned; the same one where it is known.
    pub through: u64,
}

/// What is signed by a key that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SignedPart {
    /// The records from position 1 to this one.
    pub records: u64,
    /// The key's id.
    pub key: KeyId,
}

/// What a witness cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessedPart {
    /// The records from position 1 to this one.
    pub records: u64,
    /// The witness's name.
    pub witness: String,
    /// When, as the witness says, in seconds since 1970.
    pub time_s: u64,
}

/// What tokens of a time-stamping authority (RFC 3161) show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StampedPart {
    /// How many tokens hold.
    pub tokens: u64,
    /// The newest of them is over the records from position 1 to this one.
    pub records: u64,
    /// When they were there at the latest, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Records that are not there because the operator let them go, and said so in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetGo {
    /// The records from position 1 to this one.
    pub through: u64,
    /// The RETENTION record that says so.
    pub seq: u64,
    /// When it was written, in milliseconds since 1970.
    pub time_ms: u64,
    /// When what is left was begun, as far as it is to be let go.
    pub until_ms: u64,
    /// Which rule asked for it: `age` or `size`.
    pub rule: String,
    /// The rule's bound: milliseconds, or bytes.
    pub bound: u64,
    /// Whether copies had been shipped.
    pub shipped: bool,
}

/// References of exchanges to earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ReferencesPart {
    /// That name the record they say.
    pub held: u64,
    /// That could not be checked, since the record they name was let go.
    pub let_go: u64,
}

/// Exchanges in the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Exchanges {
    /// That have an INTENT.
    pub begun: u64,
    /// That have an INTENT and no EXECUTION.
    pub open: u64,
}

/// What a verification found. Everything before `failure` is as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VerifyReport {
    /// The ledger's random name; `None` when there is no segment.
    pub ledger: Option<LedgerId>,
    /// Segments that were read.
    pub segments: u64,
    /// Records that fit.
    pub records: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What stood before them and was let go by the operator's rule.
    pub let_go: Option<LetGo>,
    /// The first record.
    pub first: Option<Place>,
    /// The last record that fits.
    pub last: Option<Place>,
    /// Position and MAC of the last record that fits.
    pub head: Head,
    /// Whether each record was checked with the chain key.
    pub chain: bool,
    /// CHECKPOINT records that fit.
    pub checkpoints: u64,
    /// The root of the tree over the records that fit.
    pub root: Digest,
    /// What a trusted key signed; `None` when none was given, or none signed.
    pub signed: Option<SignedPart>,
    /// What each of the witnesses that were named cosigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnessed: Vec<WitnessedPart>,
    /// What time-stamp tokens show. Not checked by `verify`, which knows no certificates: whoever does says so here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamps: Option<StampedPart>,
    /// References of exchanges to earlier ones, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub references: Option<ReferencesPart>,
    /// Exchanges in the records.
    pub exchanges: Exchanges,
    /// The head that was to be found.
    pub expected: Option<Head>,
    /// The first thing that is wrong.
    pub failure: Option<Failure>,
}

impl VerifyReport {
    /// Whether every record fits and the expected head, if one was given, was found. A ledger without records is not
    /// ok: see [`VerifyReport::is_empty`].
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failure.is_none() && !self.is_empty()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }
}
