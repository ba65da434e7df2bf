//! Compiled code of large plugins, between two commands.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Compilations that are kept: a few plugins, with a few configurations each. One of an interpreter has 40 MB.
const KEPT: usize = 8;

/// The folder in the user's cache, with room made in it; none where there is no home.
pub(super) fn folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    let folder = cache.join("witgate/plugin-tools");
    make_room(&folder, KEPT);
    Some(folder)
}

/// Removes all but the newest. That a file cannot be removed, or is gone already, is no matter.
fn make_room(folder: &Path, most: usize) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| Some((entry.metadata().ok().filter(fs::Metadata::is_file)?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let surplus = files.len().saturating_sub(most);
    for (_, path) in files.into_iter().take(surplus) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(index as u64);
            fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        make_room(folder.path(), 2);
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["b", "c"]);
        make_room(&folder.path().join("nowhere"), 2);
    }
}
