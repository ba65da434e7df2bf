use super::*;

#[test]
fn crc_is_that_of_the_standard() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}

#[test]
fn a_key_with_its_checksum_fits_and_another_does_not() {
    let random = b"R4nd0mLettersOfTh1rtyInTotal99";
    assert_eq!(random.len(), RANDOM);
    for prefix in PREFIXES {
        let mut key = prefix.to_vec();
        key.extend_from_slice(random);
        key.extend_from_slice(&base62(crc32(random)));
        assert_eq!(fits(&key), Some(true));
        *key.last_mut().unwrap_or(&mut 0) ^= 1;
        assert_eq!(fits(&key), Some(false));
    }
    assert_eq!(fits(b"ghp_short"), None);
    assert_eq!(fits(b"xoxb-whatever"), None);
}
