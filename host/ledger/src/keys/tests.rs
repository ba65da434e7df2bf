#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

#[test]
fn keys_come_back_from_their_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let keys = Keys::generate().unwrap();
    keys.chain.save(&path("chain")).unwrap();
    keys.receipt.save(&path("receipt")).unwrap();
    keys.receipt.public().save(&path("public")).unwrap();
    assert_eq!(ChainKey::load(&path("chain")).unwrap().bytes(), keys.chain.bytes());
    assert_eq!(ReceiptKey::load(&path("receipt")).unwrap().id(), keys.receipt.id());
    assert_eq!(PublicKey::load(&path("public")).unwrap(), keys.receipt.public());
    let mode = |name| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("chain"), mode("receipt")), (0o600, 0o600));
    assert!(fs::read_to_string(path("chain")).unwrap().starts_with("# witgate ledger chain key"));
    assert_eq!(keys.chain.save(&path("chain")).unwrap_err().code(), "key_io", "never overwritten");
}

#[test]
fn files_that_others_may_read_and_links_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chain");
    ChainKey::generate().unwrap().save(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(ChainKey::load(&path).unwrap_err().code(), "key_unsafe");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    assert_eq!(ChainKey::load(&link).unwrap_err().code(), "key_unsafe");
    assert_eq!(ChainKey::load(&dir.path().join("none")).unwrap_err().code(), "key_io");
}

#[test]
fn hexadecimal_and_base64_are_read_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let load = |text: &str| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        ChainKey::load(&path).map(|key| *key.bytes()).map_err(|error| error.code())
    };
    assert_eq!(load(&format!("# a key\n{}\n", "0A".repeat(32))), Ok([10; 32]));
    assert_eq!(load("CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo="), Ok([10; 32]));
    for bad in [
        "",
        "# only a comment\n",
        "0a0a",
        "not a key at all",
        "CgoKCgoK",
        &format!("{0}\n{0}\n", "0a".repeat(32)),
        &"zz".repeat(32),
    ] {
        assert_eq!(load(bad), Err("key_content"), "{bad}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let keys = Keys { chain: ChainKey::from_bytes([10; 32]), receipt: ReceiptKey::from_seed(&[11; 32]) };
    let shown = format!("{keys:?}");
    assert!(!shown.contains("0a0a") && !shown.contains("0b0b") && !shown.contains("10, 10"));
    assert!(shown.contains(&keys.chain.id().to_string()));
}

/// The ids that docs/ledger-format.md shows, computed there by another program.
#[test]
fn the_documented_ids_stay() {
    assert_eq!(ChainKey::from_bytes([0; 32]).id().to_string(), "4bd519f6174e0046");
    assert_eq!(ReceiptKey::from_seed(&[0; 32]).id().to_string(), "139e3940e64b5491");
}

#[test]
fn a_point_of_small_order_is_no_key() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(PublicKey::from_bytes(&identity).unwrap_err().code(), "key_not_public");
}
