#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::*;
use crate::finder::{Finder, Reading};
use crate::syntax;
use crate::view::View;
use crate::words::Words;

fn regex(pattern: &str) -> Regex {
    Regex::new(&syntax::parse(pattern, false).unwrap(), 16).unwrap()
}

fn first(regex: &Regex, text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    while at < text.len() {
        match regex.search(text, at, true) {
            Search::Found(hit) => return Some(hit),
            Search::Nothing(next) => at = text.ceil_char_boundary(next.max(at + 1)),
            Search::Open => panic!("open though complete"),
        }
    }
    None
}

#[test]
fn it_finds_what_a_regex_finds() {
    for (pattern, text, want) in [
        (r"\d{3}-\d{2}", "a 123-45 b", Some(2..8)),
        (r"ab|abcd", "xabcd", Some(1..3)),
        (r"abcd|ab", "xabcd", Some(1..5)),
        (r"a.*b", "xa12b34b", Some(1..8)),
        (r"a.*?b", "xa12b34b", Some(1..5)),
        (r"\bcat\b", "concat cat", Some(7..10)),
        (r"\bcat\b", "concat", None),
        (r"cat$", "cat cat", Some(4..7)),
        (r"^cat", " cat", None),
        (r"\Acat", "cat", Some(0..3)),
        (r"(?m)^cat", "a\ncat", Some(2..5)),
        (r"[äö]+", "xöäx", Some(1..5)),
        (r"(?i)straße", "STRAßE", Some(0..7)),
    ] {
        assert_eq!(first(&regex(pattern), text), want, "{pattern} in {text}");
    }
}

/// Otherwise every byte would begin a search, and all of a text be held back.
#[test]
fn where_nothing_is_on_its_way_it_rests() {
    for pattern in [
        r"\d{3}-\d{2}",
        r"\bcat\b",
        r"(?i)secret\s+plan",
        r"[A-Z]{2}\d+",
        r"\A\d+",
        r"cat$",
        r"(?m)^x",
        r"[^a]b",
        r"cat\b",
    ] {
        let regex = regex(pattern);
        let (begins, _) = regex.begins();
        let wide = pattern == "[^a]b";
        let at = begins.iter().filter(|b| **b).count();
        assert!(at <= 26 || wide, "{pattern}: {at} bytes begin a match");
        assert_eq!(regex.search("~~~~~~~~~~~~~~~~", 0, false) == Search::Nothing(1), !wide, "{pattern}");
        let words = regex.search("~wwwwwwwwwwwwwwww", 1, false);
        assert_eq!(words == Search::Nothing(2), !wide, "{pattern}");
    }
    assert_eq!(regex(r"\bcat\b").search("ca~~", 0, false), Search::Nothing(3));
    assert_eq!(regex(r"\bcat\b").search("ca", 0, false), Search::Open);
    assert_eq!(regex(r"\bcat\b").search("cat", 0, false), Search::Open);
    assert_eq!(regex(r"\bcat\b").search("cat ", 0, false), Search::Found(0..3));
}

#[test]
fn a_match_of_max_bytes_is_found_wherever_it_begins_and_a_search_ends() {
    let regex = regex("a[^b]*b");
    for before in 0..64 {
        let text = format!("{}a{}b", "a".repeat(before), "x".repeat(14));
        assert!(first(&regex, &text).is_some(), "{before}");
    }
    assert_eq!(regex.search(&format!("a{}", "x".repeat(100)), 0, false), Search::Nothing(16));
    assert_eq!(first(&regex, &format!("a{}b", "x".repeat(100))), None);
}

#[test]
fn tables_are_bounded() {
    let hir = syntax::parse(r"(a|b)*a(a|b){14}", false).unwrap();
    assert!(Regex::new(&hir, 64).unwrap_err().contains("KiB"));
    let hir = syntax::parse(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", false).unwrap();
    assert!(Regex::new(&hir, 64).unwrap().size() < 64 << 10);
}

#[test]
fn the_largest_is_made() {
    for pattern in [
        r"\b[a-z0-9]{1,60}x\b",
        r"(?i)(secret|confidential|internal|restricted)[ -](project|plan|budget|memo)s?",
        r"[a-z]{3}.{0,7}z",
    ] {
        let made = Regex::new(&syntax::parse(pattern, false).unwrap(), 256);
        assert!(made.is_ok_and(|regex| regex.size() < 100 << 10), "{pattern}");
    }
}

/// Regexes, as the operator writes them and as the reference knows them: there ASCII has to be asked for.
const PAIRS: &[(&str, &str)] = &[
    (r"ab|abc?d|b+", r"ab|abc?d|b+"),
    (r"a.*?b", r"a.*?b"),
    (r"a[^b]*b|c", r"a[^b]*b|c"),
    (r"\b[ab]+\b", r"(?-u:\b)[ab]+(?-u:\b)"),
    (r"\Ba\B", r"(?-u:\B)a(?-u:\B)"),
    (r"^a|b$|c", r"^a|b$|c"),
    (r"(?m)^[ab]c*$", r"(?m)^[ab]c*$"),
    (r"(?i)Ä[bc]{1,3}", r"(?i)Ä[bc]{1,3}"),
    (r"\w\d\s?", r"[0-9A-Za-z_][0-9][\t\n\v\f\r\x20]?"),
    (r"[^a-c\s]+", r"[^a-c\t\n\v\f\r\x20]+"),
    (r"(a|ab)(c|bcd)(d*)", r"(a|ab)(c|bcd)(d*)"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// On texts shorter than the longest match all matches are those of the `regex` crate.
    #[test]
    fn all_matches_are_those_of_the_reference(text in "[abcdABÄä1 \n_é.x]{0,40}", which in 0..PAIRS.len()) {
        let (pattern, reference) = PAIRS[which];
        let hir = syntax::parse(pattern, false).unwrap();
        let finder = Finder::new(Words::new([]), vec![(0, Regex::new(&hir, 256).unwrap())]);
        let view = View::Plain(&text);
        let reading = Reading { view: &view, base: 0, complete: true };
        let mut got = vec![];
        finder.scan(&reading, &mut finder.places(0), 1, &mut |_, at| { got.push(at); true });
        let want: Vec<_> = regex::Regex::new(reference).unwrap().find_iter(&text).map(|m| m.range()).collect();
        prop_assert_eq!(got, want, "{}", pattern);
    }
}
