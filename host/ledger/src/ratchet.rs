//! The chain key moves forward with each segment, so that whoever takes the machine cannot rewrite what came before.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::chain::Chain;
use crate::fixed_bytes::KeyId;
use crate::keys::ChainKey;

/// What the next key is the HMAC of. No entry and no header begins with this byte.
const NEXT: &[u8] = b"\x03witgate chain key step v1";
/// How far forward a key is moved at once, at most. More segments than that would be 64 TiB.
const MAX_STEPS: u64 = 1 << 20;

impl ChainKey {
    /// The next segment's key: `HMAC-SHA256(key, 0x03 || "witgate chain key step v1")`. There is no way back.
    pub(crate) fn next(&self) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.bytes());
        let mut state = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        state.update(NEXT);
        let mut next = Zeroizing::new([0; 32]);
        next.copy_from_slice(&state.finalize().into_bytes());
        Self::from_bytes(*next)
    }
}

/// A chain key and how many steps it is from the ledger's first.
#[derive(Debug, Clone)]
pub(crate) struct Ratchet {
    pub(crate) key: ChainKey,
    pub(crate) step: u64,
}

impl Ratchet {
    /// The ledger's first key.
    pub(crate) fn first(key: &ChainKey) -> Self {
        Self { key: key.clone(), step: 0 }
    }

    /// One step on. The key before is wiped from memory.
    pub(crate) fn advance(&mut self) {
        self.key = self.key.next();
        self.step = self.step.saturating_add(1);
    }

    /// Moves on to `step`; false when that lies behind, or too far ahead.
    pub(crate) fn advance_to(&mut self, step: u64) -> bool {
        if step < self.step || step - self.step > MAX_STEPS {
            return false;
        }
        while self.step < step {
            self.advance();
        }
        true
    }
}

/// The chains of a ledger's segments, from a key on. Made for going forward; going back costs the way from the start.
#[derive(Clone)]
pub(crate) struct Chains {
    from: Ratchet,
    now: Ratchet,
    chain: Chain,
}

impl Chains {
    pub(crate) fn new(from: Ratchet) -> Self {
        let chain = Chain::new(&from.key);
        Self { now: from.clone(), from, chain }
    }

    /// The chain of a segment at `step`; `None` when its key cannot be had from this one.
    pub(crate) fn at(&mut self, step: u64) -> Option<&Chain> {
        if step != self.now.step {
            if step < self.now.step {
                self.now = self.from.clone();
            }
            if !self.now.advance_to(step) {
                self.now = self.from.clone();
                self.chain = Chain::new(&self.now.key);
                return None;
            }
            self.chain = Chain::new(&self.now.key);
        }
        Some(&self.chain)
    }

    /// The id of the key it began with.
    pub(crate) fn first_id(&self) -> KeyId {
        self.from.key.id()
    }

    /// The key of a step, or the first one's where it cannot be had.
    pub(crate) fn current(&mut self, step: u64) -> Ratchet {
        match self.at(step) {
            Some(_) => self.now.clone(),
            None => Ratchet { step, ..self.from.clone() },
        }
    }
}

#[cfg(test)]
mod tests;
