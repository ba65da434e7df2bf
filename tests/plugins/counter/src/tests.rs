#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::Verdict;
use witgate_sdk::testing::{context, document};

use super::*;

/// In one process, where the statics do survive, the second exchange must notice.
#[test]
fn a_second_exchange_in_the_same_memory_is_noticed() {
    let (ctx, request) = (context(), document(&[]));
    assert!(matches!(Counter.admit(&ctx, &request).unwrap().verdict, Verdict::Allow));
    let Verdict::Deny(denial) = Counter.admit(&ctx, &request).unwrap().verdict else { panic!("not noticed") };
    assert_eq!(denial.code, "state_leaked");
}

#[test]
fn commitments_are_counted_within_an_instance() {
    let action = Action { kind: "tool_use".into(), target: "x".into(), arguments: document(&[]), hints: vec![] };
    for want in ["1", "2"] {
        assert_eq!(Counter.commit(&context(), &action).unwrap().labels.first().unwrap().value, want);
    }
}
