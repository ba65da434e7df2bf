//! Checks for plugins' unit tests.

mod growth;

pub use growth::growth;

use crate::{Channel, Claim, Context, Document, Edit, Inspection, Segment, Session, Span, Step, Verdict};

/// A context as an unauthenticated caller has it, for tests.
pub fn context() -> Context {
    Context {
        exchange: "00000000-0000-7000-8000-000000000000".into(),
        tenant: "default".into(),
        principal: Claim { value: "anonymous".into(), proven: false },
        owner: None,
        clearance: None,
        classification: None,
        intent: None,
        dialect: "openai-chat".into(),
        model: Some("test".into()),
        labels: vec![],
    }
}

/// A document of segments `(role, kind, text)`, with pointers as a chat request would have them.
pub fn document(segments: &[(&str, &str, &str)]) -> Document {
    let mut text = String::new();
    let segments = segments
        .iter()
        .enumerate()
        .map(|(i, (role, kind, part))| {
            if !text.is_empty() {
                text.push('\n');
            }
            let start = text.len();
            text.push_str(part);
            Segment {
                role: (*role).into(),
                kind: (*kind).into(),
                name: None,
                pointer: format!("/messages/{i}/content"),
                at: Span::from_range(start..text.len()),
            }
        })
        .collect();
    Document { text, segments }
}

/// The channel that carries an answer's text.
pub fn content_channel() -> Channel {
    Channel { index: 0, kind: "content".into(), name: None }
}

/// What a session said of a whole channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The first verdict that was not allow, as text.
    pub verdict: Option<String>,
    /// All edits, in order: start, end, replacement.
    pub edits: Vec<(u64, u64, String)>,
}

/// Feeds `pieces` to a new session and collects what it decides.
///
/// # Panics
/// When the session breaks the contract: a fault, a frontier that moves back or beyond what was pushed, an edit outside
/// the newly settled range.
pub fn run<P: Inspection>(plugin: &'static P, channel: &Channel, pieces: &[&str]) -> Outcome {
    let mut session = plugin.open(&context(), channel).expect("open");
    let mut outcome = Outcome { verdict: None, edits: vec![] };
    let (mut settled, mut pushed) = (0, 0);
    for piece in pieces {
        pushed += piece.len() as u64;
        let step = session.push(piece).expect("push");
        settled = take(step, settled, pushed, &mut outcome);
        if outcome.verdict.is_some() {
            return outcome;
        }
    }
    let step = session.finish().expect("finish");
    let end = take(step, settled, pushed, &mut outcome);
    assert!(outcome.verdict.is_some() || end == pushed, "finish settles everything");
    outcome
}

fn take(step: Step, before: u64, pushed: u64, outcome: &mut Outcome) -> u64 {
    assert!(step.settled >= before, "settled moved back: {before} to {}", step.settled);
    assert!(step.settled <= pushed, "settled {} beyond the pushed {pushed}", step.settled);
    for Edit { at, replacement } in step.decision.edits {
        assert!(
            before <= at.start && at.start <= at.end && at.end <= step.settled,
            "edit {at:?} outside {before}..{}",
            step.settled
        );
        outcome.edits.push((at.start, at.end, format!("{replacement:?}")));
    }
    if !matches!(step.decision.verdict, Verdict::Allow) && outcome.verdict.is_none() {
        outcome.verdict = Some(format!("{:?}", step.decision.verdict));
    }
    step.settled
}

/// Checks that a session decides the same however the text is cut: whole, at every offset, and one character at a time.
/// Answers what it decided.
///
/// # Panics
/// When two ways of cutting lead to different decisions.
pub fn pieces_agree<P: Inspection>(plugin: &'static P, channel: &Channel, text: &str) -> Outcome {
    let whole = run(plugin, channel, &[text]);
    for (at, _) in text.char_indices() {
        let (a, b) = text.split_at(at);
        assert_eq!(run(plugin, channel, &[a, b]), whole, "cut at {at} of {text:?}");
    }
    let chars: Vec<&str> = text.char_indices().map(|(i, c)| &text[i..i + c.len_utf8()]).collect();
    assert_eq!(run(plugin, channel, &chars), whole, "one character at a time: {text:?}");
    whole
}
