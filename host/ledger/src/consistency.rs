//! That a ledger goes on from an earlier size, for a witness: from the segment in which that size lies, not from the beginning.

use std::path::Path;

use crate::body::Body;
use crate::checkpoint::SignedCheckpoint;
use crate::directory::{self, SegmentName};
use crate::fixed_bytes::Digest;
use crate::header::Header;
use crate::proof::{Collector, consistency_ranges};
use crate::proof_file::ProofError;
use crate::reader::ReadError;
use crate::record::Record;
use crate::segment_reader::{Next, SegmentReader};
use crate::storage::Disk;
use crate::tree::{Frontier, leaf_hash};

/// The proof (RFC 9162, 2.1.4; the same as RFC 6962, 2.1.2) that the first `old` records of `checkpoint` are the first `old` of
/// the ledger in `dir`. Empty for 0 and for the checkpoint's own size.
///
/// # Errors
/// When the ledger cannot be read, has fewer records, or is not the checkpoint's.
pub fn consistency(dir: &Path, old: u64, checkpoint: &SignedCheckpoint) -> Result<Vec<Digest>, ProofError> {
    let stated = checkpoint.checkpoint;
    let ranges = consistency_ranges(old, stated.size).ok_or(ProofError::Consistency)?;
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let mut segments = directory::list(dir).map_err(|source| read_error(dir, source))?.segments;
    let start = start(&segments, old)?;
    segments.retain(|name| name.first_seq > start.size());
    let mut collector = Collector::new(ranges);
    collector.begin(&start);
    let mut tree = start;
    for name in &segments {
        if tree.size() >= stated.size {
            break;
        }
        push(name, stated.size, &mut tree, &mut collector)?;
    }
    if tree.size() != stated.size || tree.root() != stated.root {
        return Err(ProofError::NotTheLedger);
    }
    collector.finish().ok_or(ProofError::NotTheLedger)
}

fn read_error(path: &Path, source: std::io::Error) -> ProofError {
    ReadError::Io { path: path.to_owned(), source }.into()
}

/// The tree where the nearest segment begins that has nothing behind `old` before it, as that segment's first record says.
fn start(segments: &[SegmentName], old: u64) -> Result<Frontier, ProofError> {
    for name in segments.iter().rev().filter(|name| name.first_seq <= old) {
        if name.first_seq == 1 {
            return Ok(Frontier::default());
        }
        let mut reader = SegmentReader::open(&Disk, name).map_err(|source| read_error(&name.path, source))?;
        Header::of_segment(name, &mut reader)?;
        let first = match reader.next().map_err(|source| read_error(&name.path, source))? {
            Next::Entry(entry) => Record::decode(entry.payload).ok(),
            _ => None,
        };
        // One that says something else is told when the root does not come out.
        if let Some(Record { seq, body: Body::Checkpoint(first), .. }) = first
            && seq == name.first_seq
            && let Some(tree) = Frontier::from_parts(seq - 1, first.tree)
        {
            return Ok(tree);
        }
    }
    let through = segments.first().map_or(0, |name| name.first_seq.saturating_sub(1));
    Err(ProofError::LetGo { seq: old, through })
}

/// Adds the entries of a segment, up to the one at position `last`.
fn push(name: &SegmentName, last: u64, tree: &mut Frontier, collector: &mut Collector) -> Result<(), ProofError> {
    let io = |source| read_error(&name.path, source);
    let broken = |offset, what: &str| {
        ProofError::from(ReadError::Broken { segment: name.name.clone(), offset, what: what.to_owned() })
    };
    if name.first_seq != tree.size().saturating_add(1) {
        return Err(broken(0, "it does not begin with the record that follows"));
    }
    let mut reader = SegmentReader::open(&Disk, name).map_err(io)?;
    Header::of_segment(name, &mut reader)?;
    while tree.size() < last {
        let offset = reader.offset();
        match reader.next().map_err(io)? {
            Next::Entry(entry) => {
                let leaf = leaf_hash(entry.bytes);
                collector.push(tree.size(), leaf);
                tree.push(leaf);
            }
            Next::End => return Ok(()),
            Next::BadLength(_) | Next::Truncated | Next::Damaged => return Err(broken(offset, "a record is cut off")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
