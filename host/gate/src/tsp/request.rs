//! What an authority is asked (RFC 3161, 2.4.1). Of one shape, so it is written out.

use sha2::{Digest as _, Sha256};

/// `INTEGER 1`, and the begin of the imprint: SHA-256, of 32 bytes.
const HEAD: [u8; 22] = [
    0x02, 0x01, 0x01, // version 1
    0x30, 0x31, 0x30, 0x0d, // MessageImprint, AlgorithmIdentifier
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, // id-sha256
    0x05, 0x00, // NULL
    0x04, 0x20, // OCTET STRING
];
/// The certificate is wanted in the token, so that the token can be checked by itself.
const WITH_CERTIFICATE: [u8; 3] = [0x01, 0x01, 0xff];

/// A question for a token over some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// SHA-256 of the bytes.
    pub(super) imprint: [u8; 32],
    /// Random, so that no older answer is taken for this one's.
    pub(super) nonce: [u8; 8],
}

impl Request {
    /// A question over `bytes`.
    pub(crate) fn over(bytes: &[u8]) -> Result<Self, getrandom::Error> {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce)?;
        // A positive number of eight bytes, in the one way to write it.
        nonce[0] = nonce[0] & 0x3f | 0x40;
        Ok(Self { imprint: Sha256::digest(bytes).into(), nonce })
    }

    /// As it is sent.
    pub(crate) fn der(&self) -> Vec<u8> {
        let mut inner = HEAD.to_vec();
        inner.extend_from_slice(&self.imprint);
        inner.extend_from_slice(&[0x02, 0x08]);
        inner.extend_from_slice(&self.nonce);
        inner.extend_from_slice(&WITH_CERTIFICATE);
        let mut der = vec![0x30, u8::try_from(inner.len()).unwrap_or(u8::MAX)];
        der.extend_from_slice(&inner);
        der
    }
}
