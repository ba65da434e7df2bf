//! Bodies beside the ledger: encrypted, named by their hash, gone when their file or their key is.
//!
//! No text is ever in a record. Where an operator keeps bodies, an EXECUTION names one file, and a file that is not that one
//! is found by its name alone. Removing the file, or the tenant's key, takes the text away and leaves every record as it is.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fixed_bytes::{Digest, KeyId};
use crate::sha256::sha256;

mod erase;
mod sealed;

pub use erase::Erased;
pub use sealed::BodyKey;

/// The end of a body file's name.
const SUFFIX: &str = ".wgb";
/// Bytes of one sealed file, at most.
const MAX_FILE: u64 = 256 << 20;

/// What a record says of a body that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptBody {
    /// SHA-256 of the file, which is also its name.
    pub digest: Digest,
    /// Bytes of what is in it, decrypted and decompressed.
    pub bytes: u64,
}

/// A body could not be kept or had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its file is not there: it was erased, or never written.
    #[error("body {0} is not there: it was erased, or is kept elsewhere")]
    Erased(Digest),
    /// The file is not the one that the record names.
    #[error("body {0} was changed: its file has another hash")]
    Changed(Digest),
    /// It was encrypted with another key.
    #[error("body {digest} was encrypted with key {sealed}, and the one given is {given}")]
    WrongKey {
        /// Which.
        digest: Digest,
        /// The key it was encrypted with.
        sealed: KeyId,
        /// The key given.
        given: KeyId,
    },
    /// The file is none of this kind, or of another exchange.
    #[error("body {0} cannot be opened: it is of another exchange, or no body of this format")]
    Unreadable(Digest),
    /// There was no randomness, or it is too large.
    #[error("the body cannot be encrypted: {0}")]
    Unsealable(&'static str),
}

impl BodyError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "body_io",
            Self::Erased(_) => "body_erased",
            Self::Changed(_) => "body_changed",
            Self::WrongKey { .. } => "body_wrong_key",
            Self::Unreadable(_) => "body_unreadable",
            Self::Unsealable(_) => "body_unsealable",
        }
    }
}

/// A folder of bodies under one key.
#[derive(Debug, Clone)]
pub struct Bodies {
    directory: PathBuf,
    key: BodyKey,
}

impl Bodies {
    /// The folder; made when the first body is put in.
    #[must_use]
    pub fn new(directory: &Path, key: BodyKey) -> Self {
        Self { directory: directory.to_owned(), key }
    }

    /// Encrypts the body of an exchange and puts it in. The file is written under another name first; it is not synced: what
    /// a power cut takes is told as erased.
    ///
    /// # Errors
    /// When it is too large, or cannot be written.
    pub fn put(&self, exchange: &str, body: &[u8]) -> Result<KeptBody, BodyError> {
        let sealed = self.key.seal(exchange, body)?;
        if sealed.len() as u64 > MAX_FILE {
            return Err(BodyError::Unsealable("it is above 256 MiB"));
        }
        let digest = Digest(sha256(&[&sealed]));
        let path = self.path(digest);
        let io = |source| BodyError::Io { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
        }
        let partial = path.with_extension("tmp");
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .and_then(|mut file| file.write_all(&sealed))
            .and_then(|()| fs::rename(&partial, &path));
        if let Err(source) = written {
            let _ = fs::remove_file(&partial);
            return Err(io(source));
        }
        Ok(KeptBody { digest, bytes: body.len() as u64 })
    }

    /// The body of an exchange that a record names.
    ///
    /// # Errors
    /// [`BodyError`]: erased, changed, under another key, or not of this exchange.
    pub fn get(&self, exchange: &str, kept: KeptBody) -> Result<Vec<u8>, BodyError> {
        let path = self.path(kept.digest);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(BodyError::Erased(kept.digest)),
            Err(source) => return Err(BodyError::Io { path, source }),
        };
        let mut sealed = Vec::new();
        file.take(MAX_FILE).read_to_end(&mut sealed).map_err(|source| BodyError::Io { path, source })?;
        if Digest(sha256(&[&sealed])) != kept.digest {
            return Err(BodyError::Changed(kept.digest));
        }
        self.key.open(exchange, kept, &sealed)
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        // One folder for each of the 256 first bytes: file systems get slow with millions of names in one.
        self.directory.join(name.get(..2).unwrap_or_default()).join(format!("{name}{SUFFIX}"))
    }
}

#[cfg(test)]
mod tests;
