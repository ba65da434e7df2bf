//! One channel of the model's answer.

use witgate_sdk::kit::{Hit, HoldBack, Judge, Scan};
use witgate_sdk::{Decision, Edit, Label, Span};

use crate::direction::{Direction, Effect};
use crate::email::{MAX_DOMAIN, MAX_LOCAL};
use crate::kind::Kind;
use crate::scan::scan;
use crate::view::CONTEXT;

/// Most bytes a session holds back: the longest e-mail address and what must be seen after it.
#[cfg_attr(not(test), expect(dead_code, reason = "the scanner keeps this bound by construction; tests hold it to it"))]
pub(crate) const MAX_HELD: usize = MAX_LOCAL + MAX_DOMAIN + 24;

/// The state of one channel.
pub type PiiSession = HoldBack<Watched, Acts>;

/// What a channel is looked through for.
#[derive(Debug)]
pub struct Watched(Option<&'static Direction>);

/// What is done about it.
#[derive(Debug)]
pub struct Acts {
    direction: &'static Direction,
    labelled: Vec<Kind>,
}

/// A match and what it leads to.
#[derive(Debug)]
pub struct Judged {
    kind: Kind,
    effect: Effect,
}

pub(crate) fn open(direction: &'static Direction, watched: bool) -> PiiSession {
    let watch = Some(direction).filter(|d| watched && !d.watch.is_empty());
    HoldBack::new(Watched(watch), Acts { direction, labelled: vec![] })
}

impl Scan for Watched {
    type Kind = Judged;

    fn scan(&self, text: &str, from: usize, complete: bool, found: &mut dyn FnMut(Hit<Judged>)) -> usize {
        let Some(direction) = self.0 else { return text.len() };
        scan(text, from, complete, &direction.watch, |hit| {
            let effect = direction.effect(hit.kind, text.get(hit.at.clone()).unwrap_or_default());
            found(Hit { kind: Judged { kind: hit.kind, effect }, at: hit.at });
        })
    }

    /// Context words and edges.
    fn context(&self) -> usize {
        CONTEXT + 8
    }
}

impl Judge<Judged> for Acts {
    fn judge(&mut self, hit: &Hit<Judged>, at: Span, decision: &mut Decision) {
        let Judged { kind, effect } = &hit.kind;
        let name = self.direction.name(*kind);
        decision.findings.push(self.direction.finding(*kind, at));
        match effect {
            Effect::Refuse => {
                let message = format!("The answer holds personal data ({name}).");
                decision.verdict = Decision::deny(kind.denial(), message).verdict;
            }
            Effect::Replace(replacement) => decision.edits.push(Edit { at, replacement: replacement.clone() }),
            Effect::Label if self.labelled.contains(kind) => {}
            Effect::Label => {
                self.labelled.push(*kind);
                decision.labels.push(Label { key: "pii".into(), value: name.into() });
            }
        }
    }
}

#[cfg(test)]
mod tests;
