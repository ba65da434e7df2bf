//! Built-in policy: tool-tiers. A registry says how much harm each tool can do; calls beyond what the operator allows
//! are refused or wait for a person, and calls of tools that nobody registered are refused.

mod config;
mod glob;
mod registry;
mod tier;
mod untrusted;

use config::{Check, Irreversible, Unregistered};
pub use config::{Config, Tool};
use registry::Registry;
pub use tier::Tier;
use untrusted::Effect;
use witgate_sdk::{Action, Admission, Commitment, Context, Decision, Document, Fault, Issue, Plugin, Span};

const UNREGISTERED: &str = "tool_unregistered";
const TIER_EXCEEDED: &str = "tool_tier_exceeded";
const IRREVERSIBLE: &str = "tool_irreversible";
const TIER_ESCALATION: &str = "tool_tier_escalation";
const AFTER_UNTRUSTED: &str = "tool_after_untrusted";

/// Findings of one request; more tools than that are counted in the label only.
const MAX_FINDINGS: usize = 64;

/// The configured policy.
#[derive(Debug)]
pub struct ToolTiers {
    registry: Registry,
    config: Config,
}

impl Plugin for ToolTiers {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let mut issues = vec![];
        let registry = Registry::new(&config.tools, config.fold_case, &mut issues);
        let queue = (1..=64).contains(&config.queue.len()) && config.queue.bytes().all(|b| b.is_ascii_graphic());
        if !queue {
            let message = "a queue's name is 1 to 64 printable ASCII characters without spaces";
            issues.push(Issue { pointer: "/queue".into(), message: message.into() });
        }
        if let Some(untrusted) = &config.untrusted {
            untrusted.check(&mut issues);
        }
        if issues.is_empty() { Ok(Self { registry, config }) } else { Err(issues) }
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Allow,
    Escalate(&'static str),
    Deny(&'static str),
}

impl ToolTiers {
    /// What becomes of a call of this tool, and its tier where it has one, after content with this effect. What is refused
    /// is refused, even where a person could agree to something else about it.
    fn outcome(&self, name: &str, effect: Effect) -> (Outcome, Option<registry::Entry>) {
        let (outcome, entry) = self.usual(name, effect.raise);
        // Nobody said what a tool without a tier can do.
        let tier = entry.map_or(Tier::Critical, |entry| entry.tier);
        let from = |at: Option<Tier>| at.is_some_and(|at| tier >= at);
        let after = match effect {
            _ if from(effect.deny_at) => Outcome::Deny(AFTER_UNTRUSTED),
            _ if from(effect.escalate_at) => Outcome::Escalate(AFTER_UNTRUSTED),
            _ => Outcome::Allow,
        };
        let stricter = matches!(
            (outcome, after),
            (Outcome::Allow, Outcome::Escalate(_) | Outcome::Deny(_)) | (Outcome::Escalate(_), Outcome::Deny(_))
        );
        (if stricter { after } else { outcome }, entry)
    }

    /// As above, without regard to what the model has read, with the tier raised by some steps.
    fn usual(&self, name: &str, raise: u8) -> (Outcome, Option<registry::Entry>) {
        let config = &self.config;
        let Some(mut entry) = self.registry.find(name) else {
            return match config.unregistered {
                Unregistered::Deny => (Outcome::Deny(UNREGISTERED), None),
                Unregistered::Allow => (Outcome::Allow, None),
            };
        };
        entry.tier = entry.tier.raised(raise);
        let outcome = match (entry.irreversible, config.irreversible) {
            _ if entry.tier > config.max_tier => Outcome::Deny(TIER_EXCEEDED),
            (true, Irreversible::Deny) => Outcome::Deny(IRREVERSIBLE),
            (true, Irreversible::Escalate) => Outcome::Escalate(IRREVERSIBLE),
            _ if config.escalate_at.is_some_and(|at| entry.tier >= at) => Outcome::Escalate(TIER_ESCALATION),
            _ => Outcome::Allow,
        };
        (outcome, Some(entry))
    }

    /// What a caller is told. Names of tools come from the model, so none is quoted.
    fn message(&self, code: &str, tier: Option<Tier>) -> String {
        let tier = tier.map_or("", Tier::name);
        match code {
            UNREGISTERED => "This tool is not registered with the gateway.".into(),
            TIER_EXCEEDED => {
                format!("This tool is of tier {tier}; the highest allowed is {}.", self.config.max_tier.name())
            }
            IRREVERSIBLE if self.config.irreversible == Irreversible::Deny => {
                "The effect of this tool cannot be taken back; such calls are not allowed.".into()
            }
            AFTER_UNTRUSTED => {
                "The model has read content that is not trusted; such a call then needs a person's agreement, or is not allowed.".into()
            }
            IRREVERSIBLE => "The effect of this tool cannot be taken back; a person must agree.".into(),
            _ => format!("This tool is of tier {tier}; a person must agree."),
        }
    }
}

impl Commitment for ToolTiers {
    fn commit(&self, ctx: &Context, action: &Action) -> Result<Decision, Fault> {
        // Other effects (a network call, a file) name no tool; other policies judge them.
        if action.kind != "tool_use" {
            return Ok(Decision::allow());
        }
        let effect = self.config.untrusted.as_ref().map(|untrusted| untrusted.effect(ctx)).unwrap_or_default();
        let (outcome, entry) = self.outcome(&action.target, effect);
        let tier = entry.map(|e| e.tier);
        let mut decision = match outcome {
            Outcome::Allow if entry.is_none() => Decision::allow().with_finding(UNREGISTERED, None, 100),
            Outcome::Allow => Decision::allow(),
            Outcome::Deny(code) => Decision::deny(code, self.message(code, tier)).with_finding(code, None, 100),
            Outcome::Escalate(code) => {
                Decision::escalate(&*self.config.queue, code, self.message(code, tier)).with_finding(code, None, 100)
            }
        };
        if let Some(entry) = entry {
            decision = decision.with_label("tier", entry.tier.name());
            if entry.irreversible {
                decision = decision.with_label("irreversible", "true");
            }
        }
        Ok(decision)
    }
}

impl Admission for ToolTiers {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        let mut decision = match self.config.check_definitions {
            Check::Off => Decision::allow(),
            Check::Label | Check::Deny => self.definitions(request),
        };
        decision.labels.extend(self.config.untrusted.as_ref().and_then(|untrusted| untrusted.label(request)));
        Ok(decision)
    }
}

impl ToolTiers {
    /// Tools that are offered and would never be allowed: better known before the model calls one.
    fn definitions(&self, request: &Document) -> Decision {
        let mut refused: Vec<(&'static str, Span)> = vec![];
        let mut count = 0_usize;
        let mut last = None;
        let mut worst = None;
        for segment in request.segments.iter().filter(|s| s.kind == "tool-definition") {
            // All segments of a definition carry its name and stand together.
            let Some(name) = segment.name.as_deref().filter(|name| last != Some(*name)) else {
                continue;
            };
            last = Some(name);
            let (outcome, entry) = self.usual(name, 0);
            if let Outcome::Deny(code) = outcome {
                count += 1;
                worst = worst.or(Some((code, entry.map(|e| e.tier))));
                if refused.len() < MAX_FINDINGS {
                    refused.push((code, segment.at));
                }
            }
        }
        let mut decision = match worst {
            Some((code, tier)) if self.config.check_definitions == Check::Deny => {
                Decision::deny(code, format!("A tool that is offered cannot be used. {}", self.message(code, tier)))
            }
            _ => Decision::allow(),
        };
        if count > 0 {
            decision = decision.with_label("tools_refused", count.to_string());
        }
        refused.into_iter().fold(decision, |decision, (code, at)| decision.with_finding(code, Some(at), 100))
    }
}

witgate_sdk::export!(ToolTiers, manifest = include_str!("../manifest.json"), stages = [admission, commitment],);

#[cfg(test)]
mod tests;
