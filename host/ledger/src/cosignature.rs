//! Cosignatures: what a witness puts below a checkpoint that goes on from the one it saw before (c2sp.org/tlog-cosignature),
//! with Ed25519. Others, such as ML-DSA-44, are passed over.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::SignedCheckpoint;
use crate::keys::PublicKey;
use crate::note::{Note, NoteError};
use crate::sha256::sha256;

/// The byte that says a timestamped Ed25519 cosignature in a key's hash.
const COSIGNATURE: u8 = 0x04;
/// Times beyond this are none (c2sp.org/tlog-cosignature).
const MAX_TIME: u64 = i64::MAX.unsigned_abs();

/// Who a witness is: its name and its public key, written `NAME+HASH+BASE64` as witnesses publish them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key: PublicKey,
}

/// The text is no witness's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a witness, which is written NAME+HASH+BASE64 and of kind 4 (Ed25519 cosignatures): {0}")]
pub struct WitnessKeyError(&'static str);

/// What a witness answered cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// It does not consist of signatures.
    #[error("the answer does not consist of lines with signatures: {0}")]
    Malformed(NoteError),
    /// None of them is the witness's, over this checkpoint.
    #[error("no signature in the answer is that of the witness's key over this checkpoint")]
    NotTheWitness,
}

impl WitnessKey {
    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of `SHA-256(name || 0x0a || 0x04 || public key)`.
    fn hash(&self) -> [u8; 4] {
        let hash = sha256(&[self.name.as_bytes(), &[b'\n', COSIGNATURE], &self.key.to_bytes()]);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// When this witness cosigned the note, in seconds since 1970; the latest time where it did so more than once. `None` when it
    /// did not, or one of its signatures does not fit.
    fn time(&self, note: &Note) -> Option<u64> {
        let hash = self.hash();
        let mine = note.signatures.iter().filter(|one| one.name == self.name && one.key == hash);
        mine.map(|one| self.check(&note.text, &one.bytes))
            .try_fold(0, |latest, time| Some(time?.max(latest)))
            .filter(|time| *time > 0)
    }

    fn check(&self, text: &str, signature: &[u8]) -> Option<u64> {
        let (time, signature) = signature.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        let fits = time <= MAX_TIME && self.key.verify(message.as_bytes(), signature.try_into().ok()?);
        fits.then_some(time)
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![COSIGNATURE];
        bytes.extend_from_slice(&self.key.to_bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.hash()), STANDARD.encode(bytes))
    }
}

impl FromStr for WitnessKey {
    type Err = WitnessKeyError;

    fn from_str(text: &str) -> Result<Self, WitnessKeyError> {
        let wrong = WitnessKeyError;
        // Base64 has `+`, too, a name has none.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it does not have three parts"));
        };
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong("its name is empty or has spaces"));
        }
        let bytes = STANDARD.decode(key).map_err(|_| wrong("its third part is not base64"))?;
        let Some((&COSIGNATURE, key)) = bytes.split_first() else {
            return Err(wrong("it is of another kind"));
        };
        let key = <&[u8; 32]>::try_from(key).map_err(|_| wrong("it does not have 32 bytes"))?;
        let key = PublicKey::from_bytes(key).map_err(|_| wrong("it is no Ed25519 key"))?;
        let key = Self { name: name.to_owned(), key };
        match format!("{:08x}", u32::from_be_bytes(key.hash())) == hash.to_ascii_lowercase() {
            true => Ok(key),
            false => Err(wrong("its hash is not that of its name and key: something was copied wrongly")),
        }
    }
}

impl SignedCheckpoint {
    /// When the witness cosigned it, in seconds since 1970; `None` when it did not.
    #[must_use]
    pub fn cosigned(&self, witness: &WitnessKey) -> Option<u64> {
        witness.time(&self.note)
    }

    /// The checkpoint with those lines of a witness's answer that are of its key below it.
    ///
    /// # Errors
    /// When there is none, one does not fit, or the answer is something else.
    pub fn with_cosignature(&self, answer: &str, witness: &WitnessKey) -> Result<Self, CosignatureError> {
        let read = |lines: &str| {
            let written = format!("{}\n{lines}", self.note.text);
            Note::parse(&written).map_err(CosignatureError::Malformed)
        };
        read(answer)?;
        let hash = witness.hash();
        let is_its = |line: &&str| {
            read(line).is_ok_and(|one| one.signatures.iter().any(|one| one.name == witness.name && one.key == hash))
        };
        let lines: String = answer.split_inclusive('\n').filter(is_its).collect();
        let cosigned = format!("{self}{lines}").parse::<Self>().map_err(CosignatureError::Malformed)?;
        match cosigned.cosigned(witness) {
            Some(_) => Ok(cosigned),
            None => Err(CosignatureError::NotTheWitness),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
