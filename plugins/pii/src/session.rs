//! One channel of the model's answer.

use std::sync::Arc;

use witgate_sdk::kit::{Hit, HoldBack, Judge, Scan};
use witgate_sdk::{Decision, Edit, Replacement, Span};

use crate::config::{Answer, AnswerAction};
use crate::email::{MAX_DOMAIN, MAX_LOCAL};
use crate::kind::Kind;
use crate::scan::{Wanted, scan};
use crate::view::CONTEXT;

/// Most bytes a session holds back: the longest e-mail address and what must be seen after it.
#[cfg_attr(not(test), expect(dead_code, reason = "the scanner keeps this bound by construction; tests hold it to it"))]
pub(crate) const MAX_HELD: usize = MAX_LOCAL + MAX_DOMAIN + 24;

/// The state of one channel.
pub type PiiSession = HoldBack<Watched, Acts>;

/// What a channel is looked through for.
#[derive(Debug)]
pub struct Watched(Wanted);

/// What is done about it.
#[derive(Debug)]
pub struct Acts(Arc<Answer>);

pub(crate) fn open(answer: &Arc<Answer>, watched: bool) -> PiiSession {
    let wanted = Wanted::by(|kind| watched && answer.of(kind) != AnswerAction::Off);
    HoldBack::new(Watched(wanted), Acts(Arc::clone(answer)))
}

impl Scan for Watched {
    type Kind = Kind;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Kind>)) -> usize {
        match self.0 == Wanted::default() {
            true => text.len(),
            false => scan(text, from, complete, self.0, found),
        }
    }

    /// Context words and edges.
    fn context(&self) -> usize {
        CONTEXT + 8
    }
}

impl Judge<Kind> for Acts {
    fn judge(&mut self, hit: &Hit<Kind>, at: Span, decision: &mut Decision) {
        let kind = hit.kind;
        decision.findings.push(crate::finding(hit, at));
        match self.0.of(kind) {
            AnswerAction::Block => {
                let message = format!("The answer holds personal data ({}).", kind.name());
                decision.verdict = Decision::deny(kind.denial(), message).verdict;
            }
            _ => decision.edits.push(Edit { at, replacement: Replacement::Text(kind.mask().into()) }),
        }
    }
}

#[cfg(test)]
mod tests;
