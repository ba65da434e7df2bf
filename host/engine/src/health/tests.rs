use super::*;

const QUICK: Duration = Duration::from_micros(50);

/// As if the pause were over.
fn pass(health: &Health) {
    if health.until_ms.load(Ordering::Relaxed) != 0 {
        health.until_ms.store(1, Ordering::Relaxed);
    }
    while health.now_ms() < 1 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn opens_once_half_of_what_is_remembered_were_faults() {
    let health = Health::default();
    for _ in 1..TOO_MANY {
        assert!(!health.faulted(false));
        assert!(health.enter().is_ok());
    }
    assert!(health.faulted(false), "this one opens it");
    assert_eq!(health.breaker(), Breaker::Open);
    assert_eq!(health.enter(), Err(Fault::Breaker));
}

#[test]
fn a_few_faults_among_many_good_exchanges_do_not_open_it() {
    let health = Health::default();
    for _ in 0..1000 {
        health.well(QUICK, false);
        health.well(QUICK, false);
        assert!(!health.faulted(false));
    }
    assert_eq!(health.breaker(), Breaker::Closed);
}

#[test]
fn lets_one_exchange_try_and_closes_when_it_goes_well() {
    let health = Health::default();
    while !health.faulted(false) {}
    pass(&health);
    assert_eq!(health.enter(), Ok(true), "one tries");
    assert_eq!(health.enter(), Err(Fault::Breaker), "the others wait for it");
    assert!(health.well(QUICK, true), "it closes the breaker");
    assert_eq!(health.enter(), Ok(false));
    assert!(!health.faulted(false), "what came before is forgotten");
}

#[test]
fn a_try_that_faults_doubles_the_pause_up_to_a_bound() {
    let health = Health::default();
    while !health.faulted(false) {}
    let mut pauses = vec![];
    for _ in 0..8 {
        pass(&health);
        assert_eq!(health.enter(), Ok(true));
        assert!(!health.faulted(true), "it is open already");
        assert_eq!(health.enter(), Err(Fault::Breaker));
        pauses.push(health.pause_ms.load(Ordering::Relaxed));
    }
    assert_eq!(pauses[..5], [2000, 4000, 8000, 16_000, 30_000]);
    assert!(pauses.iter().all(|p| *p <= millis(LONGEST_PAUSE)));
}

#[test]
fn is_on_probation_while_it_is_new_after_a_fault_and_while_it_is_slow() {
    let health = Health::default();
    for _ in 0..PROBATION {
        assert!(health.is_on_probation());
        health.well(QUICK, false);
    }
    assert!(!health.is_on_probation());
    health.faulted(false);
    assert!(health.is_on_probation());
    for _ in 0..PROBATION {
        health.well(QUICK, false);
    }
    assert!(!health.is_on_probation());
    for _ in 0..8 {
        health.well(4 * SLOW, false);
    }
    assert!(health.is_on_probation());
}

#[test]
fn exchanges_asked_before_it_opened_change_nothing() {
    let health = Health::default();
    while !health.faulted(false) {}
    let pause = health.pause_ms.load(Ordering::Relaxed);
    for _ in 0..32 {
        assert!(!health.faulted(false) && !health.well(QUICK, false));
    }
    assert_eq!((health.breaker(), health.pause_ms.load(Ordering::Relaxed)), (Breaker::Open, pause));
    pass(&health);
    assert_eq!(health.enter(), Ok(true), "and one may try as soon as before");
}
