#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use bytes::Bytes;

use super::*;

fn answer(status: u16, kind: &str, body: &'static str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        kind: kind.to_owned(),
        body: Bytes::from_static(body.as_bytes()),
    }
}

#[test]
fn the_request_is_as_witnesses_read_it() {
    let text = String::from_utf8(body(7, &[Digest([1; 32]), Digest([2; 32])], "note\n\n\u{2014} a b\n")).unwrap();
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(lines[0], "old 7");
    assert_eq!(lines[1], STANDARD.encode([1; 32]));
    assert_eq!(lines[3..5], ["", "note"]);
    assert_eq!(body(0, &[], "n\n"), b"old 0\n\nn\n");
}

#[test]
fn another_size_is_taken_and_what_cannot_be_is_told() {
    assert_eq!(other_size(&answer(409, SIZE, "5\n"), 0, 9), Ok(5));
    assert_eq!(other_size(&answer(409, SIZE, "0\n"), 3, 9), Ok(0));
    for (status, kind, body) in
        [(409, SIZE, "3\n"), (409, SIZE, "five"), (409, "text/plain", "5\n"), (422, SIZE, "5\n")]
    {
        assert_eq!(other_size(&answer(status, kind, body), 3, 9), Err(None), "{status} {kind} {body}");
    }
    let more = other_size(&answer(409, SIZE, "12\n"), 3, 9).unwrap_err().unwrap();
    assert!(more.contains("12 records") && more.contains("cut"), "{more}");
    assert!(refused(&answer(404, "", "no such log")).contains("no such log"));
    assert!(refused(&answer(500, "", "")).contains("500"));
}
