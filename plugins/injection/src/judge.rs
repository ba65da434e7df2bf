//! One text's score.

use crate::encoded::each_decoded;
use crate::matcher::{Matcher, Run};
use crate::words;

/// Letters in hidden characters from which on they are a message. A flag of emoji spells six at most.
const HIDDEN_MESSAGE: usize = 8;

/// Who wrote a text, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A user, or a value that a caller filled in.
    User,
    /// A tool: nothing in it may give orders.
    Tool,
    /// The model itself, earlier on. Counts half.
    Model,
    /// The operator, who may say what the rules look for. Only hidden text is reported.
    Operator,
}

impl Origin {
    /// By a segment's kind and role.
    pub(crate) fn of(kind: &str, role: &str) -> Self {
        match (kind, role) {
            ("tool-result", _) => Self::Tool,
            ("tool-definition", _) | (_, "system" | "developer") => Self::Operator,
            ("text" | "refusal", "assistant") => Self::Model,
            (_, "tool" | "function") => Self::Tool,
            _ => Self::User,
        }
    }
}

/// What was found in one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Sum of the weights of independent evidence.
    pub points: u32,
    /// The families of that evidence, one bit each.
    pub families: u32,
    /// Whether a message was written in characters that are not seen.
    pub hidden: bool,
}

/// Reads texts of one request.
#[derive(Debug)]
pub(crate) struct Judge<'m> {
    run: Run<'m>,
}

impl<'m> Judge<'m> {
    pub(crate) fn new(matcher: &'m Matcher) -> Self {
        Self { run: Run::new(matcher) }
    }

    pub(crate) fn score(&mut self, text: &str, origin: Origin) -> Score {
        let mut score = Score::default();
        if origin == Origin::Operator {
            // Only what cannot be seen counts, and it is never ASCII.
            if !text.is_ascii() {
                self.run.begin(false);
                words::read(text, &mut self.run);
                score.hidden = self.run.hidden.chars().count() >= HIDDEN_MESSAGE;
            }
            return score;
        }
        let tool = origin == Origin::Tool;
        let hidden = self.read(text, tool, &mut score);
        if hidden.chars().count() >= HIDDEN_MESSAGE {
            score.hidden = true;
            self.read(&hidden, true, &mut score);
        }
        each_decoded(text, |inner| {
            self.read(inner, tool, &mut score);
        });
        if origin == Origin::Model {
            score.points /= 2;
        }
        score
    }

    /// Answers the text that was written in hidden characters.
    fn read(&mut self, text: &str, tool: bool, score: &mut Score) -> String {
        self.run.begin(tool);
        words::read(text, &mut self.run);
        if self.run.hits.score > score.points {
            (score.points, score.families) = (self.run.hits.score, self.run.hits.families);
        }
        std::mem::take(&mut self.run.hidden)
    }
}

#[cfg(test)]
mod tests;
