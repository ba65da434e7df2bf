//! What is told of payloads: findings, labels, a refusal.

use witgate_sdk::{Decision, Finding, Label, Span, Verdict};

use crate::config::Action;
use crate::judge::Found;

/// Most findings of one decision.
const MAX_FINDINGS: usize = 64;

/// What was said already, so that a label is set once.
#[derive(Debug, Default)]
pub(crate) struct Report {
    labelled: u16,
}

impl Report {
    /// Adds a payload to a decision. `whose` begins the sentence that the caller reads.
    pub(crate) fn add(
        &mut self,
        decision: &mut Decision,
        found: &Found,
        at: Span,
        action: Action,
        severity: u8,
        whose: &str,
    ) {
        if action == Action::Off {
            return;
        }
        let code = found.family.code();
        if decision.findings.len() < MAX_FINDINGS {
            decision.findings.push(Finding {
                code: code.into(),
                at: Some(at),
                confidence: found.confidence,
                detail: String::new(),
            });
        }
        let bit = 1 << found.family as u16;
        if self.labelled & bit == 0 {
            self.labelled |= bit;
            decision.labels.push(Label { key: "payload".into(), value: code.into() });
        }
        let refused = !matches!(decision.verdict, Verdict::Allow);
        if action == Action::Block && found.confidence >= severity && !refused {
            decision.verdict =
                Decision::deny(code, format!("{whose} holds what looks like {}.", found.family.title())).verdict;
        }
    }
}
