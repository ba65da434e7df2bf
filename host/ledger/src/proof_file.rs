//! Proofs that can be taken away: records of a ledger with what shows that they are in it, in one small file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::checkpoint::SignedCheckpoint;
use crate::directory;
use crate::fixed_bytes::Digest;
use crate::header::Header;
use crate::keys::PublicKey;
use crate::proof::{Collector, consistency_ranges, inclusion_ranges, verify_consistency, verify_inclusion};
use crate::prover::{BLOCK, Survey};
use crate::reader::{Found, ReadError, Reader};
use crate::record::{Record, place};
use crate::segment_reader::{Next, SegmentReader, split};
use crate::storage::Disk;
use crate::tree::{Frontier, leaf_hash};

/// The version of the file this crate writes and reads.
pub(crate) const VERSION: u8 = 1;
/// The most records in one file.
const MAX_RECORDS: usize = 10_000;

/// Records with their inclusion proofs, and, where asked for, the proof that an earlier checkpoint's ledger is the beginning
/// of this one. As JSON one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    /// Version of the file.
    pub v: u8,
    /// The checkpoint that all proofs lead to, as a signed note.
    pub checkpoint: String,
    /// The records.
    #[serde(default)]
    pub records: Vec<ProvenRecord>,
    /// That an earlier checkpoint's records are the first of this one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// A record and the way from it to the root (RFC 9162, 2.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenRecord {
    /// Its position; it is leaf `seq - 1`.
    pub seq: u64,
    /// The entry as stored, in base64.
    pub entry: String,
    /// Hashes from the leaf up, in hexadecimal.
    pub proof: Vec<Digest>,
}

impl ProvenRecord {
    /// The record's digest, its leaf in the tree.
    ///
    /// # Errors
    /// When the entry is not base64.
    pub fn digest(&self) -> Result<Digest, ProofError> {
        let bytes = STANDARD.decode(&self.entry).map_err(|_| ProofError::Malformed("an entry"))?;
        Ok(leaf_hash(&bytes))
    }
}

/// An earlier checkpoint and the consistency proof (RFC 9162, 2.1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The earlier checkpoint, as a signed note.
    pub checkpoint: String,
    /// Hashes, in hexadecimal.
    pub proof: Vec<Digest>,
}

/// A proof could not be made, or does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The ledger could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file was made by a later version.
    #[error("the proof has version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// Something in it is not what it should be.
    #[error("the proof is malformed: {0}")]
    Malformed(&'static str),
    /// A record is not covered by the checkpoint.
    #[error("record {seq} is not covered by the checkpoint of {size} records; make the proof again after the next one")]
    NotCovered {
        /// The record.
        seq: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// A record, or the end of the earlier checkpoint, was let go.
    #[error(
        "record {seq} was let go: the ledger begins behind record {through}; make the proof from a copy that has it"
    )]
    LetGo {
        /// The record.
        seq: u64,
        /// The last record that is not there.
        through: u64,
    },
    /// The ledger is not the one of the checkpoint.
    #[error("the ledger's records are not those of the checkpoint; `witgate audit verify` tells more")]
    NotTheLedger,
    /// No key given signed the checkpoint.
    #[error("the checkpoint is not signed with a key given")]
    Signature,
    /// A record's proof does not lead to the checkpoint's root.
    #[error("record {0} is not shown to be in the ledger: it, its position or its proof was changed")]
    Inclusion(u64),
    /// The consistency proof does not hold.
    #[error("the ledger is not shown to go on from the earlier checkpoint: it is a fork, or the proof was changed")]
    Consistency,
}

impl ProofError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(error) => error.code(),
            Self::Version(_) => "proof_version",
            Self::Malformed(_) => "proof_malformed",
            Self::NotCovered { .. } => "proof_not_covered",
            Self::LetGo { .. } => "proof_let_go",
            Self::NotTheLedger => "proof_not_the_ledger",
            Self::Signature => "proof_signature",
            Self::Inclusion(_) => "proof_inclusion",
            Self::Consistency => "proof_consistency",
        }
    }
}

impl ProofFile {
    /// Makes the proof of the records at `positions`, and that the ledger goes on from `since`. Reads the ledger up to the
    /// checkpoint, and up to the last of the records once more, with one hash in memory for some hundred records.
    ///
    /// # Errors
    /// When the ledger cannot be read, is not the checkpoint's, or the checkpoint does not cover a record.
    pub fn make(
        dir: &Path,
        checkpoint: &SignedCheckpoint,
        positions: &[u64],
        since: Option<&SignedCheckpoint>,
    ) -> Result<Self, ProofError> {
        let stated = checkpoint.checkpoint;
        if positions.len() > MAX_RECORDS {
            return Err(ProofError::Malformed("more than 10,000 records"));
        }
        let wanted: BTreeSet<u64> = positions.iter().copied().collect();
        if let Some(seq) = positions.iter().copied().find(|seq| !(1..=stated.size).contains(seq)) {
            return Err(ProofError::NotCovered { seq, size: stated.size });
        }
        let earlier = since.map(|since| since.checkpoint);
        let mut consistency = match earlier {
            Some(earlier) => {
                let ranges = consistency_ranges(earlier.size, stated.size).ok_or(ProofError::Consistency)?;
                Some(Collector::new(ranges))
            }
            None => None,
        };
        let mut tree = Frontier::default();
        let mut earlier_fits = earlier.is_none_or(|earlier| earlier.size == 0 && earlier.root == tree.root());
        let before = beginning(dir)?;
        let through = before.size();
        // Where the ledger is whole, all records share one tree. What is left of one that is not has a shape of its own.
        let (mut survey, mut collectors) = (Survey::default(), BTreeMap::new());
        if through > 0 {
            for seq in &wanted {
                let ranges = inclusion_ranges(seq.saturating_sub(1), stated.size);
                let ranges = ranges.ok_or(ProofError::NotCovered { seq: *seq, size: stated.size })?;
                collectors.insert(*seq, (Collector::new(ranges), String::new()));
            }
            let earlier_gone = earlier.map(|earlier| earlier.size).filter(|size| (1..through).contains(size));
            let gone = positions
                .iter()
                .copied()
                .chain(earlier_gone)
                .find(|seq| *seq < through || positions.contains(seq) && *seq == through);
            if let Some(seq) = gone {
                return Err(ProofError::LetGo { seq, through });
            }
            earlier_fits |= earlier.is_some_and(|earlier| earlier.size == through && earlier.root == before.root());
            let collectors = collectors.values_mut().map(|(collector, _)| collector);
            collectors.chain(&mut consistency).for_each(|collector| collector.begin(&before));
            tree = before;
        }
        walk(dir, through, stated.size, |seq, entry| {
            let (index, leaf) = (seq - 1, leaf_hash(entry));
            tree.push(leaf);
            if through == 0 {
                survey.push(leaf);
            }
            earlier_fits |= earlier.is_some_and(|earlier| earlier.size == seq && earlier.root == tree.root());
            for (wanted, (collector, bytes)) in &mut collectors {
                collector.push(index, leaf);
                if *wanted == seq {
                    *bytes = STANDARD.encode(entry);
                }
            }
            if let Some(collector) = &mut consistency {
                collector.push(index, leaf);
            }
            Ok::<_, ProofError>(())
        })?;
        if tree.size() != stated.size || tree.root() != stated.root {
            return Err(ProofError::NotTheLedger);
        }
        if !earlier_fits {
            return Err(ProofError::Consistency);
        }
        let finish = |collector: Collector| collector.finish().ok_or(ProofError::NotTheLedger);
        let records = match through {
            0 => in_whole(dir, survey, &wanted, checkpoint)?,
            _ => collectors
                .into_iter()
                .map(|(seq, (collector, entry))| Ok(ProvenRecord { seq, entry, proof: finish(collector)? }))
                .collect::<Result<_, ProofError>>()?,
        };
        let since = match (since, consistency) {
            (Some(since), Some(collector)) => Some(Since { checkpoint: since.to_string(), proof: finish(collector)? }),
            _ => None,
        };
        Ok(Self { v: VERSION, checkpoint: checkpoint.to_string(), records, since })
    }

    /// Checks every proof against the checkpoint, and the checkpoint's signature with `keys`. Gives the checkpoint, the records
    /// that are shown to be in the ledger, and the earlier checkpoint.
    ///
    /// # Errors
    /// When anything does not hold.
    pub fn check(
        &self,
        keys: &[PublicKey],
    ) -> Result<(SignedCheckpoint, Vec<Record>, Option<SignedCheckpoint>), ProofError> {
        if self.v != VERSION {
            return Err(ProofError::Version(self.v));
        }
        let malformed = |_| ProofError::Malformed("a checkpoint");
        let signed: SignedCheckpoint = self.checkpoint.parse().map_err(malformed)?;
        if !keys.iter().any(|key| signed.is_signed(key)) {
            return Err(ProofError::Signature);
        }
        let stated = signed.checkpoint;
        let mut records = Vec::new();
        for ProvenRecord { seq, entry, proof } in &self.records {
            let bytes = STANDARD.decode(entry).map_err(|_| ProofError::Malformed("an entry"))?;
            let index = seq.checked_sub(1).ok_or(ProofError::Inclusion(*seq))?;
            let entry = split(&bytes, 0).ok_or(ProofError::Malformed("an entry"))?;
            let says = place(entry.payload).map(|(seq, _)| seq);
            if says != Some(*seq) || !verify_inclusion(leaf_hash(&bytes), index, stated.size, stated.root, proof) {
                return Err(ProofError::Inclusion(*seq));
            }
            records.push(Record::decode(entry.payload).map_err(|_| ProofError::Malformed("a record"))?);
        }
        let Some(since) = &self.since else { return Ok((signed, records, None)) };
        let earlier: SignedCheckpoint = since.checkpoint.parse().map_err(malformed)?;
        let old = earlier.checkpoint;
        let holds = old.ledger == stated.ledger
            && verify_consistency((old.size, old.root), (stated.size, stated.root), &since.proof);
        if holds { Ok((signed, records, Some(earlier))) } else { Err(ProofError::Consistency) }
    }
}

/// The records that are wanted of a whole ledger, proven in its second reading.
fn in_whole(
    dir: &Path,
    survey: Survey,
    wanted: &BTreeSet<u64>,
    checkpoint: &SignedCheckpoint,
) -> Result<Vec<ProvenRecord>, ProofError> {
    let stated = checkpoint.checkpoint;
    let Some(last) = wanted.last() else { return Ok(Vec::new()) };
    // No further than the end of the block that the last one stands in.
    let last = last.next_multiple_of(BLOCK as u64).min(stated.size);
    let mut prover = survey.finish().0;
    let mut records = Vec::new();
    walk(dir, 0, last, |seq, entry| {
        records.extend(prover.push(leaf_hash(entry), wanted.contains(&seq).then_some(seq), entry));
        Ok::<_, ProofError>(())
    })?;
    records.extend(prover.finish());
    // What was read twice may have been changed in between.
    for record in &records {
        let leaf = record.digest()?;
        if !verify_inclusion(leaf, record.seq.saturating_sub(1), stated.size, stated.root, &record.proof) {
            return Err(ProofError::NotTheLedger);
        }
    }
    Ok(records)
}

/// How the tree looks where the ledger begins: empty, or, when older records were let go, as the first record says.
pub(crate) fn beginning(dir: &Path) -> Result<Frontier, ReadError> {
    let mut reader = Reader::open(dir, None)?;
    match reader.next().transpose()? {
        Some(Found { record: Record { seq, body: Body::Checkpoint(first), .. }, .. }) if seq > 1 => {
            // One of another size is told when the root does not come out.
            Ok(Frontier::from_parts(seq - 1, first.tree).unwrap_or_default())
        }
        _ => Ok(Frontier::default()),
    }
}

/// Tells the bytes of each entry behind position `before`, up to `last`. Nothing is checked but that they are there.
pub(crate) fn walk<E: From<ReadError>>(
    dir: &Path,
    before: u64,
    last: u64,
    mut tell: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let listing = directory::list(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?;
    let mut seq = before;
    for name in listing.segments {
        let io = |source| ReadError::Io { path: name.path.clone(), source };
        if seq >= last {
            break;
        }
        let mut reader = SegmentReader::open(&Disk, &name).map_err(io)?;
        let broken =
            |offset, what: &str| ReadError::Broken { segment: name.name.clone(), offset, what: what.to_owned() };
        if Header::of_segment(&name, &mut reader)?.1.first_seq != seq + 1 {
            return Err(broken(0, "it does not begin with the record that follows").into());
        }
        while seq < last {
            let offset = reader.offset();
            match reader.next().map_err(io)? {
                Next::Entry(entry) => {
                    seq += 1;
                    tell(seq, entry.bytes)?;
                }
                Next::End => break,
                Next::BadLength(_) | Next::Truncated | Next::Damaged => {
                    return Err(broken(offset, "a record is cut off").into());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
