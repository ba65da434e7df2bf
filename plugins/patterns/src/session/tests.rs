#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::sync::OnceLock;

use proptest::prelude::*;
use witgate_sdk::Session;
use witgate_sdk::testing::{content_channel, context, pieces_agree, run};
use witgate_sdk::{Inspection, Verdict};

use crate::Patterns;
use crate::tests::policy;

/// Patterns that overlap in every way.
fn several() -> &'static Patterns {
    static POLICY: OnceLock<&'static Patterns> = OnceLock::new();
    POLICY.get_or_init(|| {
        policy(serde_json::json!([
            {"name": "heron", "words": ["blue heron", "heron flies", "blau"], "action": "mask"},
            {"name": "fine", "words": ["owl"], "except": ["barn", "snowy owl"], "within": 8, "action": "replace", "text": "bird"},
            {"name": "id", "regex": r"ID-\d{2,6}", "action": "token"},
            {"name": "span", "regex": "<[^>]*>", "max_bytes": 8, "action": "mask"},
            {"name": "disguised", "regex": r"se+cret\b", "fold": true, "action": "replace", "text": "-"},
            {"name": "tail", "regex": "flies$|a[.x]?b", "action": "mask"},
            {"name": "exact", "words": ["ß s", "über"], "fold": false, "action": "mask"},
            {"name": "note", "words": ["blue"], "action": "label"},
            {"name": "stop", "words": ["red fox"], "action": "block"},
        ]))
    })
}

fn parts() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "blue",
        "heron",
        "flies",
        "owl",
        "barn",
        "snowy",
        " ",
        "  ",
        "\n",
        "ID-",
        "1",
        "22",
        "<",
        ">",
        "x",
        "se",
        "e",
        "cret",
        "a",
        "b",
        "ß",
        "s",
        "über",
        "u\u{308}ber",
        "\u{200b}",
        "Ѕ",
        "日",
        ".",
        "red",
        "fox",
        "BLUE",
        "b\u{301}lau",
        "İ",
        "ﬁ",
    ]);
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_never_matter(text in parts()) {
        pieces_agree(several(), &content_channel(), &text);
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,60}") {
        pieces_agree(several(), &content_channel(), &text);
    }

    /// Long rows of hidden characters, and matches longer than what is read ahead.
    #[test]
    fn length_never_matters(
        text in prop::collection::vec(("[<>aeb ]|blue|owl|\u{200b}|\u{301}|secret|barn", 1_usize..30), 0..6),
        sizes in prop::collection::vec(1_usize..40, 1..4),
    ) {
        let text: String = text.iter().map(|(part, n)| part.repeat(*n)).collect();
        let whole = run(several(), &content_channel(), &[&text]);
        let (mut pieces, mut rest) = (vec![], text.as_str());
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break }
            let (piece, more) = rest.split_at(rest.ceil_char_boundary(*size));
            pieces.push(piece);
            rest = more;
        }
        prop_assert_eq!(run(several(), &content_channel(), &pieces), whole);
    }
}

/// One regex each, with short windows, on plain and on folded text, half of them with an exception.
fn singles() -> &'static [&'static Patterns] {
    static POLICIES: OnceLock<Vec<&'static Patterns>> = OnceLock::new();
    POLICIES.get_or_init(|| {
        let regexes = [
            r"ab|abc?d|b+",
            "a.*?b",
            "a[^b]*b|c",
            r"\b[ab]+\b",
            r"\Ba\B",
            "^a|b$|c",
            "(?m)^[ab]c*$",
            "(?i)Ä[bc]{1,3}",
            r"\w\d\s?",
            r"[^a-c\s]+",
            "(a|ab)(c|bcd)(d*)",
            "ss|s.",
            r"a{3}",
        ];
        let policies = regexes.iter().flat_map(|regex| {
            [(false, 3), (true, 3), (true, 9)].map(|(fold, most)| {
                let except = if most == 9 { vec!["x a", "d"] } else { vec![] };
                policy(serde_json::json!([{"name": "p", "regex": regex, "fold": fold, "max_bytes": most,
                    "except": except, "within": 3, "action": "mask"}]))
            })
        });
        policies.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_never_matter_to_any_regex(text in "[abcdABÄä1 \nß\u{200b}é.x]{0,40}|(a|\u{200b}|ß){0,60}b?", which in any::<prop::sample::Index>()) {
        pieces_agree(*which.get(singles()), &content_channel(), &text);
    }
}

/// The text as it leaves.
fn after(policy: &'static Patterns, text: &str) -> String {
    let mut out = text.to_owned();
    for (start, end, with) in pieces_agree(policy, &content_channel(), text).edits.into_iter().rev() {
        let with = with.split('"').nth(1).unwrap().to_owned();
        out.replace_range(usize::try_from(start).unwrap()..usize::try_from(end).unwrap(), &with);
    }
    out
}

#[test]
fn every_matched_byte_is_replaced() {
    for (text, want) in [
        ("A Blue Heron flies.", "A [heron][heron]."),
        ("ID-1 ID-12 ID-1234567", "ID-1 pattern pattern7"),
        ("an owl, a barn owl, a snowy owl and so far an owl", "an owl, a barn owl, a snowy owl and so far an bird"),
        ("a <b> and <much too long for it>", "a [span] and <much too long for it>"),
        ("a Sе\u{200b}CRÉT, seeecrets, secret", "a -, seeecrets, -"),
        ("it flies, it flies", "it flies, it [tail]"),
    ] {
        assert_eq!(after(several(), text), want);
    }
}

#[test]
fn little_is_held_and_nothing_where_nothing_is_on_its_way() {
    let mut session = several().open(&context(), &content_channel()).unwrap();
    for (piece, settled) in
        [("all is well", 11), (" in the blu", 19), ("bber.", 27), (" ID-", 28), ("12", 28), ("34567", 38)]
    {
        assert_eq!(session.push(piece).unwrap().settled, settled, "{piece}");
    }
    let mut session = several().open(&context(), &content_channel()).unwrap();
    let (mut pushed, mut step) = (0, 0);
    for _ in 0..500 {
        pushed += 6;
        step = session.push("<secre").unwrap().settled;
    }
    assert!(pushed - step <= 2 * 256 + 8, "{}", pushed - step);
}

#[test]
fn after_a_refusal_that_is_not_enforced_the_text_goes_on() {
    let mut session = several().open(&context(), &content_channel()).unwrap();
    let step = session.push("an owl, a red fox, a red fox. ").unwrap();
    assert!(matches!(step.decision.verdict, Verdict::Deny(_)));
    assert_eq!((step.settled, step.decision.edits.len()), (10, 1));
    assert_eq!(session.push("blau. ").unwrap().decision.edits.len(), 1);
    assert_eq!(session.finish().unwrap().settled, 36);
}

#[test]
fn an_empty_configuration_costs_nothing() {
    let policy = policy(serde_json::json!([]));
    let mut session = policy.open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push("blue heron").unwrap().settled, 10);
    assert!(session.text.is_empty(), "nothing is kept");
    assert_eq!(session.finish().unwrap().settled, 10);
}
