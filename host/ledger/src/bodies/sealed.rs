//! One body as it stands in its file: compressed, then AES-256-GCM-SIV (RFC 8452).

use std::fmt;

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

use super::{BodyError, KeptBody};
use crate::error::KeyError;
use crate::fixed_bytes::KeyId;
use crate::keys;

/// A body file begins with this, the format's version included.
const MAGIC: &[u8; 16] = b"WITGBODY\0\x01\0\0\0\0\0\0";
/// Magic and key id.
const HEADER: usize = 24;
const NONCE: usize = 12;
/// In front of the secret when the key's id is made.
const KEY_ID: &[u8] = b"witgate body key id v1\0";
/// zstd's: what costs little time.
const LEVEL: i32 = 1;
/// Bytes of one body, at most.
const MAX_BODY: u64 = 256 << 20;

/// The key that bodies are encrypted with: one a tenant, so that a tenant's bodies can be made unreadable at once.
#[derive(Clone)]
pub struct BodyKey(Zeroizing<[u8; 32]>);

impl BodyKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        keys::random().map(Self)
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// First eight bytes of `SHA-256("witgate body key id v1\0" || key)`.
    #[must_use]
    pub fn id(&self) -> KeyId {
        keys::key_id(&[KEY_ID, self.0.as_slice()])
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Option<Aes256GcmSiv> {
        Aes256GcmSiv::new_from_slice(self.0.as_slice()).ok()
    }

    pub(super) fn seal(&self, exchange: &str, body: &[u8]) -> Result<Vec<u8>, BodyError> {
        if body.len() as u64 > MAX_BODY {
            return Err(BodyError::Unsealable("it is above 256 MiB"));
        }
        let mut packed = vec![0; zstd_safe::compress_bound(body.len())];
        let length = zstd_safe::compress(&mut packed[..], body, LEVEL)
            .map_err(|_| BodyError::Unsealable("it cannot be compressed"))?;
        packed.truncate(length);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| BodyError::Unsealable("the system gives no random bytes"))?;
        let mut file = [MAGIC.as_slice(), &self.id().0].concat();
        let aad = [file.as_slice(), exchange.as_bytes()].concat();
        let payload = Payload { msg: &packed, aad: &aad };
        let sealed = self.cipher().and_then(|cipher| cipher.encrypt(&Nonce::from(nonce), payload).ok());
        file.extend(nonce);
        file.extend(sealed.ok_or(BodyError::Unsealable("it is too large"))?);
        Ok(file)
    }

    pub(super) fn open(&self, exchange: &str, kept: KeptBody, file: &[u8]) -> Result<Vec<u8>, BodyError> {
        let unreadable = || BodyError::Unreadable(kept.digest);
        let (header, rest) = file.split_at_checked(HEADER).ok_or_else(unreadable)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let (magic, id) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(unreadable());
        }
        let given = self.id();
        if id != given.0 {
            let mut key = KeyId::default();
            key.0.copy_from_slice(id);
            return Err(BodyError::WrongKey { digest: kept.digest, sealed: key, given });
        }
        let aad = [header, exchange.as_bytes()].concat();
        let payload = Payload { msg: sealed, aad: &aad };
        let packed = self.cipher().and_then(|cipher| cipher.decrypt(&Nonce::from(*nonce), payload).ok());
        let packed = packed.ok_or_else(unreadable)?;
        // The record says how long it is; a longer one is not it.
        let length = usize::try_from(kept.bytes.min(MAX_BODY)).map_err(|_| unreadable())?;
        let mut body = vec![0; length];
        match zstd_safe::decompress(&mut body[..], &packed) {
            Ok(n) if n as u64 == kept.bytes => Ok(body),
            _ => Err(unreadable()),
        }
    }
}

impl fmt::Debug for BodyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyKey({})", self.id())
    }
}
