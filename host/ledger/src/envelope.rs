//! A record's envelope, read without its body.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};

use crate::record::{DecodeError, decoder};
use crate::words::Kind;

/// What can be known of a record without reading its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Version of the envelope.
    pub v: u8,
    /// Position in the ledger.
    pub seq: u64,
    /// When the writer took it, in milliseconds since 1970.
    pub time_ms: u64,
    /// The exchange; empty for POLICY, CHECKPOINT and RECOVERY.
    pub exchange: Cow<'a, str>,
    /// What it tells of.
    pub kind: Kind,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of a payload, and nothing behind it.
    ///
    /// # Errors
    /// When the bytes do not begin as a record.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut found = None;
        let mut decoder = decoder(payload);
        // The decoder complains of the fields that were not asked for; what counts is whether the envelope was found.
        let read = decoder.deserialize_map(EnvelopeVisitor(&mut found));
        found.ok_or_else(|| match read {
            Ok(()) => DecodeError::new("a field of the envelope is missing"),
            Err(error) => DecodeError::new(error),
        })
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

struct EnvelopeVisitor<'found, 'a>(&'found mut Option<Envelope<'a>>);

impl<'de> Visitor<'de> for EnvelopeVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    /// Stops at the last field it needs: bodies are long, and skipping one costs nearly as much as reading it.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut v, mut seq, mut time_ms, mut exchange, mut kind) = (None, None, None, None, None);
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "v" => v = Some(map.next_value()?),
                "seq" => seq = Some(map.next_value()?),
                "time_ms" => time_ms = Some(map.next_value()?),
                "exchange" => exchange = Some(map.next_value::<Text<'de>>()?.0),
                "kind" => kind = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            if let (Some(v), Some(seq), Some(time_ms), Some(_), Some(_)) = (v, seq, time_ms, &exchange, &kind)
                && let (Some(exchange), Some(kind)) = (exchange.take(), kind.take())
            {
                *self.0 = Some(Envelope { v, seq, time_ms, exchange, kind });
                return Ok(());
            }
        }
        Ok(())
    }
}
