#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::super::flips::Kind;
use super::*;

fn flip(code: &str) -> Replayed {
    let (stage, plugin) = ("admission".into(), "pii".into());
    Replayed::Against(Some(Flip { kind: Kind::Refused, stage, plugin, code: code.into() }))
}

#[test]
fn what_cannot_be_replayed_is_neither_same_nor_other() {
    let mut report = Report::new(true);
    report.add("a".into(), flip("email"));
    report.add("b".into(), flip("email"));
    report.add("c".into(), flip("card"));
    report.add("d".into(), Replayed::Against(None));
    report.add("e".into(), Replayed::Cannot(("body_erased".into(), "gone".into())));
    assert_eq!((report.seen, report.replayed, report.same, report.is_clean()), (5, 4, 1, false));
    let mut told = Vec::new();
    report.tell(1, &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "4 exchanges decided again with other policies: 1 as before, 3 otherwise",
            "1 would be refused now: admission, pii: card",
            "c",
            "2 would be refused now: admission, pii: email",
            "a",
            "1 cannot be replayed:",
            "1 body_erased, such as e: gone",
        ],
        "one example of a kind"
    );
}

#[test]
fn nothing_replayed_is_clean_and_says_so() {
    let report = Report::new(false);
    assert!(report.is_clean());
    assert_eq!(report.replayed, 0);
}
