//! Built-in policy: secrets.
//!
//! Provider keys by their shape, private keys, JSON web tokens, passwords in URLs and headers, and random values that a name
//! says are secret. On the way to the model each becomes a token; in the answer it is masked; a tool call that holds one is
//! withheld. One pass from run to run of the characters that values are made of (`scan`); what a run is, its own shape
//! says (`shapes`, `structure`, `jwt`, `pem`, `url`) or the names before it (`before`, `name`, `assign`).

use witgate_sdk::kit::{Hit, Scan};
use witgate_sdk::{
    Action as Effect, Admission, Channel, Commitment, Context, Decision, Document, Edit, Fault, Finding, Inspection,
    Issue, Label, Plugin, Replacement, Segment, Span,
};

mod assign;
mod before;
mod checksum;
mod config;
mod jwt;
mod kind;
mod lexicon;
mod name;
mod pem;
mod providers;
mod scan;
mod session;
mod shape;
mod shapes;
mod structure;
#[cfg(test)]
mod testing;
mod url;
mod value;
mod view;

pub use config::Config;
pub use kind::Kind;
pub use scan::{Provider, Secret};
pub use session::{Acts, SecretsSession, Watched};

use assign::Thresholds;
use config::{Action, RequestAction};
use scan::{Scanner, Wanted};

/// Most findings of one decision. Edits are never left out: beyond this, secrets are still replaced.
const MAX_FINDINGS: usize = 256;
/// Longest value that is read together with the name of its field.
const MAX_FIELD: usize = 512;

/// The policy.
#[derive(Debug)]
pub struct Secrets {
    scanner: Scanner,
    request: RequestAction,
    answer: Action,
    arguments: Action,
}

impl Plugin for Secrets {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let mut issues = vec![];
        for (i, own) in config.providers.iter().enumerate() {
            let mut bad = |member: &str, message: &str| {
                issues.push(Issue { pointer: format!("/providers/{i}/{member}"), message: message.into() });
            };
            if own.prefix.len() < 2 || !own.prefix.bytes().all(|b| b.is_ascii_graphic()) {
                bad("prefix", "must be two printable ASCII characters or more");
            }
            if own.least > own.most {
                bad("least", "must not be above `most`");
            }
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        // The schema keeps it within 0 and 8.
        #[expect(clippy::cast_possible_truncation, reason = "hundredths of at most eight bits")]
        let entropy = (config.entropy.clamp(0.0, 8.0) * 100.0) as u32;
        Ok(Self {
            scanner: Scanner {
                shapes: shapes::Shapes::new(config.providers),
                names: name::Names::new(),
                limits: Thresholds { entropy, least: config.least_length },
                wanted: Wanted::by(|kind| config.kinds.has(kind)),
                allowed: config.allow.values.into_iter().collect(),
                allowed_prefixes: config.allow.prefixes,
            },
            request: config.request,
            answer: config.answer,
            arguments: config.arguments,
        })
    }
}

impl Admission for Secrets {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        Ok(self.judge(request, self.request))
    }
}

impl Inspection for Secrets {
    type Session = SecretsSession;

    fn open(&'static self, _: &Context, channel: &Channel) -> Result<SecretsSession, Fault> {
        // Arguments are judged whole, at commitment.
        Ok(session::open(self, channel.kind != "tool-arguments"))
    }
}

impl Commitment for Secrets {
    fn commit(&self, _: &Context, action: &Effect) -> Result<Decision, Fault> {
        Ok(self.judge(&action.arguments, self.arguments.into()))
    }
}

impl Secrets {
    /// Every secret of a text, with the name of its provider.
    pub fn find(&self, text: &str) -> Vec<(Hit<Secret>, &str)> {
        let mut hits = vec![];
        self.scanner.scan(text, 0, true, &mut |hit| hits.push(hit));
        hits.into_iter()
            .map(|hit| {
                let provider = self.provider(&hit.kind);
                (hit, provider)
            })
            .collect()
    }

    fn provider(&self, secret: &Secret) -> &str {
        match secret.provider {
            Provider::None => "",
            Provider::Known(name) => name,
            Provider::Shape(shape) => self.scanner.shapes.provider(shape),
        }
    }

    /// Where, how sure and whose; never what.
    fn finding(&self, secret: &Secret, at: Span) -> Finding {
        Finding {
            code: secret.kind.name().into(),
            at: Some(at),
            confidence: secret.kind.confidence(),
            detail: self.provider(secret).into(),
        }
    }

    fn judge(&self, document: &Document, action: RequestAction) -> Decision {
        let mut decision = Decision::allow();
        let mut refused: Option<Decision> = None;
        for segment in &document.segments {
            self.segment(document, segment, |secret, at| {
                if decision.findings.len() < MAX_FINDINGS {
                    decision.findings.push(self.finding(secret, at));
                }
                let kind = secret.kind;
                let replacement = match action {
                    RequestAction::Label => return label(&mut decision, kind),
                    RequestAction::Block => {
                        refused.get_or_insert_with(|| {
                            let message =
                                format!("The text holds a secret ({}). Remove it and try again.", kind.name());
                            Decision::deny("secret_found", message)
                        });
                        return;
                    }
                    RequestAction::Token => Replacement::Token(kind.name().into()),
                    RequestAction::Mask => Replacement::Text(kind.mask().into()),
                };
                if segment.kind == "key" {
                    refused.get_or_insert_with(|| {
                        Decision::deny("secret_in_key", "The name of a field is a secret. Send it as a value instead.")
                    });
                } else {
                    decision.edits.push(Edit { at, replacement });
                }
            });
        }
        if let Some(refused) = refused {
            decision.verdict = refused.verdict;
            decision.edits.clear();
        }
        decision
    }

    fn segment(&self, document: &Document, segment: &Segment, mut found: impl FnMut(&Secret, Span)) {
        // Signatures, and what only the provider can read: never editable, and random by nature.
        if segment.kind == "opaque" {
            return;
        }
        let text = segment.text(document);
        let field = field(segment).filter(|_| text.len() <= MAX_FIELD);
        let (text, before) = match field {
            Some(name) => (std::borrow::Cow::Owned(format!("{name}: \"{text}\"")), name.len() + 3),
            None => (std::borrow::Cow::Borrowed(text), 0),
        };
        self.scanner.scan(&text, 0, true, &mut |hit: Hit<Secret>| {
            let length = text.len().saturating_sub(before + usize::from(before > 0));
            let (start, end) = (hit.at.start.saturating_sub(before), hit.at.end.saturating_sub(before).min(length));
            if hit.at.start >= before && start < end {
                let at = |place: usize| segment.at.start.saturating_add(place as u64);
                found(&hit.kind, Span { start: at(start), end: at(end) });
            }
        });
    }
}

/// The name of the field that a value stands in.
fn field(segment: &Segment) -> Option<&str> {
    if !matches!(segment.kind.as_str(), "value" | "tool-arguments") {
        return None;
    }
    let path = segment.pointer.rsplit('#').next().unwrap_or_default();
    path.rsplit('/')
        .find(|token| !token.is_empty() && !token.bytes().all(|b| b.is_ascii_digit()))
        .filter(|name| name.len() <= 64)
}

/// Says once that a kind was seen.
fn label(decision: &mut Decision, kind: Kind) {
    if !decision.labels.iter().any(|label| label.value == kind.name()) {
        decision.labels.push(Label { key: "secret".into(), value: kind.name().into() });
    }
}

witgate_sdk::export!(
    Secrets,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment]
);

#[cfg(test)]
mod tests;
