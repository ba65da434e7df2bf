//! The configuration, as `manifest.json` describes it.

use serde::Deserialize;
use witgate_sdk::Issue;

use crate::program::{Rule, Source};
use crate::rules::EXTRA;

/// Most phrases of one's own.
const MAX_PHRASES: usize = 256;
/// Most words of one.
const MAX_WORDS: usize = 16;

/// From where on a text is refused, and by what else.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub(crate) threshold: u32,
    pub(crate) scorer: bool,
    pub(crate) action: Action,
    extra_phrases: Vec<String>,
}

/// What happens from the threshold on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// The request is refused.
    #[default]
    Deny,
    /// It passes with a finding and a label.
    Label,
}

impl Default for Config {
    fn default() -> Self {
        Self { threshold: 70, scorer: true, action: Action::Deny, extra_phrases: vec![] }
    }
}

impl Config {
    /// The operator's phrases as rules that refuse alone: their words in order, with at most one other word between two.
    pub(crate) fn phrases(&self) -> Result<Vec<Source>, Vec<Issue>> {
        let mut issues = vec![];
        if self.extra_phrases.len() > MAX_PHRASES {
            issues.push(issue(String::from("/extra_phrases"), format!("at most {MAX_PHRASES} phrases")));
        }
        if self.threshold == 0 {
            issues.push(issue(
                String::from("/threshold"),
                String::from("at least 1; to only label, set `action` to `label`"),
            ));
        }
        let mut sources = vec![];
        for (i, phrase) in self.extra_phrases.iter().enumerate() {
            let words = crate::words::normalised(phrase);
            if !(2..=MAX_WORDS).contains(&words.len()) {
                issues
                    .push(issue(format!("/extra_phrases/{i}"), format!("2 to {MAX_WORDS} words, not {}", words.len())));
            }
            let slots = words.into_iter().map(|word| (2, word.into())).collect();
            sources.push(Source { rule: Rule { family: EXTRA, weight: 1000, tool_only: false }, slots });
        }
        if issues.is_empty() { Ok(sources) } else { Err(issues) }
    }
}

fn issue(pointer: String, message: String) -> Issue {
    Issue { pointer, message }
}
