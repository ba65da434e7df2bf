//! Built-in policy: prompts and tool results that try to take over the model.
//!
//! Text is normalised (`words`) and read once by all rules (`matcher`, `rules.txt`). A rule is evidence of a family, such
//! as setting instructions aside or naming a persona without limits; families add up, and from a threshold on the request is
//! refused. Whose text it is decides which rules count (`judge`).

use witgate_sdk::kit::Views;
use witgate_sdk::{Admission, Context, Decision, Document, Fault, Finding, Issue, Label, Plugin, Verdict};

mod config;
mod features;
mod fold;
mod judge;
mod lexicon;
mod matcher;
mod plain;
mod program;
mod rules;
mod scorer;
mod table;
mod turns;
mod words;

pub use config::Config;
pub use judge::Score;

use config::Action;
use features::{Features, Halves, Trace};
use judge::{Judge, Origin};
use matcher::{Matcher, Run};
use turns::Turns;

/// The built-in rules as they are compiled; none, where they are too many.
pub fn compiled_rules() -> Option<Vec<u8>> {
    program::compile(&rules::rules(), lexicon::CLASSES).ok()
}

/// Most findings of one decision.
const MAX_FINDINGS: usize = 64;

/// The policy.
#[derive(Debug)]
pub struct Injection {
    matcher: Matcher,
    threshold: u32,
    scorer: bool,
    action: Action,
}

impl Plugin for Injection {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let matcher = Matcher::with(&config.phrases()?).map_err(|_| {
            vec![Issue { pointer: "/extra_phrases".into(), message: "too many words in all; use fewer phrases".into() }]
        })?;
        Ok(Self { matcher, threshold: config.threshold, scorer: config.scorer, action: config.action })
    }
}

impl Injection {
    /// The score of one text, as a segment of this `kind` and `role` has it. For measuring.
    pub fn score(&self, text: &str, kind: &str, role: &str) -> Score {
        Judge::new(&self.matcher, self.half()).score(text, Origin::of(kind, role))
    }

    /// What the scorer sees of a text, word by word. For training.
    pub fn features(&self, text: &str) -> Vec<Vec<u32>> {
        let mut trace = Trace { matcher: &self.matcher, features: Features::new(), words: vec![] };
        if let Some(plain) = Views::new(text).iter().next() {
            words::read(plain.text(), &mut trace);
        }
        trace.words
    }

    /// After which words of a text rules have half of the points that refuse, from one. For training.
    pub fn halves(&self, text: &str, kind: &str, role: &str) -> Vec<u32> {
        let mut run = Run::new(&self.matcher, self.half());
        run.begin(Origin::of(kind, role) == Origin::Tool);
        let mut halves = Halves { run, at: vec![] };
        if let Some(plain) = Views::new(text).iter().next() {
            words::read(plain.text(), &mut halves);
        }
        halves.at
    }

    /// The points from which on rules are enough where the scorer agrees, and tell of a suspicion where it does not.
    fn half(&self) -> u32 {
        self.threshold.div_ceil(2)
    }

    /// Whether a text of this score is refused, where `action` is `deny`.
    pub fn refuses(&self, score: Score) -> bool {
        score.points >= self.threshold || score.hidden || self.scorer && (score.trained >= score.sure || score.agreed)
    }

    /// Whether one of rules and scorer speaks for an attack.
    pub fn suspects(&self, score: Score) -> bool {
        // A long text has a high window somewhere: what agrees with rules is no suspicion of its own.
        let much = score.agree.midpoint(score.sure);
        self.refuses(score) || score.points >= self.half() || self.scorer && score.trained >= much
    }
}

impl Admission for Injection {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        let mut judge = Judge::new(&self.matcher, self.half());
        let mut decision = Decision::allow();
        let mut turns = Turns::default();
        let (mut possible, mut refused) = (false, None);
        for segment in &request.segments {
            let origin = Origin::of(&segment.kind, &segment.role);
            let text = segment.text(request);
            let mut score = judge.score(text, origin);
            let both = turns.with(segment, origin, text);
            if !self.refuses(score)
                && let Some(both) = both.map(|both| judge.score(&both, origin)).filter(|both| self.refuses(*both))
            {
                score = both;
            }
            if !self.suspects(score) {
                continue;
            }
            let over = self.refuses(score) && origin != Origin::Operator;
            let code = code(score, origin);
            if decision.findings.len() < MAX_FINDINGS {
                decision.findings.push(Finding {
                    code: code.into(),
                    at: Some(segment.at),
                    confidence: confidence(score, self.threshold),
                    detail: rules::families(score.families),
                });
            }
            possible = true;
            if over {
                refused.get_or_insert(code);
            }
        }
        let value = match refused {
            Some(_) => "likely",
            None if possible => "possible",
            None => return Ok(decision),
        };
        decision.labels.push(Label { key: "suspicion".into(), value: value.into() });
        if let (Some(code), Action::Deny) = (refused, self.action) {
            decision.verdict = denial(code);
        }
        Ok(decision)
    }
}

fn code(score: Score, origin: Origin) -> &'static str {
    match origin {
        _ if score.hidden => "hidden_text",
        Origin::Tool => "tool_result_injection",
        _ => "prompt_injection",
    }
}

fn denial(code: &str) -> Verdict {
    let message = match code {
        "hidden_text" => "The request holds text in characters that are not seen.",
        "tool_result_injection" => "A tool result gives orders to the model.",
        _ => "The request tries to set the model's instructions aside.",
    };
    Decision::deny(code, message).verdict
}

/// 50 at the threshold, 95 from twice the threshold on; 60 where only the scorer is sure.
fn confidence(score: Score, threshold: u32) -> u8 {
    if score.hidden {
        return 95;
    }
    let rules = u64::from(score.points) * 50 / u64::from(threshold.max(1));
    let trained = if score.trained >= score.sure { 60 } else { 0 };
    u8::try_from(rules.max(trained).min(95)).unwrap_or(95)
}

witgate_sdk::export!(Injection, manifest = include_str!("../manifest.json"), stages = [admission]);

#[cfg(test)]
mod tests;
