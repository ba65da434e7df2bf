//! The chain key in force, kept beside the segments: all that a gate needs to go on, and nothing that was before.
//!
//! The file is replaced when the CHECKPOINT record with which a new segment begins is durable; without checkpoints, when its first
//! records are. So its step is never ahead of the last segment's, the key of any later one can be had from it, and what a writer
//! signs anew when it starts, it can check.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::directory;
use crate::error::OpenError;
use crate::fixed_bytes::{parse_hex, write_hex};
use crate::keys::ChainKey;
use crate::ratchet::Ratchet;
use crate::storage::Storage;

/// Its name in the ledger's directory.
pub(crate) const NAME: &str = "chain.key";
/// The file is a hundred bytes or two.
const MAX_FILE: u64 = 4096;

/// The key in force; `None` when there is no such file yet.
pub(crate) fn load(dir: &Path) -> Result<Option<Ratchet>, OpenError> {
    let path = dir.join(NAME);
    let file = match directory::open_checked(&path) {
        Ok(file) => file,
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stat = file.metadata().map_err(|source| OpenError::Io { path: path.clone(), source })?;
    if std::os::unix::fs::MetadataExt::mode(&stat) & 0o077 != 0 {
        return Err(OpenError::Unsafe { path, what: "others may read it; `chmod 600` it" });
    }
    let mut text = Zeroizing::new(String::with_capacity(512));
    io::Read::read_to_string(&mut io::Read::take(file, MAX_FILE), &mut text)
        .map_err(|source| OpenError::Io { path: path.clone(), source })?;
    parse(&text).map(Some).ok_or(OpenError::Unsafe {
        path,
        what: "it holds no chain key; start with the ledger's first key in its place (`ledger.hmac_key_file`), and this file removed",
    })
}

/// `STEP HEX`, on the one line that is neither empty nor a comment.
fn parse(text: &str) -> Option<Ratchet> {
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (step, key) = line.split_once(' ')?;
    let key = Zeroizing::new(parse_hex(key).ok()?);
    Some(Ratchet { step: step.parse().ok()?, key: ChainKey::from_bytes(*key) })
}

/// Replaces the key in force: file and name are durable afterwards, and at any moment there is the old one or the new one.
pub(crate) fn save(storage: &Arc<dyn Storage>, dir: &Path, ratchet: &Ratchet) -> io::Result<()> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    text.push_str("# witgate ledger chain key in force, secret: its step and the key. Replaced with each segment.\n");
    text.push_str(&ratchet.step.to_string());
    text.push(' ');
    // Writing to a string cannot fail.
    let _ = write_hex(ratchet.key.bytes(), &mut *text);
    text.push('\n');
    replace(storage, dir, NAME, text.as_bytes(), true)
}

/// Replaces a file as a whole.
pub(crate) fn replace(
    storage: &Arc<dyn Storage>,
    dir: &Path,
    name: &str,
    bytes: &[u8],
    durable_name: bool,
) -> io::Result<()> {
    let temporary: PathBuf = dir.join(format!("{name}.tmp"));
    if let Err(error) = storage.remove(&temporary)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = storage.create(&temporary)?;
    file.write_all_at(bytes, 0)?;
    file.sync_data()?;
    storage.rename(&temporary, &dir.join(name))?;
    if durable_name { storage.sync_dir(dir) } else { Ok(()) }
}

/// Whether a ledger was kept here, by what stands beside its segments.
pub(crate) fn has_traces(dir: &Path) -> Option<&'static str> {
    [NAME, crate::checkpointer::FILE].into_iter().find(|name| fs::symlink_metadata(dir.join(name)).is_ok())
}

#[cfg(test)]
mod tests;
