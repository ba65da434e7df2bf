#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::*;

fn manifest(id: &str, version: &str) -> Manifest {
    serde_json::from_value(serde_json::json!({"id": id, "version": version})).unwrap()
}

/// A key, and its signature of one plugin.
fn signed() -> (SecretKey, Digest, Manifest, Signature) {
    let key = SecretKey::generate("me").unwrap();
    let (digest, manifest) = (Digest::of(b"a plugin"), manifest("codename", "0.1.0"));
    let signature = Signature::sign(&key, digest, &manifest).unwrap();
    (key, digest, manifest, signature)
}

#[test]
fn a_signature_comes_back_from_its_text_and_verifies() {
    let (key, digest, manifest, signature) = signed();
    let text = signature.to_string();
    let again = Signature::parse(text.as_bytes()).unwrap();
    assert_eq!(again.to_string(), text);
    again.verify(&key.public(), digest).unwrap();
    again.verify_itself(digest, &manifest).unwrap();
    Signature::parse(text.replace('\n', "\r\n").as_bytes()).unwrap().verify(&key.public(), digest).unwrap();
}

/// What docs/policies.md says is signed, made with nothing of ours but the text.
#[test]
fn what_is_signed_is_what_the_documentation_says() {
    let (key, digest, _, signature) = signed();
    let said = format!("witgate plugin signature v1\n64:{digest}\n8:codename\n5:0.1.0\n");
    assert_eq!(signature.signature, key.sign(said.as_bytes()));
}

#[test]
fn it_is_for_these_bytes_by_this_key_under_this_name() {
    let (key, digest, manifest_of, signature) = signed();
    let other = SecretKey::generate("other").unwrap().public();
    let code = |result: Result<(), TrustError>| result.unwrap_err().code();
    assert_eq!(code(signature.verify(&other, digest)), "plugin_signer_unknown");
    assert_eq!(code(signature.verify(&key.public(), Digest::of(b"another plugin"))), "plugin_signature_stale");
    for other in [manifest("codename", "0.2.0"), manifest("codenam", "0.1.0")] {
        assert_eq!(code(signature.verify_itself(digest, &other)), "plugin_signature_name");
    }
    signature.names(&manifest_of).unwrap();
}

#[test]
fn it_cannot_be_moved() {
    let (key, digest, _, signature) = signed();
    let text = signature.to_string();
    let moved = |from: &str, to: &str, digest: Digest| {
        assert!(text.contains(from));
        Signature::parse(text.replace(from, to).as_bytes()).unwrap().verify(&key.public(), digest).unwrap_err().code()
    };
    let other = Digest::of(b"another plugin");
    assert_eq!(moved("plugin: codename", "plugin: pii", digest), "plugin_signature_invalid");
    assert_eq!(moved("version: 0.1.0", "version: 9.1.0", digest), "plugin_signature_invalid");
    assert_eq!(moved(&digest.to_string(), &other.to_string(), other), "plugin_signature_invalid");
    // The parts of what is signed cannot trade places.
    assert_ne!(message("a", "bc", "d"), message("a", "b", "cd"));
}

#[test]
fn what_is_no_signature_is_told() {
    let text = signed().3.to_string();
    let refused = |text: &str| Signature::parse(text.as_bytes()).unwrap_err().code();
    for bad in [
        String::new(),
        text.replace("-v1", "-v2"),
        text.replace("key: ", "key:"),
        text.replace("version: 0.1.0\n", ""),
        format!("{text}more: 1\n"),
        text.replace("signature: ", "signature: A"),
        text.replace("sha256: ", "sha256: A"),
        text.repeat(20),
    ] {
        assert_eq!(refused(&bad), "plugin_signature_malformed", "{bad}");
    }
    assert_eq!(Signature::parse(&[0xff; 40]).unwrap_err().code(), "plugin_signature_malformed");
}

#[test]
fn a_version_that_would_be_two_lines_is_not_signed() {
    let key = SecretKey::generate("me").unwrap();
    for version in ["1\nsha256: 00", "1\r", " 1"] {
        let refused = Signature::sign(&key, Digest::of(b""), &manifest("a", version));
        assert_eq!(refused.unwrap_err(), KeyError::Version);
    }
}

proptest! {
    /// No single changed byte of a signature's file verifies for the same plugin, unless it parses to the same.
    #[test]
    fn a_changed_byte_is_found(at in 0_usize..400, to in any::<u8>()) {
        let (key, digest, manifest, signature) = signed();
        let mut bytes = signature.to_string().into_bytes();
        // As it is read: the name of a key is not in the file.
        let signature = Signature::parse(&bytes).unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(changed) = Signature::parse(&bytes) {
            let verified = changed.verify(&key.public(), digest).and_then(|()| changed.names(&manifest));
            prop_assert_eq!(verified.is_ok(), changed == signature);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Signature::parse(&bytes);
    }
}
