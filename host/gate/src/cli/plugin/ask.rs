//! One question to a plugin, in a sandbox of its own.

use witgate_engine::{Channel, Context, Decision, Edit, Fault, Plugin, Step, Verdict};

use super::cases::{Case, CaseStage};

/// Pieces are as long as the gate makes them.
const PIECE: usize = 64 << 10;

/// What a plugin said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// Of a channel, all its decisions as one: the first verdict that is not allow ends it.
    pub(super) decision: Decision,
    /// Of a channel: the most bytes that were pushed and not settled.
    pub(super) held: u64,
}

/// Asks what a case asks, a channel in the pieces that the gate would make.
///
/// # Errors
/// The fault, when the plugin gave no decision.
pub(super) fn ask(plugin: &Plugin, case: &Case) -> Result<Answer, Fault> {
    let ctx = case.context();
    match case.stage {
        CaseStage::Admission => {
            let request = case.request();
            // As in a gate: what it does not read is not put before it.
            let decision = match plugin.reads(request.segments.iter().map(|s| (&*s.kind, &*s.role))) {
                true => plugin.open(&ctx)?.admit(&ctx, &request)?,
                false => nothing(),
            };
            Ok(Answer { decision, held: 0 })
        }
        CaseStage::Commitment => {
            let decision = plugin.open(&ctx)?.commit(&ctx, &case.action())?;
            Ok(Answer { decision, held: 0 })
        }
        CaseStage::Inspection => ask_in(plugin, case, &pieces(case.channel().1)),
    }
}

/// The decision of whoever has nothing to say.
fn nothing() -> Decision {
    Decision { verdict: Verdict::Allow, edits: vec![], findings: vec![], labels: vec![] }
}

/// Asks about a channel in certain pieces.
///
/// # Errors
/// As for [`ask`].
pub(super) fn ask_in(plugin: &Plugin, case: &Case, pieces: &[&str]) -> Result<Answer, Fault> {
    let (kind, text) = case.channel();
    let ctx: Context = case.context();
    let channel = Channel { index: 0, kind: kind.to_owned(), name: None };
    let mut sandbox = plugin.open(&ctx)?;
    let session = sandbox.open_session(&ctx, &channel)?;
    let mut answer = Answer { decision: nothing(), held: 0 };
    let mut pushed = 0_u64;
    for piece in pieces {
        let step = sandbox.push(session, piece)?;
        pushed = pushed.saturating_add(piece.len() as u64);
        answer.held = answer.held.max(pushed.saturating_sub(step.settled));
        if answer.take(step, text)? {
            return Ok(answer);
        }
    }
    let step = sandbox.finish(session)?;
    answer.take(step, text)?;
    Ok(answer)
}

impl Answer {
    /// Takes a step; whether the channel is over by it. The engine keeps no text, so character boundaries are checked here,
    /// as the gate does.
    fn take(&mut self, step: Step, text: &str) -> Result<bool, Fault> {
        let boundary = |offset: u64| usize::try_from(offset).is_ok_and(|offset| text.is_char_boundary(offset));
        let whole = |edit: &Edit| boundary(edit.at.start) && boundary(edit.at.end);
        if !boundary(step.settled) || !step.decision.edits.iter().all(whole) {
            return Err(Fault::BadOutput("an offset off a character boundary"));
        }
        let Decision { verdict, edits, findings, labels } = step.decision;
        self.decision.verdict = verdict;
        self.decision.edits.extend(edits);
        self.decision.findings.extend(findings);
        self.decision.labels.extend(labels);
        Ok(!matches!(self.decision.verdict, Verdict::Allow))
    }
}

/// The pieces that the gate makes of a text. An empty text has none, but for one that is empty.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            return pieces;
        }
    }
}
