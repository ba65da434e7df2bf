//! Bodies that have been kept for long enough.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::{Bodies, BodyError, SUFFIX};

/// The end of a name while its file is being written.
const PARTIAL: &str = ".tmp";

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Files.
    pub files: u64,
    /// Their bytes, as they lay there: encrypted and compressed.
    pub bytes: u64,
}

impl Bodies {
    /// Erases the bodies that were put in before a moment, and what an interrupted write left. Records stay as they are, and
    /// name what is no longer there. Nothing else in the folder is touched.
    ///
    /// # Errors
    /// [`BodyError::Io`] for the first that could not be erased; all others were.
    pub fn erase_before(&self, moment: SystemTime) -> Result<Erased, BodyError> {
        let (mut erased, mut first) = (Erased::default(), None);
        let mut failed = |path: &Path, source| {
            let _ = first.get_or_insert(BodyError::Io { path: path.to_owned(), source });
        };
        match fs::read_dir(&self.directory) {
            Ok(folders) => {
                let folders = folders.filter_map(Result::ok).map(|entry| entry.path());
                for folder in folders.filter(|folder| is_ours(folder)) {
                    match erase_in(&folder, moment, &mut failed) {
                        Ok(here) => {
                            (erased.files, erased.bytes) = (erased.files + here.files, erased.bytes + here.bytes)
                        }
                        Err(error) => failed(&folder, error),
                    }
                }
            }
            // Nothing was kept so far.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failed(&self.directory, error),
        }
        first.map_or(Ok(erased), Err)
    }
}

/// Whether it is one of the folders that bodies lie in, which have the first byte of their names.
fn is_ours(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn erase_in(folder: &Path, moment: SystemTime, failed: &mut impl FnMut(&Path, io::Error)) -> io::Result<Erased> {
    let mut erased = Erased::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.ends_with(SUFFIX) && !name.ends_with(PARTIAL) {
            continue;
        }
        match erase(&path, moment) {
            Ok(Some(bytes)) => (erased.files, erased.bytes) = (erased.files + 1, erased.bytes + bytes),
            Ok(None) => {}
            // Somebody else erased it, or it was given its name just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failed(&path, error),
        }
    }
    Ok(erased)
}

/// The bytes of the file if it was old enough, and is no longer there.
fn erase(path: &Path, moment: SystemTime) -> io::Result<Option<u64>> {
    let stat = fs::symlink_metadata(path)?;
    if !stat.is_file() || stat.modified()? >= moment {
        return Ok(None);
    }
    fs::remove_file(path)?;
    Ok(Some(stat.len()))
}
