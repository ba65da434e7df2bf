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
        "574954474c4544470002000000000000010101010101010101010101010101014bd519f6174e00460000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000020000000000000000"
    );
    assert_eq!(hex(&encoded[96..]), "fe34720f0da4263a347ffc6c8a285cb48faecfdd3b11d912b58fbd0963a953af");
    assert_eq!(Header::decode(&encoded), Ok(header));
    assert_eq!(header.check(&encoded, &chain), Ok(()));

    // The first version of the format, which is read and no longer written.
    let mut older = encoded;
    older[9] = 1;
    let mac = chain.header_mac(&older[..96]);
    older[96..].copy_from_slice(&mac.0);
    assert_eq!(mac.to_string(), "081114183a6e3dd9df348f686fdb6f25470fb94e77e76a6cbb31d28246257e8a");
    assert_eq!(Header::decode(&older), Ok(header));
    assert_eq!(header.check(&older, &chain), Ok(()));
    older[95] = 1;
    assert!(Header::decode(&older).is_err(), "the first version has no steps");

    let payload = crate::record::tests::documented_payload();
    let length = u32::try_from(payload.len()).unwrap_or_default();
    let mac = chain.entry_mac(&Mac::default(), &frame_head(length, 0), &payload);
    assert_eq!(mac.to_string(), "800028770306482ff91ea570a639d0005e642232285a617ba3a86f019f9960bc");
    let next = chain.entry_mac(&mac, &frame_head(length, 1), &payload);
    assert_eq!(next.to_string(), "94c661243e9be23ca13a9ee27bb74a0955b514638b3b66091049b7f3b63fed9a");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
