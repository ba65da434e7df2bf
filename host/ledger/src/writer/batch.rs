//! Records that are written together.

use super::Done;
use crate::chain::{Chain, MAC_LEN, frame_head};
use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{Digest, Mac};
use crate::ledger::Appended;
use crate::record::Prepared;
use crate::tree::leaf_hashes;

/// A record of the batch, whose caller was not told.
struct Waiting {
    seq: u64,
    time_ms: u64,
    /// Where its MAC stands among the bytes.
    mac: usize,
    /// Whether its caller may want to name it by its digest.
    named: bool,
    done: Done,
}

/// The entries of a batch. They are put down one by one and hashed together.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    waiting: Vec<Waiting>,
    /// Of the entries, once they are sealed.
    macs: Vec<Mac>,
    leaves: Vec<Digest>,
}

impl Batch {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Puts down a record, its MAC still to come. Up to `synced`, all records are on disk.
    pub(super) fn push(&mut self, prepared: &Prepared, seq: u64, synced: u64, named: bool, done: Done) {
        let time_ms = crate::now_ms();
        // The payload's limit is far below 4 GiB.
        self.bytes.extend_from_slice(&frame_head(u32::try_from(prepared.len()).unwrap_or(u32::MAX), synced));
        prepared.write(seq, time_ms, &mut self.bytes);
        self.waiting.push(Waiting { seq, time_ms, mac: self.bytes.len(), named, done });
        self.bytes.extend_from_slice(&[0; MAC_LEN]);
    }

    /// Gives every entry its MAC, and gives the last one's. `previous` is the MAC before the first.
    pub(super) fn seal(&mut self, chain: &Chain, previous: Mac) -> Mac {
        let begins = [0].into_iter().chain(self.waiting.iter().map(|one| one.mac + MAC_LEN));
        let fronts = begins.zip(&self.waiting).map(|(begin, one)| self.bytes.get(begin..one.mac).unwrap_or_default());
        let hashes = EntryHash::of_each(fronts);
        let mut last = previous;
        self.macs.clear();
        for (one, hash) in self.waiting.iter().zip(&hashes) {
            last = chain.entry_mac(&last, hash);
            self.macs.push(last);
            if let Some(place) = self.bytes.get_mut(one.mac..one.mac + MAC_LEN) {
                place.copy_from_slice(&last.0);
            }
        }
        self.leaves = leaf_hashes(hashes.iter().zip(&self.macs));
        last
    }

    /// The records, in order, each with who is told of it. The batch is empty then, but for its leaves.
    pub(super) fn acknowledged(&mut self) -> impl Iterator<Item = (Appended, Done)> {
        self.bytes.clear();
        let hashed = self.macs.iter().zip(&self.leaves);
        self.waiting.drain(..).zip(hashed).map(|(one, (mac, leaf))| {
            let Waiting { seq, time_ms, named, done, .. } = one;
            (Appended { seq, mac: *mac, time_ms, digest: named.then_some(*leaf) }, done)
        })
    }

    /// The leaves of what was acknowledged.
    pub(super) fn take_leaves(&mut self) -> Vec<Digest> {
        std::mem::take(&mut self.leaves)
    }

    /// Gives the batch up, and who waits for it.
    pub(super) fn give_up(&mut self) -> impl Iterator<Item = Done> {
        self.bytes.clear();
        self.leaves.clear();
        self.waiting.drain(..).map(|one| one.done)
    }
}
