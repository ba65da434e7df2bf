use super::super::Config;
use super::super::tests::Folder;
use super::*;

const ONE: &str = "version: 1\nupstreams: [{ name: a, path: /v1, url: 'https://h' }]\n\
                   policies: { set: [{ id: pii, plugin: 'builtin:pii' }] }\nledger: { directory: ledger }\n";

/// What waits when the second configuration is read by a gate that was started with [`ONE`].
fn between(second: &str) -> Vec<String> {
    let folder = Folder::new();
    let read = |yaml: &str| folder.load(yaml).map(|config: Config| config.source);
    match (read(ONE), read(second)) {
        (Ok(Some(one)), Ok(Some(two))) => waiting(&one, &two),
        (one, two) => panic!("{one:?} {two:?}"),
    }
}

#[test]
fn what_a_reload_takes_over_does_not_wait() {
    let other = ONE.replace("builtin:pii", "builtin:injection").replace("{ set:", "{ directory: policies, set:");
    assert_eq!(between(&other), [""; 0]);
}

#[test]
fn defaults_that_are_written_out_are_no_change() {
    let more = "listen: 127.0.0.1:8080\nlimits: { depth: 64 }\nadmin: {}\nstream: { receipt_comment: true }\n";
    assert_eq!(between(&format!("{ONE}{more}")), [""; 0]);
    assert_eq!(between(&ONE.replace("'https://h'", "'https://h', proxy: env")), [""; 0]);
}

#[test]
fn each_changed_setting_is_named_by_its_pointer() {
    let more = "listen: 127.0.0.1:8081\nlimits: { depth: 32, nodes: 100000 }\nclients: { keys_file: keys/clients }\n";
    let mut found = between(&format!("{}{more}", ONE.replace("ledger }", "other }")));
    found.sort();
    assert_eq!(found, ["/clients/keys_file", "/ledger/directory", "/limits/depth", "/listen"]);
    assert_eq!(between(&ONE.replace("https://h", "https://i")), ["/upstreams/0/url"]);
    let two = ONE.replace("'https://h' }", "'https://h' }, { name: b, path: /b, url: 'https://i' }");
    assert_eq!(between(&two), ["/upstreams"]);
}
