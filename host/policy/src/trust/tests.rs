#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn manifest() -> Manifest {
    serde_json::from_value(serde_json::json!({"id": "a", "version": "1"})).unwrap()
}

fn file(signature: Option<&str>) -> Origin {
    Origin::File { signature_file: "a.wasm.sig".into(), signature: signature.map(|text| text.as_bytes().to_vec()) }
}

/// Who vouches for the bytes, or why nobody does.
fn outcome(trust: &Trust, origin: &Origin) -> Result<Option<String>, &'static str> {
    let vouched = trust.check(Digest::of(b"plugin"), origin).map_err(|e| e.code())?;
    vouched.map(|v| v.names(&manifest()).map(|signer| signer.name).map_err(|e| e.code())).transpose()
}

#[test]
fn every_way_a_plugin_can_come() {
    let (ours, theirs) = (SecretKey::generate("ours").unwrap(), SecretKey::generate("theirs").unwrap());
    let sign = |key: &SecretKey| Signature::sign(key, Digest::of(b"plugin"), &manifest()).unwrap().to_string();
    let (good, stranger) = (sign(&ours), sign(&theirs));
    let stale = Signature::sign(&ours, Digest::of(b"older"), &manifest()).unwrap().to_string();
    let named: Manifest = serde_json::from_value(serde_json::json!({"id": "b", "version": "1"})).unwrap();
    let named = Signature::sign(&ours, Digest::of(b"plugin"), &named).unwrap().to_string();

    let nobody = Trust::default();
    let some = Trust { keys: vec![ours.public()], require_signed: false };
    let strict = Trust { require_signed: true, ..some.clone() };
    let locked = Trust { keys: vec![], require_signed: true };
    for trust in [&nobody, &some, &strict, &locked] {
        assert_eq!(outcome(trust, &Origin::Builtin), Ok(None));
    }
    // Without a key there is nobody to check against, and nothing is claimed.
    for signature in [None, Some("junk"), Some(stranger.as_str())] {
        assert_eq!(outcome(&nobody, &file(signature)), Ok(None));
    }
    assert_eq!(outcome(&some, &file(None)), Ok(None));
    assert_eq!(outcome(&strict, &file(None)), Err("plugin_unsigned"));
    assert_eq!(outcome(&locked, &file(None)), Err("plugin_unsigned"));
    assert_eq!(outcome(&locked, &file(Some(&good))), Err("plugin_signer_unknown"));
    // A signature that is there must be right, required or not.
    for trust in [&some, &strict] {
        assert_eq!(outcome(trust, &file(Some(&good))), Ok(Some("ours".to_owned())));
        assert_eq!(outcome(trust, &file(Some(&stranger))), Err("plugin_signer_unknown"));
        assert_eq!(outcome(trust, &file(Some(&stale))), Err("plugin_signature_stale"));
        assert_eq!(outcome(trust, &file(Some(&named))), Err("plugin_signature_name"));
        assert_eq!(outcome(trust, &file(Some("junk"))), Err("plugin_signature_malformed"));
    }
}

#[test]
fn the_name_is_that_of_whoever_trusts_not_of_the_signature() {
    let key = SecretKey::generate("mallory").unwrap();
    let renamed: PublicKey = key.public().to_string().replace("mallory", "release").parse().unwrap();
    let trust = Trust { keys: vec![renamed], require_signed: true };
    let signature = Signature::sign(&key, Digest::of(b"plugin"), &manifest()).unwrap().to_string();
    assert_eq!(outcome(&trust, &file(Some(&signature))), Ok(Some("release".to_owned())));
}
