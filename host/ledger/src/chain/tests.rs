#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::fixed_bytes::LedgerId;
use crate::header::Header;

/// The bytes that docs/ledger-format.md shows, computed there by another program.
#[test]
fn the_documented_segment_stays() {
    let chain = Chain::new(&ChainKey::from_bytes([0; 32]));
    let header = Header {
        ledger: LedgerId([1; 16]),
        key: chain.key_id,
        first_seq: 1,
        previous: Mac::default(),
        created_ms: 2,
        step: 0,
    };
    let encoded = header.encode(&chain);
    assert_eq!(
        hex(&encoded[..96]),
        "574954474c4544470003000000000000010101010101010101010101010101014bd519f6174e00460000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000020000000000000000"
    );
    assert_eq!(hex(&encoded[96..]), "4381d7e996afef8d123326a051f98f51677c125e2acf98265d4437374dbd8f5b");
    assert_eq!(Header::decode(&encoded), Ok(header));
    assert_eq!(header.check(&encoded, &chain), Ok(()));

    let payload = crate::record::tests::documented_payload();
    let length = u32::try_from(payload.len()).unwrap_or_default();
    let entry = |synced| EntryHash::of(&[&frame_head(length, synced), payload.as_slice()].concat());
    let mac = chain.entry_mac(&Mac::default(), &entry(0));
    assert_eq!(mac.to_string(), "7ea2e48976782bf0f7030893ad0935cf13864d2e07509a670514224e6a5e1f62");
    let leaf = crate::tree::leaf_of(&entry(0), &mac);
    assert_eq!(leaf.to_string(), "882ff7d93a025971195cf6928a2fbef849b62bd27e0bb0189c0f79a067b0822e");
    let next = chain.entry_mac(&mac, &entry(1));
    assert_eq!(next.to_string(), "48c3b5d33c42a77edc07425e1b2f80fbfaca76e4ce7c0e00a12d521915658732");
}

/// The library's HMAC knows nothing of blocks hashed before, nor of vectors.
#[test]
fn an_entrys_mac_is_that_of_the_library() {
    let key = ChainKey::from_bytes([9; 32]);
    let chain = Chain::new(&key);
    let entries: Vec<_> = (0..40_u8).map(|byte| (Mac([byte; 32]), EntryHash([byte ^ 0x55; 32]))).collect();
    let expected: Vec<_> = entries
        .iter()
        .map(|(previous, entry)| {
            let mut state = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).unwrap();
            state.update(&[&[0x02], previous.0.as_slice(), &entry.0].concat());
            Mac(state.finalize().into_bytes().into())
        })
        .collect();
    assert_eq!(chain.entry_macs(&entries), expected);
    let one: Vec<_> = entries.iter().map(|(previous, entry)| chain.entry_mac(previous, entry)).collect();
    assert_eq!(one, expected);
}

/// A ledger of a build before this one is named as that, by everything that reads it.
#[test]
fn another_format_is_named_and_never_taken_for_a_change() {
    let key = ChainKey::from_bytes([0; 32]);
    let made = crate::vectors::thousand(3, 1);
    for (version, who) in [(1, "earlier build"), (2, "earlier build"), (4, "later build")] {
        let dir = tempfile::tempdir().unwrap();
        made.write(dir.path());
        for (name, bytes) in made.files.iter().filter(|(name, _)| name.ends_with(".wgl")) {
            let mut bytes = bytes.clone();
            bytes[9] = version;
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let told = |code: &str, said: String| {
            assert_eq!(code, "ledger_version", "{said}");
            assert!(said.contains(who) && said.contains(&format!("format version {version}")), "{said}");
        };
        let error = crate::verify(dir.path(), &crate::Check::with_chain(&key), |_, _| {}).unwrap_err();
        told(error.code(), error.to_string());
        let error = crate::Ledger::open(dir.path(), &key, crate::Options::default()).unwrap_err();
        told(error.code(), error.to_string());
        let error = crate::Reader::open(dir.path(), None).unwrap().next().unwrap().unwrap_err();
        told(error.code(), error.to_string());
        let error = crate::ledger_id(dir.path()).unwrap_err();
        told(error.code(), error.to_string());
        let newest = made.published().parse().unwrap();
        let error = crate::ProofFile::make(dir.path(), &newest, &[5], None).unwrap_err();
        told(error.code(), error.to_string());
        let error = crate::consistency(dir.path(), 5, &newest).unwrap_err();
        told(error.code(), error.to_string());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
