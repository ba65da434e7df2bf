//! Signed notes, as C2SP describes them (c2sp.org/signed-note): a text, an empty line, and lines with signatures.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::{PublicKey, ReceiptKey};
use crate::sha256::sha256;

/// The byte that says Ed25519 in a key's hash.
const ED25519: u8 = 0x01;
/// An em dash and a space begin a signature's line.
const DASH: &str = "\u{2014} ";
/// The longest note that is read, in bytes.
const MAX_NOTE: usize = 64 << 10;
const TOO_LONG: NoteError = NoteError("it is longer than 64 KiB");
/// The most signatures that are read: the log's own and its witnesses'.
const MAX_SIGNATURES: usize = 100;

/// The text is not a signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signed note: {0}")]
pub struct NoteError(pub(crate) &'static str);

/// A text with the signatures below it, none of them checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// With the line feed at its end: what was signed.
    pub(crate) text: String,
    pub(crate) signatures: Vec<Signature>,
}

/// A line below the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) name: String,
    pub(crate) key: [u8; 4],
    pub(crate) bytes: Vec<u8>,
}

/// First four bytes of `SHA-256(name || 0x0a || 0x01 || public key)`.
pub(crate) fn key_hash(name: &str, key: &PublicKey) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), &[b'\n', ED25519], &key.to_bytes()]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// A key as tools for signed notes take it: `NAME+HASH+BASE64`.
pub(crate) fn verifier_key(name: &str, key: &PublicKey) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend_from_slice(&key.to_bytes());
    let hash = u32::from_be_bytes(key_hash(name, key));
    format!("{name}+{hash:08x}+{}", STANDARD.encode(bytes))
}

/// Signs `text`, which ends with a line feed, in the name of `name`, once with each key.
pub(crate) fn sign(text: &str, name: &str, keys: &[&ReceiptKey]) -> String {
    let mut note = format!("{text}\n");
    for key in keys {
        let mut bytes = key_hash(name, &key.public()).to_vec();
        bytes.extend_from_slice(&key.sign(text.as_bytes()));
        note.push_str(DASH);
        note.push_str(name);
        note.push(' ');
        note.push_str(&STANDARD.encode(bytes));
        note.push('\n');
    }
    note
}

/// The text of a file that should hold a note; `None` when there is no such file. Of one that is longer than any note, no more is
/// read than shows it.
pub(crate) fn read(path: &Path) -> io::Result<Option<Result<String, NoteError>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_NOTE as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_NOTE {
        return Ok(Some(Err(TOO_LONG)));
    }
    Ok(Some(String::from_utf8(bytes).map_err(|_| NoteError("it is not text"))))
}

impl Note {
    pub(crate) fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(TOO_LONG);
        }
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError("it has control characters"));
        }
        let (text, below) = note.rsplit_once("\n\n").ok_or(NoteError("no empty line ends its text"))?;
        let below = below.strip_suffix('\n').ok_or(NoteError("its last line does not end"))?;
        let signatures: Vec<_> = below
            .split('\n')
            .map(signature)
            .collect::<Option<_>>()
            .ok_or(NoteError("a signature's line is malformed"))?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError("it has more than 100 signatures"));
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// Whether `key` signed it in the name of `name`. Of several lines for one key all must fit.
    pub(crate) fn is_signed(&self, name: &str, key: &PublicKey) -> bool {
        let hash = key_hash(name, key);
        let mut mine = self.signatures.iter().filter(|one| one.name == name && one.key == hash).peekable();
        mine.peek().is_some()
            && mine.all(|one| {
                <&[u8; 64]>::try_from(one.bytes.as_slice()).is_ok_and(|bytes| key.verify(self.text.as_bytes(), bytes))
            })
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (key, bytes) = bytes.split_first_chunk::<4>()?;
    (!name.is_empty() && !name.contains('+') && !bytes.is_empty()).then(|| Signature {
        name: name.to_owned(),
        key: *key,
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests;
