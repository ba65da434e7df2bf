//! One channel of the model's answer.

use witgate_sdk::kit::{Hit, HoldBack, Judge, Scan};
use witgate_sdk::{Decision, Edit, Replacement, Span};

use crate::Secrets;
use crate::config::Action;
use crate::scan::Secret;

/// The state of one channel.
pub type SecretsSession = HoldBack<Watched, Acts>;

/// What looks through a channel: the policy's scanner, or nothing.
#[derive(Debug)]
pub struct Watched(Option<&'static Secrets>);

/// What is done about a secret.
#[derive(Debug)]
pub struct Acts(&'static Secrets);

pub(crate) fn open(policy: &'static Secrets, watched: bool) -> SecretsSession {
    HoldBack::new(Watched(watched.then_some(policy)), Acts(policy))
}

impl Scan for Watched {
    type Kind = Secret;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Secret>)) -> usize {
        match self.0 {
            Some(policy) => policy.scanner.scan(text, from, complete, found),
            None => text.len(),
        }
    }

    fn context(&self) -> usize {
        self.0.map_or(0, |policy| policy.scanner.context())
    }
}

impl Judge<Secret> for Acts {
    fn judge(&mut self, hit: &Hit<Secret>, at: Span, decision: &mut Decision) {
        let kind = hit.kind.kind;
        decision.findings.push(self.0.finding(&hit.kind, at));
        match self.0.answer {
            Action::Mask => decision.edits.push(Edit { at, replacement: Replacement::Text(kind.mask().into()) }),
            Action::Block => {
                let message = format!("The answer holds a secret ({}).", kind.name());
                decision.verdict = Decision::deny("secret_found", message).verdict;
            }
            Action::Label => crate::label(decision, kind),
        }
    }
}

#[cfg(test)]
mod tests;
