//! Byte strings of a fixed length: bytes in a record, lower-case hexadecimal in JSON and in print.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// The text was not hexadecimal of the expected length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct HexError {
    /// How many digits were expected.
    pub expected: usize,
}

/// Writes `bytes` as lower-case hexadecimal, sixteen bytes at once: receipts and headers of every exchange have some of it.
pub(crate) fn write_hex(bytes: &[u8], out: &mut impl fmt::Write) -> fmt::Result {
    for piece in bytes.chunks(16) {
        let mut digits = Zeroizing::new([b'0'; 32]);
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(piece) {
            *pair = [digit(byte >> 4), digit(byte & 0x0f)];
        }
        let text = digits.get(..piece.len() * 2).and_then(|digits| str::from_utf8(digits).ok());
        out.write_str(text.ok_or(fmt::Error)?)?;
    }
    Ok(())
}

/// A digit, found without looking anywhere: what is written may be a secret key.
fn digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

pub(crate) fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let wrong = HexError { expected: N * 2 };
    if text.len() != N * 2 {
        return Err(wrong);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(wrong);
        };
        *byte = u8::try_from(high * 16 + low).map_err(|_| wrong)?;
    }
    Ok(bytes)
}

struct FixedVisitor<const N: usize>;

impl<const N: usize> Visitor<'_> for FixedVisitor<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes, or {} hexadecimal digits", N * 2)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        parse_hex(text).map_err(E::custom)
    }
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if !serializer.is_human_readable() {
        return serializer.serialize_bytes(bytes);
    }
    let mut text = String::with_capacity(bytes.len() * 2);
    write_hex(bytes, &mut text).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}

pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(FixedVisitor::<N>)
    } else {
        deserializer.deserialize_bytes(FixedVisitor::<N>)
    }
}

macro_rules! fixed_bytes {
    ($($(#[$meta:meta])* $name:ident, $len:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                write_hex(&self.0, f)?;
                f.write_char(')')
            }
        }
        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }
        impl FromStr for $name {
            type Err = HexError;
            fn from_str(text: &str) -> Result<Self, HexError> {
                parse_hex(text).map(Self)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize(&self.0, serializer)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize(deserializer).map(Self)
            }
        }
    )+};
}

fixed_bytes! {
    /// A SHA-256 digest: of a plugin, of a policy set, of a salted body.
    Digest, 32;
    /// One link of the chain: the HMAC-SHA256 of a record and of all before it.
    Mac, 32;
    /// Random bytes hashed in front of a body, so that the hash of a short body cannot be guessed.
    Salt, 16;
    /// A ledger's random name, drawn when its first segment was made.
    LedgerId, 16;
    /// An Ed25519 public key (RFC 8032).
    KeyBytes, 32;
    /// The name of a key: the first eight bytes of a SHA-256. Tells keys apart, reveals nothing.
    KeyId, 8;
}
