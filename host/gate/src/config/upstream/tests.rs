use super::super::tests::Folder;
use super::*;

fn codes(upstreams: &str) -> Vec<&'static str> {
    let yaml = format!(
        "version: 1\nupstreams: {upstreams}\npolicies: {{ set: [{{ id: pii, plugin: 'builtin:pii' }}] }}\nledger: {{ directory: ledger }}\n"
    );
    match Folder::new().load(&yaml) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.mistakes.iter().map(|one| one.code).collect(),
    }
}

#[test]
fn base_paths() {
    for good in ["/v1", "/openai/v1", "/a-b_c.d~e/2"] {
        assert_eq!(codes(&format!("[{{ name: a, path: '{good}', url: 'https://h' }}]")), [""; 0], "{good}");
    }
    for bad in ["", "/", "v1", "/v1/", "//v1", "/../v1", "/v 1", "/v1?x", "/%76", "/v1/é"] {
        assert_eq!(codes(&format!("[{{ name: a, path: '{bad}', url: 'https://h' }}]")), ["path_form"], "{bad}");
    }
    assert_eq!(codes("[{ name: a, path: /witgate/v1, url: 'https://h' }]"), ["path_reserved"]);
    assert_eq!(codes("[{ name: a, path: /witgates, url: 'https://h' }]"), [""; 0]);
}

#[test]
fn overlapping_base_paths() {
    let two = |one: &str, other: &str| {
        codes(&format!(
            "[{{ name: a, path: {one}, url: 'https://h' }}, {{ name: b, path: {other}, url: 'https://h' }}]"
        ))
    };
    assert_eq!(two("/v1", "/v1"), ["duplicate_upstream_path"]);
    assert_eq!(two("/v1", "/v1/azure"), ["paths_overlap"]);
    assert_eq!(two("/v1/azure", "/v1"), ["paths_overlap"]);
    assert_eq!(two("/v1", "/v10"), [""; 0]);
}

#[test]
fn base_urls() {
    for good in [
        "https://h",
        "https://h:8443/a/b/",
        "http://127.0.0.1:1/v1",
        "http://127.8.8.8",
        "http://localhost:1",
        "http://[::1]:1/",
    ] {
        assert!(base_url(good).is_ok(), "{good}");
    }
    for (bad, code) in [
        ("http://example.com", "url_not_https"),
        ("http://127.0.0.1.example.com", "url_not_https"),
        ("http://localhost.example.com", "url_not_https"),
        ("http://10.0.0.1/v1", "url_not_https"),
        ("https://user:word@h", "url_credentials"),
        ("ftp://h", "url_form"),
        ("h/v1", "url_form"),
        ("/v1", "url_form"),
        ("", "url_form"),
        ("https://h/v1?key=1", "url_form"),
        ("https://h/v1#a", "url_form"),
        ("https://h//v1", "url_form"),
        ("https://h/../v1", "url_form"),
    ] {
        assert_eq!(base_url(bad).err().map(|(code, ..)| code), Some(code), "{bad}");
    }
    let secret = base_url("https://user:hunter2@h").err();
    assert!(secret.is_some_and(|(_, message, _)| !message.contains("hunter2")));
    assert_eq!(base_url("https://h/v1/").map(|url| url.to_string()).ok().as_deref(), Some("https://h/v1"));
}

#[test]
fn proxies() {
    for bad in ["http://h", "https://h:1", "socks5://h:1", "http://a:b@h:1", "h:1", "http://h:1/x"] {
        assert_eq!(
            codes(&format!("[{{ name: a, path: /v1, url: 'https://h', proxy: '{bad}' }}]")),
            ["proxy_form"],
            "{bad}"
        );
    }
}

#[test]
fn key_and_certificate_files() {
    let with = |member: &str| codes(&format!("[{{ name: a, path: /v1, url: 'https://h', {member} }}]"));
    assert_eq!(with("key_file: keys/openai.key"), [""; 0]);
    assert_eq!(with("key_file: keys/missing.key"), ["file_missing"]);
    assert_eq!(with("key_file: keys"), ["not_a_file"]);
    assert_eq!(with("key_file: keys/clients"), ["file_loose"]);
    assert_eq!(with("ca_file: keys/clients"), ["no_certificate"]);
}
