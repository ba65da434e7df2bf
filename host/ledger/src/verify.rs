//! Checks a whole ledger from its first byte to its last.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::chain::Chain;
use crate::directory::{self, SegmentName};
use crate::fixed_bytes::{LedgerId, Mac};
use crate::head::Head;
use crate::header::{Header, HeaderError};
use crate::keys::ChainKey;
use crate::record::place;
use crate::segment_reader::{Next, SegmentReader};
use crate::verify_report::{Failure, Place, VerifyError, VerifyReport};

/// A writer may be in the middle of a record: so often the end is looked at again, after one millisecond, two, four …
const LOOKS: u32 = 5;
/// Progress is told after so many bytes.
const PROGRESS_STEP: u64 = 4 << 20;

/// Checks every record in `dir` against the chain, and the order, the completeness and the names of its segments.
///
/// `expect_head` is a head noted earlier: that record must be there with that MAC, or the ledger was cut or rewritten.
/// `progress` is told how many bytes of how many were read. Memory does not grow with the ledger. A writer may be appending.
///
/// # Errors
/// When the check could not be done: unreadable files, another key, a later format. What is wrong with the records
/// is in the report.
pub fn verify(
    dir: &Path,
    key: &ChainKey,
    expect_head: Option<Head>,
    mut progress: impl FnMut(u64, u64),
) -> Result<VerifyReport, VerifyError> {
    let listing = directory::list(dir).map_err(|source| VerifyError::Io { path: dir.to_owned(), source })?;
    let size = |name: &SegmentName| std::fs::metadata(&name.path).map_or(0, |stat| stat.len());
    let total = listing.segments.iter().map(size).fold(0, u64::saturating_add);
    let report = VerifyReport { expected: expect_head, ..VerifyReport::default() };
    let mut run = Run { chain: Chain::new(key), report, progress: &mut progress, total, before: 0, next_report: 0 };
    if let Some(name) = listing.misnamed {
        run.fail(None, 0, "segment_misnamed", format!("{name} looks like a segment and is not named like one"));
    }
    for (index, name) in listing.segments.iter().enumerate() {
        if run.report.failure.is_some() {
            break;
        }
        run.segment(name, index + 1 == listing.segments.len())?;
        run.before = run.before.saturating_add(size(name));
    }
    run.check_expected_reached();
    run.report.bytes = run.before.min(total);
    (run.progress)(total, total);
    Ok(run.report)
}

struct Run<'a> {
    chain: Chain,
    report: VerifyReport,
    progress: &'a mut dyn FnMut(u64, u64),
    total: u64,
    /// Bytes in the segments before this one.
    before: u64,
    next_report: u64,
}

impl Run<'_> {
    /// Notes the first failure; the record concerned is the one after the last that fits.
    fn fail(&mut self, segment: Option<&SegmentName>, offset: u64, code: &'static str, message: impl Into<String>) {
        let seq = self.report.head.seq.saturating_add(1);
        let segment = segment.map(|name| name.name.clone());
        self.report.failure.get_or_insert(Failure { code, message: message.into(), segment, offset, seq });
    }

    fn segment(&mut self, name: &SegmentName, last: bool) -> Result<(), VerifyError> {
        let io = |source| VerifyError::Io { path: name.path.clone(), source };
        let mut reader = SegmentReader::new(File::open(&name.path).map_err(io)?);
        let Some(header) = reader.header().map_err(io)? else {
            self.fail(Some(name), 0, "header_truncated", "the file is shorter than a header");
            return Ok(());
        };
        let header = match Header::decode(&header, Some(&self.chain)) {
            Ok(header) => header,
            Err(HeaderError::Version(version)) => {
                return Err(VerifyError::Version { segment: name.name.clone(), version });
            }
            Err(HeaderError::WrongKey { found, given }) if self.report.segments == 0 => {
                return Err(VerifyError::WrongKey { found, given });
            }
            Err(error) => {
                self.fail(Some(name), 0, "header_mac", error.to_string());
                return Ok(());
            }
        };
        if !self.follows(name, &header) {
            return Ok(());
        }
        self.report.ledger = Some(header.ledger);
        self.report.segments += 1;
        while self.entry(name, &mut reader, last).map_err(io)? {
            self.tell(reader.offset());
        }
        Ok(())
    }

    /// Whether the segment is the one that must come here.
    fn follows(&mut self, name: &SegmentName, header: &Header) -> bool {
        let expected = self.report.head.seq.saturating_add(1);
        let known: Option<LedgerId> = self.report.ledger;
        let (code, message) = if header.first_seq != name.first_seq {
            (
                "segment_misnamed",
                format!("the name says record {}, the header says {}", name.first_seq, header.first_seq),
            )
        } else if known.is_some_and(|known| known != header.ledger) {
            ("segment_foreign", format!("it belongs to another ledger, {}", header.ledger))
        } else if header.first_seq != expected && known.is_none() {
            (
                "first_segment_missing",
                format!("the ledger begins with record {}, the first is missing", header.first_seq),
            )
        } else if header.first_seq > expected {
            ("records_missing", format!("records {expected} to {} are missing before it", header.first_seq - 1))
        } else if header.first_seq < expected {
            ("records_repeated", format!("it begins with record {} again", header.first_seq))
        } else if header.previous != self.report.head.mac {
            ("segment_unlinked", "it does not follow the record before it".to_owned())
        } else {
            return true;
        };
        self.fail(Some(name), 0, code, message);
        false
    }

    /// Checks the entry at the reader's place. False at the segment's end and at a failure.
    fn entry(&mut self, name: &SegmentName, reader: &mut SegmentReader, last: bool) -> std::io::Result<bool> {
        let offset = reader.offset();
        let mut looks = 0;
        let (code, message) = loop {
            let (code, message) = match reader.next()? {
                Next::Entry(entry) if entry.fits(&self.chain, &self.report.head.mac) => {
                    let seq = self.report.head.seq.saturating_add(1);
                    // The bytes are as they were written; what else they say is for readers.
                    let checked = match place(entry.payload) {
                        Some((says, time_ms)) if says == seq => Ok(Place { seq, time_ms }),
                        Some((says, _)) => Err(("entry_seq", format!("it says it is record {says}"))),
                        None => Err(("entry_undecodable", "it does not begin as a record does".to_owned())),
                    };
                    let mac = entry.mac;
                    match checked {
                        Ok(place) => return Ok(self.take(name, offset, place, mac)),
                        Err(wrong) => break wrong,
                    }
                }
                Next::Entry(_) => (
                    "entry_mac",
                    "the record, its length or the one before it was changed: the MAC does not fit".to_owned(),
                ),
                Next::BadLength(length) => ("entry_length", format!("a record cannot have {length} bytes")),
                Next::Truncated => ("entry_truncated", "the file ends inside the record".to_owned()),
                Next::End => {
                    reader.seek(offset);
                    match reader.remains()? {
                        None => return Ok(false),
                        Some((at, _)) => {
                            ("trailing_garbage", format!("behind the last record something stands at offset {at}"))
                        }
                    }
                }
            };
            // The end of the last segment may be a record in the making.
            if !last || looks >= LOOKS {
                break (code, message);
            }
            thread::sleep(Duration::from_millis(1 << looks));
            looks += 1;
            reader.seek(offset);
        };
        self.fail(Some(name), offset, code, message);
        Ok(false)
    }

    /// Counts a record that fits. False when it is not the one that was expected at its position.
    fn take(&mut self, name: &SegmentName, offset: u64, place: Place, mac: Mac) -> bool {
        if let Some(expected) = self.report.expected
            && expected.seq == place.seq
            && expected.mac != mac
        {
            self.fail(
                Some(name),
                offset,
                "head_differs",
                "this record is not the one whose head was noted: the ledger was rewritten",
            );
            return false;
        }
        self.report.records += 1;
        self.report.first.get_or_insert(place);
        self.report.last = Some(place);
        self.report.head = Head { seq: place.seq, mac };
        true
    }

    fn check_expected_reached(&mut self) {
        if let Some(expected) = self.report.expected
            && expected.seq > self.report.head.seq
        {
            let message = match self.report.head.seq {
                0 => format!("there are no records; the head that was noted is record {}", expected.seq),
                seq => format!("the ledger ends with record {seq}; the head that was noted is record {}", expected.seq),
            };
            self.fail(None, 0, "tail_cut", message);
        }
    }

    fn tell(&mut self, offset: u64) {
        let done = self.before.saturating_add(offset);
        if done >= self.next_report {
            self.next_report = done.saturating_add(PROGRESS_STEP);
            (self.progress)(done.min(self.total), self.total);
        }
    }
}

#[cfg(test)]
mod tests;
