//! Why an exchange was not allowed, in its receipt: who said so, with which code, on the strength of which findings.
//!
//! It is signed by itself, so that who reads receipts as they were before passes over it and still checks the rest.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{ReceiptError, ReceiptFacts};
use crate::decision::Decision;
use crate::fixed_bytes::KeyId;
use crate::words::Verdict;

const DOMAIN: &str = "witgate-receipt-reason/1\n";
/// The longest a plugin's id or a code may be.
const MAX_NAME: usize = 128;
/// So many findings are named at most; all of them are in the record.
pub(crate) const MAX_FINDINGS: usize = 64;

/// Why an exchange was not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReceiptReason {
    /// The plugin whose verdict counted; `gate` where the host itself refused.
    pub plugin: String,
    /// Its code.
    pub code: String,
    /// The codes of what it found, in order, each as often as it was found; the first 64.
    #[serde(default)]
    pub findings: Vec<String>,
}

impl ReceiptReason {
    /// The reason in a decision; `None` where nothing spoke against the exchange, or where a name could not stand in a receipt.
    #[must_use]
    pub fn of(decision: &Decision) -> Option<Self> {
        let reason = decision.reason.as_ref().filter(|_| decision.verdict != Verdict::Allow)?;
        let part = decision.plugins.iter().find(|part| part.plugin == reason.plugin);
        let findings = part.iter().flat_map(|part| &part.findings).take(MAX_FINDINGS);
        let findings = findings.map(|finding| finding.code.clone()).collect();
        Some(Self { plugin: reason.plugin.clone(), code: reason.code.clone(), findings }).filter(Self::is_plain)
    }

    fn is_plain(&self) -> bool {
        let plain = |name: &String| (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
        self.findings.len() <= MAX_FINDINGS && [&self.plugin, &self.code].into_iter().chain(&self.findings).all(plain)
    }

    /// The text that is signed: every field is one line, and the exchange and its position are in it.
    pub(super) fn canonical(&self, facts: &ReceiptFacts, key: KeyId) -> Result<String, ReceiptError> {
        if !self.is_plain() {
            return Err(ReceiptError::Field("reason"));
        }
        let mut text = String::with_capacity(512);
        text.push_str(DOMAIN);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "ledger: {}", facts.ledger);
        let _ = writeln!(text, "key: {key}");
        let _ = writeln!(text, "exchange: {}", facts.exchange);
        let _ = writeln!(text, "seq: {}", facts.seq);
        let _ = writeln!(text, "verdict: {}", facts.verdict.as_str());
        let _ = writeln!(text, "reason: {} {}", self.plugin, self.code);
        for finding in &self.findings {
            let _ = writeln!(text, "finding: {finding}");
        }
        Ok(text)
    }
}
