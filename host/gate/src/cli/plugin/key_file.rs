//! Keys for signing plugins, in files: secrets are 0600 and never overwritten.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use witgate_policy::trust::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use super::error::PluginError;

/// A key's file is a few hundred bytes; more is another file.
const MAX_BYTES: usize = 4096;

/// Reads a secret key from a file that nobody else may read, and that is no link.
pub(super) fn secret(path: &Path) -> Result<SecretKey, PluginError> {
    let unsafe_key = |what| PluginError::KeyUnsafe { path: path.to_owned(), what };
    let unreadable = |source| PluginError::Unreadable { path: path.to_owned(), source };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) => return Err(unsafe_key("it is a symbolic link; name the file itself")),
        Err(error) => return Err(unreadable(error.into())),
    };
    // Of the open file, so that nothing can be put in its place in between.
    let stat = file.metadata().map_err(unreadable)?;
    if !stat.is_file() {
        return Err(unsafe_key("it is not a file"));
    }
    if stat.mode() & 0o077 != 0 {
        return Err(unsafe_key(
            "others may read or write it; `chmod 600` it, and take a new key if others may have read it",
        ));
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    file.take(MAX_BYTES as u64).read_to_string(&mut text).map_err(unreadable)?;
    text.parse().map_err(|error| PluginError::Key { path: path.to_owned(), error })
}

/// A public key: the line itself, or the file that has it.
pub(super) fn public(key: &str) -> Result<PublicKey, PluginError> {
    let (text, path) = match PublicKey::is_inline(key) {
        true => (key.to_owned(), PathBuf::from("this line")),
        false => (super::target::text(Path::new(key))?, PathBuf::from(key)),
    };
    text.parse().map_err(|error| PluginError::Key { path, error })
}

/// Writes both halves: the secret one 0600, the public one 0644. Neither file may be there already.
pub(super) fn write(key: &SecretKey, secret: &Path, public: &Path) -> Result<(), PluginError> {
    for path in [secret, public] {
        if path.symlink_metadata().is_ok() {
            return Err(PluginError::KeyExists(path.to_owned()));
        }
    }
    create(secret, 0o600, key.to_text().as_bytes())?;
    let written = create(public, 0o644, format!("{}\n", key.public()).as_bytes());
    if written.is_err() {
        // It was made here, a moment ago: half a pair is of no use to anybody.
        let _ = std::fs::remove_file(secret);
    }
    written
}

/// Creates a file whole. EXCL: nothing is overwritten, and a link that was laid in its place is not followed.
fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), PluginError> {
    let unwritable = |source| PluginError::Unwritable { path: path.to_owned(), source };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut file = match rustix::fs::open(path, flags, Mode::from_raw_mode(mode)) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::EXIST) => return Err(PluginError::KeyExists(path.to_owned())),
        Err(error) => return Err(unwritable(error.into())),
    };
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(unwritable)
}
