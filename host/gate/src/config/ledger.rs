//! `ledger`: where every decision is recorded.

use std::path::PathBuf;

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
    if reader.at(AT).is_none() {
        return None;
    }
    let mut key = |member: &str, usual: &str| {
        let name = reader.text(AT, member).unwrap_or(usual).to_owned();
        let path = reader.resolve(&child(AT, member), &name)?;
        reader.check_file(&child(AT, member), path, Kind::LedgerKey)
    };
    let hmac = key("hmac_key_file", "keys/ledger.key");
    let receipt = key("receipt_key_file", "keys/receipt.key");
    let keys = LedgerKeys::Files { hmac: hmac?, receipt: receipt? };
    Some(LedgerConfig { directory: directory?, keys, segment_mib: segment_mib?.unwrap_or(SEGMENT_MIB) })
}
