//! Built-in policy: classification. A ladder of levels, a caller's clearance, and the markings that show that a text is
//! of a higher level than its exchange.

mod candidate;
mod config;
mod controls;
mod fold;
mod ladder;
mod length;
mod lexicon;
mod openings;
mod scanner;
mod schemes;
mod session;
mod starts;
mod words;

pub use config::{Action, Config, Level};
use ladder::{Ladder, Rank, issue};
use length::Length;
use lexicon::Lexicon;
use scanner::{Found, Scanner};
pub use session::Channel;
use witgate_sdk::{
    Admission, Claim, Commitment, Context, Decision, Document, Fault, Inspection, Issue, Plugin, Span, Verdict,
};

const CLEARANCE_TOO_LOW: &str = "clearance_too_low";
const UNKNOWN_LEVEL: &str = "unknown_level";
const MARKING_ABOVE_DECLARED: &str = "marking_above_declared";
const ANSWER_TOO_LONG: &str = "answer_too_long";
/// The label of what was marked; that of what was declared is `level`.
const MARKING: &str = "marking";

/// The configured policy.
#[derive(Debug)]
pub struct Classification {
    ladder: Ladder,
    lexicon: Lexicon,
    default_classification: Rank,
    default_clearance: Rank,
    require_proven: bool,
    prompts: Action,
    answers: Action,
    arguments: Action,
    max_answer_chars: Option<u64>,
    too_long: Action,
}

impl Plugin for Classification {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let mut issues = vec![];
        let mut ladder = Ladder::new(&config.levels, config.ladder, &mut issues);
        let mut level = |pointer: &str, word: &Option<String>, default: Option<Rank>| match word {
            None => default,
            Some(word) => ladder.level(word).or_else(|| {
                issues.push(issue(pointer, &format!("no such level; there are {}", ladder.names())));
                None
            }),
        };
        let classification = level("/default_classification", &config.default_classification, Some(0));
        let clearance = level("/default_clearance", &config.default_clearance, Some(0));
        let controlled = level("/controlled_level", &config.controlled_level, ladder.level("CUI"));
        let compartment = level("/compartment_level", &config.compartment_level, ladder.level("TS_SCI"));
        (ladder.controlled, ladder.compartment) = (controlled, compartment);
        let lexicon = Lexicon::new(&ladder, config.ladder, !config.without_schemes, &config.markings, &mut issues);
        if config.max_answer_chars == Some(0) {
            issues.push(issue("/max_answer_chars", "at least 1"));
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        Ok(Self {
            ladder,
            lexicon,
            default_classification: classification.unwrap_or_default(),
            default_clearance: clearance.unwrap_or_default(),
            require_proven: config.require_proven,
            prompts: config.prompts,
            answers: config.answers,
            arguments: config.arguments,
            max_answer_chars: config.max_answer_chars.filter(|_| config.too_long != Action::Off),
            too_long: config.too_long,
        })
    }
}

impl Classification {
    /// The declared level of an exchange. Where it cannot be read the strictest holds: admission refuses such an
    /// exchange, and in monitor mode the rest is judged as if nothing had been declared.
    fn declared(&self, ctx: &Context) -> Result<Rank, Rank> {
        match &ctx.classification {
            None => Ok(self.default_classification),
            Some(claim) => self.ladder.declared(&claim.value).ok_or(0),
        }
    }

    fn clearance(&self, ctx: &Context) -> Option<Rank> {
        let counts = |claim: &&Claim| claim.proven || !self.require_proven;
        match ctx.clearance.as_ref().filter(counts) {
            None => Some(self.default_clearance),
            Some(claim) => self.ladder.cleared(&claim.value),
        }
    }

    fn unknown(&self, what: &str) -> Decision {
        let message = format!("{what} is not a known level; the levels are {}.", self.ladder.names());
        Decision::deny(UNKNOWN_LEVEL, message).with_finding(UNKNOWN_LEVEL, None, 100)
    }

    /// The refusal of a marking in `what`.
    fn above(&self, what: &str, declared: Rank) -> Decision {
        let declared = self.ladder.name(declared);
        let message = format!("{what} carries a marking above the level of this exchange, {declared}.");
        Decision::deny(MARKING_ABOVE_DECLARED, message)
    }

    /// The refusal of an answer that is too long.
    fn overlong(&self) -> Decision {
        let most = self.max_answer_chars.unwrap_or_default();
        Decision::deny(ANSWER_TOO_LONG, format!("The answer is longer than the {most} characters that it may have."))
    }

    fn scanner(&self, declared: Rank, alone: bool) -> Scanner<'_> {
        let rules = candidate::Rules { lexicon: &self.lexicon, ladder: &self.ladder, declared };
        Scanner::new(rules, alone)
    }

    /// The markings in a document, each higher than the one before, and at most one for each level therefore.
    fn markings(&self, document: &Document, declared: Rank, action: Action) -> Vec<Found> {
        let mut all: Vec<Found> = vec![];
        if action == Action::Off {
            return all;
        }
        let mut known = declared;
        for segment in &document.segments {
            if known >= self.ladder.top() {
                break;
            }
            // A tool's definition and a key may be the bare name of a level without being of that level.
            let alone = !matches!(segment.kind.as_str(), "tool-definition" | "key");
            let mut scanner = self.scanner(known, alone);
            let mut rest = segment.text(document);
            loop {
                let (read, found) = scanner.feed(rest);
                rest = rest.get(read..).unwrap_or_default();
                let over = found.is_none();
                let Some(f) = found.or_else(|| scanner.finish()) else {
                    break;
                };
                scanner.raise(f.level);
                known = f.level;
                let begins = segment.at.start;
                all.push(Found { start: begins + f.start, end: begins + f.end, ..f });
                if action == Action::Deny {
                    return all;
                }
                if over {
                    break;
                }
            }
        }
        all
    }

    /// What follows from the markings of a document.
    fn judge(&self, what: &str, document: &Document, declared: Rank, action: Action) -> Decision {
        let markings = self.markings(document, declared, action);
        let mut decision = match (markings.last(), action) {
            (Some(_), Action::Deny) => self.above(what, declared),
            _ => Decision::allow(),
        };
        if let Some(highest) = markings.last() {
            decision = decision.with_label(MARKING, self.ladder.name(highest.level));
        }
        markings.iter().fold(decision, |decision, f| {
            let at = Span { start: f.start, end: f.end };
            decision.with_finding(MARKING_ABOVE_DECLARED, Some(at), 100)
        })
    }

    /// The highest level above the declared one of what the prompt was made from. Before admission no label is there but those of
    /// earlier exchanges that this one names.
    fn inherited(&self, ctx: &Context, declared: Rank) -> Option<Rank> {
        if self.prompts == Action::Off {
            return None;
        }
        let levels = ctx.labels.iter().filter(|label| matches!(label.key.as_str(), "level" | MARKING));
        levels.filter_map(|label| self.ladder.declared(&label.value)).filter(|level| *level > declared).max()
    }

    /// A prompt that was made from something of this level is held to it as one that carries its marking.
    fn made_from(&self, mut decision: Decision, level: Rank, declared: Rank) -> Decision {
        if self.prompts == Action::Deny && matches!(decision.verdict, Verdict::Allow) {
            decision.verdict = self.above("What the prompt was made from", declared).verdict;
        }
        let known = decision.labels.iter_mut().find(|label| label.key == MARKING);
        let name = self.ladder.name(level);
        decision = match known {
            Some(label) if self.ladder.declared(&label.value).is_some_and(|known| known >= level) => decision,
            Some(label) => {
                label.value = name.into();
                decision
            }
            None => decision.with_label(MARKING, name),
        };
        decision.with_finding(MARKING_ABOVE_DECLARED, None, 100)
    }
}

impl Admission for Classification {
    fn admit(&self, ctx: &Context, request: &Document) -> Result<Decision, Fault> {
        let Ok(declared) = self.declared(ctx) else {
            return Ok(self.unknown("The declared classification"));
        };
        let Some(clearance) = self.clearance(ctx) else {
            return Ok(self.unknown("The stated clearance"));
        };
        if clearance < declared {
            let (has, wants) = (self.ladder.name(clearance), self.ladder.name(declared));
            let message = format!("The caller is cleared for {has}; this exchange is {wants}.");
            return Ok(Decision::deny(CLEARANCE_TOO_LOW, message)
                .with_finding(CLEARANCE_TOO_LOW, None, 100)
                .with_label("level", wants));
        }
        let decision = self.judge("The prompt", request, declared, self.prompts);
        let decision = match self.inherited(ctx, declared) {
            Some(level) => self.made_from(decision, level, declared),
            None => decision,
        };
        Ok(decision.with_label("level", self.ladder.name(declared)))
    }
}

impl Inspection for Classification {
    type Session = Channel;

    fn open(&'static self, ctx: &Context, channel: &witgate_sdk::Channel) -> Result<Channel, Fault> {
        let declared = self.declared(ctx).unwrap_or_else(|strictest| strictest);
        // What the model says or thinks has a length; ids and arguments have not.
        let text = matches!(channel.kind.as_str(), "content" | "reasoning" | "refusal");
        let length = self.max_answer_chars.filter(|_| text).map(Length::new);
        Ok(Channel::new(self, declared, length))
    }
}

impl Commitment for Classification {
    fn commit(&self, ctx: &Context, action: &witgate_sdk::Action) -> Result<Decision, Fault> {
        let declared = self.declared(ctx).unwrap_or_else(|strictest| strictest);
        Ok(self.judge("The tool call", &action.arguments, declared, self.arguments))
    }
}

witgate_sdk::export!(
    Classification,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment],
);

#[cfg(test)]
mod tests;
