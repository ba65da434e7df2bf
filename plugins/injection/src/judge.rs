//! One text's score.

use witgate_sdk::kit::{Disguise, Views};

use crate::matcher::{Matcher, Run};
use crate::scorer::Weights;
use crate::words;

/// Letters in hidden characters from which on they are a message. A flag of emoji spells six at most.
const HIDDEN_MESSAGE: usize = 8;

/// Texts are read in parts of so many bytes, so that their views are bounded, ...
const PART: usize = 64 * 1024;
/// ... which have so many in common,
const OVERLAP: usize = 2 * 1024;
/// and all views of a part so many.
const VIEWS: usize = 384 * 1024;

/// Who wrote a text, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A user, or a value that a caller filled in.
    User,
    /// A tool, or somebody whose document is brought along: nothing in it may give orders.
    Tool,
    /// The model itself, earlier on, its reasoning and its calls too. Counts half.
    Model,
    /// The operator, who may say what the rules look for. Only hidden text is reported.
    Operator,
    /// Nobody who can be read.
    Sealed,
}

impl Origin {
    /// By a segment's kind and role.
    pub(crate) fn of(kind: &str, role: &str) -> Self {
        match (kind, role) {
            ("opaque", _) => Self::Sealed,
            ("tool-result" | "document", _) => Self::Tool,
            ("tool-definition", _) | (_, "system" | "developer") => Self::Operator,
            ("reasoning" | "tool-arguments", _) | ("text" | "refusal", "assistant") => Self::Model,
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
    /// What the trained scorer says, in its own unit; the lowest number where it was not asked.
    pub trained: i32,
    /// From where on it is enough with what rules say of the same place.
    pub agree: i32,
    /// From where on it is enough alone.
    pub sure: i32,
    /// Whether rules gave half of the points that refuse where the scorer agreed.
    pub agreed: bool,
    /// Whether a message was written in characters that are not seen.
    pub hidden: bool,
}

/// Reads texts of one request.
#[derive(Debug)]
pub(crate) struct Judge<'m> {
    run: Run<'m>,
    weights: Weights,
}

impl<'m> Judge<'m> {
    /// `half`: the points from which on rules are enough where the scorer agrees.
    pub(crate) fn new(matcher: &'m Matcher, half: u32) -> Self {
        Self { run: Run::new(matcher, half), weights: Weights::new() }
    }

    pub(crate) fn score(&mut self, text: &str, origin: Origin) -> Score {
        let tool = origin == Origin::Tool;
        let limits = self.weights.limits(tool);
        let mut score = Score { trained: i32::MIN, agree: limits.agree, sure: limits.sure, ..Score::default() };
        match origin {
            Origin::Sealed => return score,
            Origin::Operator => {
                // Only what cannot be seen counts, and it is never ASCII.
                score.hidden = !text.is_ascii() && hides(&Views::bounded(text, VIEWS));
                return score;
            }
            _ => {}
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(PART));
            self.part(part, tool, &mut score);
            rest = match after.len() {
                0 => after,
                // What stands over the cut is read again.
                _ => rest.get(rest.floor_char_boundary(PART - OVERLAP)..).unwrap_or_default(),
            };
        }
        if origin == Origin::Model {
            score.points /= 2;
            score.trained = score.trained.min(limits.agree - 1);
            score.agreed = false;
        }
        score
    }

    /// A part of a text, in all its views.
    fn part(&mut self, text: &str, tool: bool, score: &mut Score) {
        let views = Views::bounded(text, VIEWS);
        score.hidden |= hides(&views);
        for view in views.iter() {
            // What was hidden may give no orders, whoever wrote it.
            self.run.begin(tool || view.disguise() == Disguise::Hidden);
            words::read(view.text(), &mut self.run);
            if self.run.hits.score > score.points {
                (score.points, score.families) = (self.run.hits.score, self.run.hits.families);
            }
            let limits = self.weights.limits(tool);
            let trained = limits.as_of_short(self.run.scorer.best(), self.run.scorer.position());
            score.trained = score.trained.max(trained);
            score.agreed |= self.run.agreed();
        }
    }
}

/// Whether a message is written in characters that are not seen.
fn hides(views: &Views<'_>) -> bool {
    let mut hidden = views.iter().filter(|view| view.disguise() == Disguise::Hidden);
    hidden.any(|view| view.text().chars().count() >= HIDDEN_MESSAGE)
}

#[cfg(test)]
mod tests;
