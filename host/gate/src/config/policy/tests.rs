use super::super::tests::Folder;

fn codes(folder: &Folder, policies: &str) -> Vec<&'static str> {
    let yaml = format!(
        "version: 1\nupstreams: [{{ name: a, path: /v1, url: 'https://h' }}]\npolicies: {policies}\nledger: {{ directory: ledger }}\n"
    );
    match folder.load(&yaml) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.mistakes.iter().map(|one| one.code).collect(),
    }
}

#[test]
fn where_a_plugin_comes_from() {
    let folder = Folder::new();
    let one =
        |plugin: &str| codes(&folder, &format!("{{ directory: policies, set: [{{ id: a, plugin: '{plugin}' }}] }}"));
    for good in ["builtin:pii", "builtin:injection", "builtin:classification", "builtin:tool-tiers", "mine.wasm"] {
        assert_eq!(one(good), [""; 0], "{good}");
    }
    for bad in ["pii", "../mine.wasm", "/etc/mine.wasm", ".mine.wasm", "mine.so", "sub/mine.wasm"] {
        assert_eq!(one(bad), ["plugin_form"], "{bad}");
    }
    assert_eq!(one("builtin:PII"), ["unknown_builtin"]);
    assert_eq!(one("missing.wasm"), ["file_missing"]);
    assert_eq!(codes(&folder, "{ set: [{ id: a, plugin: mine.wasm }] }"), ["policy_directory_unnamed"]);
}

#[test]
fn a_name_that_is_nearly_right_is_proposed() {
    let folder = Folder::new();
    let yaml = "version: 1\nupstreams: [{ name: a, path: /v1, url: 'https://h' }]\n\
                policies: { set: [{ id: a, plugin: 'builtin:injektion' }] }\nledger: { directory: ledger }\n";
    let text = folder.load(yaml).map(|_| ()).expect_err("no such built-in").to_string();
    assert!(text.contains("did you mean `builtin:injection`?"), "{text}");
}

#[test]
fn the_directory_is_authority() {
    let folder = Folder::new();
    let set = "{ directory: policies, set: [{ id: a, plugin: mine.wasm }] }";
    for mode in [0o770, 0o702, 0o777, 0o1777] {
        folder.mode("policies", mode);
        assert_eq!(codes(&folder, set), ["path_writable"], "{mode:o}");
    }
    folder.mode("policies", 0o755);
    assert_eq!(codes(&folder, set), [""; 0]);
    folder.mode("policies/mine.wasm", 0o664);
    assert_eq!(codes(&folder, set), ["path_writable"]);
    assert_eq!(codes(&folder, "{ directory: ca.pem, set: [{ id: a, plugin: 'builtin:pii' }] }"), ["not_a_directory"]);
}

#[test]
fn ids_and_pins() {
    let folder = Folder::new();
    assert_eq!(
        codes(&folder, "{ set: [{ id: a, plugin: 'builtin:pii' }, { id: a, plugin: 'builtin:injection' }] }"),
        ["duplicate_policy_id"]
    );
    let pin = "a".repeat(64);
    assert_eq!(
        codes(&folder, &format!("{{ set: [{{ id: a, plugin: 'builtin:pii', sha256: {pin} }}] }}")),
        ["pin_of_builtin"]
    );
    assert_eq!(
        codes(&folder, "{ set: [{ id: a, plugin: 'builtin:pii', sha256: abc }] }"),
        ["wrong_form", "pin_of_builtin"]
    );
    assert_eq!(codes(&folder, "{ set: [{ id: a, plugin: 'builtin:pii', grants: [edit, edit] }] }"), ["repeated_item"]);
    assert_eq!(codes(&folder, "{ set: [{ id: a, plugin: 'builtin:pii', config: }] }"), ["wrong_type"]);
}
