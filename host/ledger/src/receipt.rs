//! What a client gets for one exchange: a signed statement that it can check with the public key alone.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::body_hash::BodyHash;
use crate::fixed_bytes::{Digest, KeyId, LedgerId};
use crate::keys::{PublicKey, ReceiptKey};
use crate::record::{MAX_EXCHANGE, Record};
use crate::words::{Stage, Verdict};

pub use reason::ReceiptReason;

mod reason;

/// The version of receipts this crate makes and reads.
pub(crate) const RECEIPT_VERSION: u8 = 1;
const DOMAIN: &str = "witgate-receipt/1\n";
/// The longest word a verdict may be.
const MAX_WORD: usize = 32;

/// A receipt was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// It was made by a later version.
    #[error("the receipt has version {0}, this program reads version {RECEIPT_VERSION}")]
    Version(u8),
    /// A field is not what it should be.
    #[error("the receipt's field `{0}` is malformed")]
    Field(&'static str),
    /// Another key signed it.
    #[error("the receipt was signed with key {found}, the key given is {given}")]
    WrongKey {
        /// The id in the receipt.
        found: KeyId,
        /// The id of the key given.
        given: KeyId,
    },
    /// The signature is not one of these facts.
    #[error("the signature does not fit: the receipt was changed, or is not from this gate")]
    Signature,
    /// The records do not contain an admission decision.
    #[error("the records hold no admission decision of one exchange")]
    NoDecision,
}

impl ReceiptError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Version(_) => "receipt_version",
            Self::Field(_) => "receipt_malformed",
            Self::WrongKey { .. } => "receipt_wrong_key",
            Self::Signature => "receipt_signature",
            Self::NoDecision => "receipt_no_decision",
        }
    }
}

/// What a receipt states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFacts {
    /// The ledger.
    pub ledger: LedgerId,
    /// The exchange.
    pub exchange: String,
    /// Position of the admission DECISION.
    pub seq: u64,
    /// When that was taken, in milliseconds since 1970.
    pub time_ms: u64,
    /// The policy set that decided.
    pub policy_set: Digest,
    /// The admission verdict.
    pub verdict: Verdict,
    /// Salted hash of the request body as the client sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<BodyHash>,
    /// Salted hash of the response body as the client received it; `None` until the exchange has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<BodyHash>,
    /// Why it was not allowed, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReceiptReason>,
}

/// A signed statement about one exchange. As JSON it is one flat object, hashes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of the receipt.
    pub v: u8,
    /// What it states.
    #[serde(flatten)]
    pub facts: ReceiptFacts,
    /// The key that signed.
    pub key: KeyId,
    /// Ed25519 signature (RFC 8032) over the canonical text, base64url without padding.
    pub sig: String,
    /// The same over the reason's text, where there is a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_sig: Option<String>,
}

impl ReceiptFacts {
    /// Gathers the facts of one exchange from its records, as [`crate::find`] gives them.
    ///
    /// # Errors
    /// When there is no admission DECISION among them.
    pub fn from_records(ledger: LedgerId, records: &[Record]) -> Result<Self, ReceiptError> {
        let admission = records.iter().find_map(|record| match &record.body {
            Body::Decision(decision) if decision.stage == Stage::Admission => Some((record, decision)),
            _ => None,
        });
        let (record, decision) = admission.ok_or(ReceiptError::NoDecision)?;
        let same = || records.iter().filter(|other| other.exchange == record.exchange).map(|other| &other.body);
        Ok(Self {
            ledger,
            exchange: record.exchange.clone(),
            seq: record.seq,
            time_ms: record.time_ms,
            policy_set: decision.policy_set,
            verdict: decision.verdict.clone(),
            request: same().find_map(|body| if let Body::Intent(intent) = body { intent.request } else { None }),
            response: same().find_map(|body| if let Body::Execution(end) = body { end.response } else { None }),
            reason: ReceiptReason::of(decision),
        })
    }

    /// The text that is signed, or which field cannot stand in it. Every field is one line, so no two receipts share a text.
    fn canonical(&self, key: KeyId) -> Result<String, ReceiptError> {
        check_exchange(&self.exchange)?;
        let verdict = self.verdict.as_str();
        if verdict.is_empty()
            || verdict.len() > MAX_WORD
            || !verdict.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            return Err(ReceiptError::Field("verdict"));
        }
        let mut text = String::with_capacity(640);
        text.push_str(DOMAIN);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "ledger: {}", self.ledger);
        let _ = writeln!(text, "key: {key}");
        let _ = writeln!(text, "exchange: {}", self.exchange);
        let _ = writeln!(text, "seq: {}", self.seq);
        let _ = writeln!(text, "time_ms: {}", self.time_ms);
        let _ = writeln!(text, "policy_set: {}", self.policy_set);
        let _ = writeln!(text, "verdict: {verdict}");
        for (name, body) in [("request", self.request), ("response", self.response)] {
            let _ = match body {
                Some(BodyHash { hash, salt, bytes }) => {
                    writeln!(text, "{name}: {hash} {salt} {bytes}")
                }
                None => writeln!(text, "{name}: -"),
            };
        }
        Ok(text)
    }
}

impl Receipt {
    /// Signs the facts.
    ///
    /// # Errors
    /// When the exchange id, the verdict or a name in the reason is not a plain word.
    pub fn sign(facts: ReceiptFacts, key: &ReceiptKey) -> Result<Self, ReceiptError> {
        let id = key.id();
        let sign = |text: String| encode_signature(&key.sign(text.as_bytes()));
        let sig = sign(facts.canonical(id)?);
        let reason = facts.reason.as_ref().map(|reason| reason.canonical(&facts, id)).transpose()?;
        let reason_sig = reason.map(sign);
        Ok(Self { v: RECEIPT_VERSION, facts, key: id, sig, reason_sig })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When the receipt is malformed, from another key, or not what was signed.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ReceiptError> {
        if self.v != RECEIPT_VERSION {
            return Err(ReceiptError::Version(self.v));
        }
        check_key(self.key, key)?;
        check_signature(key, self.facts.canonical(self.key)?.as_bytes(), &self.sig)?;
        match (&self.facts.reason, &self.reason_sig) {
            (None, None) => Ok(()),
            (Some(reason), Some(sig)) => check_signature(key, reason.canonical(&self.facts, self.key)?.as_bytes(), sig),
            (Some(_), None) | (None, Some(_)) => Err(ReceiptError::Field("reason_sig")),
        }
    }
}

pub(crate) fn check_exchange(exchange: &str) -> Result<(), ReceiptError> {
    let plain = exchange.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain && (1..=MAX_EXCHANGE).contains(&exchange.len()) { Ok(()) } else { Err(ReceiptError::Field("exchange")) }
}

pub(crate) fn check_key(found: KeyId, key: &PublicKey) -> Result<(), ReceiptError> {
    let given = key.id();
    if found == given { Ok(()) } else { Err(ReceiptError::WrongKey { found, given }) }
}

pub(crate) fn encode_signature(signature: &[u8; 64]) -> String {
    URL_SAFE_NO_PAD.encode(signature)
}

pub(crate) fn check_signature(key: &PublicKey, message: &[u8], signature: &str) -> Result<(), ReceiptError> {
    let bytes = URL_SAFE_NO_PAD.decode(signature).map_err(|_| ReceiptError::Field("sig"))?;
    let bytes = <[u8; 64]>::try_from(bytes.as_slice()).map_err(|_| ReceiptError::Field("sig"))?;
    if key.verify(message, &bytes) { Ok(()) } else { Err(ReceiptError::Signature) }
}

#[cfg(test)]
mod tests;
