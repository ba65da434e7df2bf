use super::each_decoded;

fn decoded(text: &str) -> Vec<String> {
    let mut out = vec![];
    each_decoded(text, |t| out.push(t.to_owned()));
    out
}

#[test]
fn base64_and_hexadecimal_are_read() {
    assert_eq!(decoded("run aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91 now"), ["hello world, how are you"]);
    assert_eq!(decoded("x: aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91PyA="), ["hello world, how are you? "]);
    assert_eq!(decoded("68656c6c6f20776f726c6421206f6b"), ["hello world! ok"]);
}

#[test]
fn what_is_no_text_is_left() {
    for text in ["short aGVsbG8=", "/usr/share/applications/example-desktop-file", &"A".repeat(64), "0123456789abcdef0123456789abcdef"] {
        assert!(decoded(text).is_empty(), "{text}");
    }
}
