#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use super::*;

fn key(name: &str) -> Key {
    Key { scope: "global", subject: String::new(), key: name.into() }
}

#[test]
fn two_plugins_never_see_each_others_values() {
    let store = StateStore::default();
    store.set("a", key("k"), b"1".to_vec(), 10_000).unwrap();
    assert_eq!(store.get("a", &key("k")).unwrap(), Some(b"1".to_vec()));
    assert_eq!(store.get("b", &key("k")).unwrap(), None);
}

#[test]
fn full_is_an_error_and_nothing_is_evicted() {
    let store = StateStore::default();
    for i in 0..KEYS {
        store.set("a", key(&i.to_string()), vec![], MAX_TTL_MS).unwrap();
    }
    assert!(matches!(store.set("a", key("one more"), vec![], 1), Err(StateError::Full)));
    assert_eq!(store.get("a", &key("0")).unwrap(), Some(vec![]));
    store.set("a", key("0"), b"changed".to_vec(), 10_000).unwrap();
}

#[test]
fn expired_values_make_room() {
    let store = StateStore::default();
    for i in 0..KEYS {
        store.set("a", key(&i.to_string()), vec![], 1).unwrap();
    }
    std::thread::sleep(std::time::Duration::from_millis(5));
    store.set("a", key("fresh"), vec![], 10_000).unwrap();
}

#[test]
fn add_is_exact_under_concurrency() {
    let store = StateStore::default();
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| (0..1000).for_each(|_| assert!(store.add("a", key("n"), 1, 60_000).is_ok())));
        }
    });
    assert_eq!(store.add("a", key("n"), 0, 60_000).unwrap(), 4000);
}

#[test]
fn a_bucket_gives_its_burst_then_says_how_long_to_wait() {
    let store = StateStore::default();
    for left in [2, 1, 0] {
        let rate = store.take("a", key("b"), 1, 3, 60_000).unwrap();
        assert!(matches!(rate, AdmissionRate::Taken(n) if n == left), "{rate:?}, expected {left}");
    }
    let AdmissionRate::WaitMs(wait) = store.take("a", key("b"), 1, 3, 60_000).unwrap() else {
        panic!("the bucket is empty")
    };
    assert!((50_000..=60_000).contains(&wait), "{wait}");
    store.untake("a", &key("b"), 1, 60_000);
    assert!(matches!(store.take("a", key("b"), 1, 3, 60_000).unwrap(), AdmissionRate::Taken(_)));
}

#[test]
fn oversized_keys_and_values_are_refused() {
    let store = StateStore::default();
    assert!(matches!(store.get("a", &key("")), Err(StateError::TooLarge)));
    assert!(matches!(store.get("a", &key(&"k".repeat(KEY_BYTES + 1))), Err(StateError::TooLarge)));
    let large = vec![0; VALUE_BYTES + 1];
    assert!(matches!(store.set("a", key("k"), large, 1), Err(StateError::TooLarge)));
}

#[test]
fn giving_back_changes_only_what_is_still_there() {
    let store = StateStore::default();
    store.add("a", key("n"), 5, 60_000).unwrap();
    store.unadd("a", &key("n"), 2);
    assert_eq!(store.add("a", key("n"), 0, 60_000).unwrap(), 3);

    // One that ran out must not come back below zero: that would be a budget nobody gave.
    store.add("a", key("short"), 5, 1).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5));
    store.unadd("a", &key("short"), 5);
    assert_eq!(store.add("a", key("short"), 1, 60_000).unwrap(), 1);

    store.set("a", key("bytes"), b"7".to_vec(), 60_000).unwrap();
    store.unadd("a", &key("bytes"), 5);
    assert_eq!(store.get("a", &key("bytes")).unwrap(), Some(b"7".to_vec()));
}

#[test]
fn a_bucket_is_as_slow_as_it_was_said_to_be() {
    const WEEK: u64 = 7 * 24 * 60 * 60 * 1000;
    let store = StateStore::default();
    assert!(matches!(store.take("a", key("b"), 1, 1, WEEK).unwrap(), AdmissionRate::Taken(0)));
    let AdmissionRate::WaitMs(wait) = store.take("a", key("b"), 1, 1, WEEK).unwrap() else {
        panic!("one a week");
    };
    assert!(wait > WEEK - 60_000 && wait <= WEEK, "{wait}");
    let plugins = store.lock();
    let expires = plugins["a"].get(&key("b")).unwrap().expires_ms;
    assert!(expires >= WEEK, "it is kept until it is full again");
}
