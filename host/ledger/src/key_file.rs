//! Keys in files: one comment line that says what it is, one line of hexadecimal or base64. Secrets are 0600.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::{Mode, OFlags};
use zeroize::{Zeroize as _, Zeroizing};

use crate::bodies::BodyKey;
use crate::error::KeyError;
use crate::fixed_bytes::{parse_hex, write_hex};
use crate::keys::{ChainKey, PublicKey, ReceiptKey};

/// A key file is a few hundred bytes; more is another file.
const MAX_FILE: u64 = 4096;

impl ChainKey {
    /// Reads the key from a file that nobody else may read.
    ///
    /// # Errors
    /// When the file is missing, a link, open to others, or holds no key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        read(path, Secrecy::Secret).map(|bytes| Self::from_bytes(*bytes))
    }

    /// Writes the key to a new file, 0600.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        write(
            path,
            Secrecy::Secret,
            &format!("witgate ledger chain key (HMAC-SHA256), secret, id {}", self.id()),
            self.bytes(),
        )
    }
}

impl BodyKey {
    /// Reads the key from a file that nobody else may read.
    ///
    /// # Errors
    /// When the file is missing, a link, open to others, or holds no key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        read(path, Secrecy::Secret).map(|bytes| Self::from_bytes(*bytes))
    }

    /// Writes the key to a new file, 0600.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let title = format!("witgate key of kept bodies (AES-256-GCM-SIV), secret, id {}", self.id());
        write(path, Secrecy::Secret, &title, self.bytes())
    }
}

impl ReceiptKey {
    /// Reads the key from a file that nobody else may read.
    ///
    /// # Errors
    /// When the file is missing, a link, open to others, or holds no key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        read(path, Secrecy::Secret).map(|seed| Self::from_seed(&seed))
    }

    /// Writes the key to a new file, 0600.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        write(
            path,
            Secrecy::Secret,
            &format!("witgate receipt key (Ed25519 seed), secret, id {}", self.id()),
            &self.seed(),
        )
    }
}

impl PublicKey {
    /// Reads the key from a file.
    ///
    /// # Errors
    /// When the file is missing or holds no public key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Self::from_bytes(&*read(path, Secrecy::Public)?)
    }

    /// Writes the key to a new file, 0644, for clients and auditors.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        write(
            path,
            Secrecy::Public,
            &format!("witgate receipt public key (Ed25519), id {}", self.id()),
            &self.to_bytes(),
        )
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    Secret,
    Public,
}

fn read(path: &Path, secrecy: Secrecy) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    let flags = match secrecy {
        Secrecy::Secret => OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        Secrecy::Public => OFlags::RDONLY | OFlags::CLOEXEC,
    };
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) => {
            return Err(KeyError::Unsafe { path: path.to_owned(), what: "it is a symbolic link" });
        }
        Err(error) => return Err(io(error.into())),
    };
    let stat = file.metadata().map_err(io)?;
    if !stat.is_file() {
        return Err(KeyError::Unsafe { path: path.to_owned(), what: "it is not a file" });
    }
    if secrecy == Secrecy::Secret && std::os::unix::fs::MetadataExt::mode(&stat) & 0o077 != 0 {
        return Err(KeyError::Unsafe { path: path.to_owned(), what: "others may read or write it; `chmod 600` it" });
    }
    let mut text = Zeroizing::new(String::with_capacity(512));
    file.take(MAX_FILE).read_to_string(&mut text).map_err(io)?;
    if secrecy == Secrecy::Public && text.lines().any(|line| line.starts_with('#') && line.contains(", secret,")) {
        return Err(KeyError::Unsafe { path: path.to_owned(), what: "it is a secret; give the public key" });
    }
    parse(&text).ok_or_else(|| KeyError::Content { path: path.to_owned() })
}

/// The one line that is neither empty nor a comment.
fn parse(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    if line.len() == 64 {
        return parse_hex(line).ok().map(Zeroizing::new);
    }
    let mut decoded = STANDARD.decode(line).ok()?;
    let key = <[u8; 32]>::try_from(decoded.as_slice()).ok().map(Zeroizing::new);
    decoded.zeroize();
    key
}

fn write(path: &Path, secrecy: Secrecy, title: &str, bytes: &[u8; 32]) -> Result<(), KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), source };
    let mode = Mode::from_raw_mode(if secrecy == Secrecy::Secret { 0o600 } else { 0o644 });
    // EXCL: a key is never overwritten, and a link laid in its place is not followed.
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut file = File::from(rustix::fs::open(path, flags, mode).map_err(|error| io(error.into()))?);
    let mut text = Zeroizing::new(String::with_capacity(256));
    text.push_str("# ");
    text.push_str(title);
    text.push('\n');
    // Writing to a string cannot fail.
    let _ = write_hex(bytes, &mut *text);
    text.push('\n');
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}
