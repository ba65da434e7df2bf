//! Whether each reference names an earlier record of the same ledger by its digest.
//!
//! A record that is named was passed when its name is read. So names are gathered, so many at a time, and the segments they
//! lead to are read once more; what of them was let go is counted as not checked.

use std::io;
use std::sync::Arc;

use memchr::memmem;

use super::Run;
use crate::body::Body;
use crate::directory::SegmentName;
use crate::envelope::Envelope;
use crate::fixed_bytes::Digest;
use crate::record::{Record, place};
use crate::segment_reader::{Entry, Next, SegmentReader};
use crate::verify_report::{Failure, ReferencesPart, VerifyError};
use crate::words::Kind;

/// So many are gathered before the records they name are read.
const MANY: usize = if cfg!(test) { 8 } else { 1 << 16 };
/// The key without which an INTENT has none. Reading the whole of every INTENT would cost more than its MAC.
const KEY: &[u8] = b"references";

/// A reference that is to be checked.
struct Pending {
    /// The position it names.
    seq: u64,
    digest: Digest,
    exchange: String,
    /// The INTENT it stands in, and where that stands.
    by: u64,
    segment: Arc<str>,
    offset: u64,
}

/// The references of the records read so far.
#[derive(Default)]
pub(super) struct References {
    pending: Vec<Pending>,
    /// The segment being read, as its references name it.
    segment: Option<Arc<str>>,
}

impl References {
    /// An INTENT.
    pub(super) fn see(
        &mut self,
        entry: &Entry<'_>,
        by: u64,
        segment: &SegmentName,
    ) -> Result<(), (&'static str, String)> {
        if memmem::find(entry.payload, KEY).is_none() {
            return Ok(());
        }
        let Ok(Body::Intent(intent)) = Record::decode(entry.payload).map(|record| record.body) else {
            return Err(("entry_undecodable", "the INTENT record cannot be read".to_owned()));
        };
        for reference in intent.references {
            let seq = reference.seq;
            if seq == 0 || seq >= by {
                return Err(("reference_ahead", format!("it names record {seq}, which does not come before it")));
            }
            let segment = match self.segment.take().filter(|name| **name == *segment.name) {
                Some(name) => name,
                None => Arc::from(segment.name.as_str()),
            };
            self.segment = Some(Arc::clone(&segment));
            let (digest, exchange) = (reference.digest, reference.exchange);
            self.pending.push(Pending { seq, digest, exchange, by, segment, offset: entry.offset });
        }
        Ok(())
    }

    /// Whether it is time to check them.
    pub(super) fn are_many(&self) -> bool {
        self.pending.len() >= MANY
    }
}

impl Run<'_> {
    /// Reads the records that references name. The first of what is wrong is the failure, unless there was one.
    pub(super) fn resolve(&mut self) -> Result<(), VerifyError> {
        let mut pending = std::mem::take(&mut self.references.pending);
        if self.report.failure.is_some() {
            return Ok(());
        }
        let floor = self.beginning.floor;
        let all = pending.len() as u64;
        pending.retain(|reference| reference.seq > floor);
        pending.sort_by_key(|reference| reference.seq);
        let mut wrong: Option<&Pending> = None;
        let mut rest = pending.as_slice();
        while let Some(first) = rest.first() {
            let after = self.segments.partition_point(|name| name.first_seq <= first.seq);
            let Some(name) = after.checked_sub(1).and_then(|index| self.segments.get(index)) else { break };
            let next = self.segments.get(after).map_or(u64::MAX, |name| name.first_seq);
            let (here, later) = rest.split_at(rest.partition_point(|reference| reference.seq < next));
            rest = later;
            let found = self.first_wrong(name, here);
            let found = found.map_err(|source| VerifyError::Io { path: name.path.clone(), source })?;
            wrong = wrong.into_iter().chain(found).min_by_key(|reference| reference.by);
        }
        let part = self.report.references.get_or_insert_default();
        let let_go = all.saturating_sub(pending.len() as u64);
        *part = ReferencesPart { held: part.held + pending.len() as u64, let_go: part.let_go + let_go };
        if let Some(Pending { seq, by, segment, offset, .. }) = wrong {
            self.report.failure = Some(Failure {
                code: "reference_differs",
                message: format!("it names record {seq} by a digest or an exchange that is not that record's"),
                segment: Some(segment.to_string()),
                offset: *offset,
                seq: *by,
                through: *by,
            });
        }
        if all == 0 && part.held == 0 && part.let_go == 0 {
            self.report.references = None;
        }
        Ok(())
    }

    /// Of references into one segment, in the order of the records they name: the earliest that does not fit.
    fn first_wrong<'p>(&self, name: &SegmentName, references: &'p [Pending]) -> io::Result<Option<&'p Pending>> {
        let mut reader = SegmentReader::open(self.storage, name)?;
        reader.header()?;
        let mut wrong: Option<&Pending> = None;
        let mut rest = references;
        while let Some(first) = rest.first() {
            let Next::Entry(entry) = reader.next()? else { break };
            if place(entry.payload).is_none_or(|(seq, _)| seq < first.seq) {
                continue;
            }
            let (here, later) = rest.split_at(rest.partition_point(|reference| reference.seq == first.seq));
            rest = later;
            let leaf = entry.leaf();
            let envelope = Envelope::decode(entry.payload).ok();
            let fits = |reference: &Pending| {
                reference.digest == leaf
                    && envelope
                        .as_ref()
                        .is_some_and(|is| is.exchange == reference.exchange && is.kind == Kind::Decision)
            };
            let found = here.iter().filter(|reference| !fits(reference));
            wrong = wrong.into_iter().chain(found).min_by_key(|reference| reference.by);
        }
        // What is not there any more was just read: the segment was let go meanwhile.
        match rest.is_empty() {
            true => Ok(wrong),
            false => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }
}

#[cfg(test)]
mod tests;
