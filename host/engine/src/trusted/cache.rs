//! Compiled code on disk.
//!
//! Wasmtime trusts the bytes of compiled code that it is given. They come from a folder that only this user can write, and
//! carry a digest, so that a torn or foreign file is compiled anew instead of run.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

/// A folder of compiled components, or none (nothing is kept then).
#[derive(Debug)]
pub(crate) struct Cache {
    dir: Option<PathBuf>,
}

impl Cache {
    /// Opens or creates the folder. One that others may write, or that belongs to somebody else, is not used.
    pub(crate) fn open(dir: Option<&Path>) -> Self {
        let usable = dir.and_then(|dir| match private(dir) {
            Ok(()) => Some(dir.to_owned()),
            Err(why) => {
                tracing::warn!(dir = %dir.display(), %why, "compiled code is not cached");
                None
            }
        });
        Self { dir: usable }
    }

    /// The compiled component kept under a key, if there is a sound one.
    pub(crate) fn get(&self, engine: &wasmtime::Engine, key: &str) -> Option<Component> {
        let bytes = fs::read(self.path(key)?).ok()?;
        let (digest, code) = bytes.split_at_checked(32)?;
        if Sha256::digest(code).as_slice() != digest {
            tracing::warn!(key, "a cached compilation is damaged; compiling anew");
            return None;
        }
        // SAFETY: the bytes were written by `put` from `Component::serialize`, into a folder that only this user can
        // write; the digest excludes torn and swapped files; wasmtime checks its own version and settings itself.
        unsafe { Component::deserialize(engine, code) }.ok()
    }

    /// Takes compiled code that this program's own loader just made, and keeps it.
    pub(crate) fn take(&self, engine: &wasmtime::Engine, key: &str, code: &[u8]) -> wasmtime::Result<Component> {
        // SAFETY: the bytes come over a pipe from a child process that this process started from its own program, and that
        // made them with `Component::serialize`.
        let component = unsafe { Component::deserialize(engine, code) }?;
        self.put(key, code);
        Ok(component)
    }

    /// Keeps a compilation. Failing to is no failure of the load.
    pub(crate) fn put(&self, key: &str, code: &[u8]) {
        let Some(path) = self.path(key) else { return };
        // Two loads of the same plugin at once must not write into one file.
        static PARTS: AtomicU64 = AtomicU64::new(0);
        let part = PARTS.fetch_add(1, Ordering::Relaxed);
        let part = path.with_extension(format!("part-{}-{part}", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)
            .and_then(|mut f| f.write_all(&Sha256::digest(code)).and_then(|()| f.write_all(code)))
            .and_then(|()| fs::rename(&part, &path));
        if let Err(why) = written {
            tracing::warn!(%why, "a compilation could not be cached");
            let _ = fs::remove_file(&part);
        }
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(key).with_extension("cwasm"))
    }
}

/// Makes sure that a folder is ours alone.
fn private(dir: &Path) -> Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(dir).map_err(|e| e.to_string())?;
    let meta = fs::symlink_metadata(dir).map_err(|e| e.to_string())?;
    if !meta.is_dir() {
        return Err("it is not a folder".into());
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to another user".into());
    }
    if meta.mode() & 0o022 != 0 {
        return Err("others may write to it; chmod 700 it".into());
    }
    Ok(())
}
