//! The chain: how one record's MAC is made from the record and the MAC before it.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{KeyId, Mac};
use crate::keys::ChainKey;
use crate::many::{self, BEGIN, BLOCK, Message};

/// Length of what stands before a payload: its length (u32) and what was on disk for certain (u64).
pub(crate) const FRAME_HEAD: usize = 12;
/// Length of what stands around a payload.
pub(crate) const FRAME_OVERHEAD: usize = FRAME_HEAD + MAC_LEN;
/// Length of a MAC.
pub(crate) const MAC_LEN: usize = 32;

/// Domain bytes: a segment's header and an entry can never have the same MAC input.
const HEADER: [u8; 1] = [0x01];
const ENTRY: u8 = 0x02;

/// The key with its first block already taken in.
#[derive(Clone)]
pub(crate) struct Chain {
    keyed: Hmac<Sha256>,
    /// The same for entries: the states of the inner and the outer hash.
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
    pub(crate) key_id: KeyId,
}

impl Chain {
    pub(crate) fn new(key: &ChainKey) -> Self {
        // HMAC fills a key up to the hash's block with zeros (RFC 2104); done here, it cannot fail.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key.bytes());
        Self {
            keyed: <Hmac<Sha256> as KeyInit>::new((&*block).into()),
            inner: begun(&block, 0x36),
            outer: begun(&block, 0x5c),
            key_id: key.id(),
        }
    }

    /// `HMAC(key, 0x02 || previous MAC || entry hash)`.
    pub(crate) fn entry_mac(&self, previous: &Mac, entry: &EntryHash) -> Mac {
        let inner = self.within([previous.0, entry.0].as_flattened()).hash();
        Mac(self.around(&inner).hash())
    }

    /// The MACs of many entries, each with the MAC before it.
    pub(crate) fn entry_macs(&self, entries: &[(Mac, EntryHash)]) -> Vec<Mac> {
        let inputs: Vec<_> = entries.iter().map(|(previous, entry)| [previous.0, entry.0]).collect();
        let within: Vec<_> = inputs.iter().map(|input| self.within(input.as_flattened())).collect();
        let mut inner = vec![[0; MAC_LEN]; entries.len()];
        many::hash_all(&within, |index, hash| inner[index] = hash);
        let around: Vec<_> = inner.iter().map(|hash| self.around(hash)).collect();
        let mut macs = vec![Mac::default(); entries.len()];
        many::hash_all(&around, |index, hash| macs[index] = Mac(hash));
        macs
    }

    /// HMAC's inner hash of an entry: of the MAC before it and its entry hash.
    fn within<'a>(&'a self, input: &'a [u8]) -> Message<'a> {
        Message { state: &self.inner, before: BLOCK as u64, domain: Some(ENTRY), text: input }
    }

    /// And its outer one.
    fn around<'a>(&'a self, inner: &'a [u8; MAC_LEN]) -> Message<'a> {
        Message { state: &self.outer, before: BLOCK as u64, domain: None, text: inner }
    }

    pub(crate) fn header_mac(&self, header: &[u8]) -> Mac {
        let mut state = self.keyed.clone();
        state.update(&HEADER);
        state.update(header);
        Mac(state.finalize().into_bytes().into())
    }
}

/// The state after the first block of HMAC's inner or outer hash (RFC 2104).
fn begun(key: &[u8; BLOCK], pad: u8) -> Zeroizing<[u32; 8]> {
    let padded = Zeroizing::new(key.map(|byte| byte ^ pad));
    let mut state = Zeroizing::new(BEGIN);
    compress256(&mut state, std::slice::from_ref(&*padded));
    state
}

/// The frame head of a payload.
pub(crate) fn frame_head(length: u32, synced: u64) -> [u8; FRAME_HEAD] {
    let mut head = [0; FRAME_HEAD];
    head[..4].copy_from_slice(&length.to_be_bytes());
    head[4..].copy_from_slice(&synced.to_be_bytes());
    head
}

#[cfg(test)]
mod tests;
