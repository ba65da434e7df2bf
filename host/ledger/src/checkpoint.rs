//! Checkpoints: a signed statement of a ledger's size and of the root of its tree (c2sp.org/tlog-checkpoint).

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixed_bytes::{Digest, LedgerId};
use crate::keys::{PublicKey, ReceiptKey};
use crate::note::{self, Note, NoteError};

/// In front of the digest of a segment's header.
const SEGMENT: &str = "witgate-segment ";
/// In front of the public key that takes over, in a checkpoint that changes keys.
const NEXT_KEY: &str = "witgate-next-key ";

/// The name of a ledger in its checkpoints, which is also the name its key signs in.
#[must_use]
pub fn origin(ledger: LedgerId) -> String {
    format!("witgate-ledger/{ledger}")
}

/// The public key as tools for C2SP notes take it, `NAME+HASH+BASE64`, for the checkpoints of one ledger.
#[must_use]
pub fn verifier_key(ledger: LedgerId, key: &PublicKey) -> String {
    note::verifier_key(&origin(ledger), key)
}

/// What a checkpoint states. Its signatures are not checked by reading it: see [`SignedCheckpoint::is_signed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger.
    pub ledger: LedgerId,
    /// How many records it covers: those from position 1 to this one.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
    /// SHA-256 of the header of the segment in which the last of them stands, so that headers are signed, too; `None` when
    /// there is no record.
    pub segment: Option<Digest>,
    /// The key that signs from here on, where that is another one.
    pub next_key: Option<PublicKey>,
}

impl Checkpoint {
    fn text(&self) -> String {
        let Self { ledger, size, root, segment, next_key } = self;
        let mut text = format!("{}\n{size}\n{}\n", origin(*ledger), STANDARD.encode(root.0));
        if let Some(segment) = segment {
            text.push_str(SEGMENT);
            text.push_str(&STANDARD.encode(segment.0));
            text.push('\n');
        }
        if let Some(key) = next_key {
            text.push_str(NEXT_KEY);
            text.push_str(&STANDARD.encode(key.to_bytes()));
            text.push('\n');
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let ledger = lines.next()?.strip_prefix("witgate-ledger/")?;
        let size = lines.next()?;
        let root = digest(lines.next()?)?;
        let parsed: u64 = size.parse().ok()?;
        let ledger_id: LedgerId = ledger.parse().ok()?;
        // One way to write each: digits without a sign or leading zeros, hexadecimal in lower case.
        if parsed.to_string() != size || ledger_id.to_string() != ledger {
            return None;
        }
        let (mut segment, mut next_key) = (None, None);
        for line in lines {
            if line.is_empty() {
                return None;
            }
            if let Some(header) = line.strip_prefix(SEGMENT) {
                segment = Some(digest(header)?);
            } else if let Some(key) = line.strip_prefix(NEXT_KEY) {
                next_key = Some(PublicKey::from_bytes(&digest(key)?.0).ok()?);
            }
        }
        Some(Self { ledger: ledger_id, size: parsed, root, segment, next_key })
    }

    /// Signs it with one key, or, where keys change, with the old one and the new one.
    pub(crate) fn sign(&self, keys: &[&ReceiptKey]) -> String {
        note::sign(&self.text(), &origin(self.ledger), keys)
    }
}

/// 32 bytes in base64.
fn digest(text: &str) -> Option<Digest> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest)
}

/// A checkpoint with its signatures, as it stands in the file `checkpoint` or was kept elsewhere by a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it states.
    pub checkpoint: Checkpoint,
    pub(crate) note: Note,
    written: String,
}

impl SignedCheckpoint {
    /// Whether `key` signed it.
    #[must_use]
    pub fn is_signed(&self, key: &PublicKey) -> bool {
        self.note.is_signed(&origin(self.checkpoint.ledger), key)
    }

    /// The one in a file; `None` when there is no such file.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Result<Self, NoteError>>> {
        Ok(note::read(path)?.map(|text| text?.parse()))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(written: &str) -> Result<Self, NoteError> {
        let note = Note::parse(written)?;
        let checkpoint = Checkpoint::parse(&note.text).ok_or(NoteError("its text is not a ledger's checkpoint"))?;
        Ok(Self { checkpoint, note, written: written.to_owned() })
    }
}

impl fmt::Display for SignedCheckpoint {
    /// The note, as it was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests;
