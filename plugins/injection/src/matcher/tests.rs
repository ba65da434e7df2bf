#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{Matcher, Program, Rule, Run, Source};
use crate::words::read;

fn source(family: u8, weight: u16, slots: &[(u16, &str)]) -> Source {
    let slots = slots.iter().map(|(gap, w)| (*gap, (*w).to_owned().into())).collect();
    Source { rule: Rule { family, weight, tool_only: false }, slots }
}

/// These rules, and the built-in ones, which say nothing of the texts here.
fn with(sources: &[Source]) -> Matcher {
    Matcher { own: Some(Program::own(sources).unwrap()) }
}

fn score(sources: &[Source], text: &str) -> u32 {
    let matcher = with(sources);
    let mut run = Run::new(&matcher, 35);
    run.begin(false);
    read(text, &mut run);
    run.hits.score
}

#[test]
fn gaps_are_kept() {
    let rule = [source(0, 7, &[(1, "red/blue"), (2, "fox"), (1, "runs")])];
    for (text, expected) in [
        ("red fox runs", 7),
        ("blue quick fox runs", 7),
        ("red very quick fox runs", 0),
        ("red fox never runs", 0),
        ("fox red runs", 0),
        ("red red fox red fox runs", 7),
        ("red. fox runs", 0),
    ] {
        assert_eq!(score(&rule, text), expected, "{text:?}");
    }
}

#[test]
fn one_word_serves_one_step() {
    let rule = [source(0, 7, &[(1, "very"), (1, "very"), (1, "good")])];
    assert_eq!((score(&rule, "very good"), score(&rule, "very very good")), (0, 7));
}

#[test]
fn families_add_up_and_rules_of_one_do_not() {
    let rules = [source(0, 7, &[(1, "red")]), source(0, 5, &[(1, "fox")]), source(1, 3, &[(1, "runs")])];
    assert_eq!(score(&rules, "red fox runs"), 10);
}

#[test]
fn evidence_far_apart_does_not_add_up() {
    let rules = [source(0, 7, &[(1, "red")]), source(1, 3, &[(1, "runs")])];
    let far = format!("red {} runs", "word ".repeat(600));
    assert_eq!(score(&rules, &far), 7);
}

#[test]
fn a_new_text_knows_nothing_of_the_last() {
    let rules = [source(0, 7, &[(9, "red"), (9, "fox")])];
    let matcher = with(&rules);
    let mut run = Run::new(&matcher, 35);
    for text in ["red", "fox"] {
        run.begin(false);
        read(text, &mut run);
        assert_eq!(run.hits.score, 0);
    }
}

#[test]
fn an_operators_rules_stand_beside_the_others() {
    let matcher = with(&[source(19, 3, &[(1, "red"), (1, "now")])]);
    let mut run = Run::new(&matcher, 35);
    for (text, expected) in [("red now do anything now", 63), ("do anything now", 60), ("a red now", 3), ("now red", 0)]
    {
        run.begin(false);
        read(text, &mut run);
        assert_eq!(run.hits.score, expected, "{text}");
    }
}
