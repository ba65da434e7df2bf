use std::time::Duration;

use tokio::time::Instant;

use super::Ages;

const S: Duration = Duration::from_secs(1);

/// Text may wait for 64 s, so that pieces are told apart by a second.
fn ages() -> (Ages<u8>, Instant) {
    (Ages::new(64 * S), Instant::now())
}

#[test]
fn what_is_settled_at_once_never_waits() {
    let (mut ages, begun) = ages();
    for at in 0..100 {
        ages.note(0, 10, begun + at * S, u64::from(at + 1) * 10);
        assert_eq!(ages.due(), None);
    }
    assert_eq!(ages.longest(), Duration::ZERO);
}

#[test]
fn the_clock_runs_from_the_first_byte_that_is_held() {
    let (mut ages, begun) = ages();
    ages.note(0, 10, begun, 4);
    for at in 1..40 {
        ages.note(0, 1, begun + at * S, 4);
        assert_eq!(ages.due(), Some(begun + 64 * S), "what comes later makes what is held no younger");
    }
}

#[test]
fn a_slow_model_is_not_cut_for_what_is_settled() {
    let (mut ages, begun) = ages();
    // A byte every 20 s, each held until two more have come: for ever, and no byte waits for longer than 40 s.
    for at in 0..100 {
        let (now, came) = (begun + at * 20 * S, u64::from(at + 1));
        ages.note(0, 1, now, came.saturating_sub(2));
        assert!(ages.due().is_some_and(|due| due > now + 20 * S), "at byte {at}");
    }
    assert_eq!(ages.longest(), 40 * S);
}

#[test]
fn the_oldest_of_all_channels_counts() {
    let (mut ages, begun) = ages();
    ages.note(0, 10, begun + 3 * S, 0);
    ages.note(1, 10, begun, 0);
    assert_eq!(ages.due(), Some(begun + 64 * S));
    ages.over(1, begun + 5 * S);
    assert_eq!((ages.due(), ages.longest()), (Some(begun + 67 * S), 5 * S));
    ages.over(0, begun + 6 * S);
    assert_eq!((ages.due(), ages.longest()), (None, 5 * S));
}

#[test]
fn the_time_of_a_slow_client_does_not_count() {
    let (mut ages, begun) = ages();
    ages.unread(7 * S);
    ages.note(0, 10, begun, 0);
    ages.unread(100 * S);
    assert_eq!(ages.due(), Some(begun + 164 * S));
    ages.note(0, 0, begun + 130 * S, 10);
    assert_eq!((ages.due(), ages.longest()), (None, 30 * S));
}

#[test]
fn however_small_the_pieces_few_are_kept() {
    let (mut ages, begun) = ages();
    for at in 0..64_000 {
        ages.note(0, 1, begun + at * S / 1000, 0);
    }
    assert!(ages.channels[&0].pieces.len() <= 65);
    // What is not settled keeps the time of the piece that it is part of.
    ages.note(0, 1, begun + 64 * S, 1500);
    assert_eq!(ages.due(), Some(begun + 65 * S));
}
