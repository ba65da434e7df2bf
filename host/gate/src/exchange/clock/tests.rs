use std::time::Duration;

use tokio::time::Instant;

use super::{Alarm, Clock};

const MS: Duration = Duration::from_millis(1);

/// Idle after 400 ms, quiet after 60.
fn clock() -> Clock {
    let now = Instant::now();
    let timer = Box::pin(tokio::time::sleep_until(now + 400 * MS));
    Clock { timer, idle: 400 * MS, quiet: 60 * MS, read: now, left: now, retired: None }
}

#[tokio::test]
async fn an_upstream_that_is_silent_is_idle() {
    let (mut clock, begun) = (clock(), Instant::now());
    assert_eq!(clock.rings(false, None).await, Alarm::Idle);
    assert!(begun.elapsed() >= 400 * MS);
}

#[tokio::test]
async fn each_event_moves_the_end_of_patience() {
    let (mut clock, begun) = (clock(), Instant::now());
    for _ in 0..5 {
        // On a machine that is busy the alarm may win; then it was due.
        let rang = tokio::time::timeout(100 * MS, clock.rings(false, None)).await;
        assert!(rang.is_err() || clock.read.elapsed() >= 400 * MS);
        clock.reads();
    }
    assert_eq!(clock.rings(false, None).await, Alarm::Idle);
    assert!(begun.elapsed() >= 900 * MS);
}

#[tokio::test]
async fn quiet_is_told_again_and_again_while_text_is_held() {
    let (mut clock, begun) = (clock(), Instant::now());
    for turn in 1..=3 {
        assert_eq!(clock.rings(true, None).await, Alarm::Quiet);
        assert!(begun.elapsed() >= turn * 60 * MS);
        clock.sent();
    }
    // Nothing is held any more: only patience is left.
    assert_eq!(clock.rings(false, None).await, Alarm::Idle);
    assert!(begun.elapsed() >= 400 * MS);
}

#[tokio::test]
async fn a_replaced_set_ends_whatever_comes() {
    let (mut clock, begun) = (clock(), Instant::now());
    clock.retire(200 * MS);
    assert!(clock.is_retired());
    for _ in 0..2 {
        let rang = tokio::time::timeout(50 * MS, clock.rings(false, None)).await;
        assert!(rang.is_err() || begun.elapsed() >= 200 * MS);
        clock.reads();
    }
    assert_eq!(clock.rings(false, None).await, Alarm::Retired);
    assert!(begun.elapsed() >= 200 * MS);
}

#[tokio::test]
async fn text_that_is_too_old_is_told_between_comments() {
    let (mut clock, begun) = (clock(), Instant::now());
    let old = Some(begun + 150 * MS);
    for _ in 0..2 {
        assert_eq!(clock.rings(true, old).await, Alarm::Quiet);
        clock.sent();
    }
    assert_eq!(clock.rings(true, old).await, Alarm::Old);
    assert!(begun.elapsed() >= 150 * MS);
}
