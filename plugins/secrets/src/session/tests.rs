#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;
use witgate_sdk::testing::{content_channel, context, pieces_agree};
use witgate_sdk::{Channel, Inspection, Session};

use crate::Secrets;
use crate::scan::MAX_RUN;
use crate::shape::Alphabet;
use crate::testing::random;

fn plugin(config: &str) -> &'static Secrets {
    Box::leak(Box::new(crate::tests::plugin(config)))
}

#[test]
fn secrets_are_masked_wherever_pieces_end() {
    let key = format!("ghp_{}", random(Alphabet::Alnum, 36, 2));
    let text = format!("Use {key}, or password = \"hT7 kq\", API_KEY='hT7kq2Lm9Zx4' and postgres://a:b3c4@db/x.");
    let outcome = pieces_agree(plugin("{}"), &content_channel(), &text);
    let masks: Vec<_> = outcome.edits.iter().map(|e| e.2.as_str()).collect();
    assert_eq!(masks.len(), 3, "{masks:?}");
    assert!(masks[0].contains("[api-key]") && masks[1].contains("[secret]") && masks[2].contains("[url-secret]"));
}

#[test]
fn a_private_key_is_held_whole_and_masked_once() {
    let line = random(Alphabet::Base64, 64, 3);
    let text = format!("Here:\n-----BEGIN PRIVATE KEY-----\n{line}\n{line}\nab=\n-----END PRIVATE KEY-----\nDone.");
    let outcome = pieces_agree(plugin("{}"), &content_channel(), &text);
    assert!(matches!(&outcome.edits[..], [(6, _, mask)] if mask.contains("[private-key]")), "{:?}", outcome.edits);
}

#[test]
fn a_blocked_secret_ends_the_answer_before_it() {
    let plugin = plugin(r#"{"answer": "block"}"#);
    let text = format!("key {} it is", format_args!("xoxb-{}", random(Alphabet::Digits, 40, 4)));
    assert!(pieces_agree(plugin, &content_channel(), &text).verdict.unwrap().contains("secret_found"));
    let mut session = plugin.open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push(&text).unwrap().settled, 4);
}

#[test]
fn arguments_pass_and_are_left_to_commitment() {
    let channel = Channel { index: 1, kind: "tool-arguments".into(), name: Some("send".into()) };
    let mut session = plugin("{}").open(&context(), &channel).unwrap();
    assert_eq!(session.push("password=hT7kq2Lm9").unwrap().settled, 18);
}

#[test]
fn prose_is_held_for_a_word_and_data_no_longer_than_a_run() {
    let mut session = plugin("{}").open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push("Hello, world. ").unwrap().settled, 14);
    assert_eq!(session.push("unfini").unwrap().settled, 14);
    assert_eq!(session.push("shed ").unwrap().settled, 25);
    let blob = "A1b".repeat(MAX_RUN);
    let mut held = 0;
    for piece in blob.as_bytes().chunks(100) {
        session.push(std::str::from_utf8(piece).unwrap()).unwrap();
        held = held.max(session.held());
    }
    assert!(held <= MAX_RUN, "{held}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn pieces_never_matter(text in "(password|token|API_KEY|mailgun|is|Bearer|Authorization|curl -u jo| |  |\n|=|: |\"|'|,|\\.|-|_|//|https:|@|&|\u{e9}|\u{200b}|\u{ff47}|hT7kq2Lm9Zx4|9Zx4Rw8sVb3NhT7kq2Lm|xoxb-1234567890-0987654321-hT7kq2Lm|-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----|MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj|eyJhbGciOiJIUzI1NiJ9\\.eyJzdWIiOiJqbyJ9|\\$\\{X\\}|abc|<a>|1){0,16}") {
        pieces_agree(plugin("{}"), &content_channel(), &text);
    }
}
