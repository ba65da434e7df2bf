use super::{Ending, Views, events, resolve};

fn has(views: &Views, text: &str) -> bool {
    views.texts.iter().any(|view| view.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn texts_are_joined_over_events_and_apart_by_index() {
    let stream = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"45\"}},{\"index\":1,\"delta\":{\"content\":\"so\"}}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"39\"}}]}\r\n\r\ndata:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" 1\"}}]}\r\r";
    let views = Views::of(b"", stream);
    assert!(has(&views, "4539 1") && !has(&views, "45so"));
}

#[test]
fn escapes_numbers_and_keys_are_read() {
    assert!(has(&Views::of(b"", br#"{"a":"\u0034\u0035"}"#), "45"));
    assert!(has(&Views::of(b"", br#"{"bytes":[52,53,51]}"#), "453"));
    assert!(has(&Views::of(b"", br#"{"a":{"secret":1}}"#), "secret"));
    // Escapes of the JSON within a tool's arguments, split over two events.
    let split = br#"{"choices":[{"index":0,"delta":{"a":"\\u00"}}]}"#.as_slice();
    let other = br#"{"choices":[{"index":0,"delta":{"a":"34x"}}]}"#.as_slice();
    let stream = [b"data: ", split, b"\n\ndata: ", other, b"\n\n"].concat();
    assert!(has(&Views::of(b"", &stream), "4x"));
    // Duplicate members and what is not JSON at all are in the bytes as they are.
    assert!(has(&Views::of(b"", br#"{"a":"one","a":"two"}"#), "one"));
    assert!(has(&Views::of(b"x-note: three", b"<p>"), "three"));
}

#[test]
fn data_of_several_lines_and_of_an_unfinished_event_is_read() {
    assert_eq!(events(b"\xef\xbb\xbfdata: {\ndata: }\n\n: c\n\ndata: x"), [b"{\n}".to_vec(), b"x".to_vec()]);
}

#[test]
fn resolving_leaves_what_is_no_escape() {
    assert_eq!(resolve(br"a\u0041%20b\\u0042\n\u20ac%zz\"), br"aA bBnu20ac%zz\");
}

#[test]
fn endings_are_told_apart() {
    let ending = |body: &str| Views::of(b"", body.as_bytes()).ending;
    let whole = Ending { cut: false, complete: true };
    assert_eq!(ending("data: {\"choices\":[]}\n\ndata: [DONE]\n\n"), whole);
    assert_eq!(ending("event: x\ndata: {\"type\":\"message_stop\"}\n\n"), whole);
    assert_eq!(ending("{}"), whole);
    assert_eq!(ending("data: {\"choices\":[]}\n\n"), Ending::default());
    for cut in [
        r#"{"error":{"message":"x"}}"#,
        r#"{"type":"response.failed"}"#,
        r#"{"choices":[{"finish_reason":"content_filter"}]}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"refusal"}}"#,
    ] {
        assert!(ending(&format!("data: {cut}\n\n")).cut, "{cut}");
    }
    assert!(!ending("data: {\"error\":null}\n\n").cut);
}
