#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::{Found, Matcher, MatcherErrorKind, Options};
use crate::kit::is_word;

/// As the words of [`Matcher`] say it, place by place.
fn plainly(patterns: &[String], options: Options, text: &str) -> Vec<(usize, std::ops::Range<usize>)> {
    let same = |a: &str, b: &str| if options.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b };
    let (mut out, mut from) = (vec![], 0);
    for (at, _) in text.char_indices() {
        if at < from {
            continue;
        }
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let fits = |(index, pattern): (usize, &String)| {
            let end = at + pattern.len();
            let found = text.get(at..end).filter(|found| same(found, pattern))?;
            let after = text[end..].chars().next().is_some_and(is_word);
            let starts = !options.word_start || !before || !found.starts_with(is_word);
            let ends = !options.word_end || !after || !found.ends_with(is_word);
            (starts && ends).then_some((end, std::cmp::Reverse(index)))
        };
        if let Some((end, std::cmp::Reverse(index))) = patterns.iter().enumerate().filter_map(fits).max() {
            out.push((index, at..end));
            from = end;
        }
    }
    out
}

fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(word_start, word_end, ignore_case)| Options {
        word_start,
        word_end,
        ignore_case,
    })
}

proptest! {
    #[test]
    fn finds_what_a_plain_search_finds(
        patterns in proptest::collection::vec("[aAb é-]{1,4}", 1..6), options in options(), text in "[aAbB é-]{0,24}"
    ) {
        let matcher = Matcher::new(&patterns, options).unwrap();
        let found: Vec<_> = matcher.find(&text).map(|Found { pattern, at }| (pattern, at)).collect();
        let mut plainly = plainly(&patterns, options, &text);
        // Patterns that differ in case only are the same; which of them is told is not the question here.
        if options.ignore_case {
            for (index, _) in &mut plainly {
                *index = patterns.iter().position(|p| p.eq_ignore_ascii_case(&patterns[*index])).unwrap();
            }
        }
        prop_assert_eq!(found, plainly);
    }
}

#[test]
fn the_first_of_two_equal_patterns_counts() {
    let matcher = Matcher::words(["b", "Secret", "secret"]).unwrap();
    assert_eq!(matcher.find("SECRET").next().map(|f| f.pattern), Some(1));
}

#[test]
fn words_have_edges_in_text_without_spaces() {
    let matcher = Matcher::words(["secret"]).unwrap();
    assert!(matcher.is_match("これはsecretです"));
    assert!(!matcher.is_match("secretär") && !matcher.is_match("top_secret"));
}

#[test]
fn no_patterns_find_nothing() {
    let matcher = Matcher::words::<&str>([]).unwrap();
    assert!(!matcher.is_match("anything"));
    assert_eq!(matcher.longest(), 0);
}

#[test]
fn what_makes_no_matcher_is_named_by_its_place() {
    let long = "x".repeat(257);
    let error = Matcher::words(["a", long.as_str()]).unwrap_err();
    assert_eq!((error.index, error.kind, error.code()), (1, MatcherErrorKind::TooLong, "pattern_too_long"));
    assert_eq!(error.issue("/words").pointer, "/words/1");
    assert_eq!(Matcher::words([""]).unwrap_err().kind, MatcherErrorKind::Empty);
    let many = (0..400).map(|n| format!("{n:0200}"));
    assert_eq!(Matcher::words(many).unwrap_err().kind, MatcherErrorKind::TooMany);
}

#[test]
fn as_many_patterns_as_there_may_be() {
    let patterns: Vec<String> = (0..3000).map(|n| format!("word{n:016}")).collect();
    let matcher = Matcher::words(&patterns).unwrap();
    for (index, pattern) in patterns.iter().enumerate().step_by(97) {
        assert_eq!(matcher.find(pattern).next().map(|f| f.pattern), Some(index));
    }
}
