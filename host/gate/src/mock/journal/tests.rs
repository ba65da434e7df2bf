#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use hyper::Request;

use super::*;

fn head() -> Parts {
    Request::post("/v1/chat/completions?x=1").header("Authorization", "Bearer k").body(()).unwrap().into_parts().0
}

#[test]
fn the_number_of_requests_is_bounded() {
    let journal = Journal::default();
    for number in 0..300 {
        assert_eq!(journal.request(&head(), b"{}"), number);
    }
    let requests = journal.requests();
    assert_eq!(requests.len(), MAX_ENTRIES);
    assert_eq!(requests.first().map(|one| one.number), Some(44));
    let last = requests.last().unwrap();
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.body.as_str()),
        ("POST", "/v1/chat/completions?x=1", "{}")
    );
    assert_eq!(last.headers, [("authorization".to_owned(), "Bearer k".to_owned())]);
    assert_eq!(journal.requests_json()["dropped"], 44);
}

#[test]
fn the_bytes_are_bounded() {
    let journal = Journal::default();
    let body = vec![b'x'; 10 << 20];
    for _ in 0..5 {
        journal.request(&head(), &body);
    }
    assert_eq!(journal.requests().len(), 3);
    journal.clear();
    assert_eq!(journal.request(&head(), &body), 5);
    assert_eq!(journal.requests().len(), 1);
}

#[test]
fn endings_are_counted_and_cancellations_kept() {
    let journal = Journal::default();
    journal.ended(Ending::Finished);
    journal.ended(Ending::Cut);
    for request in 0..300 {
        journal.ended(Ending::Cancelled { request, after_bytes: 7 });
    }
    let stats = journal.stats_json();
    assert_eq!(stats["responses"], json!({"finished": 1, "cut": 1, "cancelled": 300}));
    assert_eq!(stats["cancelled"].as_array().unwrap().len(), MAX_ENTRIES);
    assert_eq!(journal.cancelled().last().map(|one| (one.request, one.after_bytes)), Some((299, 7)));
}
