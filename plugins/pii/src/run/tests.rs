#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Run;
use crate::view::View;

fn read(text: &str) -> Run {
    Run::read(View::new(text, true), 0).unwrap().unwrap()
}

#[test]
fn groups_and_their_separators_are_read() {
    let run = read("+49 (0) 30/123-45");
    assert!(run.plus);
    let groups: Vec<_> = run.groups().iter().map(|g| (g.len, g.separator, g.enclosed, g.end)).collect();
    assert_eq!(
        groups,
        [
            (2, None, false, 3),
            (1, Some(' '), true, 6),
            (2, Some(' '), false, 10),
            (3, Some('/'), false, 14),
            (2, Some('-'), false, 17)
        ]
    );
    assert_eq!(run.digits(), [4, 9, 0, 3, 0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_run_ends_at_what_no_number_has_inside() {
    for (text, groups) in
        [("12, 13", 1), ("12  13", 1), ("12-", 1), ("(12", 1), ("(12 13)", 1), ("12:13", 1), ("1.2.3", 3)]
    {
        assert_eq!(read(text).groups().len(), groups, "{text}");
    }
    assert_eq!(read(&"1".repeat(50)).digits().len(), super::MAX_DIGITS);
    assert!(Run::read(View::new("+x", true), 0).unwrap().is_none());
}

#[test]
fn what_may_go_on_is_open() {
    for text in ["12", "12 ", "12 (", "+", "(", "12/"] {
        assert!(Run::read(View::new(text, false), 0).is_err(), "{text}");
    }
}

#[test]
fn dates_are_known() {
    for text in ["2023-11-05", "5.11.2023", "05/11/2023", "11/25/2023", "1999/1/2"] {
        assert!(read(text).is_date(), "{text}");
    }
    for text in ["2023-13-05", "45.11.2023", "2023-11/05", "020 79 46"] {
        assert!(!read(text).is_date(), "{text}");
    }
}
