#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn marked(start: usize, end: usize, kind: &str) -> Marked {
    Marked { start, end, kind: kind.to_owned() }
}

fn compared(rows: &[(Option<Vec<Marked>>, Vec<Marked>)], codes: &[&str]) -> Option<Spans> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    compare(rows.iter().map(|(labelled, found)| (labelled.as_deref(), found.as_slice())), &codes, &Types::default())
}

#[test]
fn exact_and_overlapping_are_told_apart() {
    let rows = [
        (
            Some(vec![marked(0, 5, "CREDIT_CARD"), marked(10, 20, "CREDIT_CARD")]),
            vec![marked(0, 5, "card"), marked(12, 20, "card"), marked(30, 40, "card")],
        ),
        (Some(vec![marked(3, 8, "EMAIL_ADDRESS")]), vec![]),
        (Some(vec![]), vec![marked(0, 4, "email")]),
    ];
    let spans = compared(&rows, &["card", "email"]).unwrap();
    let card = spans.types.iter().find(|one| one.name == "card").unwrap();
    assert_eq!((card.labelled, card.found), (2, 3));
    assert_eq!((card.exact.precision, card.exact.recall, card.exact.f1), (Some(0.3333), Some(0.5), Some(0.4)));
    assert_eq!((card.overlapping.precision, card.overlapping.recall), (Some(0.6667), Some(1.0)));
    let email = spans.types.iter().find(|one| one.name == "email").unwrap();
    assert_eq!((email.exact.precision, email.exact.recall, email.exact.f1), (Some(0.0), Some(0.0), Some(0.0)));
    assert_eq!((spans.total.labelled, spans.total.found), (3, 4));
    assert_eq!(spans.total.exact.precision, Some(0.25));
}

#[test]
fn spans_that_touch_do_not_overlap_and_types_are_not_mixed_up() {
    let rows = [(Some(vec![marked(0, 5, "ip"), marked(5, 9, "card")]), vec![marked(5, 9, "ip"), marked(0, 5, "card")])];
    let spans = compared(&rows, &["ip", "card"]).unwrap();
    assert_eq!(spans.total.overlapping.precision, Some(0.0));
    assert_eq!(spans.total.overlapping.f1, Some(0.0));
}

#[test]
fn what_only_one_side_knows_is_left_out_and_said() {
    let rows = [
        (Some(vec![marked(0, 5, "PERSON"), marked(6, 9, "ip")]), vec![marked(6, 9, "ip"), marked(10, 12, "mac")]),
        (Some(vec![marked(0, 5, "PERSON")]), vec![]),
        // Nobody looked for spans here.
        (None, vec![marked(0, 3, "ip")]),
    ];
    let spans = compared(&rows, &["ip", "mac"]).unwrap();
    assert_eq!(spans.not_declared, [("PERSON".to_owned(), 2)]);
    assert_eq!(spans.not_labelled, [("mac".to_owned(), 1)]);
    assert_eq!((spans.total.labelled, spans.total.found, spans.total.exact.f1), (1, 1, Some(1.0)));
}

#[test]
fn without_labelled_spans_there_is_nothing_to_say() {
    assert_eq!(compared(&[(None, vec![marked(0, 3, "ip")]), (Some(vec![]), vec![])], &["ip"]), None);
}

#[test]
fn a_type_that_is_never_found_is_in_one_total_only() {
    let rows =
        [(Some(vec![marked(0, 5, "PERSON"), marked(6, 9, "ip")]), vec![marked(6, 9, "ip")]), (Some(vec![]), vec![])];
    let spans = compared(&rows, &["ip", "person"]).unwrap();
    assert_eq!(spans.total.exact.recall, Some(0.5));
    assert_eq!(spans.total_of_found.unwrap().exact.recall, Some(1.0));
    assert_eq!(compared(&rows, &["ip"]).unwrap().total_of_found, None);
}
