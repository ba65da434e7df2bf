#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::{Hit, HoldBack, Scan};
use crate::kit::{Fold, Matcher, Normalised, Options, Window};
use crate::{Decision, Edit, Finding, Replacement, Session, Span, Step, Verdict};

/// What a session told of a channel: the edits as ranges; the most that was held.
struct Told {
    edits: Vec<(usize, usize)>,
    held: usize,
}

fn mask<K>(_: &Hit<K>, at: Span, decision: &mut Decision) {
    decision.edits.push(Edit { at, replacement: Replacement::Text(String::new()) });
}

/// Feeds pieces and holds every step to the contract.
fn run<S: Scan + 'static>(scan: S, pieces: &[&str]) -> Told {
    let whole = pieces.concat();
    let mut session = HoldBack::new(scan, mask::<S::Kind>);
    let mut told = Told { edits: vec![], held: 0 };
    let (mut before, mut pushed) = (0, 0);
    let mut take = |Step { settled, decision }: Step, pushed: usize| {
        let settled = usize::try_from(settled).unwrap();
        assert!(before <= settled && settled <= pushed, "{before} {settled} {pushed}");
        assert!(whole.is_char_boundary(settled));
        for edit in decision.edits {
            let std::ops::Range { start, end } = edit.at.range();
            assert!(before <= start && end <= settled, "an edit in what was newly settled");
            assert!(whole.is_char_boundary(start) && whole.is_char_boundary(end));
            told.edits.push((start, end));
        }
        told.held = told.held.max(pushed - settled);
        before = settled;
    };
    for piece in pieces {
        pushed += piece.len();
        take(session.push(piece).unwrap(), pushed);
    }
    take(session.finish().unwrap(), pushed);
    assert_eq!(before, whole.len(), "everything is settled at the end");
    told
}

/// Splits a text after the characters whose bit is set.
fn split(text: &str, cuts: u64) -> Vec<&str> {
    let (mut out, mut from) = (vec![], 0);
    for (n, (at, _)) in text.char_indices().enumerate() {
        if cuts >> (n % 64) & 1 == 1 {
            out.push(&text[from..at]);
            from = at;
        }
    }
    out.push(&text[from..]);
    out
}

fn words(options: Options) -> Matcher {
    Matcher::new(["ab", "abba", "b a", "aé", "ba-"], options).unwrap()
}

/// `a`, then `b` up to five in all, if no `b` is before and none after.
fn first(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    (from..text.len()).find_map(|at| {
        let rest = text.get(at..)?.strip_prefix('a')?;
        let count = rest.bytes().take(4).take_while(|b| *b == b'b').count();
        let alone = !text[..at].ends_with('b') && !rest[count..].starts_with('b');
        alone.then_some(at..at + 1 + count)
    })
}

fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(word_start, word_end, ignore_case)| Options {
        word_start,
        word_end,
        ignore_case,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_matcher_finds_the_same_however_a_text_is_split(text in "[abABé -]{0,40}", cuts: u64, options in options()) {
        let matcher = words(options);
        let whole: Vec<_> = matcher.find(&text).map(|f| (f.at.start, f.at.end)).collect();
        let longest = matcher.longest();
        let told = run(matcher, &split(&text, cuts));
        prop_assert_eq!(told.edits, whole);
        prop_assert!(told.held <= longest, "held {} of at most {longest}", told.held);
    }

    #[test]
    fn so_does_a_normalised_one(text in "([abAB é-]|ａ|а|\u{301}|\u{200b}|\u{200b}{4}|\u{200b}{9}|\u{e0041}|\u{1d41a}){0,40}", cuts: u64) {
        let scan = Normalised::new(words(Options::default()), Fold { marks: false, ..Fold::default() });
        let whole: Vec<_> = scan.find(&text).into_iter().map(|hit| (hit.at.start, hit.at.end)).collect();
        let told = run(scan, &split(&text, cuts));
        prop_assert_eq!(told.edits, whole);
        prop_assert!(told.held <= 36 * 4, "held {}", told.held);
    }

    #[test]
    fn so_does_a_closure(text in "[abé]{0,40}", cuts: u64) {
        let whole = run(Window::new(5, first), &[&text]);
        let told = run(Window::new(5, first), &split(&text, cuts));
        prop_assert_eq!(&told.edits, &whole.edits);
        prop_assert!(told.held <= 5 + 4, "held {}", told.held);
        // With a word on what begins a match, less is held, and the same is found.
        let beginning = |tail: &str| tail.starts_with('a') && tail.bytes().skip(1).all(|b| b == b'b');
        let told = run(Window::new(5, first).beginning(beginning), &split(&text, cuts));
        prop_assert_eq!(told.edits, whole.edits);
    }
}

#[test]
fn only_what_may_become_a_match_is_held() {
    let mut session = HoldBack::new(Matcher::words(["blue heron"]).unwrap(), mask::<usize>);
    assert_eq!(session.push("The bluebird and the bl").unwrap().settled, 21);
    assert_eq!(session.held(), 2);
    assert_eq!(session.push("ack one").unwrap().settled, 30);
    assert_eq!(session.held(), 0);
}

#[test]
fn what_is_behind_is_forgotten() {
    let mut session = HoldBack::new(Matcher::words(["blue heron"]).unwrap(), mask::<usize>);
    for _ in 0..1000 {
        session.push("nothing to see here, blue ").unwrap();
    }
    assert!(session.text.len() < 64 && session.text.capacity() < 256, "{}", session.text.capacity());
}

fn refuse(hit: &Hit<usize>, at: Span, decision: &mut Decision) {
    decision.findings.push(Finding { code: "word".into(), at: Some(at), confidence: 100, detail: String::new() });
    match hit.kind {
        0 => mask(hit, at, decision),
        _ => decision.verdict = Decision::deny("word", "No.").verdict,
    }
}

#[test]
fn a_refusal_stops_before_its_match_and_the_session_reads_on() {
    let mut session = HoldBack::new(Matcher::words(["mask", "stop"]).unwrap(), refuse);
    let step = session.push("mask, stop, stop ").unwrap();
    assert!(matches!(step.decision.verdict, Verdict::Deny(_)));
    assert_eq!((step.settled, step.decision.edits.len(), step.decision.findings.len()), (6, 0, 2));
    // Where the policy only watches, the text goes on.
    let step = session.push("mask ").unwrap();
    assert_eq!((step.settled, step.decision.findings.len()), (12, 1), "the second stop");
    let step = session.finish().unwrap();
    assert_eq!((step.settled, step.decision.edits.len()), (22, 1));
}

#[test]
fn a_decision_is_never_larger_than_it_may_be() {
    let mut session =
        HoldBack::new(Matcher::words(["a"]).unwrap(), |hit: &Hit<usize>, at: Span, decision: &mut Decision| {
            decision.findings.push(Finding { code: "a".into(), at: Some(at), confidence: 100, detail: String::new() });
            mask(hit, at, decision);
        });
    let step = session.push(&"a ".repeat(5000)).unwrap();
    assert_eq!((step.decision.edits.len(), step.decision.findings.len(), step.settled), (4096, 1024, 8192));
    let step = session.finish().unwrap();
    assert_eq!((step.decision.edits.len(), step.settled), (904, 10_000));
}

/// A scanner that breaks every rule.
struct Wild;

impl Scan for Wild {
    type Kind = ();
    fn scan(&self, _: &str, _: usize, _: bool, found: &mut dyn FnMut(Hit<()>)) -> usize {
        for at in [3..9, 1..2, 0..usize::MAX, 2..2] {
            found(Hit { kind: (), at });
        }
        usize::MAX
    }
}

#[test]
fn a_scanner_that_breaks_the_rules_breaks_nothing_else() {
    run(Wild, &["é", "éa", "", "ééééé"]);
}
