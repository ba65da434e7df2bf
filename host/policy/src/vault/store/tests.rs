#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn vaults(limits: TokenLimits) -> Arc<Vaults> {
    Vaults::new(limits).unwrap()
}

fn evicted(vaults: &Vaults) -> [u64; 4] {
    vaults.stats().evicted.map(|(_, count)| count)
}

fn id(of: u8) -> Id {
    [of; 32]
}

#[test]
fn a_session_ends_when_it_is_not_used_and_when_it_is_old() {
    let limits = TokenLimits { idle: 10 * SECOND, age: 35 * SECOND, ..TokenLimits::default() };
    let vaults = vaults(limits);
    let start = Instant::now();
    let first = vaults.seat(id(1), "jo", start);
    let same = |at: u32, of: &Arc<Session>| Arc::ptr_eq(&vaults.seat(id(1), "jo", start + at * SECOND), of);
    assert!(same(9, &first) && same(18, &first));
    vaults.sweep_at(start + 100 * SECOND / 3);
    assert!(same(27, &first), "an exchange still uses it");
    drop(first);
    vaults.seat(id(2), "jo", start + 30 * SECOND);
    vaults.sweep_at(start + 37 * SECOND);
    assert_eq!((vaults.stats().sessions, evicted(&vaults)), (1, [0, 1, 0, 0]));
    vaults.sweep_at(start + 40 * SECOND);
    assert_eq!((vaults.stats().sessions, evicted(&vaults)), (0, [1, 1, 0, 0]));
    // Without a sweep, too.
    vaults.seat(id(3), "jo", start);
    vaults.seat(id(3), "jo", start + 10 * SECOND);
    assert_eq!(evicted(&vaults), [2, 1, 0, 0]);
}

#[test]
fn who_has_most_makes_place_with_what_it_used_least() {
    let vaults = vaults(TokenLimits { sessions: 4, ..TokenLimits::default() });
    let now = Instant::now();
    vaults.seat(id(1), "modest", now);
    for greedy in 10..40 {
        vaults.seat(id(greedy), "greedy", now);
    }
    assert_eq!((vaults.stats().sessions, evicted(&vaults)), (4, [0, 0, 27, 0]));
    let seats = vaults.lock();
    let mut left: Vec<u8> = seats.all.keys().map(|id| id[0]).collect();
    left.sort_unstable();
    assert_eq!(left, [1, 37, 38, 39]);
    assert_eq!(seats.owners.len(), 2);
    drop(seats);
    // One that is used is the last to go.
    let used = vaults.seat(id(37), "greedy", now);
    vaults.seat(id(38), "greedy", now);
    vaults.seat(id(39), "greedy", now);
    vaults.seat(id(40), "greedy", now);
    assert!(Arc::ptr_eq(&used, &vaults.seat(id(37), "greedy", now)));
}

#[test]
fn bytes_are_made_room_for_and_given_back() {
    let vaults = vaults(TokenLimits { bytes: 100_000, ..TokenLimits::default() });
    let value = "x".repeat(1000);
    let fill = |principal: &str, session: &str, values: usize| {
        let mut vault = vaults.of_session("t", principal, session);
        (0..values).filter(|i| vault.token("n", &format!("{i}{value}")[..1000]).contains('_')).count()
    };
    assert_eq!(fill("modest", "s", 10), 10);
    assert_eq!(fill("greedy", "1", 40), 40);
    assert_eq!(fill("greedy", "2", 60), 60, "the first session of the same principal went");
    assert_eq!((vaults.stats().sessions, evicted(&vaults)), (2, [0, 0, 0, 1]));
    assert_eq!(vaults.stats().entries, 70);
    let mut modest = vaults.of_session("t", "modest", "s");
    let token = modest.token("n", &format!("3{value}")[..1000]);
    assert_eq!(vaults.stats().entries, 70, "it was there");
    let (edits, _) = modest.restore(&token, 0);
    assert_eq!(edits.len(), 1);
    // Where nobody else has anything, there is a mask and no leak.
    let full = fill("greedy", "3", 200);
    assert!((70..100).contains(&full), "{full}");
    drop(modest);
    vaults.sweep_at(Instant::now() + 100_000 * SECOND);
    let stats = vaults.stats();
    assert_eq!((stats.sessions, stats.entries, stats.bytes), (0, 0, 0));
    assert!(vaults.lock().owners.is_empty());
}

#[test]
fn an_exchange_by_itself_leaves_nothing() {
    let vaults = vaults(TokenLimits { sessions: 0, ..TokenLimits::default() });
    assert!(!vaults.has_sessions());
    let mut one = vaults.of_exchange("1");
    let (token, again) = (one.token("email", "a@b.example"), one.token("email", "a@b.example"));
    assert_eq!(token, again);
    assert_ne!(token, vaults.of_exchange("2").token("email", "a@b.example"));
    assert_eq!(vaults.stats().entries, 1);
    drop(one);
    assert_eq!((vaults.stats().entries, vaults.stats().bytes), (0, 0));
}
