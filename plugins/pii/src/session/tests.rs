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

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn pieces_never_matter(text in "([a-c]{1,3}|@|\\.|example\\.org|jo@x\\.org|-| |:|4111 1111 1111 1111|4111111111111111|536-90-4399|203\\.0\\.113\\.7|ssn |2001:db8::1|\u{e9}|\u{ff11}|\u{8c22}|1){0,14}") {
        let plugin = plugin(r#"{"answer": {"ip": "mask"}}"#);
        pieces_agree(plugin, &content_channel(), &text);
    }
}
