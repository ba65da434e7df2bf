//! One record: the envelope around a body, and its bytes.
//!
//! What is hashed is the exact bytes stored, so nothing here ever needs to encode a record a second time. The layout is
//! written down in `docs/ledger-format.md`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::body::{Body, Unknown};
use crate::envelope::Envelope;
use crate::error::AppendError;
use crate::value::Value;
use crate::words::Kind;

/// The envelope version this crate writes.
pub const RECORD_VERSION: u8 = 1;
/// The longest payload of one record, in bytes.
pub const MAX_PAYLOAD: usize = 4 << 20;
/// The longest exchange id, in bytes.
pub const MAX_EXCHANGE: usize = 64;
/// How deep lists and maps of a record may nest.
const MAX_DEPTH: usize = 64;

/// Most records are no longer, in bytes: as they are encoded, no room has to be found again and again.
const USUAL: usize = 1024;

/// Bytes before the caller's part: map head, `v`, `seq`, `time_ms`, at fixed offsets.
const PREFIX: usize = 1 + 3 + 4 + 9 + 8 + 9;

/// One record as read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Version of the envelope.
    pub v: u8,
    /// Position in the ledger; the first record has 1.
    pub seq: u64,
    /// When the writer took it, in milliseconds since 1970. The wall clock: it may step back.
    pub time_ms: u64,
    /// The exchange (UUIDv7); empty for records of the ledger itself.
    pub exchange: String,
    /// What it tells of.
    pub kind: Kind,
    /// What it says.
    pub body: Body,
    /// Later additions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
}

/// A record before it has a place in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The exchange (UUIDv7); empty for records of the ledger itself. At most [`MAX_EXCHANGE`] letters, digits, `-` and `_`.
    pub exchange: String,
    /// What it says.
    pub body: Body,
    /// Later additions.
    pub attributes: BTreeMap<String, Value>,
}

impl Draft {
    /// A record of `exchange` that says `body`.
    pub fn new(exchange: impl Into<String>, body: impl Into<Body>) -> Self {
        Self { exchange: exchange.into(), body: body.into(), attributes: BTreeMap::new() }
    }
}

/// A draft encoded on the caller's thread; the writer's thread only adds position and time.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// A MessagePack map whose first byte is the map head.
    rest: Vec<u8>,
}

#[derive(Serialize)]
struct Rest<'a> {
    exchange: &'a str,
    kind: Kind,
    body: &'a Body,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: &'a BTreeMap<String, Value>,
}

impl Prepared {
    pub(crate) fn new(draft: &Draft) -> Result<Self, AppendError> {
        let Draft { exchange, body, attributes } = draft;
        if exchange.len() > MAX_EXCHANGE
            || !exchange.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(AppendError::Invalid { what: "the exchange id is not up to 64 letters, digits, `-` and `_`" });
        }
        if matches!(body, Body::Unknown(_)) {
            return Err(AppendError::Invalid { what: "a body of unknown kind cannot be written" });
        }
        let rest = Rest { exchange, kind: body.kind(), body, attributes };
        let mut encoded = Vec::with_capacity(USUAL);
        rmp_serde::encode::write_named(&mut encoded, &rest)
            .map_err(|_| AppendError::Invalid { what: "the body cannot be encoded" })?;
        let rest = encoded;
        let bytes = PREFIX + rest.len();
        if bytes > MAX_PAYLOAD {
            return Err(AppendError::TooLarge { bytes, limit: MAX_PAYLOAD });
        }
        Ok(Self { rest })
    }

    /// Length of the payload in bytes.
    pub(crate) fn len(&self) -> usize {
        // The map head is counted in both.
        PREFIX + self.rest.len().saturating_sub(1)
    }

    pub(crate) fn write(&self, seq: u64, time_ms: u64, out: &mut Vec<u8>) {
        let (head, rest) = self.rest.split_first().unwrap_or((&0x80, &[]));
        out.push(0x80 | ((head & 0x0f) + 3));
        out.extend_from_slice(b"\xa1v");
        out.push(RECORD_VERSION);
        out.extend_from_slice(b"\xa3seq\xcf");
        out.extend_from_slice(&seq.to_be_bytes());
        out.extend_from_slice(b"\xa7time_ms\xcf");
        out.extend_from_slice(&time_ms.to_be_bytes());
        out.extend_from_slice(rest);
    }
}

/// Whether `bytes` begin as every payload begins. Lets recovery look for entries past a torn one.
pub(crate) fn looks_like_payload(bytes: &[u8]) -> bool {
    matches!(bytes, [0x86..=0x8f, 0xa1, b'v', ..])
}

#[derive(Deserialize)]
struct Content<T> {
    body: T,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

/// The payload is not a record.
#[derive(Debug, Clone, thiserror::Error)]
#[error("not a record: {0}")]
pub struct DecodeError(String);

impl DecodeError {
    pub(crate) fn new(what: impl ToString) -> Self {
        Self(what.to_string())
    }
}

/// A decoder with a bound on nesting.
pub(crate) fn decoder(payload: &[u8]) -> rmp_serde::Deserializer<rmp_serde::decode::ReadRefReader<'_, [u8]>> {
    let mut decoder = rmp_serde::Deserializer::from_read_ref(payload);
    decoder.set_max_depth(MAX_DEPTH);
    decoder
}

fn decode<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, DecodeError> {
    T::deserialize(&mut decoder(payload)).map_err(DecodeError::new)
}

fn content<T: DeserializeOwned>(payload: &[u8]) -> Result<(T, BTreeMap<String, Value>), DecodeError> {
    decode::<Content<T>>(payload).map(|content| (content.body, content.attributes))
}

/// Position and time of a payload. They stand at fixed places, so this costs nothing beside the MAC.
pub(crate) fn place(payload: &[u8]) -> Option<(u64, u64)> {
    let rest = payload.get(1..)?.strip_prefix(b"\xa1v")?.get(1..)?;
    let (seq, rest) = rest.strip_prefix(b"\xa3seq\xcf")?.split_first_chunk::<8>()?;
    let time_ms = rest.strip_prefix(b"\xa7time_ms\xcf")?.first_chunk::<8>()?;
    Some((u64::from_be_bytes(*seq), u64::from_be_bytes(*time_ms)))
}

impl Record {
    /// Reads a payload. Fields it does not know are skipped; a kind it does not know becomes [`Body::Unknown`].
    ///
    /// # Errors
    /// When the bytes are not a record, or nest deeper than 64 levels.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let Envelope { v, seq, time_ms, exchange, kind } = Envelope::decode(payload)?;
        let (body, attributes) = match &kind {
            Kind::Intent => content(payload).map(|(body, more)| (Body::Intent(body), more)),
            Kind::Decision => content(payload).map(|(body, more)| (Body::Decision(body), more)),
            Kind::Execution => content(payload).map(|(body, more)| (Body::Execution(body), more)),
            Kind::Approval => content(payload).map(|(body, more)| (Body::Approval(body), more)),
            Kind::Policy => content(payload).map(|(body, more)| (Body::Policy(body), more)),
            Kind::Checkpoint => content(payload).map(|(body, more)| (Body::Checkpoint(body), more)),
            Kind::Recovery => content(payload).map(|(body, more)| (Body::Recovery(body), more)),
            Kind::Retention => content(payload).map(|(body, more)| (Body::Retention(body), more)),
            Kind::Other(kind) => {
                content(payload).map(|(body, more)| (Body::Unknown(Unknown { kind: kind.clone(), body }), more))
            }
        }?;
        Ok(Self { v, seq, time_ms, exchange: exchange.into_owned(), kind, body, attributes })
    }
}

#[cfg(test)]
pub(crate) mod tests;
