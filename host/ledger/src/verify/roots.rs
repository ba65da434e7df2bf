//! The tree of a ledger as it is read, and the checkpoints it is compared with.

use crate::body::{Body, CheckpointRecord};
use crate::checkpoint::SignedCheckpoint;
use crate::fixed_bytes::{Digest, KeyId, LedgerId};
use crate::keys::PublicKey;
use crate::record::Record;
use crate::tree::Frontier;
use crate::vouched::{Vouched, Worth};

/// So many leaves at most wait to be added to the tree together.
const WAITING: usize = 4096;

/// A stable code and a sentence.
type Wrong = (&'static str, String);

/// Where a checkpoint comes from that is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The ledger's own file.
    File,
    /// The ledger's own file, with a witness's signature.
    Witnessed,
    /// Somebody kept it elsewhere.
    Kept,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::File => "the file `checkpoint`",
            Self::Witnessed => "the file `checkpoint.witnessed`",
            Self::Kept => "the checkpoint that was kept",
        }
    }
}

/// The tree so far, and what it must come to.
pub(super) struct Roots {
    tree: Frontier,
    /// The leaves that come next in it.
    leaves: Vec<Digest>,
    /// The size at which the tree goes on, until a CHECKPOINT record says how it looks there.
    awaits: Option<u64>,
    /// The size at which it began.
    floor: u64,
    /// Digest of the header of the segment in which the last record stands.
    segment: Option<Digest>,
    vouched: Vouched,
    /// The smallest first.
    expected: Vec<(SignedCheckpoint, Source)>,
    compared: usize,
    seen: u64,
    /// Up to which record the tree is the one of a checkpoint, whoever signed that.
    good: u64,
    signed: Option<(u64, KeyId)>,
    /// Whether a checkpoint was seen that nobody vouches for.
    unknown: Option<KeyId>,
}

impl Roots {
    pub(super) fn new(keys: &[PublicKey]) -> Self {
        Self {
            tree: Frontier::default(),
            leaves: Vec::new(),
            awaits: None,
            floor: 0,
            segment: None,
            vouched: Vouched::new(keys),
            expected: Vec::new(),
            compared: 0,
            seen: 0,
            good: 0,
            signed: None,
            unknown: None,
        }
    }

    /// A checkpoint that the tree must come to.
    pub(super) fn expect(&mut self, signed: SignedCheckpoint, source: Source) {
        self.expected.push((signed, source));
        self.expected.sort_by_key(|(signed, _)| signed.checkpoint.size);
    }

    /// The first `floor` records are not there.
    pub(super) fn begin_late(&mut self, floor: u64) -> Result<(), Wrong> {
        (self.awaits, self.floor, self.good) = (Some(floor), floor, floor);
        // A witness that was away for long is not the ledger's fault; whoever names it is told that it vouches for nothing here.
        self.expected.retain(|(signed, source)| *source != Source::Witnessed || signed.checkpoint.size >= floor);
        match self.expected.first() {
            Some((signed, source)) if signed.checkpoint.size < floor => Err((
                "expected_let_go",
                format!(
                    "{} covers {} records, the ledger begins behind record {floor}: it takes a later one",
                    source.name(),
                    signed.checkpoint.size
                ),
            )),
            _ => Ok(()),
        }
    }

    /// How many records are not there.
    pub(super) fn floor(&self) -> u64 {
        self.floor
    }

    /// Whether public keys were given.
    pub(super) fn has_keys(&self) -> bool {
        !self.vouched.is_empty()
    }

    /// Whether the next record must say how the tree looks.
    pub(super) fn awaits(&self) -> bool {
        self.awaits.is_some()
    }

    /// The leaf of an entry, of the segment whose header has this digest.
    pub(super) fn push(&mut self, leaf: Digest, segment: Digest) {
        self.leaves.push(leaf);
        self.segment = Some(segment);
        if self.leaves.len() >= WAITING {
            self.grow();
        }
    }

    pub(super) fn root(&mut self) -> Digest {
        self.grow();
        self.tree.root()
    }

    /// How many leaves there are.
    fn size(&self) -> u64 {
        self.tree.size() + self.leaves.len() as u64
    }

    /// Adds what waits.
    fn grow(&mut self) {
        self.tree.extend(std::mem::take(&mut self.leaves));
    }

    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    pub(super) fn good(&self) -> u64 {
        self.good
    }

    /// Up to which record a vouched key signed, and the key.
    pub(super) fn signed(&self) -> Option<(u64, KeyId)> {
        self.signed
    }

    fn is_signed(&mut self, size: u64, key: PublicKey) {
        if self.signed.is_none_or(|(signed, _)| signed <= size) {
            self.signed = Some((size, key.id()));
        }
    }

    /// A CHECKPOINT record at `seq`, before it is pushed.
    pub(super) fn checkpoint(&mut self, payload: &[u8], seq: u64, ledger: LedgerId) -> Result<(), Wrong> {
        let Ok(Body::Checkpoint(record)) = Record::decode(payload).map(|record| record.body) else {
            return Err(("checkpoint_unreadable", "the CHECKPOINT record cannot be read".to_owned()));
        };
        let CheckpointRecord { note, keys, tree } = *record;
        self.grow();
        let signed: SignedCheckpoint =
            note.parse().map_err(|error| ("checkpoint_unreadable", format!("the record's checkpoint: {error}")))?;
        let stated = signed.checkpoint;
        if let Some(size) = self.awaits {
            let edge = Frontier::from_parts(size, tree.clone());
            self.tree =
                edge.ok_or_else(|| ("checkpoint_tree", "the tree's edge in it is of another size".to_owned()))?;
            self.awaits = None;
        }
        if stated.ledger != ledger {
            return Err(("checkpoint_foreign", format!("it is of another ledger, {}", stated.ledger)));
        }
        let signer = keys.last().and_then(|key| PublicKey::from_bytes(&key.0).ok());
        let signer_id = signer.map_or(KeyId::default(), |key| key.id());
        if !signer.is_some_and(|key| signed.is_signed(&key)) {
            return Err(("checkpoint_signature", "the key it names did not sign it, or it was changed".to_owned()));
        }
        if stated.size != seq.saturating_sub(1) || stated.root != self.tree.root() {
            let from = self.good.saturating_add(1);
            let message =
                format!("records {from} to {} are not those that were signed with key {signer_id}", stated.size);
            return Err(("tree_differs", message));
        }
        if tree != self.tree.peaks() {
            return Err(("checkpoint_tree", "the tree's edge in it is not that of the records before it".to_owned()));
        }
        self.check_segment(stated.segment)?;
        self.seen += 1;
        if self.vouched.is_empty() {
            self.good = stated.size;
            return Ok(());
        }
        match self.vouched.next(&signed) {
            Worth::Good(key) => self.is_signed(stated.size, key),
            Worth::Unknown => self.unknown = Some(signer_id),
            Worth::Bad => {
                let message = format!("it was signed with key {signer_id}, which no key before it passed on to");
                return Err(("checkpoint_wrong_key", message));
            }
        }
        self.good = stated.size;
        Ok(())
    }

    /// Whether the last record's segment has the header that was signed.
    fn check_segment(&self, signed: Option<Digest>) -> Result<(), Wrong> {
        // The header of a segment that is not there cannot be compared.
        if signed == self.segment || self.floor > 0 && self.size() == self.floor {
            return Ok(());
        }
        let message = format!("the header of the segment with record {} is not the one that was signed", self.size());
        Err(("header_differs", message))
    }

    /// Compares the tree with the checkpoints of its size.
    pub(super) fn compare(&mut self, ledger: LedgerId) -> Result<(), Wrong> {
        while let Some((signed, source)) = self.expected.get(self.compared) {
            let (stated, source) = (signed.checkpoint, *source);
            if stated.size != self.size() {
                return Ok(());
            }
            self.grow();
            if stated.ledger != ledger {
                return Err((
                    "checkpoint_foreign",
                    format!("{} is of another ledger, {}", source.name(), stated.ledger),
                ));
            }
            if stated.root != self.tree.root() {
                let (name, size) = (source.name(), stated.size);
                let message =
                    format!("the first {size} records are not those of {name}: they were changed, or this is a fork");
                return Err(("checkpoint_differs", message));
            }
            self.check_segment(stated.segment)?;
            self.good = stated.size;
            self.compared += 1;
        }
        Ok(())
    }

    /// What can only be known at the end.
    pub(super) fn end(&mut self, there: &str) -> Result<(), Wrong> {
        if let Some((signed, source)) = self.expected.get(self.compared) {
            let message = format!("{there}; {} covers {}", source.name(), signed.checkpoint.size);
            return Err(("tail_cut", message));
        }
        if self.vouched.is_empty() {
            return Ok(());
        }
        for (signed, source) in std::mem::take(&mut self.expected) {
            match self.vouched.signer(&signed) {
                Some(key) => self.is_signed(signed.checkpoint.size, key),
                None => {
                    let size = signed.checkpoint.size;
                    let message = format!("{} is not signed with a key that counts at record {size}", source.name());
                    return Err(("checkpoint_wrong_key", message));
                }
            }
        }
        match (self.signed, self.unknown) {
            (Some(_), _) => Ok(()),
            (None, Some(key)) => Err((
                "checkpoint_wrong_key",
                format!("no checkpoint is signed with the key given; they are with key {key}"),
            )),
            (None, None) => Err((
                "checkpoint_missing",
                "there is no checkpoint: only the chain key can check these records".to_owned(),
            )),
        }
    }
}
