//! What `audit verify` checks of those outside who vouched: witnesses' keys, and time-stamp tokens.

use std::path::{Path, PathBuf};

use rustls::pki_types::TrustAnchor;
use witgate_ledger::{
    Check, Failure, NoteError, Reader, SignedCheckpoint, StampedPart, VerifyReport, WitnessKey, timestamps,
};

use super::coded;
use crate::tsp::{Token, anchors};

/// A witness's key as it is written, or in a file.
pub(super) fn witness_key(said: &str) -> anyhow::Result<WitnessKey> {
    let path = Path::new(said);
    let text = match path.is_file() {
        true => std::fs::read_to_string(path)
            .map_err(|error| coded("witness_key_unreadable", &format!("{}: {error}", path.display())))?,
        false => said.to_owned(),
    };
    text.parse().map_err(|error| coded("witness_key_form", &format!("{said}: {error}")))
}

/// The tokens of one ledger, and whom they must lead to.
pub(super) struct Tokens {
    anchors: Vec<TrustAnchor<'static>>,
    kept: Vec<(PathBuf, Result<SignedCheckpoint, NoteError>)>,
}

impl Tokens {
    /// Reads what is kept beside the ledger. The checkpoints that the tokens are over are checked with the ledger, but for those
    /// whose records were let go.
    pub(super) fn load(dir: &Path, ca: &Path, check: &mut Check) -> anyhow::Result<Self> {
        let anchors = anchors(ca).map_err(|error| coded("certificates_unreadable", &format!("{error:#}")))?;
        let kept = timestamps(dir).map_err(|error| coded("timestamp_unreadable", &error))?;
        let first = Reader::open(dir, None).ok().and_then(|mut reader| reader.next()?.ok());
        let begins = first.map_or(1, |first| first.record.seq);
        let notes = kept.iter().filter_map(|(_, note)| note.as_ref().ok());
        let there = notes.filter(|note| note.checkpoint.size.saturating_add(1) >= begins);
        check.checkpoints.extend(there.cloned());
        Ok(Self { anchors, kept })
    }

    /// Checks each token, and tells the report what they show or which does not hold.
    pub(super) fn check(&self, report: &mut VerifyReport) {
        let mut part = StampedPart::default();
        for (path, note) in &self.kept {
            let note = match note {
                Ok(note) => note,
                Err(error) => {
                    let message = format!("the checkpoint beside {}: {error}", path.display());
                    return fail(report, "timestamp_unreadable", message, report.head.seq);
                }
            };
            let records = note.checkpoint.size;
            match self.one(path, note) {
                Ok(time_ms) => {
                    part.tokens += 1;
                    if part.records <= records {
                        (part.records, part.time_ms) = (records, time_ms);
                    }
                }
                Err((code, message)) => return fail(report, code, message, records),
            }
        }
        match part.tokens {
            0 => {
                let message = "no time-stamp token is kept beside this ledger".to_owned();
                fail(report, "timestamp_missing", message, report.head.seq);
            }
            _ => report.timestamps = Some(part),
        }
    }

    fn one(&self, path: &Path, note: &SignedCheckpoint) -> Result<u64, (&'static str, String)> {
        let shown = path.display();
        let answer = std::fs::read(path).map_err(|error| ("timestamp_unreadable", format!("{shown}: {error}")))?;
        let token = Token::read(&answer).and_then(|token| token.stamp(note.to_string().as_bytes(), &self.anchors));
        token.map(|stamp| stamp.time_ms).map_err(|error| (error.code(), format!("{shown}: {error}")))
    }
}

fn fail(report: &mut VerifyReport, code: &'static str, message: String, through: u64) {
    let failure = Failure { code, message, segment: None, offset: 0, seq: 1.min(through), through };
    report.failure.get_or_insert(failure);
}
