//! Checks a whole ledger from its first byte to its last.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::checkpoint::SignedCheckpoint;
use crate::checkpointer;
use crate::directory::{self, SegmentName};
use crate::envelope::Envelope;
use crate::fixed_bytes::{Digest, LedgerId};
use crate::head::Head;
use crate::header::{Header, HeaderError};
use crate::order::Order;
use crate::outside::WITNESSED;
use crate::ratchet::{Chains, Ratchet};
use crate::record::place;
use crate::segment_reader::{Entry, Next, SegmentReader};
use crate::sha256::sha256;
use crate::storage::{Disk, Storage};
use crate::verify_report::{Exchanges, Failure, Place, SignedPart, VerifyError, VerifyReport};
use crate::words::Kind;

use beginning::Beginning;
use references::References;
use roots::{Roots, Source};

mod approvals;
mod beginning;
mod check;
mod references;
mod roots;
mod witnessed;

pub use check::Check;

/// A writer may be in the middle of a record: so often the end is looked at again, after one millisecond, two, four …
const LOOKS: u32 = 5;
/// So often a verification begins again when segments are let go under its hands.
const BEGINS: u32 = 4;
const UNPACK: &str = "the packed file was changed or cut: from here on it cannot be unpacked";
/// Progress is told after so many bytes.
const PROGRESS_STEP: u64 = 4 << 20;

/// Checks every record in `dir`: order, completeness and names, the tree against every checkpoint, and what else `check` has
/// the keys for.
///
/// `progress` is told how many bytes of how many were read. Memory does not grow with the ledger, but for exchanges that did
/// not end. A writer may be appending.
///
/// # Errors
/// When the check could not be done: unreadable files, another chain key, a later format. What is wrong with the records
/// is in the report.
pub fn verify(dir: &Path, check: &Check, mut progress: impl FnMut(u64, u64)) -> Result<VerifyReport, VerifyError> {
    verify_on(&Disk, dir, check, &mut progress)
}

/// The same on any disk.
pub(crate) fn verify_on(
    storage: &dyn Storage,
    dir: &Path,
    check: &Check,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, VerifyError> {
    for _ in 1..BEGINS {
        match once(storage, dir, check, progress) {
            // A segment was let go between being listed and being opened; where it is simply gone, the next listing tells.
            Err(VerifyError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound && dir.is_dir() => {}
            done => return done,
        }
    }
    once(storage, dir, check, progress)
}

fn once(
    storage: &dyn Storage,
    dir: &Path,
    check: &Check,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, VerifyError> {
    let io = |source| VerifyError::Io { path: dir.to_owned(), source };
    // Before the segments are: it never covers what was not on disk when it was written.
    let note = |name| {
        let path = dir.join(name);
        SignedCheckpoint::read(&path).map_err(|source| VerifyError::Io { path, source })
    };
    let published = note(checkpointer::FILE)?;
    let witnessed = note(WITNESSED)?;
    let listing = directory::list(dir).map_err(io)?;
    let size = |name: &SegmentName| std::fs::metadata(&name.path).map_or(0, |stat| stat.len());
    let total = listing.segments.iter().map(size).fold(0, u64::saturating_add);
    let mut run = Run {
        storage,
        chains: check.chain.as_ref().map(|key| Chains::new(Ratchet::first(key))),
        roots: Roots::new(&check.keys),
        order: Order::default(),
        beginning: Beginning::default(),
        references: References::default(),
        segments: &listing.segments,
        report: VerifyReport { expected: check.expect_head, chain: check.chain.is_some(), ..VerifyReport::default() },
        begins_in: None,
        step: None,
        live: directory::may_be_written(dir),
        progress,
        total,
        before: 0,
        next_report: 0,
    };
    if let Some(name) = listing.misnamed {
        run.fail(None, 0, "segment_misnamed", format!("{name} looks like a segment and is not named like one"));
    }
    match published {
        Some(Ok(published)) => run.roots.expect(published, Source::File),
        Some(Err(error)) => run.fail(None, 0, "checkpoint_unreadable", format!("the file `checkpoint`: {error}")),
        None => {}
    }
    let mut cosigned: Vec<&SignedCheckpoint> = check.checkpoints.iter().collect();
    match &witnessed {
        Some(Ok(witnessed)) => {
            cosigned.push(witnessed);
            run.roots.expect(witnessed.clone(), Source::Witnessed);
        }
        Some(Err(error)) => {
            run.fail(None, 0, "checkpoint_unreadable", format!("the file `checkpoint.witnessed`: {error}"));
        }
        None => {}
    }
    check.checkpoints.iter().for_each(|kept| run.roots.expect(kept.clone(), Source::Kept));
    for (index, name) in listing.segments.iter().enumerate() {
        if run.report.failure.is_some() {
            break;
        }
        run.segment(name, index + 1 == listing.segments.len())?;
        run.before = run.before.saturating_add(size(name));
    }
    run.end();
    run.resolve()?;
    cosigned.retain(|signed| signed.checkpoint.size >= run.roots.floor());
    match witnessed::of_each(&check.witnesses, &cosigned) {
        Ok(parts) => run.report.witnessed = parts,
        Err((code, message)) => run.fail(None, 0, code, message),
    }
    run.report.bytes = run.before.min(total);
    (run.progress)(total, total);
    Ok(run.report)
}

struct Run<'a> {
    storage: &'a dyn Storage,
    chains: Option<Chains>,
    roots: Roots,
    order: Order,
    beginning: Beginning,
    references: References,
    /// All segments, in order.
    segments: &'a [SegmentName],
    report: VerifyReport,
    /// File name of the first segment.
    begins_in: Option<String>,
    /// Of the segment before.
    step: Option<u64>,
    live: bool,
    progress: &'a mut dyn FnMut(u64, u64),
    total: u64,
    /// Bytes in the segments before this one.
    before: u64,
    next_report: u64,
}

/// The segment being read.
struct Segment<'a> {
    name: &'a SegmentName,
    chain: Option<crate::chain::Chain>,
    header: Digest,
    ledger: LedgerId,
    last: bool,
}

impl Run<'_> {
    /// Notes the first failure; the record concerned is the one after the last that fits.
    fn fail(&mut self, segment: Option<&SegmentName>, offset: u64, code: &'static str, message: impl Into<String>) {
        let seq = self.report.head.seq.saturating_add(1);
        let segment = segment.map(|name| name.name.clone());
        let failure = Failure { code, message: message.into(), segment, offset, seq, through: seq };
        self.report.failure.get_or_insert(failure);
    }

    fn segment(&mut self, name: &SegmentName, last: bool) -> Result<(), VerifyError> {
        let io = |source| VerifyError::Io { path: name.path.clone(), source };
        let mut reader = SegmentReader::open(self.storage, name).map_err(io)?;
        let Some(bytes) = reader.header().map_err(io)? else {
            match reader.is_damaged() {
                true => self.fail(Some(name), 0, "segment_unpack", UNPACK),
                false => self.fail(Some(name), 0, "header_truncated", "the file is shorter than a header"),
            }
            return Ok(());
        };
        let (header, chain) = match self.header(&bytes) {
            Ok(checked) => checked,
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
        self.begins_in.get_or_insert_with(|| name.name.clone());
        self.step = Some(header.step);
        let header_digest = Digest(sha256(&[&bytes]));
        reader.look_ahead(chain.clone(), true);
        let segment = Segment { name, chain, header: header_digest, ledger: header.ledger, last };
        if self.report.segments == 1 && !self.roots.awaits() {
            self.compare(&segment, 0);
        }
        while self.report.failure.is_none() && self.entry(&segment, &mut reader).map_err(io)? {
            self.tell(reader.position());
            if self.references.are_many() {
                self.resolve()?;
            }
        }
        Ok(())
    }

    /// Reads a header; with the chain key, its MAC is checked with the key of its step.
    fn header(&mut self, bytes: &[u8; 128]) -> Result<(Header, Option<crate::chain::Chain>), HeaderError> {
        let header = Header::decode(bytes)?;
        let Some(chains) = &mut self.chains else { return Ok((header, None)) };
        let given = chains.first_id();
        let chain = chains.at(header.step).ok_or(HeaderError::WrongKey { found: header.key, given })?.clone();
        header.check(bytes, &chain)?;
        Ok((header, Some(chain)))
    }

    /// Whether the segment is the one that must come here.
    fn follows(&mut self, name: &SegmentName, header: &Header) -> bool {
        let known: Option<LedgerId> = self.report.ledger;
        if known.is_none()
            && header.first_seq > 1
            && header.first_seq == name.first_seq
            && !self.begin_late(name, header)
        {
            return false;
        }
        let expected = self.report.head.seq.saturating_add(1);
        let steps = self.step.map_or(0..=0, |step| step..=step.saturating_add(1));
        let (code, message) = if header.first_seq != name.first_seq {
            (
                "segment_misnamed",
                format!("the name says record {}, the header says {}", name.first_seq, header.first_seq),
            )
        } else if known.is_some_and(|known| known != header.ledger) {
            ("segment_foreign", format!("it belongs to another ledger, {}", header.ledger))
        } else if header.first_seq > expected {
            ("records_missing", format!("records {expected} to {} are missing before it", header.first_seq - 1))
        } else if header.first_seq < expected {
            ("records_repeated", format!("it begins with record {} again", header.first_seq))
        } else if header.previous != self.report.head.mac {
            ("segment_unlinked", "it does not follow the record before it".to_owned())
        } else if !steps.contains(&header.step) {
            ("segment_step", format!("its chain key is {} steps from the first, which does not follow", header.step))
        } else {
            self.beginning.follows(header.first_seq - 1, header.previous);
            return true;
        };
        // As with an entry: without the chain key, this may be the trace of a change before it.
        match self.chains {
            Some(_) => self.fail(Some(name), 0, code, message),
            None => self.fail_signed(name, 0, code, message, expected),
        }
        false
    }

    /// Checks the entry at the reader's place. False at the segment's end and at a failure.
    fn entry(&mut self, segment: &Segment<'_>, reader: &mut SegmentReader) -> std::io::Result<bool> {
        let offset = reader.offset();
        let mut looks = 0;
        let (code, message) = loop {
            let (code, message) = match reader.next()? {
                Next::Entry(entry)
                    if segment.chain.as_ref().is_none_or(|chain| entry.fits(chain, &self.report.head.mac)) =>
                {
                    match self.take(segment, &entry) {
                        Ok(()) => return Ok(self.report.failure.is_none()),
                        Err(wrong) => wrong,
                    }
                }
                Next::Entry(_) => (
                    "entry_mac",
                    "the record, its length or the one before it was changed: the MAC does not fit".to_owned(),
                ),
                Next::BadLength(length) => ("entry_length", format!("a record cannot have {length} bytes")),
                Next::Truncated => ("entry_truncated", "the file ends inside the record".to_owned()),
                Next::Damaged => ("segment_unpack", UNPACK.to_owned()),
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
            if !segment.last || !self.live || looks >= LOOKS {
                break (code, message);
            }
            thread::sleep(Duration::from_millis(1 << looks));
            looks += 1;
            reader.seek(offset);
        };
        // Without the chain key what is told here may be the trace of a change before it.
        match segment.chain {
            Some(_) => self.fail(Some(segment.name), offset, code, message),
            None => self.fail_signed(segment.name, offset, code, message, self.report.head.seq.saturating_add(1)),
        }
        Ok(false)
    }

    /// Takes a record that fits the chain, as far as that could be checked: it must be the one of its position, and belong
    /// there. A failure that is about more than this record is noted at once.
    fn take(&mut self, segment: &Segment<'_>, entry: &Entry<'_>) -> Result<(), (&'static str, String)> {
        let seq = self.report.head.seq.saturating_add(1);
        let (says, time_ms) =
            place(entry.payload).ok_or(("entry_undecodable", "it does not begin as a record does".to_owned()))?;
        if says != seq {
            return Err(("entry_seq", format!("it says it is record {says}")));
        }
        let envelope = Envelope::decode(entry.payload).map_err(|error| ("entry_undecodable", error.to_string()))?;
        let awaited = self.roots.awaits();
        if awaited && envelope.kind != Kind::Checkpoint {
            let message = format!("the ledger begins with record {seq}, those before it are missing");
            return Err(("first_segment_missing", message));
        }
        if envelope.kind == Kind::Checkpoint
            && let Err((code, message)) = self.roots.checkpoint(entry.payload, seq, segment.ledger)
        {
            self.fail_signed(segment.name, entry.offset, code, message, seq);
            return Ok(());
        }
        if awaited {
            self.compare(segment, entry.offset);
        }
        if envelope.kind == Kind::Retention {
            self.beginning.retention(entry.payload, seq, time_ms)?;
        }
        self.order.see(&envelope)?;
        match envelope.kind {
            Kind::Intent => self.references.see(entry, seq, segment.name)?,
            Kind::Approval => self.approval(entry.payload, &envelope)?,
            _ => {}
        }
        if let Some(expected) = self.report.expected
            && expected.seq == seq
            && expected.mac != entry.mac
        {
            let message = "this record is not the one whose head was noted: the ledger was rewritten";
            return Err(("head_differs", message.to_owned()));
        }
        self.roots.push(entry.leaf(), segment.header);
        self.report.records += 1;
        let place = Place { seq, time_ms };
        self.report.first.get_or_insert(place);
        self.report.last = Some(place);
        self.report.head = Head { seq, mac: entry.mac };
        self.compare(segment, entry.offset);
        Ok(())
    }

    /// Compares the root with the checkpoints that were kept.
    fn compare(&mut self, segment: &Segment<'_>, offset: u64) {
        if let Err((code, message)) = self.roots.compare(segment.ledger) {
            let through = self.report.head.seq;
            self.fail_signed(segment.name, offset, code, message, through);
        }
    }

    /// A failure somewhere among the records since the last checkpoint that fits.
    fn fail_signed(&mut self, name: &SegmentName, offset: u64, code: &'static str, message: String, through: u64) {
        let seq = self.roots.good().saturating_add(1).min(through);
        let segment = Some(name.name.clone());
        self.report.failure.get_or_insert(Failure { code, message, segment, offset, seq, through });
    }

    /// What can only be known at the end.
    fn end(&mut self) {
        let seq = self.report.head.seq;
        let there = match seq {
            0 => "there are no records".to_owned(),
            seq => format!("the ledger ends with record {seq}"),
        };
        if let Some(expected) = self.report.expected.filter(|expected| expected.seq > seq) {
            self.fail(None, 0, "tail_cut", format!("{there}; the head that was noted is record {}", expected.seq));
        }
        if let Err((code, message)) = self.roots.end(&there) {
            self.fail(None, 0, code, message);
        }
        let signed = self.roots.signed().map_or(0, |(records, _)| records);
        // Whoever has neither key takes the ledger's word for it.
        let vouched = if self.report.chain || !self.roots.has_keys() { u64::MAX } else { signed };
        match self.beginning.end(vouched) {
            Ok(let_go) => self.report.let_go = let_go,
            Err((code, message)) if self.report.failure.is_none() => {
                let segment = self.begins_in.take();
                let (seq, through) = (1, self.beginning.floor);
                self.report.failure = Some(Failure { code, message, segment, offset: 0, seq, through });
            }
            Err(_) => {}
        }
        self.report.root = self.roots.root();
        self.report.checkpoints = self.roots.seen();
        self.report.signed = self.roots.signed().map(|(records, key)| SignedPart { records, key });
        self.report.exchanges = Exchanges { begun: self.order.begun, open: self.order.open() };
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
