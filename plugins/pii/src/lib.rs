//! Built-in policy: personal data that has a shape (e-mail address, payment card, bank account, telephone number, IP address,
//! numbers that states give), data that words beside it tell (passport, licence, day of birth), guesses at names and
//! addresses, and shapes of the operator's own.
//!
//! In each direction (to the model, back, into a tool's arguments) each kind has an action: a token, a mask, a keyed hash, a
//! refusal, a label, or nothing. What a kind must look like stands in the module of its name.

use std::sync::Arc;

use witgate_sdk::{
    Action as Call, Admission, Channel, Commitment, Context, Decision, Document, Edit, Fault, Inspection, Issue,
    Plugin, Segment, Span,
};

mod address;
mod bank;
mod birth;
mod card;
mod config;
mod direction;
mod document;
mod email;
mod iban;
mod ip;
mod kind;
mod national;
mod person;
mod phone;
mod run;
mod scan;
mod session;
mod shape;
mod signs;
mod ssn;
mod view;
mod words;

pub use config::Config;
pub use kind::Kind;
pub use session::{Acts, Judged, PiiSession, Watched};

use direction::{Direction, Effect};
use scan::{Match, scan};
use shape::Shape;
use words::Lexicon;

/// Most findings of one decision. Edits are never left out: beyond this, matches are still replaced.
const MAX_FINDINGS: usize = 256;
/// Longest value before which the name of its field is read as a word before it.
const MAX_NAMED: usize = 256;
/// Shortest salt, in bytes.
const MIN_SALT: usize = 16;

/// The policy.
#[derive(Debug)]
pub struct Pii {
    request: Direction,
    answer: Direction,
    arguments: Direction,
}

impl Plugin for Pii {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let mut issues = vec![];
        let mut shapes = vec![];
        for (i, custom) in config.custom.iter().enumerate() {
            match Shape::new(custom) {
                Ok(shape) => shapes.push(shape),
                Err(message) => issues.push(Issue { pointer: format!("/custom/{i}/shape"), message }),
            }
        }
        let lexicon = Arc::new(Lexicon::new());
        let own = |i: usize| config.custom.get(i);
        let direction = |built_in: &dyn Fn(Kind) -> config::Action, custom: fn(&config::Custom) -> config::Action| {
            let custom = |i| own(i).map_or(config::Action::Off, custom);
            Direction::new(&config, &shapes, &lexicon, built_in, custom)
        };
        let policy = Self {
            request: direction(&|kind| config.request(kind), |custom| custom.action),
            answer: direction(&|kind| config.answer(kind), |custom| custom.answer),
            arguments: direction(&|kind| config.argument(kind), |custom| custom.arguments),
        };
        let hashes = [&policy.request, &policy.answer, &policy.arguments].iter().any(|d| d.hashes());
        if hashes && config.salt.as_ref().is_none_or(|salt| salt.len() < MIN_SALT) {
            let message = format!("`hash` needs a salt of at least {MIN_SALT} bytes, kept as secret as the data");
            issues.push(Issue { pointer: "/salt".into(), message });
        }
        if issues.is_empty() { Ok(policy) } else { Err(issues) }
    }
}

impl Pii {
    /// Tells `found` each match of a whole text on its way to the model: its kind, and where, in bytes.
    pub fn find(&self, text: &str, mut found: impl FnMut(Kind, std::ops::Range<usize>)) {
        scan(text, 0, true, &self.request.watch, |m| found(m.kind, m.at));
    }
}

impl Admission for Pii {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        Ok(judge(request, &self.request))
    }
}

impl Inspection for Pii {
    type Session = PiiSession;

    fn open(&'static self, _: &Context, channel: &Channel) -> Result<PiiSession, Fault> {
        // Arguments are judged whole, at commitment.
        Ok(session::open(&self.answer, channel.kind != "tool-arguments"))
    }
}

impl Commitment for Pii {
    fn commit(&self, _: &Context, action: &Call) -> Result<Decision, Fault> {
        Ok(judge(&action.arguments, &self.arguments))
    }
}

/// Does to every match what its direction says; denies at one that is refused, or that would have to be replaced in a key,
/// which cannot be edited.
fn judge(document: &Document, direction: &Direction) -> Decision {
    let mut decision = Decision::allow();
    let mut refused: Option<Decision> = None;
    let mut told = vec![];
    each(document, direction, |segment, m, value, at| {
        if decision.findings.len() < MAX_FINDINGS {
            decision.findings.push(direction.finding(m.kind, at));
        }
        match direction.effect(m.kind, value) {
            Effect::Replace(_) if segment.kind == "key" => {
                refused.get_or_insert_with(|| {
                    Decision::deny("pii_in_key", "The name of a field is personal data. Send it as a value instead.")
                });
            }
            Effect::Replace(replacement) => decision.edits.push(Edit { at, replacement }),
            Effect::Refuse => {
                refused.get_or_insert_with(|| {
                    let name = direction.name(m.kind);
                    let message = format!("The request holds personal data ({name}). Remove it and try again.");
                    Decision::deny(m.kind.denial(), message)
                });
            }
            Effect::Label if told.contains(&m.kind) => {}
            Effect::Label => told.push(m.kind),
        }
    });
    if let Some(refused) = refused {
        decision.verdict = refused.verdict;
        decision.edits.clear();
    }
    told.sort_unstable();
    told.into_iter().fold(decision, |decision, kind| decision.with_label("pii", direction.name(kind)))
}

fn each(document: &Document, direction: &Direction, mut found: impl FnMut(&Segment, Match, &str, Span)) {
    if direction.watch.is_empty() {
        return;
    }
    for segment in &document.segments {
        let text = segment.text(document);
        let name = named(segment, text);
        let joined = name.map(|name| format!("{name}: {text}"));
        let (text, skip) = match (&joined, name) {
            (Some(joined), Some(name)) => (joined.as_str(), name.len() + 2),
            _ => (text, 0),
        };
        scan(text, skip, true, &direction.watch, |m| {
            let place = |at: usize| segment.at.start.saturating_add(at.saturating_sub(skip) as u64);
            let at = Span { start: place(m.at.start), end: place(m.at.end) };
            let value = text.get(m.at.clone()).unwrap_or_default();
            found(segment, m, value, at);
        });
    }
}

/// The name of the field whose short value has digits in it: what is in a field `phone` needs no other word to say so.
fn named<'a>(segment: &'a Segment, text: &str) -> Option<&'a str> {
    let short = text.len() <= MAX_NAMED && !matches!(segment.kind.as_str(), "text" | "key");
    if !short || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    segment.pointer.rsplit('/').find(|part| part.bytes().any(|b| !b.is_ascii_digit()))
}

witgate_sdk::export!(Pii, manifest = include_str!("../manifest.json"), stages = [admission, inspection, commitment]);

#[cfg(test)]
mod tests;
