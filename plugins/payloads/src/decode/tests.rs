use super::*;

#[test]
fn url_escapes_are_undone_to_a_fixed_point() {
    assert_eq!(plain("%2527%20or%201").text, "' or 1");
    assert_eq!(plain("%2527").layers, 2);
    assert_eq!(plain("100%").text, "100%");
    assert_eq!(plain("%u002e%u2215").text, "./");
}

#[test]
fn overlong_utf8_is_what_it_stands_for() {
    assert_eq!(plain("%c0%ae%c0%ae%c0%af").text, "../");
    assert_eq!(plain("%c0%2e%c0%2f").text, "./");
    assert_eq!(plain("%e0%80%ae").text, ".");
    assert_eq!(plain("%f0%80%80%ae").text, ".");
}

#[test]
fn references_and_escapes() {
    assert_eq!(plain("&lt;a&#62;&#x3c;&#60b&colon;").text, "<a><<b:");
    assert_eq!(plain(r"\x3cscript\u003e\u{3c}").text, "<script><");
    assert_eq!(plain("AT&T & co \\n").text, "AT&T & co \\n");
}

#[test]
fn wide_letters_and_quotes() {
    assert_eq!(plain("\u{ff1c}script\u{ff1e}").text, "<script>");
    assert_eq!(plain("1\u{b4} or").text, "1' or");
    assert_eq!(plain("sel\u{200b}ect").text, "select");
}

#[test]
fn form_and_base64() {
    assert_eq!(form("1+or+1=1").as_deref(), Some("1 or 1=1"));
    assert_eq!(form("1 + 1"), None);
    assert_eq!(base64("PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==").as_deref(), Some("<script>alert(1)</script>"));
    assert_eq!(base64("aGVsbG8="), None);
    assert_eq!(base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAA"), None);
}

#[test]
fn rounds_are_bounded() {
    let mut text = String::from("'");
    for _ in 0..12 {
        text = text.replace('%', "%25").replace('\'', "%27");
    }
    assert_eq!(plain(&text).layers, ROUNDS);
}
