use witgate_sdk::{Plugin, testing};

use crate::{Config, Payloads};

fn policy(config: &str) -> &'static Payloads {
    let config: Config = serde_json::from_str(config).expect("a configuration");
    Box::leak(Box::new(Payloads::configure(config).expect("a policy")))
}

const BLOCK: &str = r#"{"answers": {"default": "block"}}"#;

#[test]
fn pieces_never_matter() {
    let policy = policy(BLOCK);
    for text in [
        "All is well.\nReally.",
        "First.\nThen <img src=x onerror=alert(1)> there.\nAnd more.",
        "a\u{e9} <script>x</script>",
    ] {
        testing::pieces_agree(policy, &testing::content_channel(), text);
    }
    let outcome = testing::pieces_agree(policy, &testing::content_channel(), "Then <script>alert(1)</script>");
    assert!(outcome.verdict.is_some_and(|v| v.contains("xss")));
}

#[test]
fn a_label_holds_nothing_back() {
    let mut session =
        witgate_sdk::Inspection::open(policy("{}"), &testing::context(), &testing::content_channel()).expect("open");
    let step = witgate_sdk::Session::push(&mut session, "See <img src=x onerr").expect("push");
    assert_eq!(step.settled, 20);
    let step = witgate_sdk::Session::push(&mut session, "or=alert(1)> there.\n").expect("push");
    assert_eq!((step.settled, step.decision.findings.len(), step.decision.labels.len()), (40, 1, 1));
}

#[test]
fn a_refusal_holds_back_a_line() {
    let mut session =
        witgate_sdk::Inspection::open(policy(BLOCK), &testing::context(), &testing::content_channel()).expect("open");
    let step = witgate_sdk::Session::push(&mut session, &"x".repeat(5000)).expect("push");
    assert!(step.settled >= 5000 - 1028, "{}", step.settled);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_any_pieces(text in "([a-z<>'\"=();\\n \u{e9}]|<script>|onerror=|' or 1=1){0,40}") {
        testing::pieces_agree(policy(BLOCK), &testing::content_channel(), &text);
    }
}
