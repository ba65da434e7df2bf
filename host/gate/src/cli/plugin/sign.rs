//! `witgate plugin sign`: a detached signature of a plugin's file. What is signed stands in docs/policies.md.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use witgate_engine::{Digest, Manifest};
use witgate_policy::trust::Signature;

use super::error::PluginError;
use super::target::{MAX_BYTES, read};
use super::{Format, OK, key_file, plain};
use crate::config::signature_of;

/// Signs `file` with the secret key in `key` and writes the signature to `to`, or beside the file.
pub(super) fn run(
    file: &Path,
    key: &Path,
    to: Option<&Path>,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, PluginError> {
    let key = key_file::secret(key)?;
    let bytes = read(file, MAX_BYTES)?;
    let name = file.display().to_string();
    let manifest = Manifest::read(&bytes).map_err(|error| PluginError::Load { name, error })?;
    let digest = Digest::of(&bytes);
    let signature = Signature::sign(&key, digest, &manifest);
    let signature = signature.map_err(|error| PluginError::Key { path: file.to_owned(), error })?;
    let to = to.map_or_else(|| signature_of(file), Path::to_owned);
    replace(&to, signature.to_string().as_bytes())
        .map_err(|source| PluginError::Unwritable { path: to.clone(), source })?;
    match format {
        Format::Json => {
            let told = json!({
                "file": file.display().to_string(),
                "signature": to.display().to_string(),
                "id": manifest.id,
                "version": manifest.version,
                "sha256": digest.to_string(),
                "key": signature.key().to_string(),
            });
            writeln!(out, "{told}")?;
        }
        Format::Human => {
            writeln!(
                out,
                "{} {} signed by {}: {}",
                plain(&manifest.id),
                plain(&manifest.version),
                signature.key(),
                to.display()
            )?;
        }
    }
    Ok(OK)
}

/// Puts a file in place in one step: a gate that watches the folder never sees half of it. An older signature is replaced.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = PathBuf::from(path).into_os_string();
    beside.push(format!(".part-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests;
