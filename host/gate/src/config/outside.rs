//! Who outside vouches for the ledger's checkpoints: `ledger.witness` with a `url`, and `ledger.timestamp`.

use std::time::Duration;

use witgate_ledger::WitnessKey;

use super::document::child;
use super::ledger::WITNESS_SECONDS;
use super::reader::Reader;
use super::service::{self, Plain, Service};

/// `timestamp.timeout_seconds` when it is not said.
const TIMESTAMP_SECONDS: u32 = 10;
/// `timestamp.every_seconds` when it is not said.
const TIMESTAMP_EVERY: u32 = 3600;
const KEY_HELP: &str = "the witness's operator publishes it, as NAME+HASH+BASE64";

/// `ledger.witness` with a URL: a witness that cosigns (c2sp.org/tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cosigner {
    /// Where it is: its submission prefix.
    pub(crate) service: Service,
    /// Whose cosignatures count.
    pub(crate) key: WitnessKey,
}

/// `ledger.timestamp`: a time-stamping authority (RFC 3161).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timestamp {
    /// Where it is.
    pub(crate) service: Service,
    /// At most one token in so long a time.
    pub(crate) every: Duration,
}

/// The part of `witness` that is about a URL.
pub(super) fn cosigner(reader: &mut Reader<'_>, at: &str) -> Option<Option<Cosigner>> {
    let timeout = seconds(reader, at, "timeout_seconds", WITNESS_SECONDS)?;
    let service = service::read(reader, at, Plain::Loopback, timeout);
    let pointer = child(at, "key");
    let key = match reader.text(at, "key").map(str::parse::<WitnessKey>) {
        None => None,
        Some(Ok(key)) => Some(key),
        Some(Err(error)) => {
            reader.mistake("witness_key_form", &pointer, error.to_string(), KEY_HELP);
            return None;
        }
    };
    match (service?, key) {
        (None, None) => Some(None),
        (Some(service), Some(key)) => Some(Some(Cosigner { service, key })),
        (Some(_), None) => {
            let message =
                "a witness with a `url` needs its `key`: what nobody can check vouches for nothing".to_owned();
            reader.mistake("witness_key_missing", at, message, KEY_HELP);
            None
        }
        (None, Some(_)) => {
            let message = "`key` is that of a witness with a `url`, and there is none".to_owned();
            reader.mistake("url_missing", &pointer, message, "name the url, or remove this");
            None
        }
    }
}

pub(super) fn timestamp(reader: &mut Reader<'_>, at: &str) -> Option<Option<Timestamp>> {
    let timeout = seconds(reader, at, "timeout_seconds", TIMESTAMP_SECONDS)?;
    let every = seconds(reader, at, "every_seconds", TIMESTAMP_EVERY)?;
    let service = service::read(reader, at, Plain::Anywhere, timeout)?;
    Some(service.map(|service| Timestamp { service, every }))
}

fn seconds(reader: &mut Reader<'_>, at: &str, member: &str, usual: u32) -> Option<Duration> {
    let seconds = reader.block::<Option<u32>>(at, member)?.unwrap_or(usual);
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests;
