//! One channel of the model's answer.

use std::sync::Arc;

use witgate_sdk::{Decision, Fault, Replacement, Session, Span, Step, Verdict};

use crate::config::{Answer, AnswerAction};
use crate::email::{MAX_DOMAIN, MAX_LOCAL};
use crate::kind::Kind;
use crate::scan::{Match, Wanted, scan};
use crate::view::CONTEXT;

/// Most bytes a session holds back: the longest e-mail address and what must be seen after it.
#[cfg_attr(not(test), expect(dead_code, reason = "the scanner keeps this bound by construction; tests hold it to it"))]
pub(crate) const MAX_HELD: usize = MAX_LOCAL + MAX_DOMAIN + 24;
/// Bytes kept before what is undecided, for context words and edges.
const KEPT: usize = CONTEXT + 8;

/// The state of one channel.
#[derive(Debug)]
pub struct PiiSession {
    answer: Arc<Answer>,
    wanted: Wanted,
    /// The end of what is decided, and all that is not.
    text: String,
    /// Where `text` begins in the channel.
    base: u64,
    /// How much of `text` is decided.
    decided: usize,
}

impl PiiSession {
    pub(crate) fn new(answer: Arc<Answer>, watched: bool) -> Self {
        let wanted = Wanted::by(|kind| watched && answer.of(kind) != AnswerAction::Off);
        Self { answer, wanted, text: String::new(), base: 0, decided: 0 }
    }

    fn advance(&mut self, complete: bool) -> Step {
        if self.wanted == Wanted::default() {
            self.base += self.text.len() as u64;
            self.text.clear();
            return Step::settled(self.base);
        }
        let (base, answer) = (self.base, &self.answer);
        let mut decision = Decision::allow();
        let mut refused = None;
        let mut settled = scan(&self.text, self.decided, complete, self.wanted, |m| {
            if refused.is_some() {
                return;
            }
            let at = Span { start: base + m.at.start as u64, end: base + m.at.end as u64 };
            decision.findings.push(crate::finding(&m, at));
            match answer.of(m.kind) {
                AnswerAction::Block => refused = Some(m),
                _ => {
                    decision.edits.push(witgate_sdk::Edit { at, replacement: Replacement::Text(m.kind.mask().into()) })
                }
            }
        });
        if let Some(Match { kind, at }) = refused {
            settled = at.start;
            decision.edits.clear();
            decision.verdict = refusal(kind);
        }
        self.decided = settled;
        self.forget();
        Step { settled: self.base + self.decided as u64, decision }
    }

    /// Drops what no later decision can look at.
    fn forget(&mut self) {
        let mut drop = self.decided.saturating_sub(KEPT);
        while !self.text.is_char_boundary(drop) {
            drop -= 1;
        }
        self.text.drain(..drop);
        self.base += drop as u64;
        self.decided -= drop;
    }
}

fn refusal(kind: Kind) -> Verdict {
    Decision::deny(kind.denial(), format!("The answer holds personal data ({}).", kind.name())).verdict
}

impl Session for PiiSession {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        self.text.push_str(text);
        Ok(self.advance(false))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        Ok(self.advance(true))
    }
}

#[cfg(test)]
mod tests;
