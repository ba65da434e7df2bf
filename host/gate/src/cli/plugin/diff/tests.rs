use proptest::prelude::*;

use super::*;

fn plain(expected: &str, got: &str) -> Vec<String> {
    told(expected, got, Paint(false))
}

#[test]
fn a_changed_line_is_marked_where_it_changed() {
    assert_eq!(
        plain("write to nobody", "write to <token:email>"),
        ["- write to nobody", "+ write to <token:email>", "           ^^^^^^^^^^^^^"]
    );
    assert_eq!(plain("a\nb\nc", "a\nX\nc"), ["  a", "- b", "+ X", "  ^", "  c"]);
}

#[test]
fn lines_more_and_lines_less() {
    assert_eq!(plain("a\nb\nc\n", "a\nc\n"), ["  a", "- b", "  c"]);
    assert_eq!(plain("a\nc\n", "a\nb\nb\nc\n"), ["  a", "+ b", "+ b", "  c"]);
}

#[test]
fn what_cannot_be_seen_is_written_out() {
    assert_eq!(plain("a", "a\u{200b}"), ["- a", "+ a\\u{200b}", "   ^^^^^^^^"]);
    // A line feed that only one of them has.
    assert_eq!(plain("a\n", "a").first().map(String::as_str), Some("- a\\n"));
    assert!(plain("a", "\x1b[2J").iter().all(|line| !line.contains('\x1b')));
}

#[test]
fn what_is_far_from_any_change_is_left_out() {
    let expected = (0..40).map(|n| format!("{n}\n")).collect::<String>();
    let lines = plain(&expected, &expected.replace("20\n", "xx\n"));
    assert_eq!(lines, ["  …", "  18", "  19", "- 20", "+ xx", "  ^^", "  21", "  22"]);
}

#[test]
fn colours_only_where_they_are_wanted() {
    let lines = told("a b c", "a x c", Paint(true));
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.contains("\x1b[1;4;3")), "{lines:?}");
}

#[test]
fn long_texts_end_in_bounded_time_and_room() {
    let (a, b) = ("a\n".repeat(50_000), "b\n".repeat(50_000));
    assert!(plain(&a, &b).len() <= TOLD + 3);
    assert!(plain(&"a".repeat(100_000), "b").iter().all(|line| line.chars().count() <= WIDEST + 3));
}

proptest! {
    /// What is the same or gone makes the one text, what is the same or new the other.
    #[test]
    fn both_texts_are_in_the_difference(a in "[ab\n]{0,30}", b in "[ab\n]{0,30}") {
        let (mut left, mut right) = (String::new(), String::new());
        for line in paired(between(&split(&a), &split(&b))) {
            match line {
                Line::Same(text) => { left.push_str(text); right.push_str(text); }
                Line::Gone(text) => left.push_str(text),
                Line::New(text) => right.push_str(text),
                Line::Changed(gone, new) => { left.push_str(gone); right.push_str(new); }
            }
        }
        prop_assert_eq!(left, a);
        prop_assert_eq!(right, b);
    }

    #[test]
    fn a_middle_and_its_ends_make_the_lines(a in "[abé]{0,8}", b in "[abé]{0,8}") {
        let (head, (gone, new), tail) = middle(&a, &b);
        prop_assert_eq!(format!("{head}{gone}{tail}"), &*a);
        prop_assert_eq!(format!("{head}{new}{tail}"), &*b);
    }
}
