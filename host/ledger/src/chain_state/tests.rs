#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::storage::Disk;

#[test]
fn the_key_in_force_is_replaced_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Storage> = Arc::new(Disk);
    assert!(load(dir.path()).unwrap().is_none() && has_traces(dir.path()).is_none());
    let mut ratchet = Ratchet::first(&ChainKey::from_bytes([3; 32]));
    for step in 0..3 {
        save(&disk, dir.path(), &ratchet).unwrap();
        let read = load(dir.path()).unwrap().unwrap();
        assert_eq!((read.step, read.key.bytes()), (step, ratchet.key.bytes()));
        ratchet.advance();
    }
    assert_eq!(has_traces(dir.path()), Some(NAME));
    let path = dir.path().join(NAME);
    let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    set(0o640);
    assert_eq!(load(dir.path()).unwrap_err().code(), "ledger_unsafe_path");
    set(0o600);
    for bad in ["", "3\n", "x 00\n", "-1 00\n", "1 0000\n"] {
        fs::write(&path, bad).unwrap();
        assert_eq!(load(dir.path()).unwrap_err().code(), "ledger_unsafe_path", "{bad:?}");
    }
}
