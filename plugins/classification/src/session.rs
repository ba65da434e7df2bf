//! One channel of an answer.

use witgate_sdk::{Decision, Fault, Session, Span, Step};

use crate::Classification;
use crate::config::Action;
use crate::scanner::{Found, Scanner};

/// The state of one channel.
#[derive(Debug)]
pub struct Channel {
    policy: &'static Classification,
    /// None when nothing can be above the declared level.
    scanner: Option<Scanner<'static>>,
    /// Bytes pushed.
    pushed: u64,
    /// Bytes settled: never moves back, though padding may have let a candidate's beginning go.
    settled: u64,
}

impl Channel {
    pub(crate) fn new(policy: &'static Classification, scanner: Option<Scanner<'static>>) -> Self {
        Self { policy, scanner, pushed: 0, settled: 0 }
    }

    /// A refusal, or a finding, of a marking.
    fn report(&self, found: Found) -> Decision {
        let level = self.policy.ladder.name(found.level).to_owned();
        let decision = match self.policy.answers {
            Action::Deny => self.policy.above("The answer", self.declared()),
            Action::Label | Action::Off => Decision::allow(),
        };
        let at = Span { start: found.start, end: found.end };
        decision.with_finding(crate::MARKING_ABOVE_DECLARED, Some(at), 100).with_label("marking", level)
    }

    fn declared(&self) -> u8 {
        self.scanner.as_ref().map_or(self.policy.ladder.top(), Scanner::declared)
    }

    fn raise(&mut self, found: Found) {
        if let Some(scanner) = &mut self.scanner {
            scanner.raise(found.level);
        }
    }

    fn step(&mut self, found: Option<Found>, decision: Decision) -> Step {
        let Some(scanner) = &self.scanner else {
            self.settled = self.pushed;
            return Step { settled: self.settled, decision };
        };
        // On a refusal nothing of the marking may go, though its candidate is gone.
        let clear = found.map_or(scanner.settled(), |f| scanner.settled().min(f.start));
        self.settled = self.settled.max(clear);
        Step { settled: self.settled, decision }
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        self.pushed += text.len() as u64;
        let mut kept = None;
        for c in text.chars() {
            let Some(found) = self.scanner.as_mut().and_then(|s| s.feed(c)) else { continue };
            let decision = self.report(found);
            if self.policy.answers == Action::Deny {
                return Ok(self.step(Some(found), decision));
            }
            // Labels of the highest marking only: each report is of a higher level than the one before.
            kept = Some(decision);
            self.raise(found);
        }
        Ok(self.step(None, kept.unwrap_or_else(Decision::allow)))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        let Some(found) = self.scanner.as_mut().and_then(Scanner::finish) else {
            self.settled = self.pushed;
            return Ok(Step::settled(self.pushed));
        };
        let decision = self.report(found);
        if self.policy.answers == Action::Deny {
            return Ok(self.step(Some(found), decision));
        }
        self.settled = self.pushed;
        Ok(Step { settled: self.pushed, decision })
    }
}
