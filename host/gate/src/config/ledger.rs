//! `ledger`: where every decision is recorded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use witgate_ledger::{BodyKey, ChainKey, HandOver, KeyError, ReceiptKey};

use super::document::child;
use super::files::Kind;
use super::outside::{self, Cosigner, Timestamp};
use super::reader::Reader;

/// `ledger`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LedgerConfig {
    /// The folder of the segments; may not be there yet.
    pub(crate) directory: PathBuf,
    /// Its two keys.
    pub(crate) keys: LedgerKeys,
    /// MiB of one segment file.
    pub(crate) segment_mib: u32,
    /// Records after which the tree is signed.
    pub(crate) checkpoint_records: u64,
    /// Seconds after a record until it is signed, at the latest.
    pub(crate) checkpoint_seconds: u32,
    /// Where bodies are kept, if they are.
    pub(crate) bodies: Option<BodiesConfig>,
    /// What becomes of finished segments and of checkpoints.
    pub(crate) keeping: KeepingConfig,
}

/// `ledger.bodies`: what was asked and answered, encrypted, for replays and auditors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodiesConfig {
    /// The folder.
    pub(crate) directory: PathBuf,
    /// The tenant's key (AES-256-GCM-SIV), 0600.
    pub(crate) key_file: PathBuf,
    /// MiB of one exchange's texts; what has more is kept up to there, and cannot be replayed.
    pub(crate) max_mib: u32,
    /// How old they get; `None` keeps them until somebody erases them.
    pub(crate) max_age: Option<Duration>,
}

impl BodiesConfig {
    /// Bytes of one exchange's texts.
    pub(crate) fn max_bytes(&self) -> usize {
        (self.max_mib as usize).saturating_mul(1 << 20)
    }
}

/// What becomes of finished segments and of checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeepingConfig {
    /// Whether finished segments are compressed.
    pub(crate) compress: bool,
    /// How old records get.
    pub(crate) max_age: Option<Duration>,
    /// How many bytes all segments get.
    pub(crate) max_bytes: Option<u64>,
    /// Where copies of finished segments go.
    pub(crate) ship: Option<HandOver>,
    /// Where checkpoints go.
    pub(crate) witness: Option<HandOver>,
    /// Who cosigns checkpoints.
    pub(crate) cosigner: Option<Cosigner>,
    /// Who stamps checkpoints with the time.
    pub(crate) timestamp: Option<Timestamp>,
}

impl Default for KeepingConfig {
    fn default() -> Self {
        Self {
            compress: true,
            max_age: None,
            max_bytes: None,
            ship: None,
            witness: None,
            cosigner: None,
            timestamp: None,
        }
    }
}

/// Where the ledger's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LedgerKeys {
    /// From these files, 0600.
    Files {
        /// The chain's first key (HMAC-SHA256); `None` when it was taken away and the ledger keeps the one in force.
        hmac: Option<PathBuf>,
        /// Signs receipts and checkpoints (Ed25519).
        receipt: PathBuf,
        /// The key that signed before, while the other one takes over.
        previous: Option<PathBuf>,
    },
    /// Made at the first start, and kept beside the ledger; only with `--dev`.
    Ephemeral,
}

/// `segment_mib` when it is not said.
pub(crate) const SEGMENT_MIB: u32 = 64;
/// `checkpoint_records` when it is not said.
pub(crate) const CHECKPOINT_RECORDS: u64 = 65_536;
/// `checkpoint_seconds` when it is not said.
pub(crate) const CHECKPOINT_SECONDS: u32 = 10;
/// `bodies.max_mib` when it is not said.
pub(crate) const BODIES_MIB: u32 = 16;
/// `ship.timeout_seconds` when it is not said.
const SHIP_SECONDS: u32 = 60;
/// `witness.timeout_seconds` when it is not said.
pub(super) const WITNESS_SECONDS: u32 = 10;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The key in force that a ledger keeps.
const KEPT_KEY: &str = "chain.key";

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LedgerConfig> {
    const AT: &str = "/ledger";
    let directory = reader.file(AT, "directory", Kind::LedgerDirectory);
    let segment_mib = reader.block::<Option<u32>>(AT, "segment_mib");
    let records = reader.block::<Option<u64>>(AT, "checkpoint_records");
    let seconds = reader.block::<Option<u32>>(AT, "checkpoint_seconds");
    let keeping = keeping(reader, AT);
    reader.at(AT)?;
    let bodies = match reader.at("/ledger/bodies") {
        Some(_) => bodies(reader).map(Some),
        None => Some(None),
    };
    let kept = directory.as_ref().is_some_and(|directory| directory.join(KEPT_KEY).exists());
    let hmac = match kept && is_gone(reader, AT, "hmac_key_file", "keys/ledger.key") {
        true => Some(None),
        false => key(reader, AT, "hmac_key_file", "keys/ledger.key", |path| ChainKey::load(path).map(drop)).map(Some),
    };
    let receipt = key(reader, AT, "receipt_key_file", "keys/receipt.key", |path| ReceiptKey::load(path).map(drop));
    let previous = match reader.text(AT, PREVIOUS) {
        Some(name) => {
            let name = name.to_owned();
            key(reader, AT, PREVIOUS, &name, |path| ReceiptKey::load(path).map(drop)).map(Some)
        }
        None => Some(None),
    };
    let keys = LedgerKeys::Files { hmac: hmac?, receipt: receipt?, previous: previous? };
    Some(LedgerConfig {
        directory: directory?,
        keys,
        segment_mib: segment_mib?.unwrap_or(SEGMENT_MIB),
        checkpoint_records: records?.unwrap_or(CHECKPOINT_RECORDS),
        checkpoint_seconds: seconds?.unwrap_or(CHECKPOINT_SECONDS),
        bodies: bodies?,
        keeping: keeping?,
    })
}

fn bodies(reader: &mut Reader<'_>) -> Option<BodiesConfig> {
    const AT: &str = "/ledger/bodies";
    let name = reader.text(AT, "directory").unwrap_or("bodies").to_owned();
    let pointer = child(AT, "directory");
    let directory = reader.resolve(&pointer, &name);
    let directory = directory.and_then(|path| reader.check_file(&pointer, path, Kind::LedgerDirectory));
    let key_file = key(reader, AT, "key_file", "keys/bodies.key", |path| BodyKey::load(path).map(drop));
    let max_mib = reader.block::<Option<u32>>(AT, "max_mib");
    let days = reader.block::<Option<u32>>(AT, "days");
    Some(BodiesConfig {
        directory: directory?,
        key_file: key_file?,
        max_mib: max_mib?.unwrap_or(BODIES_MIB),
        max_age: days?.map(|days| DAY.saturating_mul(days)),
    })
}

fn keeping(reader: &mut Reader<'_>, at: &str) -> Option<KeepingConfig> {
    let retention = child(at, "retention");
    let compress = reader.block::<Option<bool>>(at, "compress");
    let days = reader.block::<Option<u32>>(&retention, "days");
    let mib = reader.block::<Option<u64>>(&retention, "mib");
    let ship = hand_over(reader, at, "ship", SHIP_SECONDS);
    let witness = hand_over(reader, at, "witness", WITNESS_SECONDS);
    let cosigner = outside::cosigner(reader, &child(at, "witness"));
    let timestamp = outside::timestamp(reader, &child(at, "timestamp"));
    Some(KeepingConfig {
        compress: compress?.unwrap_or(true),
        max_age: days?.map(|days| DAY.saturating_mul(days)),
        max_bytes: mib?.map(|mib| mib.saturating_mul(1 << 20)),
        ship: ship?,
        witness: witness?,
        cosigner: cosigner?,
        timestamp: timestamp?,
    })
}

/// A folder, a program, or both. The folder need not be there yet: a disk that is away is tried again.
fn hand_over(reader: &mut Reader<'_>, at: &str, member: &str, usual: u32) -> Option<Option<HandOver>> {
    let pointer = child(at, member);
    if reader.at(&pointer).is_none() {
        return Some(None);
    }
    let folder = match reader.text(&pointer, "folder").map(str::to_owned) {
        Some(name) => Some(reader.resolve(&child(&pointer, "folder"), &name)?),
        None => None,
    };
    let command: Vec<String> = reader.block(&pointer, "command")?;
    let seconds = reader.block::<Option<u32>>(&pointer, "timeout_seconds")?.unwrap_or(usual);
    if command.iter().any(|word| word.contains('\0')) || command.first().is_some_and(String::is_empty) {
        let message = "a program has a name, and no word of a command has a NUL character".to_owned();
        reader.mistake("command_form", &child(&pointer, "command"), message, "write the program's whole path first");
        return None;
    }
    if folder.is_none() && command.is_empty() {
        // A witness may be asked over HTTP alone.
        if reader.at(&child(&pointer, "url")).is_some() {
            return Some(None);
        }
        let (message, help) = match member {
            "witness" => ("`witness` names neither a folder, nor a command, nor a url".to_owned(), "name one, or more"),
            _ => (format!("`{member}` names neither a folder nor a command"), "name one, or both"),
        };
        reader.mistake("hand_over_nowhere", &pointer, message, help);
        return None;
    }
    Some(Some(HandOver { folder, command, timeout: Duration::from_secs(seconds.into()) }))
}

const PREVIOUS: &str = "previous_receipt_key_file";

/// Whether nothing is at the path of a key.
fn is_gone(reader: &mut Reader<'_>, at: &str, member: &str, usual: &str) -> bool {
    let name = reader.text(at, member).unwrap_or(usual).to_owned();
    reader.resolve(&child(at, member), &name).is_some_and(|path| path.symlink_metadata().is_err())
}

/// The path of a key that is there and can be loaded.
fn key(
    reader: &mut Reader<'_>,
    at: &str,
    member: &str,
    usual: &str,
    load: fn(&Path) -> Result<(), KeyError>,
) -> Option<PathBuf> {
    let name = reader.text(at, member).unwrap_or(usual).to_owned();
    let pointer = child(at, member);
    let path = reader.resolve(&pointer, &name)?;
    let path = reader.check_file(&pointer, path, Kind::LedgerKey)?;
    match load(&path) {
        Ok(()) => Some(path),
        Err(error) => {
            reader.mistake(error.code(), &pointer, error.to_string(), "`witgate init DIR` makes such keys");
            None
        }
    }
}
