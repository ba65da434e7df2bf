//! Built-in policy: the operator's own words, phrases and regexes, in requests, answers and tool calls.
//!
//! All words are one trie (`words`), each regex is an automaton (`regex`), and one pass over a text asks both (`finder`). Each
//! pattern is looked for on its own, so that none hides another; where replacements overlap, the later is cut (`hits`).

mod config;
mod finder;
mod hits;
mod pattern;
mod regex;
mod scanner;
mod session;
mod syntax;
mod view;
mod whole;
mod words;

pub use config::Config;
use config::Direction;
use pattern::Pattern;
use scanner::Scanner;
pub use session::Channel;
use witgate_sdk::{Action, Admission, Commitment, Context, Decision, Document, Fault, Inspection, Issue, Plugin};

/// Code of every finding.
const FOUND: &str = "pattern_found";
const BLOCKED: &str = "pattern_blocked";
const IN_KEY: &str = "pattern_in_key";
const TOO_MANY: &str = "too_many_matches";
/// Kind of the tokens.
const TOKEN: &str = "pattern";

/// Patterns of one configuration; each is a bit of a mask.
const MAX_PATTERNS: usize = 64;

/// The policy.
#[derive(Debug)]
pub struct Patterns {
    scanner: Scanner,
}

impl Plugin for Patterns {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let mut issues = vec![];
        let mut patterns: Vec<(Pattern, pattern::Wanted)> = vec![];
        if config.patterns.len() > MAX_PATTERNS {
            let message =
                format!("at most {MAX_PATTERNS} patterns; several words, or several regexes with `|`, make one");
            return Err(vec![Issue { pointer: "/patterns".into(), message }]);
        }
        for (i, entry) in config.patterns.into_iter().enumerate() {
            let pointer = format!("/patterns/{i}");
            let twice = patterns.iter().any(|(known, _)| known.name == entry.name);
            if twice {
                issues.push(Issue {
                    pointer: format!("{pointer}/name"),
                    message: "another pattern has this name".into(),
                });
            }
            patterns.extend(Pattern::new(entry, &pointer, &mut issues));
        }
        if issues.is_empty() { Ok(Self { scanner: Scanner::new(patterns) }) } else { Err(issues) }
    }
}

impl Admission for Patterns {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        Ok(whole::judge(&self.scanner, request, Direction::Request))
    }
}

impl Inspection for Patterns {
    type Session = Channel;

    fn open(&'static self, _: &Context, channel: &witgate_sdk::Channel) -> Result<Channel, Fault> {
        // Arguments are judged whole, at commitment.
        let reads = channel.kind != "tool-arguments";
        let active = if reads { self.scanner.active(Direction::Answer, None) } else { 0 };
        Ok(Channel::new(&self.scanner, active))
    }
}

impl Commitment for Patterns {
    fn commit(&self, _: &Context, action: &Action) -> Result<Decision, Fault> {
        Ok(whole::judge(&self.scanner, &action.arguments, Direction::Arguments))
    }
}

witgate_sdk::export!(
    Patterns,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment],
);

#[cfg(test)]
mod tests;
