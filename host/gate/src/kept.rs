//! What is kept of an exchange beside the ledger, where the operator has bodies kept: what was asked of the policies, the
//! request and the answer. Encrypted; see `witgate_ledger::Bodies`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use witgate_ledger::{Bodies, BodyError, KeptBody};
use witgate_policy::{Stenographer, Transcript};

pub(crate) mod sets;

/// The content of a body file: MessagePack, a map with text keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KeptExchange {
    /// 1.
    pub(crate) v: u32,
    /// What the policies were asked; `None` where nobody was.
    pub(crate) transcript: Option<Transcript>,
    /// The request's body, decoded, as the client sent it.
    #[serde(with = "bin")]
    pub(crate) request: Vec<u8>,
    /// The answer's body as the client received it.
    #[serde(with = "bin")]
    pub(crate) response: Vec<u8>,
    /// Whether `request` and `response` are there to their ends.
    pub(crate) whole: bool,
}

impl KeptExchange {
    /// What a body file holds.
    ///
    /// # Errors
    /// It is no such thing.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }
}

/// What is gathered while an exchange runs.
#[derive(Debug)]
pub(crate) struct Keeping {
    minutes: Option<Stenographer>,
    request: Bytes,
    response: Vec<u8>,
    room: usize,
    whole: bool,
}

impl Keeping {
    /// Room for about `room` bytes of each: what was asked, and what was said.
    pub(crate) fn new(room: usize) -> Self {
        Self { minutes: None, request: Bytes::new(), response: vec![], room, whole: true }
    }

    /// What the judge is asked.
    pub(crate) fn minutes(&mut self, minutes: Stenographer) {
        self.minutes = Some(minutes);
    }

    /// The request's body.
    pub(crate) fn request(&mut self, body: &Bytes) {
        match self.room.checked_sub(body.len()) {
            Some(left) => (self.room, self.request) = (left, body.clone()),
            None => self.whole = false,
        }
    }

    /// More of the answer.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        match self.room.checked_sub(bytes.len()) {
            Some(left) if self.whole => {
                self.room = left;
                self.response.extend_from_slice(bytes);
            }
            _ => self.whole = false,
        }
    }

    /// Writes it. Blocks.
    ///
    /// # Errors
    /// As for [`Bodies::put`].
    pub(crate) fn put(self, bodies: &Bodies, exchange: &str) -> Result<KeptBody, BodyError> {
        let kept = KeptExchange {
            v: 1,
            transcript: self.minutes.as_ref().and_then(Stenographer::take),
            request: self.request.to_vec(),
            response: self.response,
            whole: self.whole,
        };
        let encoded = rmp_serde::to_vec_named(&kept).map_err(|_| BodyError::Unsealable("it cannot be encoded"))?;
        bodies.put(exchange, &encoded)
    }
}

#[cfg(test)]
mod tests;

/// Bytes as `bin`, not as a list of numbers.
mod bin {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bin;
        impl Visitor<'_> for Bin {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Bin)
    }
}
