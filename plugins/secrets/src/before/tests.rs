use super::*;

fn names(text: &str) -> Vec<(&str, Signs)> {
    Before::new(text.as_bytes()).map(|name| (std::str::from_utf8(name.text).unwrap_or_default(), name.signs)).collect()
}

#[test]
fn names_come_nearest_first_with_the_signs_behind_them() {
    let all = names("Authorization: Bearer ");
    assert_eq!(all.iter().map(|n| n.0).collect::<Vec<_>>(), ["Bearer", "Authorization"]);
    assert!(!all[0].1.assigns && all[1].1.assigns);
}

#[test]
fn quotes_arrows_tags_and_arguments_are_signs() {
    assert_eq!(names("{\"token\": \"")[0], ("token", Signs { assigns: true, quote: Some(b'"'), ..Signs::default() }));
    assert_eq!(names(":secret => '")[0].0, "secret");
    assert!(names("<password>")[0].1.tags);
    assert!(names("<a href=x>").is_empty());
    assert!(names("set(\"token\", \"")[0].1.argues);
    assert_eq!(names("\\\"token\\\": \\\"")[0].0, "token");
}

#[test]
fn a_line_ends_what_is_read() {
    assert!(names("token:\n").is_empty());
    assert_eq!(names("secret\nkey = ").len(), 1);
}

#[test]
fn users_of_curl_are_told() {
    for text in ["curl -u jo:", "curl -u 'jo:", "curl --user \"jo\":\"", "curl --user=jo@example.org:"] {
        assert!(is_curl_user(text.as_bytes()), "{text}");
    }
    for text in ["curl -H 'a:", "note: jo:", "-u"] {
        assert!(!is_curl_user(text.as_bytes()), "{text}");
    }
}
