use super::*;

#[test]
fn only_listed_headers_go_up_and_the_key_only_when_it_is_the_clients_own() {
    let mut client = HeaderMap::new();
    for (name, value) in [
        ("authorization", "Bearer sk-client"),
        ("openai-organization", "org-1"),
        ("openai-project", "my project: jo@example.org"),
        ("x-commit-owner", "human:jo"),
        ("x-witgate-receipt", "forged"),
        ("cookie", "a=b"),
    ] {
        client.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let passed = up(&client, true, true);
    assert_eq!(passed["authorization"], "Bearer sk-client");
    assert_eq!(passed["openai-organization"], "org-1");
    assert_eq!(passed["accept"], "text/event-stream");
    assert_eq!(passed["accept-encoding"], "identity");
    for not in ["openai-project", "x-commit-owner", "x-witgate-receipt", "cookie"] {
        assert!(!passed.contains_key(not), "{not} went up");
    }
    assert!(!up(&client, false, false).contains_key("authorization"));
}

#[test]
fn only_listed_headers_come_back() {
    let mut upstream = HeaderMap::new();
    for (name, value) in [
        ("x-request-id", "req_1"),
        ("x-ratelimit-remaining-tokens", "12"),
        ("retry-after", "7"),
        ("retry-after-ms", "7000"),
        ("set-cookie", "a=b"),
        ("x-witgate-receipt", "forged"),
        ("transfer-encoding", "chunked"),
        ("location", "http://example.org"),
    ] {
        upstream.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let mut passed = HeaderMap::new();
    down(&upstream, &mut passed);
    let mut names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens", "x-request-id"]);
}
