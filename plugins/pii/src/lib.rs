//! Built-in policy: personal data that has a shape (e-mail address, payment card, US social security number, IP address).
//!
//! On the way to the model each match becomes a token or a mask, or the request is refused; in the answer it is masked or
//! ends the answer; in a tool call's arguments it is told, masked or refused. What each kind must look like stands in
//! `email`, `card`, `ssn` and `ip`.

use std::sync::Arc;

use witgate_sdk::{
    Action as Effect, Admission, Channel, Commitment, Context, Decision, Document, Edit, Fault, Finding, Inspection,
    Issue, Plugin, Replacement, Segment, Span,
};

mod card;
mod config;
mod email;
mod ip;
mod kind;
mod scan;
mod session;
mod signs;
mod ssn;
mod view;

pub use config::Config;
pub use kind::Kind;
pub use session::{Acts, PiiSession, Watched};

use config::{Action, Answer, Arguments, Kinds};
use scan::{Match, Wanted, scan};

/// Most findings of one decision. Edits are never left out: beyond this, matches are still replaced.
const MAX_FINDINGS: usize = 256;

/// The policy.
#[derive(Debug)]
pub struct Pii {
    kinds: Kinds,
    wanted: Wanted,
    answer: Arc<Answer>,
    arguments: Arguments,
}

impl Plugin for Pii {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        Ok(Self {
            wanted: Wanted::by(|kind| config.kinds.of(kind) != Action::Off),
            kinds: config.kinds,
            answer: Arc::new(config.answer),
            arguments: config.arguments,
        })
    }
}

impl Admission for Pii {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        Ok(judge(request, self.wanted, |kind| match self.kinds.of(kind) {
            Action::Token => Some(Replacement::Token(kind.name().into())),
            Action::Mask => Some(Replacement::Text(kind.mask().into())),
            Action::Block | Action::Off => None,
        }))
    }
}

impl Inspection for Pii {
    type Session = PiiSession;

    fn open(&'static self, _: &Context, channel: &Channel) -> Result<PiiSession, Fault> {
        // Arguments are judged whole, at commitment.
        Ok(session::open(&self.answer, channel.kind != "tool-arguments"))
    }
}

impl Commitment for Pii {
    fn commit(&self, _: &Context, action: &Effect) -> Result<Decision, Fault> {
        if self.arguments == Arguments::Allow {
            return Ok(told(&action.arguments, self.wanted));
        }
        Ok(judge(&action.arguments, self.wanted, |kind| match self.arguments {
            Arguments::Mask => Some(Replacement::Text(kind.mask().into())),
            Arguments::Block | Arguments::Allow => None,
        }))
    }
}

/// Replaces every match; denies at one that has no replacement, or that stands in a key, which cannot be edited.
fn judge(document: &Document, wanted: Wanted, replacement: impl Fn(Kind) -> Option<Replacement>) -> Decision {
    let mut decision = Decision::allow();
    let mut refused: Option<Decision> = None;
    each(document, wanted, |segment, m, at| {
        if decision.findings.len() < MAX_FINDINGS {
            decision.findings.push(finding(&m, at));
        }
        match replacement(m.kind) {
            Some(_) if segment.kind == "key" => {
                refused.get_or_insert_with(|| {
                    Decision::deny("pii_in_key", "The name of a field is personal data. Send it as a value instead.")
                });
            }
            Some(replacement) => decision.edits.push(Edit { at, replacement }),
            None => {
                refused.get_or_insert_with(|| {
                    let message =
                        format!("The request holds personal data ({}). Remove it and try again.", m.kind.name());
                    Decision::deny(m.kind.denial(), message)
                });
            }
        }
    });
    if let Some(refused) = refused {
        decision.verdict = refused.verdict;
        decision.edits.clear();
    }
    decision
}

/// Findings, and a label for each kind that was seen.
fn told(document: &Document, wanted: Wanted) -> Decision {
    let mut decision = Decision::allow();
    let mut seen = vec![];
    each(document, wanted, |_, m, at| {
        if decision.findings.len() < MAX_FINDINGS {
            decision.findings.push(finding(&m, at));
        }
        if !seen.contains(&m.kind) {
            seen.push(m.kind);
        }
    });
    Kind::ALL
        .into_iter()
        .filter(|kind| seen.contains(kind))
        .fold(decision, |decision, kind| decision.with_label("pii", kind.name()))
}

fn each(document: &Document, wanted: Wanted, mut found: impl FnMut(&Segment, Match, Span)) {
    if wanted == Wanted::default() {
        return;
    }
    for segment in &document.segments {
        scan(segment.text(document), 0, true, wanted, |m| {
            let at = Span {
                start: segment.at.start.saturating_add(m.at.start as u64),
                end: segment.at.start.saturating_add(m.at.end as u64),
            };
            found(segment, m, at);
        });
    }
}

/// Where and how sure; never what.
fn finding(m: &Match, at: Span) -> Finding {
    Finding { code: m.kind.name().into(), at: Some(at), confidence: m.kind.confidence(), detail: String::new() }
}

witgate_sdk::export!(Pii, manifest = include_str!("../manifest.json"), stages = [admission, inspection, commitment]);

#[cfg(test)]
mod tests;
