use super::Signs;

#[test]
fn the_next_start_is_where_what_belongs_to_the_sign_begins() {
    for (text, expected) in [
        ("", 0),
        ("nothing here", 0),
        ("nothing here.", 0),
        ("nothing here!", 13),
        ("write to jo.smith@example.org", 9),
        ("a rather long line without anything in it, and then 12", 47),
        ("a rather long line without anything in it, and then \u{e9}", 47),
        ("see fe80::1", 0),
        ("see @home", 4),
        ("so (020", 3),
        ("so +(370", 3),
        ("a verylongwordindeed 1", 21),
        ("7", 0),
    ] {
        assert_eq!(Signs::new(text).next(0), expected, "{text:?}");
    }
}

#[test]
fn nothing_is_looked_at_again_before_the_sign() {
    let mut signs = Signs::new("one two three@four");
    assert!(signs.behind(0));
    assert_eq!(signs.next(0), 8);
    assert!(!signs.behind(8) && !signs.behind(13));
    assert!(signs.behind(14));
}
