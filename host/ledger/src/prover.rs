//! Inclusion proofs of many records at once: two readings of a ledger, and memory for one hash in every [`BLOCK`].
//!
//! A tree whose leaves are the roots of blocks has the shape of the tree over all leaves, as blocks are a power of two: a proof
//! is the way within a block and the way of its root.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixed_bytes::Digest;
use crate::proof_file::{ProvenRecord, VERSION};
use crate::tree::node_hash;

/// Leaves of one block. Its entries that are to be proven are in memory together.
pub(crate) const BLOCK: usize = 256;
/// Records in one file; what checks them reads a file as a whole.
const FILE_RECORDS: usize = 10_000;
/// Bytes of one file, give or take a block.
const FILE_BYTES: usize = 64 << 20;

/// All nodes of a tree, from its leaves up. A node without a right neighbour is in the next level as it is.
#[derive(Debug, Default)]
struct Levels(Vec<Vec<Digest>>);

impl Levels {
    fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(last) = levels.last().filter(|last| last.len() > 1) {
            let next = last
                .chunks(2)
                .filter_map(|pair| match pair {
                    [left, right] => Some(node_hash(left, right)),
                    [alone] => Some(*alone),
                    _ => None,
                })
                .collect();
            levels.push(next);
        }
        Self(levels)
    }

    fn root(&self) -> Option<Digest> {
        self.0.last()?.first().copied()
    }

    /// The siblings on the way from a leaf to the root (RFC 9162, 2.1.3.1).
    fn path(&self, index: usize) -> impl Iterator<Item = Digest> {
        self.0.iter().enumerate().filter_map(move |(level, nodes)| nodes.get((index >> level) ^ 1).copied())
    }
}

/// The first reading: the roots of all blocks.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    roots: Vec<Digest>,
    block: Vec<Digest>,
}

impl Survey {
    /// The next leaf.
    pub(crate) fn push(&mut self, leaf: Digest) {
        self.block.push(leaf);
        if self.block.len() == BLOCK {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        self.roots.extend(Levels::new(std::mem::take(&mut self.block)).root());
    }

    /// What the second reading needs, and the root of the tree.
    pub(crate) fn finish(mut self) -> (Prover, Option<Digest>) {
        if !self.block.is_empty() {
            self.end_block();
        }
        let upper = Levels::new(self.roots);
        let root = upper.root();
        (Prover { upper, block: 0, leaves: Vec::new(), wanted: Vec::new() }, root)
    }
}

/// The second reading: proofs of the records that are wanted, a block at a time.
#[derive(Debug)]
pub(crate) struct Prover {
    upper: Levels,
    /// How many blocks are done.
    block: usize,
    leaves: Vec<Digest>,
    /// Position, place in the block, and entry in base64.
    wanted: Vec<(u64, usize, String)>,
}

impl Prover {
    /// The next entry; with `wanted` its position, where it is to be proven. Gives the proofs of a block that is complete.
    pub(crate) fn push(&mut self, leaf: Digest, wanted: Option<u64>, entry: &[u8]) -> Vec<ProvenRecord> {
        if let Some(seq) = wanted {
            self.wanted.push((seq, self.leaves.len(), STANDARD.encode(entry)));
        }
        self.leaves.push(leaf);
        if self.leaves.len() == BLOCK { self.finish() } else { Vec::new() }
    }

    /// The proofs of the block that the last entry stands in.
    pub(crate) fn finish(&mut self) -> Vec<ProvenRecord> {
        let block = Levels::new(std::mem::take(&mut self.leaves));
        let wanted = std::mem::take(&mut self.wanted);
        let of_block: Vec<_> = if wanted.is_empty() { vec![] } else { self.upper.path(self.block).collect() };
        self.block += 1;
        let proven = wanted.into_iter().map(|(seq, index, entry)| {
            let proof = block.path(index).chain(of_block.iter().copied()).collect();
            ProvenRecord { seq, entry, proof }
        });
        proven.collect()
    }
}

/// Where the files of proofs go: makes the one of a number, 1 and up.
pub type OpenProof<'a> = &'a mut dyn FnMut(u32) -> io::Result<Box<dyn Write>>;

/// Writes proofs as they come, into as many files as it takes. Each is whole by itself.
pub(crate) struct ProofWriter<'a> {
    checkpoint: String,
    open: OpenProof<'a>,
    file: Option<Box<dyn Write>>,
    records: usize,
    bytes: usize,
    files: u32,
}

impl<'a> ProofWriter<'a> {
    pub(crate) fn new(checkpoint: &str, open: OpenProof<'a>) -> io::Result<Self> {
        let checkpoint = serde_json::to_string(checkpoint)?;
        Ok(Self { checkpoint, open, file: None, records: 0, bytes: 0, files: 0 })
    }

    pub(crate) fn write(&mut self, proven: &[ProvenRecord]) -> io::Result<()> {
        for record in proven {
            if self.records >= FILE_RECORDS || self.bytes >= FILE_BYTES {
                self.end_file()?;
            }
            let text = serde_json::to_string(record)?;
            self.bytes += text.len();
            let first = self.records == 0;
            self.records += 1;
            let file = self.file()?;
            file.write_all(if first { b"\n" } else { b",\n" })?;
            file.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// The file being written, begun when there is none.
    fn file(&mut self) -> io::Result<&mut Box<dyn Write>> {
        if self.file.is_none() {
            self.files += 1;
            let mut file = (self.open)(self.files)?;
            write!(file, "{{\"v\":{VERSION},\"checkpoint\":{},\"records\":[", self.checkpoint)?;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("no file"))
    }

    fn end_file(&mut self) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.write_all(b"\n]}\n")?;
            file.flush()?;
        }
        (self.records, self.bytes) = (0, 0);
        Ok(())
    }

    /// Ends the last file; there is always one. Gives how many there are.
    pub(crate) fn finish(mut self) -> io::Result<u32> {
        if self.files == 0 {
            self.file()?;
        }
        self.end_file()?;
        Ok(self.files)
    }
}

#[cfg(test)]
mod tests;
