#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::{Config, LedgerKeys, PluginSource, USUAL};

#[test]
fn what_it_writes_is_valid_and_private() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("deep/gate");
    let mut out = Vec::new();
    init(&dir, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(&format!("witgate serve --config {}", dir.join("witgate.yaml").display())), "{out}");

    let config = Config::load(&dir.join("witgate.yaml")).unwrap();
    let sources: Vec<PluginSource> = config.policies.set.iter().map(|entry| entry.source.clone()).collect();
    assert_eq!(sources, USUAL.map(|name| PluginSource::Builtin(name.to_owned())));
    assert_eq!(config.policies.directory, Some(dir.join("policies")));
    let LedgerKeys::Files { hmac: Some(hmac), receipt, previous: None } = &config.ledger.keys else {
        panic!("keys come from files")
    };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (path, expected) in
        [(hmac, 0o600), (receipt, 0o600), (&dir.join("keys"), 0o700), (&dir.join("policies"), 0o700)]
    {
        assert_eq!(mode(path), expected, "{}", path.display());
    }
    for (name, _) in WRITTEN {
        assert!(dir.join(name).is_file() && out.contains(name), "{name}");
    }
}

/// What the template says is what holds when nothing is said.
#[test]
fn the_template_tells_the_defaults() {
    let temporary = tempfile::tempdir().unwrap();
    init(temporary.path(), &mut Vec::new()).unwrap();
    let said = Config::load(&temporary.path().join("witgate.yaml")).unwrap();
    let short = "version: 1\nupstreams: [{ name: a, path: /v1, url: 'https://h' }]\n\
                 policies: { set: [{ id: pii, plugin: 'builtin:pii' }] }\nledger: { directory: ledger }\n";
    fs::write(temporary.path().join("short.yaml"), short).unwrap();
    let unsaid = Config::load(&temporary.path().join("short.yaml")).unwrap();
    assert_eq!(
        (said.listen, said.admin, said.tenant, said.ledger),
        (unsaid.listen, unsaid.admin, unsaid.tenant, unsaid.ledger)
    );
    assert_eq!(
        (said.stream, said.hold, said.tokens, said.limits, said.timeouts),
        (unsaid.stream, unsaid.hold, unsaid.tokens, unsaid.limits, unsaid.timeouts)
    );
    assert_eq!((said.disclose, said.log, said.cache_dir), (unsaid.disclose, unsaid.log, unsaid.cache_dir));
}

#[test]
fn it_never_overwrites() {
    for name in ["witgate.yaml", "keys", "policies", "ledger"] {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join(name), "mine").unwrap();
        let error = init(temporary.path(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.code(), "init_exists");
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1, "{name}");
        assert_eq!(fs::read_to_string(temporary.path().join(name)).unwrap(), "mine");
    }
}

#[test]
fn two_folders_have_two_keys() {
    let temporary = tempfile::tempdir().unwrap();
    let key = |name: &str| {
        let dir = temporary.path().join(name);
        init(&dir, &mut Vec::new()).unwrap();
        fs::read_to_string(dir.join("keys/ledger.key")).unwrap()
    };
    assert_ne!(key("a"), key("b"));
}
