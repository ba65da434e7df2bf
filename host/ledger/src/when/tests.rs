#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::When;
use crate::explain::utc;

fn time(text: &str) -> Option<u64> {
    match When::parse(text, 1_000_000_000).ok()? {
        When::Time(ms) => Some(ms),
        When::Position(_) => None,
    }
}

#[test]
fn positions_times_and_how_long_ago() {
    assert_eq!("120".parse(), Ok(When::Position(120)));
    assert_eq!(time("90s"), Some(1_000_000_000 - 90_000));
    assert_eq!(time("7d"), Some(1_000_000_000 - 7 * 86_400_000));
    assert_eq!(time("9999d"), Some(0));
    assert_eq!(time("1970-01-02"), Some(86_400_000));
    assert_eq!(time("2024-02-29T12:00Z"), Some(1_709_208_000_000));
    assert_eq!(time("2026-11-21T02:54:49.727Z"), Some(1_795_229_689_727));
    assert_eq!(time("2026-11-21T04:54:49.7279+02:00"), Some(1_795_229_689_727));
    assert_eq!(time("2026-11-20T21:54:49.727-05:00"), Some(1_795_229_689_727));
}

#[test]
fn what_is_none_of_these_is_refused() {
    for text in [
        "",
        "x",
        "-5",
        "+5",
        "5x",
        "m",
        "2023-02-29",
        "2026-13-01",
        "2026-11-21T",
        "2026-11-21T25:00Z",
        "2026-11-21T02:54:49",
        "2026-11-21T02:54:49.Z",
        "2026-11-21T02:54:49Zz",
        "2026-11-21T2:54Z",
        "2026/11/21",
        "1969-12-31",
        "99999999999999999999",
        "ä",
        "2026-11-21T02:54:49+0200",
    ] {
        assert!(text.parse::<When>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(ms in 0u64..253_402_300_799_999) {
        prop_assert_eq!(time(&utc(ms)), Some(ms));
    }

    #[test]
    fn no_text_stops_it(text in ".{0,40}") {
        let _ = text.parse::<When>();
    }
}

#[test]
fn it_is_shown_as_it_is_read() {
    let when = When::Time(1_795_229_689_727);
    assert_eq!(when.to_string().parse::<When>().unwrap(), when);
}
