#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::testing::{content_channel, context, document, pieces_agree};
use witgate_sdk::{Admission, Plugin, Verdict};

use super::{CodeWords, Config};

fn policy(words: &[&str]) -> &'static CodeWords {
    let config = Config { words: words.iter().map(|w| (*w).to_owned()).collect() };
    Box::leak(Box::new(CodeWords::configure(config).unwrap()))
}

#[test]
fn a_code_word_refuses_a_prompt() {
    let policy = policy(&["blue heron"]);
    let verdict = |text| policy.admit(&context(), &document(&[("user", "text", text)])).unwrap().verdict;
    assert!(matches!(verdict("Where is Blue Heron?"), Verdict::Deny(d) if d.code == "code_word"));
    assert!(matches!(verdict("Where is the heron?"), Verdict::Allow));
}

#[test]
fn an_answer_is_masked_wherever_it_is_cut() {
    let outcome = pieces_agree(policy(&["owl", "owl town"]), &content_channel(), "Owls of Owl Town, owl");
    assert_eq!(
        outcome.edits.iter().map(|(start, end, _)| (*start, *end)).collect::<Vec<_>>(),
        [(0, 3), (8, 16), (18, 21)]
    );
}
