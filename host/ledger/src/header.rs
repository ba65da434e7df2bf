//! The first 128 bytes of a segment.

use crate::chain::Chain;
use crate::directory::SegmentName;
use crate::fixed_bytes::{KeyId, LedgerId, Mac};
use crate::reader::ReadError;
use crate::segment_reader::SegmentReader;

/// Length of a header in bytes.
pub(crate) const HEADER_LEN: usize = 128;
pub(crate) const HEADER_LEN_U64: u64 = 128;
const MAGIC: [u8; 8] = *b"WITGLEDG";
/// The format version this crate writes and reads. Those before it were of builds that were never released.
pub(crate) const FORMAT_VERSION: u16 = 3;
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
    /// How often the chain key had been moved forward.
    pub(crate) step: u64,
}

/// Why a header was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("it does not begin with a ledger header")]
    NotALedger,
    #[error("{}", of_version(*.0))]
    Version(u16),
    #[error("it was made with chain key {found}, the key given is {given}")]
    WrongKey { found: KeyId, given: KeyId },
    #[error("its header was changed: it does not fit its MAC, or has fields that a writer never leaves so")]
    Mac,
}

/// What is told of a segment of another format: not that it was changed, but which program reads it.
pub(crate) fn of_version(version: u16) -> String {
    let who = match version < FORMAT_VERSION {
        true => "an earlier build wrote it, and that build reads it; begin a new ledger directory with this one",
        false => "a later build wrote it; take that one or a later one",
    };
    format!("it has format version {version}, and this program reads version {FORMAT_VERSION} alone: {who}")
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
        if version != FORMAT_VERSION {
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
        if zeros != [0; 6] {
            return Err(HeaderError::Mac);
        }
        Ok(header)
    }

    /// Reads the header of a segment, with its bytes; its MAC is unchecked.
    pub(crate) fn of_segment(
        name: &SegmentName,
        reader: &mut SegmentReader,
    ) -> Result<([u8; HEADER_LEN], Self), ReadError> {
        let broken = |what: String| ReadError::Broken { segment: name.name.clone(), offset: 0, what };
        let bytes = reader.header().map_err(|source| ReadError::Io { path: name.path.clone(), source })?;
        let bytes = bytes.ok_or_else(|| broken("the file is shorter than a header".to_owned()))?;
        match Self::decode(&bytes) {
            Ok(header) => Ok((bytes, header)),
            Err(HeaderError::Version(version)) => Err(ReadError::Version { segment: name.name.clone(), version }),
            Err(error) => Err(broken(error.to_string())),
        }
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
