//! The append-only record of a gate: what was asked, what was decided and why, how it ended.
//!
//! A ledger is a directory of segment files. Each [`Record`] is chained to the one before by HMAC-SHA256, so that an edit, a
//! drop or a change of order is found by whoever holds the chain key, whose steps forward keep what was from whoever takes
//! the machine. Over all records stands a Merkle tree whose root is signed again and again: with the public key and the
//! directory alone an outsider finds the same, and with a [`SignedCheckpoint`] kept elsewhere, a cut tail and a fork.
//! Clients get a [`Receipt`], signed with Ed25519, that anyone can check with the public key alone. The format is written
//! down in `docs/ledger-format.md`.
//!
//! - [`Ledger`] writes: one writer, many threads, group commit.
//! - [`Reader`] and [`find`] read, also while a writer appends.
//! - [`verify`] checks a whole directory; [`explain`] tells a person what happened in one exchange.
//!
//! Invariants: what was acknowledged as durable survives a crash at any byte; a sync that failed is never trusted later; the
//! writer is the one place that gives positions; no async, no network, no sandbox in here, so that an auditor's tool links
//! nothing else.

mod approval;
mod bodies;
mod body;
mod body_hash;
mod chain;
mod chain_state;
mod checkpoint;
mod checkpointer;
mod chore;
mod consistency;
mod cosignature;
mod decision;
mod directory;
mod entry_hash;
mod envelope;
mod error;
mod explain;
mod export;
mod filter;
mod fixed_bytes;
mod hand_over;
mod head;
mod header;
mod keeper;
mod keeping;
mod key_file;
mod keys;
mod ledger;
mod line;
mod many;
mod note;
mod options;
mod order;
mod outside;
mod packed;
mod proof;
mod proof_file;
mod prover;
mod ratchet;
mod reader;
mod receipt;
mod receipt_header;
mod record;
mod recover;
mod reference;
mod referenced;
mod segment_reader;
mod segment_writer;
mod sha256;
mod status;
pub mod storage;
mod tally;
mod thread_ids;
mod torn;
mod tree;
mod value;
mod verify;
mod verify_report;
mod vouched;
mod when;
mod witness;
mod words;
mod writer;

pub use approval::{Approval, ApprovedCall};
pub use bodies::{Bodies, BodyError, BodyKey, Erased, KeptBody};
pub use body::{
    Body, CheckpointRecord, Claim, Execution, Intent, Latency, PluginRef, PluginSigner, Policy, Recovery, Retention,
    Unknown, Usage,
};
pub use body_hash::{BodyHash, BodyHasher};
pub use checkpoint::{Checkpoint, SignedCheckpoint, origin, verifier_key};
pub use checkpointer::Checkpoints;
pub use consistency::consistency;
pub use cosignature::{CosignatureError, WitnessKey, WitnessKeyError};
pub use decision::{Decision, Finding, GuestCall, Label, PluginResult, Reason, Span, Subject, Withheld};
pub use envelope::Envelope;
pub use error::{AppendError, KeyError, OpenError};
pub use explain::{explain, utc};
pub use export::{ExportError, Exported, Exporter, Format, export, export_unproven, json_line};
pub use filter::Filter;
pub use fixed_bytes::{Digest, HexError, KeyBytes, KeyId, LedgerId, Mac, Salt};
pub use head::{Head, HeadError};
pub use keeping::{HandOver, Keeping, Notice, Notices};
pub use keys::{ChainKey, Keys, PublicKey, ReceiptKey};
pub use ledger::{Appended, Durability, Ledger, Recovered, Unended};
pub use line::line;
pub use note::NoteError;
pub use options::Options;
pub use outside::{Ask, Asking, Outside, Wanted, timestamps, witnessed};
pub use proof::{verify_consistency, verify_inclusion};
pub use proof_file::{ProofError, ProofFile, ProvenRecord, Since};
pub use prover::OpenProof;
pub use reader::{Bounds, Found, ReadError, Reader, find, last_position, ledger_id};
pub use receipt::{Receipt, ReceiptError, ReceiptFacts, ReceiptReason};
pub use receipt_header::ReceiptHeader;
pub use record::{DecodeError, Draft, MAX_EXCHANGE, MAX_PAYLOAD, RECORD_VERSION, Record};
pub use recover::Cut;
pub use reference::{Inherited, Reference};
pub use referenced::{Earlier, End, MAX_INHERITED, Referenced};
pub use status::{Health, Stats, Vouches};
pub use tally::Tally;
pub use thread_ids::{MAX_THREAD_ID, ThreadIds};
pub use tree::leaf_hash;
pub use value::Value;
pub use verify::{Check, verify};
pub use verify_report::{
    Exchanges, Failure, LetGo, Place, ReferencesPart, SignedPart, StampedPart, VerifyError, VerifyReport, WitnessedPart,
};
pub use when::{When, WhenError};
pub use words::{Approved, Kind, Mode, Outcome, Stage, Use, Verdict};

/// The wall clock, in milliseconds since 1970; 0 before that.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod read_errors;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod vectors;
