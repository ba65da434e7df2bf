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
    down(&upstream, false, &mut passed);
    let mut names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens", "x-request-id"]);
}

#[test]
fn headers_that_could_say_something_are_read() {
    let mut down = HeaderMap::new();
    for (name, value) in [
        ("x-request-id", "req_0123456789abcdef0123456789abcdef"),
        ("request-id", "01a1fd4b-c6ae-7408-aafb-c762baa309e0"),
        ("x-ratelimit-remaining-tokens", "149984"),
        ("x-ratelimit-reset-tokens", "6ms"),
        ("x-should-retry", "false"),
        ("anthropic-ratelimit-tokens-reset", "2026-11-21T09:05:33Z"),
    ] {
        down.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    assert_eq!(said_down(&down), "");
    for value in [
        "4111111111111111",
        "4111-1111-1111-1111",
        "jo@example.org",
        "SECRET//NOFORN",
        "41111111111111114111111111111111",
    ] {
        let mut down = HeaderMap::new();
        down.insert("x-request-id", HeaderValue::from_static(value));
        assert_eq!(said_down(&down), value);
    }
    let mut up = HeaderMap::new();
    up.insert("openai-organization", HeaderValue::from_static("org-1"));
    up.insert("cookie", HeaderValue::from_static("a=b"));
    assert_eq!(said_up(&up), [("openai-organization", "org-1".to_owned())]);
}

#[test]
fn what_connection_names_goes_one_hop_only() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("connection", "keep-alive, OpenAI-Organization"),
        ("connection", "authorization,x-request-id"),
        ("openai-organization", "org-1"),
        ("openai-project", "proj-1"),
        ("authorization", "Bearer sk-client"),
        ("x-request-id", "req_1"),
        ("retry-after", "7"),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let passed = up(&headers, false, true);
    assert_eq!(passed["openai-project"], "proj-1");
    for not in ["openai-organization", "authorization", "connection"] {
        assert!(!passed.contains_key(not), "{not} went up");
    }
    assert_eq!(said_up(&headers), [("openai-project", "proj-1".to_owned())]);
    let mut back = HeaderMap::new();
    down(&headers, false, &mut back);
    assert_eq!(back.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["retry-after"]);
}
