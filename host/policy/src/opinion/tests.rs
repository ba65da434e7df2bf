#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use witgate_engine::HostAnswer;

use super::*;

fn call(function: &'static str, session: u32, answers: usize) -> GuestCall {
    let answer = HostAnswer::new("clock", b"1".to_vec()).unwrap();
    GuestCall { function, session, times: 1, bytes: 10, answers: vec![answer; answers] }
}

fn kept(opinion: &Opinion) -> Vec<(&str, u32, u32, u64, usize)> {
    opinion.calls.iter().map(|c| (c.function, c.session, c.times, c.bytes, c.answers.len())).collect()
}

#[test]
fn the_pieces_of_a_text_are_told_as_one_call() {
    let mut opinion = Opinion::new(0);
    opinion.called([call("open", 0, 0), call("open", 1, 0)].into_iter());
    for piece in 0..1000 {
        opinion.called([call("push", 0, 0), call("push", 1, usize::from(piece == 500))].into_iter());
    }
    opinion.called([call("finish", 0, 0)].into_iter());
    let all = [
        ("open", 0, 1, 10, 0),
        ("open", 1, 1, 10, 0),
        ("push", 0, 1000, 10_000, 0),
        ("push", 1, 999, 9990, 0),
        ("push", 1, 1, 10, 1),
        ("finish", 0, 1, 10, 0),
    ];
    assert_eq!(kept(&opinion), all);
}

#[test]
fn what_the_host_answered_is_never_left_out() {
    let mut opinion = Opinion::new(0);
    let most = u32::try_from(MOST_CALLS).unwrap();
    // So many texts at once that none is found again.
    for session in 0..3 * most {
        opinion.called([call("push", session, 0)].into_iter());
    }
    opinion.called((0..100).map(|session| call("finish", session, 1)));
    assert_eq!(opinion.calls.len(), MOST_CALLS + 100);
    assert_eq!(opinion.calls.iter().map(|c| c.times).sum::<u32>(), 3 * most + 100);
    assert_eq!(opinion.calls.iter().map(|c| c.answers.len()).sum::<usize>(), 100);
}
