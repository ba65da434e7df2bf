#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn a_bad_regex_says_where_and_what() {
    for (pattern, want) in [
        ("ab(c", "at character 3: unclosed group"),
        ("ä[z-a]", "at character 3: invalid character class range, the start must be <= the end"),
        ("a{2,1}", "at character 2: invalid repetition count range, the start must be <= the end"),
        (r"(a)\1", "at character 4: backreferences are not supported"),
        (r"(?=a)", "at character 1: look-around, including look-ahead and look-behind, is not supported"),
        ("a*", "it matches the empty text; let it match at least one character"),
        (r"\b", "it matches the empty text; let it match at least one character"),
        ("[a&&b]", "it matches nothing"),
    ] {
        assert_eq!(parse(pattern, false).unwrap_err(), want, "{pattern}");
    }
    let error = parse(r"\d\d ä(?-u:\xff)", false).unwrap_err();
    assert!(error.starts_with("at character 12: pattern can match invalid UTF-8"), "{error}");
    let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    assert!(parse(&deep, false).unwrap_err().contains("nest"));
}

#[test]
fn classes_are_ascii_wherever_they_stand() {
    for pattern in [r"\d", r"[\d]", r"[^\D]", r"(?x) \d # a digit", r"(?i)\d"] {
        assert_eq!(
            format!("{:?}", parse(pattern, false).unwrap()),
            format!("{:?}", parse("[0-9]", false).unwrap()),
            "{pattern}"
        );
    }
    assert!(parse(r"\bfoo\B", false).is_ok());
    assert!(parse(r"\w+@\S+", false).is_ok());
}
