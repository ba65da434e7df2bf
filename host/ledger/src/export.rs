//! Records for other programs: JSON lines, CSV, and OCSF events, with proofs that they are in a signed ledger.
//!
//! What is written of records follows from those records alone, so that whoever has the proofs writes the same again and compares.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::checkpoint::SignedCheckpoint;
use crate::envelope::Envelope;
use crate::filter::Filter;
use crate::fixed_bytes::{Digest, LedgerId};
use crate::proof_file::{ProofError, beginning, walk};
use crate::prover::{OpenProof, ProofWriter, Survey};
use crate::reader::{Bounds, ReadError, Reader, ledger_id};
use crate::record::Record;
use crate::tree::leaf_hash;
use crate::words::Kind;

use marks::Marks;

mod csv;
mod marks;
mod ocsf;

/// So many exchanges are followed at once; of others, OCSF events lack what only the INTENT says.
const MAX_OPEN: usize = 1 << 20;
/// Progress is told after so many records.
const PROGRESS_STEP: u64 = 4096;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each record as one line of JSON, with its digest.
    Jsonl,
    /// A line for each record, with what is flat of it (RFC 4180).
    Csv,
    /// A line of JSON for each exchange that ended (API Activity) and each decision that noticed something (Detection Finding).
    Ocsf,
}

/// Records could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The ledger could not be read, or is not the checkpoint's.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// What was exported could not be written.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
    /// There is no ledger.
    #[error("there is no ledger, or none with a record")]
    Empty,
}

impl From<ReadError> for ExportError {
    fn from(error: ReadError) -> Self {
        Self::Proof(error.into())
    }
}

impl ExportError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Proof(error) => error.code(),
            Self::Write(_) => "export_write",
            Self::Empty => "ledger_empty",
        }
    }
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Records that are in it.
    pub records: u64,
    /// Lines, without the line of a table's names.
    pub lines: u64,
    /// Files of proofs.
    pub proofs: u32,
}

/// A record as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    digest: Digest,
    #[serde(flatten)]
    record: &'a Record,
}

/// The record as one line of JSON, its digest first, without a line feed.
///
/// # Errors
/// When it cannot be written as JSON, which no record that was read is.
pub fn json_line(record: &Record, digest: Digest) -> io::Result<String> {
    Ok(serde_json::to_string(&Line { digest, record })?)
}

/// Writes records one after the other.
#[derive(Debug)]
pub struct Exporter {
    format: Format,
    ledger: LedgerId,
    /// What INTENTs of exchanges say that did not end.
    asked: HashMap<String, ocsf::Asked>,
}

impl Exporter {
    /// A writer for records of a ledger.
    #[must_use]
    pub fn new(format: Format, ledger: LedgerId) -> Self {
        Self { format, ledger, asked: HashMap::new() }
    }

    /// What stands before the first record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Csv => csv::names(out),
            Format::Jsonl | Format::Ocsf => Ok(()),
        }
    }

    /// Writes a record; records must come in order. Gives how many lines that made: in OCSF an INTENT is told with the events it
    /// leads to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, record: &Record, digest: Digest, out: &mut dyn Write) -> io::Result<u64> {
        match self.format {
            Format::Jsonl => writeln!(out, "{}", json_line(record, digest)?)?,
            Format::Csv => csv::record(record, digest, out)?,
            Format::Ocsf => {
                if let Some(asked) = ocsf::Asked::of(record) {
                    if self.asked.len() < MAX_OPEN {
                        self.asked.insert(record.exchange.clone(), asked);
                    }
                    return Ok(0);
                }
                let event = ocsf::event(self.ledger, record, digest, self.asked.get(&record.exchange));
                if record.kind == Kind::Execution {
                    self.asked.remove(&record.exchange);
                }
                let Some(event) = event else { return Ok(0) };
                writeln!(out, "{}", serde_json::to_string(&event)?)?;
            }
        }
        Ok(1)
    }
}

/// Which records go into an export.
struct Selection<'a> {
    format: Format,
    filter: &'a Filter,
    /// Positions of INTENTs whose exchange did not end, where events say what is in them.
    asked: HashMap<String, u64>,
    marks: Marks,
}

impl Selection<'_> {
    fn see(&mut self, payload: &[u8]) -> Result<(), ExportError> {
        let malformed = |_| ProofError::Malformed("a record of the ledger");
        let envelope = Envelope::decode(payload).map_err(malformed)?;
        let events = self.format == Format::Ocsf;
        if events && envelope.kind == Kind::Intent && self.asked.len() < MAX_OPEN {
            self.asked.insert(envelope.exchange.clone().into_owned(), envelope.seq);
        }
        if self.filter.admits(&envelope) {
            let record = Record::decode(payload).map_err(malformed)?;
            if self.filter.matches(&record) && (!events || ocsf::is_event(&record)) {
                self.marks.set(envelope.seq);
                self.asked.get(&*envelope.exchange).into_iter().for_each(|seq| self.marks.set(*seq));
            }
        }
        if envelope.kind == Kind::Execution {
            self.asked.remove(&*envelope.exchange);
        }
        Ok(())
    }
}

/// Writes the records that `filter` wants, of those that `checkpoint` covers, and the proofs that they are in the ledger. Reads
/// the ledger twice; memory holds a bit for each record and a hash for every 256.
///
/// # Errors
/// When the ledger cannot be read, is not the checkpoint's, or something cannot be written.
pub fn export(
    dir: &Path,
    format: Format,
    filter: &Filter,
    checkpoint: &SignedCheckpoint,
    out: &mut dyn Write,
    proofs: OpenProof<'_>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Exported, ExportError> {
    let stated = checkpoint.checkpoint;
    // A proof is the way from a leaf over its neighbours, and the neighbours of what was let go are gone.
    let through = beginning(dir)?.size();
    if through > 0 {
        return Err(ProofError::LetGo { seq: 1, through }.into());
    }
    let mut selection = Selection { format, filter, asked: HashMap::new(), marks: Marks::default() };
    let mut survey = Survey::default();
    let mut tell = |seq: u64, before: u64| {
        if seq.is_multiple_of(PROGRESS_STEP) {
            progress(before.saturating_add(seq), stated.size.saturating_mul(2));
        }
    };
    walk(dir, 0, stated.size, |seq, entry| {
        tell(seq, 0);
        survey.push(leaf_hash(entry));
        selection.see(payload(entry))
    })?;
    let (mut prover, root) = survey.finish();
    if root.is_none_or(|root| root != stated.root) {
        return Err(ProofError::NotTheLedger.into());
    }
    let marks = selection.marks;
    let mut writer = ProofWriter::new(&checkpoint.to_string(), proofs)?;
    let mut exporter = Exporter::new(format, stated.ledger);
    let mut exported = Exported::default();
    exporter.begin(out)?;
    walk(dir, 0, stated.size, |seq, entry| {
        tell(seq, stated.size);
        let (leaf, wanted) = (leaf_hash(entry), marks.has(seq));
        if wanted {
            let record = Record::decode(payload(entry)).map_err(|_| ProofError::Malformed("a record of the ledger"))?;
            exported.records += 1;
            exported.lines += exporter.push(&record, leaf, out)?;
        }
        let proven = prover.push(leaf, wanted.then_some(seq), entry);
        Ok::<_, ExportError>(writer.write(&proven)?)
    })?;
    writer.write(&prover.finish())?;
    exported.proofs = writer.finish()?;
    out.flush()?;
    Ok(exported)
}

/// Writes the records that `filter` wants, without proofs: also those that no checkpoint covers yet, and of a ledger whose first
/// segments are elsewhere.
///
/// # Errors
/// When the ledger cannot be read, or something cannot be written.
pub fn export_unproven(
    dir: &Path,
    format: Format,
    filter: &Filter,
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    let ledger = ledger_id(dir)?.ok_or(ExportError::Empty)?;
    let mut exporter = Exporter::new(format, ledger);
    let mut exported = Exported::default();
    exporter.begin(out)?;
    let events = format == Format::Ocsf;
    // What events say of an INTENT may stand before the first record that is wanted.
    let start = if events { None } else { filter.since };
    let mut reader = Reader::since(dir, None, start)?;
    let all = Filter::default();
    let mut bounds = Bounds::NONE;
    while let Some(found) = reader.next_match(if events { &all } else { filter }, &mut bounds)? {
        let record = &found.record;
        let Record { v, seq, time_ms, kind, .. } = record;
        let exchange = record.exchange.as_str().into();
        let envelope = Envelope { v: *v, seq: *seq, time_ms: *time_ms, exchange, kind: kind.clone() };
        let wanted = !events || filter.admits(&envelope) && filter.matches(record) && ocsf::is_event(record);
        if wanted || *kind == Kind::Intent {
            exported.records += u64::from(wanted);
            exported.lines += exporter.push(record, found.digest, out)?;
        } else if *kind == Kind::Execution {
            exporter.asked.remove(&record.exchange);
        }
        if filter.is_over(seq.saturating_add(1)) {
            break;
        }
    }
    out.flush()?;
    Ok(exported)
}

/// What stands between an entry's head and its MAC.
fn payload(entry: &[u8]) -> &[u8] {
    crate::segment_reader::split(entry, 0).map_or(&[], |entry| entry.payload)
}

#[cfg(test)]
mod tests;
