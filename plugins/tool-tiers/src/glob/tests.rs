use proptest::prelude::*;

use super::*;

#[test]
fn globs_fit_whole_names() {
    for (pattern, name, fits) in [
        ("get_*", "get_weather", true),
        ("get_*", "get_", true),
        ("get_*", "forget_x", false),
        ("*_file", "read_file", true),
        ("*_file", "read_file_x", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-b-b-d", false),
        ("db?", "db1", true),
        ("db?", "db", false),
        ("db?", "db12", false),
        ("***", "", true),
        ("*", "anything", true),
        ("?*", "", false),
        ("", "", true),
        ("", "x", false),
    ] {
        assert_eq!(Glob::new(pattern).matches(name), fits, "{pattern} {name}");
    }
}

#[test]
fn specificity_is_the_number_of_literal_characters() {
    assert_eq!(Glob::new("db_*_?").literals(), 4);
    assert_eq!(Glob::new("**").literals(), 0);
}

/// The definition of a glob, exponential and obvious.
fn obvious(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            obvious(rest, name) || name.split_first().is_some_and(|(_, tail)| obvious(pattern, tail))
        }
        ([p, rest @ ..], [n, tail @ ..]) => (*p == b'?' || p == n) && obvious(rest, tail),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_way_is_the_obvious_way(pattern in "[ab*?]{0,8}", name in "[ab]{0,10}") {
        prop_assert_eq!(Glob::new(&pattern).matches(&name), obvious(pattern.as_bytes(), name.as_bytes()));
    }
}
