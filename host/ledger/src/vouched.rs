//! Which signatures on checkpoints count: those of the keys an auditor came with, and of the keys that they passed on to.

use crate::checkpoint::SignedCheckpoint;
use crate::keys::PublicKey;

/// Keys that an auditor trusts, as a ledger is read.
#[derive(Debug, Default)]
pub(crate) struct Vouched {
    /// Those that may sign now.
    now: Vec<PublicKey>,
    /// All that ever could, and up to which size: a key may have been changed because it leaked.
    ever: Vec<(PublicKey, Option<u64>)>,
    /// Whether a checkpoint of one of them was seen.
    began: bool,
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It is of a key that counts.
    Good(PublicKey),
    /// No key that counts has signed yet: an earlier key may have.
    Unknown,
    /// It is of no key that counts, where one must be.
    Bad,
}

impl Vouched {
    pub(crate) fn new(keys: &[PublicKey]) -> Self {
        Self { now: keys.to_vec(), ever: keys.iter().map(|key| (*key, None)).collect(), began: false }
    }

    /// Whether any key was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.ever.is_empty()
    }

    /// The signature of the next checkpoint in the ledger. One that changes keys is followed.
    pub(crate) fn next(&mut self, signed: &SignedCheckpoint) -> Worth {
        let Some(signer) = self.now.iter().copied().find(|key| signed.is_signed(key)) else {
            return if self.began || self.is_empty() { Worth::Bad } else { Worth::Unknown };
        };
        self.began = true;
        if let Some(next) = signed.checkpoint.next_key {
            // The new key must have signed, too: nobody can be given another's key.
            if !signed.is_signed(&next) {
                return Worth::Bad;
            }
            // Whoever was given both keys is given none that the change retires.
            let retired = |key: &PublicKey| signed.is_signed(key);
            self.now.retain(|key| !retired(key));
            for (_, until) in self.ever.iter_mut().filter(|(key, until)| until.is_none() && retired(key)) {
                *until = Some(signed.checkpoint.size);
            }
            self.now.push(next);
            self.ever.push((next, None));
        }
        Worth::Good(signer)
    }

    /// The key that signed a checkpoint kept elsewhere, or in the file, when it counted at the checkpoint's size.
    pub(crate) fn signer(&self, signed: &SignedCheckpoint) -> Option<PublicKey> {
        let counts = |until: Option<u64>| until.is_none_or(|until| signed.checkpoint.size <= until);
        self.ever.iter().find(|(key, until)| counts(*until) && signed.is_signed(key)).map(|(key, _)| *key)
    }
}
