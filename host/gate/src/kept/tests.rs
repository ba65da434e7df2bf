#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_ledger::BodyKey;

use super::*;

fn kept(room: usize, request: &'static [u8], answers: &[&[u8]]) -> KeptExchange {
    let dir = tempfile::tempdir().unwrap();
    let bodies = Bodies::new(dir.path(), BodyKey::generate().unwrap());
    let mut keeping = Keeping::new(room);
    keeping.request(&Bytes::from_static(request));
    answers.iter().for_each(|bytes| keeping.sent(bytes));
    let kept = keeping.put(&bodies, "exchange").unwrap();
    KeptExchange::decode(&bodies.get("exchange", kept).unwrap()).unwrap()
}

#[test]
fn bodies_come_back_as_they_were() {
    let kept = kept(100, b"asked", &[b"one, ", b"two"]);
    assert_eq!((kept.v, kept.whole), (1, true));
    assert_eq!((kept.request.as_slice(), kept.response.as_slice()), (&b"asked"[..], &b"one, two"[..]));
    assert!(kept.transcript.is_none());
}

#[test]
fn what_has_no_room_is_left_out_from_there_on_and_that_is_told() {
    let kept = kept(10, b"asked", &[b"one", b"more than there is room for", b"x"]);
    assert_eq!((kept.response.as_slice(), kept.whole), (&b"one"[..], false));
}
