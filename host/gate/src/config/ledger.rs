//! `ledger`: where every decision is recorded.

use std::path::{Path, PathBuf};

use witgate_ledger::{ChainKey, KeyError, ReceiptKey};

use super::document::child;
use super::files::Kind;
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
}

/// Where the ledger's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LedgerKeys {
    /// From these files, 0600.
    Files {
        /// Chains the records (HMAC-SHA256).
        hmac: PathBuf,
        /// Signs receipts (Ed25519).
        receipt: PathBuf,
    },
    /// Made at the start and gone at the end; only with `--dev`.
    Ephemeral,
}

/// `segment_mib` when it is not said.
pub(crate) const SEGMENT_MIB: u32 = 64;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LedgerConfig> {
    const AT: &str = "/ledger";
    let directory = reader.directory(AT, "directory", Kind::LedgerDirectory);
    let segment_mib = reader.block::<Option<u32>>(AT, "segment_mib");
    reader.at(AT)?;
    let hmac = key(reader, AT, "hmac_key_file", "keys/ledger.key", |path| ChainKey::load(path).map(drop));
    let receipt = key(reader, AT, "receipt_key_file", "keys/receipt.key", |path| ReceiptKey::load(path).map(drop));
    let keys = LedgerKeys::Files { hmac: hmac?, receipt: receipt? };
    Some(LedgerConfig { directory: directory?, keys, segment_mib: segment_mib?.unwrap_or(SEGMENT_MIB) })
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
            reader.mistake(error.code(), &pointer, error.to_string(), "`witgate init DIR` makes both keys");
            None
        }
    }
}
