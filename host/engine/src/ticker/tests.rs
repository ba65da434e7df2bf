use super::*;

#[test]
fn a_deadline_is_never_shorter_than_asked() {
    assert_eq!(ticks(Duration::from_millis(5)), 2);
    assert_eq!(ticks(Duration::from_millis(6)), 3);
    assert_eq!(ticks(Duration::ZERO), 1);
    assert!(ticks(Duration::MAX) < u64::MAX);
}
