//! What an answer shows of its exchange's record: a signed header, and the name by which later requests refer to it.

use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderValue};
use witgate_ledger::{self as ledger, BodyHash, Digest, Durability, ReceiptFacts, ReceiptHeader, ReceiptReason};
use witgate_policy::Verdict;

use super::closing::Closing;
use crate::gate::Gate;
use crate::refusal::Refusal;

/// The header that names the admission DECISION, signed.
const RECEIPT: &str = "x-witgate-receipt";
/// The header that names it by its digest, as a member of a later request's `X-Witgate-References`.
pub(crate) const RECORD: &str = "x-witgate-record";

/// The headers about an exchange's record; empty until it is on disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    receipt: Option<HeaderValue>,
    record: Option<HeaderValue>,
}

impl Evidence {
    /// Puts them into an answer.
    pub(super) fn put(&self, headers: &mut HeaderMap) {
        for (name, value) in [(RECEIPT, &self.receipt), (RECORD, &self.record)] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }
}

/// A record's name, as references write it (RFC 9651).
pub(crate) fn named(seq: u64, digest: Digest) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{digest}\";at={seq}")).ok()
}

/// Where an exchange's admission DECISION stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded {
    seq: u64,
    set: Digest,
    digest: Option<Digest>,
}

impl Recorded {
    /// What the client is shown of it. Signing takes longer than most of what an exchange does.
    pub(super) fn evidence(&self, gate: &Gate, exchange: &str) -> Evidence {
        let receipt = ReceiptHeader::sign(exchange, self.seq, self.set, &gate.receipt_key).ok();
        let receipt = receipt.and_then(|header| HeaderValue::try_from(header.to_string()).ok());
        Evidence { receipt, record: self.digest.and_then(|digest| named(self.seq, digest)) }
    }
}

/// Writes INTENT and admission DECISION; both are on disk when this answers.
pub(super) async fn durable(
    gate: &Gate,
    closing: &mut Closing,
    intent: ledger::Intent,
    decision: ledger::Decision,
    verdict: &Verdict,
    request: Option<BodyHash>,
) -> Result<Recorded, Refusal> {
    let (set, reason) = (intent.policy_set, ReceiptReason::of(&decision));
    let (intent, decision) = (closing.draft(intent), closing.draft(decision));
    let appended = gate.append(&[intent], &decision, Durability::Durable).await.map_err(|error| {
        tracing::error!(exchange = %closing.id, code = error.code(), "refused, since it cannot be recorded: {error}");
        let message = "The exchange cannot be recorded, so it is not carried out.";
        Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", error.code(), message)
            .retry_after(1)
    })?;
    closing.facts = Some(ReceiptFacts {
        ledger: gate.ledger.id(),
        exchange: closing.id.clone(),
        seq: appended.seq,
        time_ms: appended.time_ms,
        policy_set: set,
        verdict: verdict.name().into(),
        request,
        response: None,
        reason,
    });
    closing.record = appended.digest;
    Ok(Recorded { seq: appended.seq, set, digest: appended.digest })
}
