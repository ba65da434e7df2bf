//! Withholds words that must not leave: from prompts, from answers as they stream, and from tool calls.

use std::ops::Range;

use serde::Deserialize;
use witgate_sdk::{
    Action, Admission, Channel, Commitment, Context, Decision, Document, Fault, Inspection, Issue, Plugin, Replacement,
    Session, Span, Step,
};

// Every code that a decision may carry stands in manifest.json too.
const WITHHELD: &str = "word_withheld";
const IN_KEY: &str = "word_in_key";
const IN_CALL: &str = "word_in_call";

/// What the operator writes under `config`; manifest.json has its schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    words: Vec<String>,
    mask: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { words: vec!["BLUE HERON".into()], mask: "[withheld]".into() }
    }
}

/// The policy. Configured once; every exchange begins with a copy of the memory that this left.
#[derive(Debug)]
pub struct Policy {
    config: Config,
    /// What the words begin with: between these there is nothing to look at.
    first: Vec<char>,
}

impl Plugin for Policy {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let first = config.words.iter().filter_map(|word| word.chars().next()).collect();
        Ok(Self { config, first })
    }
}

/// What stands at the beginning of a text.
enum Here {
    /// A word of so many bytes.
    Word(usize),
    /// Perhaps the beginning of one: more text would tell.
    Perhaps,
    Nothing,
}

impl Policy {
    fn look(&self, text: &str) -> Here {
        let words = || self.config.words.iter().map(String::as_str);
        match words().filter(|word| text.starts_with(word)).map(str::len).min() {
            Some(len) => Here::Word(len),
            None if words().any(|word| word.starts_with(text)) => Here::Perhaps,
            None => Here::Nothing,
        }
    }

    /// Tells every word in `text`, and answers how much of the text is decided. What follows could still become a word, unless
    /// the text is `complete`. A place is decided by what stands there and after it, so it makes no difference in which pieces
    /// the text came.
    fn scan(&self, text: &str, complete: bool, mut found: impl FnMut(Range<usize>)) -> usize {
        let mut at = 0;
        while let Some(ahead) = text[at..].find(self.first.as_slice()) {
            let here = at + ahead;
            at = match self.look(&text[here..]) {
                Here::Word(len) => {
                    found(here..here + len);
                    here + len
                }
                Here::Perhaps if !complete => return here,
                Here::Perhaps | Here::Nothing => here + text[here..].chars().next().map_or(1, char::len_utf8),
            };
        }
        text.len()
    }

    fn mask(&self) -> Replacement {
        Replacement::Text(self.config.mask.clone())
    }
}

impl Admission for Policy {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        let mut decision = Decision::allow();
        for segment in &request.segments {
            let start = segment.at.start;
            let mut found = vec![];
            self.scan(segment.text(request), true, |word| {
                found.push(Span { start: start + word.start as u64, end: start + word.end as u64 });
            });
            // The host refuses an edit of a field's name, since it would change what the request means.
            if segment.kind == "key" && !found.is_empty() {
                return Ok(Decision::deny(IN_KEY, "The name of a field holds a withheld word."));
            }
            for at in found {
                decision = decision.with_finding(WITHHELD, Some(at), 100).with_edit(at, self.mask());
            }
        }
        Ok(decision)
    }
}

impl Inspection for Policy {
    type Session = Watch;

    fn open(&'static self, _: &Context, _: &Channel) -> Result<Watch, Fault> {
        Ok(Watch { policy: self, held: String::new(), settled: 0 })
    }
}

/// One text of the answer.
#[derive(Debug)]
pub struct Watch {
    policy: &'static Policy,
    /// What is not decided yet, and where in the text it begins.
    held: String,
    settled: usize,
}

impl Watch {
    fn decide(&mut self, complete: bool) -> Step {
        let mut found = vec![];
        let decided = self.policy.scan(&self.held, complete, |word| found.push(word));
        let mut decision = Decision::allow();
        for word in found {
            let at = Span::from_range(self.settled + word.start..self.settled + word.end);
            decision = decision.with_finding(WITHHELD, Some(at), 100).with_edit(at, self.policy.mask());
        }
        self.held.drain(..decided);
        self.settled += decided;
        Step { settled: self.settled as u64, decision }
    }
}

impl Session for Watch {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        self.held.push_str(text);
        Ok(self.decide(false))
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        Ok(self.decide(true))
    }
}

impl Commitment for Policy {
    fn commit(&self, _: &Context, action: &Action) -> Result<Decision, Fault> {
        let mut first = None;
        for segment in &action.arguments.segments {
            self.scan(segment.text(&action.arguments), true, |word| {
                let start = segment.at.start;
                first.get_or_insert(Span { start: start + word.start as u64, end: start + word.end as u64 });
            });
        }
        Ok(match first {
            Some(at) => {
                Decision::deny(IN_CALL, "The call carries a withheld word.").with_finding(WITHHELD, Some(at), 100)
            }
            None => Decision::allow(),
        })
    }
}

witgate_sdk::export!(Policy, manifest = include_str!("../manifest.json"), stages = [admission, inspection, commitment]);

#[cfg(test)]
mod tests {
    use witgate_sdk::testing;

    use super::*;

    fn policy(words: &[&str]) -> &'static Policy {
        let words = words.iter().map(|&word| word.into()).collect();
        Box::leak(Box::new(Policy::configure(Config { words, ..Config::default() }).unwrap()))
    }

    #[test]
    fn pieces_never_matter() {
        let policy = policy(&["BLUE HERON", "HERON BLUE"]);
        let text = "BLUE BLUE HERON BLUE, HERON HERON BLUE and BLUE HERO";
        let outcome = testing::pieces_agree(policy, &testing::content_channel(), text);
        assert_eq!(outcome.edits.len(), 2);
    }

    #[test]
    fn every_word_of_a_prompt_is_replaced() {
        let request = testing::document(&[("user", "text", "BLUE HERON"), ("tool", "tool-result", "a BLUE HERON")]);
        let decision = policy(&["BLUE HERON"]).admit(&testing::context(), &request).unwrap();
        let spans: Vec<_> = decision.edits.iter().map(|edit| (edit.at.start, edit.at.end)).collect();
        assert_eq!(spans, [(0, 10), (13, 23)]);
    }
}
