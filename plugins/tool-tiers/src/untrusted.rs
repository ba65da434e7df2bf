//! What becomes of calls once the model has read content that nobody vouches for.

use serde::Deserialize;
use witgate_sdk::{AttributedLabel, Context, Document, Issue, Label};

use crate::tier::Tier;

/// The label of a request in which a tool's result stands. Read from whichever policy set it, so that others may say so too.
const LABEL: &str = "untrusted";
const TOOL_RESULT: &str = "tool-result";

/// Labels of one configuration.
const MAX_LABELS: usize = 32;

/// The configuration: which content is not trusted, and what that does to calls.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Untrusted {
    /// Once a tool's result stands in the request.
    tool_results: Option<Effect>,
    /// Once an earlier stage set one of these.
    labels: Vec<Marked>,
}

impl Default for Untrusted {
    /// A result of a tool asks for approval from HIGH on, a suspicion from MEDIUM on.
    fn default() -> Self {
        let from = |tier| Effect { escalate_at: Some(tier), ..Effect::default() };
        let suspicion = Marked { key: "suspicion".into(), value: None, source: None, effect: from(Tier::Medium) };
        Self { tool_results: Some(from(Tier::High)), labels: vec![suspicion] }
    }
}

/// A label and its effect.
#[derive(Debug, Deserialize)]
struct Marked {
    key: String,
    /// Any, if absent.
    value: Option<String>,
    /// The policy that set it; any, if absent.
    source: Option<String>,
    #[serde(flatten)]
    effect: Effect,
}

impl Marked {
    fn is(&self, label: &AttributedLabel) -> bool {
        let same = |want: &Option<String>, has: &str| want.as_ref().is_none_or(|want| want == has);
        self.key == label.key && same(&self.value, &label.value) && same(&self.source, &label.source)
    }
}

/// What happens to a call.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Effect {
    /// From this tier on a person must agree.
    pub(crate) escalate_at: Option<Tier>,
    /// From this tier on it is refused.
    pub(crate) deny_at: Option<Tier>,
    /// Steps by which its tier is raised before anything else is looked at.
    pub(crate) raise: u8,
}

impl Effect {
    /// Both at once: the stricter of each.
    fn and(self, other: Self) -> Self {
        let lower = |a: Option<Tier>, b: Option<Tier>| [a, b].into_iter().flatten().min();
        Self {
            escalate_at: lower(self.escalate_at, other.escalate_at),
            deny_at: lower(self.deny_at, other.deny_at),
            raise: self.raise.max(other.raise),
        }
    }

    fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl Untrusted {
    /// Checks the configuration.
    pub(crate) fn check(&self, issues: &mut Vec<Issue>) {
        let mut wrong = |pointer: String, message: &str| issues.push(Issue { pointer, message: message.into() });
        let idle = "nothing would happen; give `escalate_at`, `deny_at` or `raise`";
        if self.tool_results.is_some_and(Effect::is_none) {
            wrong("/untrusted/tool_results".into(), idle);
        }
        if self.labels.len() > MAX_LABELS {
            wrong("/untrusted/labels".into(), "at most 32");
        }
        for (i, label) in self.labels.iter().enumerate() {
            if label.effect.is_none() {
                wrong(format!("/untrusted/labels/{i}"), idle);
            }
            if label.key.is_empty() {
                wrong(format!("/untrusted/labels/{i}/key"), "the key of a label, such as `suspicion`");
            }
        }
    }

    /// The label of a request in which a tool's result stands, where that matters.
    pub(crate) fn label(&self, request: &Document) -> Option<Label> {
        self.tool_results?;
        let told =
            |kind: &str, role: &str| kind == TOOL_RESULT || kind == "text" && matches!(role, "tool" | "function");
        let any = request.segments.iter().any(|segment| told(&segment.kind, &segment.role));
        any.then(|| Label { key: LABEL.into(), value: TOOL_RESULT.into() })
    }

    /// What the labels of earlier stages do to a call.
    pub(crate) fn effect(&self, ctx: &Context) -> Effect {
        let mut effect = Effect::default();
        for label in &ctx.labels {
            if label.key == LABEL && label.value == TOOL_RESULT {
                effect = effect.and(self.tool_results.unwrap_or_default());
            }
            for marked in self.labels.iter().filter(|marked| marked.is(label)) {
                effect = effect.and(marked.effect);
            }
        }
        effect
    }
}
