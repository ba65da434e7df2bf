//! SHA-256 (FIPS 180-4) of one message at a time; many at once are hashed by [`crate::many`].
//!
//! Ring's assembly takes little more than half the time of portable code where the processor has no instructions for SHA-256. It
//! does not wipe what it worked with: MACs, and the names of secret keys, are not made here.

use ring::digest::{Context, SHA256};

/// The hash of some parts, one behind the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Sha256::default();
    parts.iter().for_each(|part| state.update(part));
    state.finish()
}

/// A message that comes piece by piece.
#[derive(Clone)]
pub(crate) struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    /// Adds the next piece.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Ends the message.
    pub(crate) fn finish(self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.0.finish().as_ref());
        hash
    }
}
