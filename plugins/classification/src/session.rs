//! One channel of an answer.

use witgate_sdk::{Decision, Fault, Session, Span, Step};

use crate::Classification;
use crate::config::Action;
use crate::ladder::Rank;
use crate::length::Length;
use crate::scanner::{Found, Scanner};

/// The state of one channel.
#[derive(Debug)]
pub struct Channel {
    policy: &'static Classification,
    declared: Rank,
    /// None when nothing can be above the declared level.
    scanner: Option<Scanner<'static>>,
    length: Option<Length>,
    /// Bytes pushed.
    pushed: u64,
    /// Bytes settled: never moves back, though padding may have let a candidate's beginning go.
    settled: u64,
}

impl Channel {
    pub(crate) fn new(policy: &'static Classification, declared: Rank, length: Option<Length>) -> Self {
        let reads = policy.answers != Action::Off && declared < policy.ladder.top();
        let scanner = reads.then(|| policy.scanner(declared, true));
        Self { policy, declared, scanner, length, pushed: 0, settled: 0 }
    }

    /// A refusal, or a finding, of a marking.
    fn report(&self, found: Found) -> Decision {
        let decision = match self.policy.answers {
            Action::Deny => self.policy.above("The answer", self.declared),
            Action::Label | Action::Off => Decision::allow(),
        };
        let at = Span { start: found.start, end: found.end };
        decision
            .with_finding(crate::MARKING_ABOVE_DECLARED, Some(at), 100)
            .with_label("marking", self.policy.ladder.name(found.level))
    }

    /// The step after `found`, of which the first is what a refusal names and the last is the highest.
    fn step(&mut self, found: &[Found], clear: u64) -> Step {
        let (found, clear) = match self.policy.answers {
            // Nothing of a marking that is refused may go.
            Action::Deny => (found.first(), found.first().map_or(clear, |f| clear.min(f.start))),
            Action::Label | Action::Off => (found.last(), clear),
        };
        self.settled = self.settled.max(clear);
        Step { settled: self.settled, decision: found.map_or_else(Decision::allow, |f| self.report(*f)) }
    }
}

impl Channel {
    /// The step, where a text that is too long has its surplus from `surplus` on. `first` is the first marking of the step:
    /// of the two the one that was complete first names the reason, however the text was cut.
    fn cut(&self, mut step: Step, surplus: Option<u64>, first: Option<&Found>) -> Step {
        let Some(from) = surplus else {
            return step;
        };
        let marked = self.policy.answers == Action::Deny && first.is_some_and(|found| found.end <= from);
        if self.policy.too_long == Action::Deny && !marked {
            step.decision.verdict = self.policy.overlong().verdict;
            step.settled = step.settled.min(from);
        }
        let at = Span { start: from, end: self.pushed };
        step.decision = step.decision.with_finding(crate::ANSWER_TOO_LONG, Some(at), 100).with_label("length", "over");
        step
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        let surplus = self.length.as_mut().and_then(|length| length.read(text)).map(|at| self.pushed + at as u64);
        self.pushed += text.len() as u64;
        let Some(scanner) = &mut self.scanner else {
            self.settled = self.pushed;
            return Ok(self.cut(Step::settled(self.settled), surplus, None));
        };
        // The rest is read after a refusal too: in monitor mode the text goes on. Each marking found is higher than the
        // one before, so there are at most as many as levels.
        let mut all = vec![];
        let mut rest = text;
        while let (read, Some(found)) = scanner.feed(rest) {
            scanner.raise(found.level);
            all.push(found);
            rest = rest.get(read..).unwrap_or_default();
        }
        let clear = scanner.settled();
        let step = self.step(&all, clear);
        Ok(self.cut(step, surplus, all.first()))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        let found = self.scanner.as_mut().and_then(Scanner::finish);
        Ok(self.step(found.as_slice(), self.pushed))
    }
}
