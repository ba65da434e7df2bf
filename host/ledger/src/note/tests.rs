#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn what_is_signed_is_checked_and_what_was_changed_is_refused() {
    let (one, two) = (ReceiptKey::from_seed(&[1; 32]), ReceiptKey::from_seed(&[2; 32]));
    let signed = sign("a log\n7\n", "log.example/1", &[&one]);
    let note = Note::parse(&signed).unwrap();
    assert_eq!(note.text, "a log\n7\n");
    assert!(note.is_signed("log.example/1", &one.public()));
    assert!(!note.is_signed("log.example/1", &two.public()));
    assert!(!note.is_signed("log.example/2", &one.public()));
    for (at, byte) in signed.bytes().enumerate() {
        let mut changed = signed.clone().into_bytes();
        changed[at] = byte ^ 1;
        let passes = String::from_utf8(changed)
            .is_ok_and(|text| Note::parse(&text).is_ok_and(|note| note.is_signed("log.example/1", &one.public())));
        assert!(!passes, "byte {at}");
    }
    let both = Note::parse(&sign("a\n", "n", &[&one, &two])).unwrap();
    assert!(both.is_signed("n", &one.public()) && both.is_signed("n", &two.public()));
    // A witness's line of another kind is passed over; a second line of the log's own must fit.
    let witnessed = format!("{signed}\u{2014} witness.example AAAAAAQAAAAA\n");
    assert!(Note::parse(&witnessed).unwrap().is_signed("log.example/1", &one.public()));
    let mut bytes = key_hash("log.example/1", &one.public()).to_vec();
    bytes.extend_from_slice(&[0; 64]);
    let doubled = format!("{signed}\u{2014} log.example/1 {}\n", STANDARD.encode(bytes));
    assert!(!Note::parse(&doubled).unwrap().is_signed("log.example/1", &one.public()));
}

#[test]
fn what_is_no_note_is_refused() {
    let line = "\u{2014} n AAAAAAAA\n";
    for bad in [
        "",
        "a",
        "a\n",
        "a\n\n",
        "a\n\n\n",
        "a\n\n- n AAAAAAAA\n",
        "a\n\n\u{2014} n\n",
        "a\n\n\u{2014} n AAAA\n",
        "a\t\n\n\u{2014} n AAAAAAAA\n",
    ] {
        assert!(Note::parse(bad).is_err(), "{bad:?}");
    }
    assert!(Note::parse(&format!("a\n\n{line}")).is_ok());
    assert!(Note::parse(&format!("a\n\n{}", line.repeat(101))).is_err());
    assert!(Note::parse(&format!("{}\n\n{line}", "a".repeat(MAX_NOTE))).is_err());
}

/// The example in the documentation of Go's golang.org/x/mod/sumdb/note, which made this form first.
#[test]
fn the_published_example_is_read() {
    let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let key = PublicKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
    assert_eq!(
        verifier_key("PeterNeumann", &key),
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    );
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    assert!(Note::parse(note).unwrap().is_signed("PeterNeumann", &key));
}
