#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_engine::EngineOptions;

use super::*;
use crate::trust::{SecretKey, Signature};

/// A core module that is nothing but a manifest: enough for all that is read before a plugin runs.
fn module(manifest: &str) -> Vec<u8> {
    let leb = |mut n: usize| {
        let mut out = Vec::new();
        loop {
            let byte = u8::try_from(n & 0x7f).unwrap();
            n >>= 7;
            if n == 0 {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    };
    let name = b"witgate:manifest";
    let mut section = leb(name.len());
    section.extend(name);
    section.extend(manifest.as_bytes());
    let mut out = b"\0asm\x01\0\0\0\0".to_vec();
    out.extend(leb(section.len()));
    out.extend(section);
    out
}

const MANIFEST: &str = r#"{"id": "a", "version": "1", "limits": {"deadline_ms": 20}}"#;

fn spec(bytes: &[u8]) -> Spec {
    Spec {
        id: "mine".into(),
        bytes: bytes.into(),
        origin: Origin::File { signature_file: "/p/a.wasm.sig".into(), signature: None },
        pin: None,
        mode: Mode::Enforce,
        on_fault: OnFault::Deny,
        grants: Some(vec![]),
        memory_mib: None,
        deadline_ms: None,
        config: serde_json::json!({}),
    }
}

fn codes(spec: &Spec, trust: &Trust) -> Vec<&'static str> {
    let mut errors = Vec::new();
    let _ = read(spec, trust, &mut errors);
    errors.iter().map(BuildError::code).collect()
}

#[test]
fn everything_that_can_be_read_is_told_at_once() {
    let bytes = module(MANIFEST);
    assert_eq!(codes(&spec(&bytes), &Trust::default()), [""; 0]);
    let wrong = Spec {
        grants: Some(vec!["fly".into()]),
        memory_mib: Some(257),
        deadline_ms: Some(0),
        config: serde_json::json!({"x": 1}),
        ..spec(&bytes)
    };
    let expected = ["plugin_config_invalid", "plugin_manifest", "plugin_memory_limit", "plugin_deadline_limit"];
    assert_eq!(codes(&wrong, &Trust::default()), expected);
}

#[test]
fn what_a_manifest_suggests_is_held_to_the_bounds_too() {
    let greedy = module(r#"{"id": "a", "version": "1", "limits": {"memory_mib": 1024, "deadline_ms": 60001}}"#);
    assert_eq!(codes(&spec(&greedy), &Trust::default()), ["plugin_memory_limit", "plugin_deadline_limit"]);
    let tamed = Spec { memory_mib: Some(256), deadline_ms: Some(MAX_DEADLINE_MS), ..spec(&greedy) };
    assert_eq!(codes(&tamed, &Trust::default()), [""; 0]);
}

#[test]
fn what_nobody_vouches_for_is_not_read() {
    let junk = Spec { pin: Some("0".repeat(64)), ..spec(b"no component") };
    let strict = Trust { require_signed: true, ..Trust::default() };
    assert_eq!(codes(&junk, &strict), ["plugin_pin", "plugin_unsigned"], "and not plugin_not_a_component");
    assert_eq!(codes(&spec(b"no component"), &Trust::default()), ["plugin_not_a_component"]);
}

#[test]
fn a_refusal_names_the_file_the_key_and_what_to_do() {
    let bytes = module(MANIFEST);
    let key = SecretKey::generate("us").unwrap();
    let manifest = Manifest::read(&bytes).unwrap();
    let signature = Signature::sign(&key, Digest::of(&bytes), &manifest).unwrap();
    let signed = |bytes: &[u8]| Spec {
        origin: Origin::File {
            signature_file: "/p/a.wasm.sig".into(),
            signature: Some(signature.to_string().into_bytes()),
        },
        ..spec(bytes)
    };
    let trust = Trust { keys: vec![key.public()], require_signed: true };
    let mut errors = Vec::new();
    let found = read(&signed(&bytes), &trust, &mut errors).unwrap();
    assert_eq!((found.signer.unwrap().key, errors.len()), (key.public().id(), 0));

    let mut changed = bytes.clone();
    changed.extend(b"\0\x02\x01x");
    let _ = read(&signed(&changed), &trust, &mut errors);
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!((error.code(), error.plugin()), ("plugin_signature_stale", Some("mine")));
    let told = error.to_string();
    for part in ["`mine`", "/p/a.wasm.sig", &key.public().id().to_string(), "sign again"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_set_is_checked_whole_and_built_up_to_the_first_error() {
    let engine = Engine::new(&EngineOptions { cache_dir: None, loader: None, sandboxes: 64 }).unwrap();
    let specs = [
        Spec { id: "one".into(), ..spec(b"junk") },
        Spec { id: "two".into(), pin: Some("0".repeat(64)), ..spec(&module(MANIFEST)) },
    ];
    let found = check(&engine, &specs, &Trust::default());
    let told: Vec<_> = found.iter().map(|e| (e.plugin().unwrap(), e.code())).collect();
    assert_eq!(told, [("one", "plugin_not_a_component"), ("two", "plugin_pin")]);
    let refused = build(&engine, &specs, &Trust::default(), 1, None).unwrap_err();
    assert_eq!(refused.plugin(), Some("one"));
    assert_eq!(build(&engine, &[], &Trust::default(), 1, None).unwrap_err().code(), "policy_set_empty");
}
