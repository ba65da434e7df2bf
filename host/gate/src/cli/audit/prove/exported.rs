//! Checks an export against its proofs: what the proven records are written as must be the export, to the byte.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use witgate_ledger::{Exporter, Format as ExportFormat, LedgerId, PublicKey};

use super::load;
use crate::cli::FAILED;
use crate::cli::audit::Format;

/// What is wrong with an export: a stable code and a sentence.
type Wrong = (&'static str, String);

pub(super) fn check(
    export: &Path,
    proofs: &[PathBuf],
    keys: &[PublicKey],
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let checked = compare(export, proofs, keys)?;
    let shown = export.display();
    match (&checked, format) {
        (Ok((records, size)), Format::Human) => {
            writeln!(out, "genuine: {shown} is what {records} records of the {size} that were signed say")?;
        }
        (Err((code, message)), Format::Human) => writeln!(out, "error[{code}]: {message}")?,
        (checked, Format::Json) => {
            let told = match checked {
                Ok((records, size)) => serde_json::json!({ "ok": true, "records": records, "size": size }),
                Err((code, message)) => serde_json::json!({ "ok": false, "code": code, "message": message }),
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&told)?)?;
        }
    }
    Ok(if checked.is_ok() { 0 } else { FAILED })
}

/// How many records the export has, and how many the checkpoint covers.
fn compare(export: &Path, proofs: &[PathBuf], keys: &[PublicKey]) -> anyhow::Result<Result<(u64, u64), Wrong>> {
    let shown = export.display();
    let mut file = BufReader::new(File::open(export).with_context(|| format!("{shown}"))?);
    let format = format_of(file.fill_buf()?);
    let mut exporter: Option<(Exporter, LedgerId)> = None;
    let (mut records, mut size, mut last, mut line) = (0, 0, 0, 0u64);
    for path in proofs {
        let proof = load(path)?;
        let (checkpoint, proven, _) = match proof.check(keys) {
            Ok(checked) => checked,
            Err(error) => return Ok(Err((error.code(), format!("{}: {error}", path.display())))),
        };
        let ledger = checkpoint.checkpoint.ledger;
        size = checkpoint.checkpoint.size;
        let mut expected = Vec::new();
        if exporter.is_none() {
            let first = Exporter::new(format, ledger);
            first.begin(&mut expected)?;
            exporter = Some((first, ledger));
        }
        let Some((exporter, of)) = &mut exporter else { continue };
        if *of != ledger {
            return Ok(Err(("proof_order", "the proofs are of several ledgers".to_owned())));
        }
        for (record, proof) in proven.iter().zip(&proof.records) {
            if record.seq <= last {
                let message =
                    format!("record {} comes after record {last}: name the proofs in their order", record.seq);
                return Ok(Err(("proof_order", message)));
            }
            last = record.seq;
            records += 1;
            let digest = proof.digest().map_err(anyhow::Error::new)?;
            exporter.push(record, digest, &mut expected)?;
            // One line at a time: what does not fit is found at its line, and memory holds one.
            let mut found = vec![0; expected.len()];
            line += expected.iter().filter(|byte| **byte == b'\n').count() as u64;
            if file.read_exact(&mut found).is_err() || found != expected {
                let message = format!("line {line} of {shown} is not what record {} is written as", record.seq);
                return Ok(Err(("export_differs", message)));
            }
            expected.clear();
        }
        let mut found = vec![0; expected.len()];
        if file.read_exact(&mut found).is_err() || found != expected {
            return Ok(Err(("export_differs", format!("{shown} does not begin as an export"))));
        }
    }
    if !file.fill_buf()?.is_empty() {
        let message = format!("behind line {line} of {shown} something stands that no proven record is written as");
        return Ok(Err(("export_differs", message)));
    }
    Ok(Ok((records, size)))
}

/// What an export begins with tells its format.
fn format_of(begin: &[u8]) -> ExportFormat {
    if begin.starts_with(b"seq,") {
        ExportFormat::Csv
    } else if begin.starts_with(b"{\"class_uid\"") {
        ExportFormat::Ocsf
    } else {
        ExportFormat::Jsonl
    }
}
