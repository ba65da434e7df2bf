//! Ledgers made in memory, always the same to the byte: for vectors, and for tampering with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::body::CheckpointRecord;
use crate::chain::{Chain, frame_head};
use crate::checkpoint::Checkpoint;
use crate::directory::segment_name;
use crate::entry_hash::EntryHash;
use crate::fixed_bytes::{Digest, KeyBytes, LedgerId};
use crate::head::Head;
use crate::header::Header;
use crate::ratchet::Ratchet;
use crate::record::Prepared;
use crate::sha256::sha256;
use crate::tree::{Frontier, leaf_hash};
use crate::{ChainKey, Draft, ReceiptKey};

/// When the first record was taken.
const BEGUN_MS: u64 = 1_700_000_000_000;

/// A ledger as files in memory, and what its writer knows.
#[derive(Clone)]
pub(crate) struct Builder {
    pub(crate) ledger: LedgerId,
    pub(crate) signer: ReceiptKey,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) head: Head,
    pub(crate) tree: Frontier,
    /// The digest of the last record.
    pub(crate) leaf: Digest,
    ratchet: Ratchet,
    keys: Vec<KeyBytes>,
    segment: Option<Digest>,
    header: Digest,
    name: String,
}

impl Builder {
    /// An empty ledger whose id is `id` 16 times, and its first CHECKPOINT.
    pub(crate) fn new(id: u8, key: &ChainKey, signer: ReceiptKey) -> Self {
        let mut made = Self {
            ledger: LedgerId([id; 16]),
            keys: Vec::new(),
            signer,
            files: BTreeMap::new(),
            head: Head::default(),
            tree: Frontier::default(),
            leaf: Digest::default(),
            ratchet: Ratchet::first(key),
            segment: None,
            header: Digest::default(),
            name: String::new(),
        };
        made.begin();
        made.checkpoint(None);
        made
    }

    fn begin(&mut self) {
        let chain = Chain::new(&self.ratchet.key);
        let first_seq = self.head.seq + 1;
        let header = Header {
            ledger: self.ledger,
            key: chain.key_id,
            first_seq,
            previous: self.head.mac,
            created_ms: BEGUN_MS + first_seq,
            step: self.ratchet.step,
        };
        let bytes = header.encode(&chain);
        self.header = Digest(sha256(&[&bytes]));
        self.name = segment_name(first_seq);
        self.files.insert(self.name.clone(), bytes.to_vec());
    }

    /// The next segment, with the next key.
    pub(crate) fn next_segment(&mut self) {
        self.ratchet.advance();
        self.begin();
        self.checkpoint(None);
    }

    pub(crate) fn record(&mut self, draft: &Draft) {
        let prepared = Prepared::new(draft).unwrap();
        let seq = self.head.seq + 1;
        let chain = Chain::new(&self.ratchet.key);
        let head = frame_head(u32::try_from(prepared.len()).unwrap(), self.head.seq);
        let mut entry = head.to_vec();
        prepared.write(seq, BEGUN_MS + seq, &mut entry);
        let mac = chain.entry_mac(&self.head.mac, &EntryHash::of(&entry));
        entry.extend_from_slice(&mac.0);
        self.leaf = leaf_hash(&entry);
        self.tree.push(self.leaf);
        self.segment = Some(self.header);
        self.files.get_mut(&self.name).unwrap().extend_from_slice(&entry);
        self.head = Head { seq, mac };
    }

    /// What a checkpoint of the ledger as it is says.
    pub(crate) fn stated(&self) -> Checkpoint {
        let (size, root) = (self.tree.size(), self.tree.root());
        Checkpoint { ledger: self.ledger, size, root, segment: self.segment, next_key: None }
    }

    /// A CHECKPOINT record; with `next`, that key takes over.
    pub(crate) fn checkpoint(&mut self, next: Option<ReceiptKey>) {
        let next_key = next.as_ref().map(ReceiptKey::public);
        let old = self.signer.clone();
        let mut signers = vec![&old];
        signers.extend(&next);
        let note = Checkpoint { next_key, ..self.stated() }.sign(&signers);
        if let Some(next) = &next {
            self.signer = next.clone();
        }
        let key = KeyBytes(self.signer.public().to_bytes());
        if self.keys.last() != Some(&key) {
            self.keys.push(key);
        }
        let tree = self.tree.peaks().to_vec();
        self.record(&Draft::new("", CheckpointRecord { note, keys: self.keys.clone(), tree }));
    }

    /// The text of the file `checkpoint`.
    pub(crate) fn published(&self) -> String {
        self.stated().sign(&[&self.signer])
    }

    /// With the file `checkpoint`.
    pub(crate) fn finished(mut self) -> Self {
        let note = self.published();
        self.files.insert("checkpoint".to_owned(), note.into_bytes());
        self
    }

    pub(crate) fn write(&self, dir: &Path) {
        fs::create_dir_all(dir).unwrap();
        for (name, bytes) in &self.files {
            fs::write(dir.join(name), bytes).unwrap();
        }
    }
}
