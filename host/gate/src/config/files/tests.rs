#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::os::unix::fs::symlink;

use super::super::tests::Folder;
use super::*;

fn code(path: &Path, kind: Kind) -> Option<&'static str> {
    check(path, kind).err().map(|wrong| wrong.code)
}

#[test]
fn secrets_are_for_one() {
    let folder = Folder::new();
    let key = folder.path("keys/ledger.key");
    for kind in [Kind::Secret, Kind::LedgerKey] {
        for (mode, expected) in [
            (0o600, None),
            (0o400, None),
            (0o640, Some("file_loose")),
            (0o604, Some("file_loose")),
            (0o620, Some("file_loose")),
        ] {
            folder.mode("keys/ledger.key", mode);
            assert_eq!(code(&key, kind), expected, "{mode:o}");
        }
    }
    folder.write("keys/empty.key", "", 0o600);
    assert_eq!(code(&folder.path("keys/empty.key"), Kind::Secret), Some("file_empty"));
}

#[test]
fn folders_that_are_made_when_needed() {
    let folder = Folder::new();
    for kind in [Kind::LedgerDirectory, Kind::CacheDirectory] {
        assert_eq!(code(&folder.path("new"), kind), None);
        assert_eq!(code(&folder.path("new/below"), kind), None);
        assert_eq!(code(&folder.path("ca.pem/below"), kind), Some("path_unreadable"));
        assert_eq!(code(&folder.path("ca.pem"), kind), Some("not_a_directory"));
    }
    fs::create_dir(folder.path("ledger")).unwrap();
    folder.mode("ledger", 0o755);
    assert_eq!(code(&folder.path("ledger"), Kind::LedgerDirectory), Some("directory_loose"));
    folder.mode("ledger", 0o700);
    assert_eq!(code(&folder.path("ledger"), Kind::LedgerDirectory), None);
}

/// A cluster's config map: the file is a link into a folder that is swapped.
#[test]
fn links_are_followed() {
    let folder = Folder::new();
    symlink("mine.wasm", folder.path("policies/linked.wasm")).unwrap();
    assert_eq!(code(&folder.path("policies/linked.wasm"), Kind::Plugin), None);
    folder.mode("policies/mine.wasm", 0o666);
    assert_eq!(code(&folder.path("policies/linked.wasm"), Kind::Plugin), Some("path_writable"));
    symlink("nowhere.wasm", folder.path("policies/dangling.wasm")).unwrap();
    assert_eq!(code(&folder.path("policies/dangling.wasm"), Kind::Plugin), Some("file_missing"));
}
