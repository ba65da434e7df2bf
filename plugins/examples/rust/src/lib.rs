//! Example policy: refuses prompts that hold a code word, and masks code words in answers, wherever a stream is cut.

use witgate_sdk::kit::{Hit, HoldBack, Matcher, Options};
use witgate_sdk::{
    Admission, Channel, Context, Decision, Document, Edit, Fault, Finding, Inspection, Issue, Plugin, Replacement, Span,
};

const CODE_WORD: &str = "code_word";
/// What one decision may have.
const MAX_FINDINGS: usize = 1024;

/// What `manifest.json` says it is.
#[derive(Debug, serde::Deserialize)]
pub struct Config {
    words: Vec<String>,
}

/// The configured policy.
#[derive(Debug)]
pub struct CodeWords {
    words: Matcher,
}

impl Plugin for CodeWords {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let anywhere = Options { word_start: false, word_end: false, ignore_case: true };
        let words = Matcher::new(&config.words, anywhere).map_err(|error| vec![error.issue("/words")])?;
        Ok(Self { words })
    }
}

fn finding(at: Span) -> Finding {
    Finding { code: CODE_WORD.into(), at: Some(at), confidence: 100, detail: String::new() }
}

impl Admission for CodeWords {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        let mut decision = Decision::allow();
        for segment in &request.segments {
            for found in self.words.find(segment.text(request)) {
                let begins = segment.at.start;
                let at = Span { start: begins + found.at.start as u64, end: begins + found.at.end as u64 };
                decision.findings.push(finding(at));
            }
        }
        decision.findings.truncate(MAX_FINDINGS);
        if !decision.findings.is_empty() {
            decision.verdict = Decision::deny(CODE_WORD, "The prompt holds a code word.").verdict;
        }
        Ok(decision)
    }
}

impl Inspection for CodeWords {
    type Session = HoldBack<&'static Matcher, fn(&Hit<usize>, Span, &mut Decision)>;

    fn open(&'static self, _: &Context, _: &Channel) -> Result<Self::Session, Fault> {
        Ok(HoldBack::new(&self.words, mask))
    }
}

fn mask(_: &Hit<usize>, at: Span, decision: &mut Decision) {
    decision.findings.push(finding(at));
    decision.edits.push(Edit { at, replacement: Replacement::Text("[withheld]".into()) });
}

witgate_sdk::export!(CodeWords, manifest = include_str!("../manifest.json"), stages = [admission, inspection]);

#[cfg(test)]
mod tests;
