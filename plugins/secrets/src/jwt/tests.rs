use super::*;

const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const PAYLOAD: &str = "eyJzdWIiOiJqbyIsImlhdCI6MTUxNjIzOTAyMn0";

#[test]
fn header_payload_and_signature_are_a_token() {
    let whole = format!("{HEADER}.{PAYLOAD}.c2lnbmF0dXJlLXdpdGgtbG93LWxpbmVz");
    assert_eq!(len(whole.as_bytes()), Some(whole.len()));
    let unsigned = format!("{HEADER}.{PAYLOAD}");
    assert_eq!(len(unsigned.as_bytes()), Some(unsigned.len()));
    let encrypted = format!("{HEADER}.{PAYLOAD}.aXY.Y2lwaGVy.dGFn");
    assert_eq!(len(encrypted.as_bytes()), Some(encrypted.len()));
    let more = format!("{whole}.a.b.c");
    assert_eq!(len(more.as_bytes()), Some(whole.len() + 4), "five parts at most");
}

#[test]
fn a_header_alone_and_json_without_an_algorithm_are_none() {
    assert_eq!(len(HEADER.as_bytes()), None);
    assert_eq!(len(b"eyJAAAAAAAAAAAAAAAAA.eyJBBBBBBBBBBBBB"), None);
    // {"name":"Jo Doe","age":41}
    assert_eq!(len(b"eyJuYW1lIjoiSm8gRG9lIiwiYWdlIjo0MX0.eyJzdWIiOiJqbyJ9"), None);
}

#[test]
fn base64_is_read_to_its_first_foreign_character() {
    assert_eq!(decode(b"YTpi"), b"a:b");
    assert_eq!(decode(b"YT-_"), b"a?\xbf".map(|b| if b == b'?' { 0x3f } else { b }).as_slice());
    assert_eq!(decode(b"YTpi!x"), b"a:b");
}
