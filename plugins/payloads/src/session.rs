//! One channel of an answer, judged line by line.

use witgate_sdk::{Decision, Fault, Session, Span, Step};

use crate::Payloads;
use crate::judge::Found;
use crate::prose;
use crate::report::Report;
use crate::sql::token::Token;

/// The state of one channel. A line is judged when it is whole (1 KiB at most). It is held back until then only where
/// something would be refused.
#[derive(Debug)]
pub struct Channel {
    policy: &'static Payloads,
    /// Whether anything is looked for here.
    watched: bool,
    /// The line that is not whole.
    open: String,
    /// Where it begins in the channel.
    base: u64,
    tokens: Vec<Token>,
    found: Vec<Found>,
    report: Report,
}

impl Channel {
    pub(crate) fn new(policy: &'static Payloads, watched: bool) -> Self {
        Self { policy, watched, open: String::new(), base: 0, tokens: vec![], found: vec![], report: Report::default() }
    }

    fn advance(&mut self, complete: bool) -> Step {
        let config = &self.policy.config;
        let mut decision = Decision::allow();
        let mut read = 0;
        while let Some(len) = self.open.get(read..).and_then(|rest| prose::line(rest, complete)) {
            let line = self.open.get(read..read + len).unwrap_or_default();
            self.found.clear();
            prose::judge(line, &config.hosts, &mut self.tokens, &mut self.found);
            let start = self.base + read as u64;
            for found in &self.found {
                let at = Span { start: start + found.at.start as u64, end: start + found.at.end as u64 };
                self.report.add(
                    &mut decision,
                    found,
                    at,
                    config.answers.of(found.family),
                    config.severity,
                    "The answer",
                );
            }
            if !matches!(decision.verdict, witgate_sdk::Verdict::Allow) {
                // What is refused stays where it is, and is not read again.
                let step = Step { settled: start, decision };
                self.base += (read + len) as u64;
                self.open.drain(..read + len);
                return step;
            }
            read += len;
        }
        self.open.drain(..read);
        self.base += read as u64;
        let held = if config.answers.blocks() && !complete { 0 } else { self.open.len() as u64 };
        Step { settled: self.base + held, decision }
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        if !self.watched {
            self.base += text.len() as u64;
            return Ok(Step::settled(self.base));
        }
        self.open.push_str(text);
        Ok(self.advance(false))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        Ok(self.advance(true))
    }
}

#[cfg(test)]
mod tests;
