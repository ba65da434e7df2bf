#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_policy::trust::SecretKey;

use super::super::Config;
use super::super::tests::Folder;
use super::*;

fn yaml(policies: &str) -> String {
    format!(
        "version: 1\nupstreams: [{{ name: a, path: /v1, url: 'https://h' }}]\npolicies: {policies}\nledger: {{ directory: ledger }}\n"
    )
}

fn load(folder: &Folder, policies: &str) -> Config {
    folder.load(&yaml(policies)).map_err(|errors| errors.to_string()).unwrap()
}

fn codes(folder: &Folder, policies: &str) -> Vec<(&'static str, String)> {
    folder.mistakes(&yaml(policies)).into_iter().map(|(code, pointer, _)| (code, pointer)).collect()
}

const MINE: &str = "set: [{ id: a, plugin: mine.wasm }]";

/// A folder with a public key in `keys/release.pub`.
fn folder() -> (Folder, PublicKey) {
    let folder = Folder::new();
    let key = SecretKey::generate("release").unwrap().public();
    folder.write("keys/release.pub", &format!("# whose\n{key}\n"), 0o644);
    (folder, key)
}

#[test]
fn keys_come_from_files_and_from_lines() {
    let (folder, key) = folder();
    let inline = SecretKey::generate("a b").unwrap().public();
    let policies = format!(
        "{{ directory: policies, trusted_keys: [keys/release.pub, '{inline}'], require_signed: true, {MINE} }}"
    );
    let config = load(&folder, &policies);
    assert_eq!(config.policies.trust, Trust { keys: vec![key, inline], require_signed: true });
    assert_eq!(config.policies.set.first().unwrap().signature, None);
    assert_eq!(load(&folder, &format!("{{ directory: policies, {MINE} }}")).policies.trust, Trust::default());
}

#[test]
fn a_key_that_is_none_is_told_where_it_stands() {
    let (folder, key) = folder();
    folder.write("keys/junk.pub", "ssh-ed25519 AAAA me\n", 0o644);
    folder.write("keys/loose.pub", &format!("{key}\n"), 0o666);
    let secret = SecretKey::generate("s").unwrap();
    folder.write("keys/secret.key", &secret.to_text(), 0o600);
    let cases = [
        ("keys/none.pub", "file_missing"),
        ("keys/junk.pub", "trusted_key_content"),
        ("keys/secret.key", "trusted_key_content"),
        ("keys/loose.pub", "path_writable"),
        ("keys", "not_a_file"),
        ("witgate-plugin-key-v1 AAAA me", "trusted_key_content"),
    ];
    for (text, code) in cases {
        let policies = format!("{{ directory: policies, trusted_keys: [keys/release.pub, '{text}'], {MINE} }}");
        assert_eq!(codes(&folder, &policies), [(code, "/policies/trusted_keys/1".to_owned())], "{text}");
    }
    let twice = format!("{{ directory: policies, trusted_keys: [keys/release.pub, '{key}'], {MINE} }}");
    assert_eq!(codes(&folder, &twice), [("duplicate_trusted_key", "/policies/trusted_keys/1".to_owned())]);
}

#[test]
fn signed_plugins_need_a_key_to_check_them_with() {
    let (folder, _) = folder();
    let pointer = "/policies/require_signed".to_owned();
    let policies = format!("{{ directory: policies, require_signed: true, {MINE} }}");
    assert_eq!(codes(&folder, &policies), [("no_trusted_keys", pointer)]);
    // Built-ins alone need none.
    load(&folder, "{ require_signed: true, set: [{ id: pii, plugin: 'builtin:pii' }] }");
}

#[test]
fn where_a_signature_is() {
    let (folder, _) = folder();
    folder.write("policies/other.sig", "x", 0o644);
    let with = |plugin: &str, signature: &str| {
        format!(
            "{{ directory: policies, trusted_keys: [keys/release.pub], set: [{{ id: a, plugin: '{plugin}', signature: '{signature}' }}] }}"
        )
    };
    let config = load(&folder, &with("mine.wasm", "other.sig"));
    assert_eq!(config.policies.set.first().unwrap().signature, Some(folder.path("policies/other.sig")));
    let at = "/policies/set/0/signature".to_owned();
    for bad in ["../other.sig", "/etc/other.sig", ".other.sig", "other.wasm"] {
        assert_eq!(codes(&folder, &with("mine.wasm", bad)), [("signature_form", at.clone())], "{bad}");
    }
    assert_eq!(codes(&folder, &with("mine.wasm", "none.sig")), [("file_missing", at.clone())]);
    assert_eq!(codes(&folder, &with("builtin:pii", "other.sig")), [("signature_of_builtin", at.clone())]);
    let unkeyed = with("mine.wasm", "other.sig").replace("trusted_keys: [keys/release.pub], ", "");
    assert_eq!(codes(&folder, &unkeyed), [("no_trusted_keys", at)]);
    assert_eq!(signature_of(Path::new("/p/mine.wasm")), Path::new("/p/mine.wasm.sig"));
}
