use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn a_guest_that_ran_has_one_more_deadline_and_no_third() {
    let mut patience = Patience::default();
    assert!(patience.more(MS(50), Some(MS(1000))));
    assert!(!patience.more(MS(50), Some(MS(1050))));
}

#[test]
fn a_thread_put_aside_does_not_use_up_the_guests_time() {
    let mut patience = Patience::default();
    for came in 0..10 {
        assert!(patience.more(MS(50), Some(MS(1000 + came))), "{came}");
    }
    assert!(!patience.more(MS(50), Some(MS(1060))));
}

#[test]
fn a_guest_that_never_gets_to_run_ends_all_the_same() {
    let mut patience = Patience::default();
    let asked = (0..1000).take_while(|_| patience.more(MS(50), Some(MS(1000)))).count();
    assert_eq!(asked, MOST as usize - 1);
}

#[test]
fn where_the_system_does_not_tell_the_wall_decides() {
    assert!(!Patience::default().more(MS(50), None));
}
