#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use witgate_sdk::testing::{content_channel, context, pieces_agree};
use witgate_sdk::{Channel, Inspection, Plugin, Session};

use crate::Pii;

fn plugin(config: &str) -> &'static Pii {
    Box::leak(Box::new(Pii::configure(serde_json::from_str(config).unwrap()).unwrap()))
}

#[test]
fn matches_are_masked_wherever_pieces_end() {
    let plugin = plugin("{}");
    let text = "Ask jo@example.org, pay 4111 1111 1111 1111 2027, ssn 536904399, [EMAIL_K3V9X2QA].";
    let outcome = pieces_agree(plugin, &content_channel(), text);
    let masks: Vec<_> = outcome.edits.iter().map(|e| e.2.as_str()).collect();
    assert_eq!(masks.len(), 3);
    assert!(masks[0].contains("[email]") && masks[1].contains("[card]") && masks[2].contains("[ssn]"));
}

#[test]
fn a_blocked_kind_ends_the_answer_before_it() {
    let plugin = plugin(r#"{"answer": {"card": "block"}}"#);
    let outcome = pieces_agree(plugin, &content_channel(), "card 5105105105105100 it is");
    assert!(outcome.verdict.unwrap().contains("pii_card"));
    let mut session = plugin.open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push("card 5105105105105100 it is").unwrap().settled, 5);
}

#[test]
fn arguments_pass_and_are_left_to_commitment() {
    let plugin = plugin("{}");
    let channel = Channel { index: 1, kind: "tool-arguments".into(), name: Some("send".into()) };
    let mut session = plugin.open(&context(), &channel).unwrap();
    let step = session.push("jo@example.or").unwrap();
    assert_eq!((step.settled, step.decision.edits.len()), (13, 0));
}

#[test]
fn plain_text_is_not_held_back() {
    let plugin = plugin("{}");
    let mut session = plugin.open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push("Hello, world. ").unwrap().settled, 14);
}

#[test]
fn words_that_cannot_be_part_of_a_match_are_not_held() {
    let plugin = plugin("{}");
    for (text, held) in [
        ("Hello, my name is Jo. ", 0),
        ("I was born in May. ", 0),
        ("Call me (or write) ", 0),
        ("It costs 5 euros ", 0),
        ("In 2019 we", 2),
        ("the IBAN is DE89 Hello ", 0),
        ("and so on: ", 0),
        ("phone +44 20 7946 0018 is mine ", 0),
    ] {
        let mut session = plugin.open(&context(), &content_channel()).unwrap();
        let settled = session.push(text).unwrap().settled;
        assert_eq!(text.len() as u64 - settled, held, "{text:?}");
    }
}

#[test]
fn new_kinds_are_masked_wherever_pieces_end() {
    let plugin = plugin("{}");
    let text = "Ring +44 20 7946 0018 x12, pay DE89 3704 0044 0532 0130 00, BSN 111222333, (0161) 496 0000, AB 12 34 56 C. \
                Tel. 9656 5159 or 2132912747-Fax, account no. 55779911.";
    let outcome = pieces_agree(plugin, &content_channel(), text);
    let masks: Vec<_> = outcome.edits.iter().map(|e| e.2.as_str()).collect();
    let expected = ["phone", "iban", "national-id", "phone", "national-id", "phone", "phone", "bank"];
    assert_eq!(masks, expected.map(|kind| format!("Replacement::Text(\"[{kind}]\")")));
}

#[test]
fn a_hash_is_the_same_however_a_value_is_written() {
    let plugin = plugin(r#"{"answer": {"card": "hash"}, "salt": "0123456789abcdef"}"#);
    let outcome = pieces_agree(plugin, &content_channel(), "4111 1111 1111 1111, 4111111111111111, 5105105105105100");
    let [a, b, c] = &outcome.edits[..] else { panic!("{outcome:?}") };
    assert!(a.2 == b.2 && a.2 != c.2 && a.2.contains("[card:"), "{outcome:?}");
    assert!(!a.2.chars().any(|c| c.is_ascii_digit()));
}

#[test]
fn a_label_is_told_once_a_channel() {
    let plugin = plugin(r#"{"answer": {"email": "label"}}"#);
    let mut session = plugin.open(&context(), &content_channel()).unwrap();
    let one = session.push("jo@example.org, jo@example.org, ").unwrap().decision;
    let two = session.push("jo@example.org, ").unwrap().decision;
    assert_eq!((one.edits.len(), one.findings.len(), one.labels.len()), (0, 2, 1));
    assert_eq!((two.findings.len(), two.labels.len()), (1, 0));
}

/// Everything that can be looked for.
const ALL: &str = r#"{"answer": {"ip": "mask", "passport": "mask", "licence": "mask", "birth": "mask", "person": "mask", "address": "mask"},
    "custom": [{"name": "badge", "shape": "EMP-[0-9]{3}"}, {"name": "own", "shape": "~[a-c]{1,3}", "words": ["tag"]}]}"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn pieces_never_matter(text in "([a-c]{1,3}|@|\\.|example\\.org|jo@x\\.org|-| |:|4111 1111 1111 1111|4111111111111111|536-90-4399|203\\.0\\.113\\.7|ssn |2001:db8::1|\u{e9}|\u{ff11}|\u{8c22}|1){0,14}") {
        let plugin = plugin(r#"{"answer": {"ip": "mask"}}"#);
        pieces_agree(plugin, &content_channel(), &text);
    }

    #[test]
    fn pieces_never_matter_for_numbers(text in "(call |phone: |order |[0-9]{1,5}|\\+|\\(|\\)| |-|/|\\.|x|ext\\. |\n|AB |12 34 56 C|DE89 3704 0044 0532 0130 00|born |May 3, 1980|passport |E5732790|dob |BSN |111222333| office|-Fax|\u{a0}|\u{ff11}|\u{fc}){0,12}") {
        let plugin = plugin(ALL);
        pieces_agree(plugin, &content_channel(), &text);
    }

    #[test]
    fn pieces_never_matter_for_guesses(text in "(Mr\\. |my name is |Jo |Smith|van |12 |High Street|, |LS1 4AB|\n|Hauptstra\u{df}e |rue |de |Paix|75002 Paris|EMP-[0-9]{2,4}|tag |~ab|~ | |\\.|O'Brien|-){0,12}") {
        let plugin = plugin(ALL);
        pieces_agree(plugin, &content_channel(), &text);
    }
}
