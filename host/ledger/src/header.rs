//! The first 128 bytes of a segment.

use crate::chain::Chain;
use crate::fixed_bytes::{KeyId, LedgerId, Mac};

/// Length of a header in bytes.
pub(crate) const HEADER_LEN: usize = 128;
pub(crate) const HEADER_LEN_U64: u64 = 128;
const MAGIC: [u8; 8] = *b"WITGLEDG";
/// The format version this crate writes.
pub(crate) const FORMAT_VERSION: u16 = 2;
/// The first format: one chain key for all segments.
const WITHOUT_STEPS: u16 = 1;
/// The bytes under the header's MAC.
const SIGNED: usize = 96;

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) ledger: LedgerId,
    pub(crate) key: KeyId,
    pub(crate) first_seq: u64,
    /// MAC of the record before `first_seq`; zeros when there is none.
    pub(crate) previous: Mac,
    pub(crate) created_ms: u64,
    /// How often the chain key had been moved forward; always 0 in format version 1.
    pub(crate) step: u64,
}

/// Why a header was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("it does not begin with a ledger header")]
    NotALedger,
    #[error("it has format version {0}, this program reads versions 1 to {FORMAT_VERSION}")]
    Version(u16),
    #[error("it was made with chain key {found}, the key given is {given}")]
    WrongKey { found: KeyId, given: KeyId },
    #[error("its header was changed: it does not fit its MAC, or has fields that a writer never leaves so")]
    Mac,
}

impl Header {
    pub(crate) fn encode(&self, chain: &Chain) -> [u8; HEADER_LEN] {
        let mut bytes = Vec::with_capacity(HEADER_LEN);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(&self.ledger.0);
        bytes.extend_from_slice(&self.key.0);
        bytes.extend_from_slice(&self.first_seq.to_be_bytes());
        bytes.extend_from_slice(&self.previous.0);
        bytes.extend_from_slice(&self.created_ms.to_be_bytes());
        bytes.extend_from_slice(&self.step.to_be_bytes());
        let mac = chain.header_mac(&bytes);
        bytes.extend_from_slice(&mac.0);
        let mut header = [0; HEADER_LEN];
        header.copy_from_slice(&bytes);
        header
    }

    /// Reads a header, its MAC unchecked.
    pub(crate) fn decode(bytes: &[u8; HEADER_LEN]) -> Result<Self, HeaderError> {
        let mut rest = bytes.as_slice();
        if take::<8>(&mut rest) != MAGIC {
            return Err(HeaderError::NotALedger);
        }
        let version = u16::from_be_bytes(take(&mut rest));
        if !(WITHOUT_STEPS..=FORMAT_VERSION).contains(&version) {
            return Err(HeaderError::Version(version));
        }
        let zeros = take::<6>(&mut rest);
        let header = Self {
            ledger: LedgerId(take(&mut rest)),
            key: KeyId(take(&mut rest)),
            first_seq: u64::from_be_bytes(take(&mut rest)),
            previous: Mac(take(&mut rest)),
            created_ms: u64::from_be_bytes(take(&mut rest)),
            step: u64::from_be_bytes(take(&mut rest)),
        };
        if zeros != [0; 6] || version == WITHOUT_STEPS && header.step != 0 {
            return Err(HeaderError::Mac);
        }
        Ok(header)
    }

    /// Checks the MAC with the key of the header's step.
    pub(crate) fn check(&self, bytes: &[u8; HEADER_LEN], chain: &Chain) -> Result<(), HeaderError> {
        if self.key != chain.key_id {
            return Err(HeaderError::WrongKey { found: self.key, given: chain.key_id });
        }
        let (signed, mac) = bytes.split_at(SIGNED);
        if chain.header_mac(signed).0 == *mac { Ok(()) } else { Err(HeaderError::Mac) }
    }
}

/// The next `N` bytes. A header's length is fixed, so there are always enough.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let Some((taken, left)) = rest.split_first_chunk::<N>() else {
        return [0; N];
    };
    *rest = left;
    *taken
}
