//! `witgate audit`: what an auditor does with a ledger.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use witgate_ledger::{ChainKey, Head, PublicKey, Receipt, explain, find, verify};

use super::{COULD_NOT_RUN, FAILED};

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check a ledger: edits, drops, reorders, and a cut tail against a head noted earlier
    Verify {
        /// The ledger's folder
        dir: PathBuf,
        /// The chain's key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// A head noted earlier, as SEQ:MAC: it must still be there
        #[arg(long, value_name = "SEQ:MAC")]
        expect_head: Option<Head>,
        /// Write one JSON object instead
        #[arg(long)]
        json: bool,
    },
    /// Tell why: everything recorded of one exchange
    Show {
        /// The exchange
        id: String,
        /// The ledger's folder
        #[arg(long, default_value = "ledger")]
        ledger: PathBuf,
        /// The chain's key; without it nothing is checked
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Check a receipt, offline
    Receipt {
        /// The receipt, as JSON
        file: PathBuf,
        /// The gate's public receipt key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

pub(super) fn run(
    command: &AuditCommand,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<u8> {
    match command {
        AuditCommand::Verify { dir, key, expect_head, json } => {
            check(dir, key.as_deref(), *expect_head, *json, colour, out, err)
        }
        AuditCommand::Show { id, ledger, key } => show(id, ledger, key.as_deref(), out, err),
        AuditCommand::Receipt { file, key } => receipt(file, key, out),
    }
}

/// A Unix time in ms, for people.
fn time(ms: u64) -> String {
    witgate_ledger::utc(ms)
}

/// The chain's key: the file named, else where `witgate init` or `serve --dev` puts it.
fn chain_key(dir: &Path, named: Option<&Path>) -> anyhow::Result<ChainKey> {
    let usual = [dir.join("../keys/ledger.key"), dir.join("dev.key")];
    let path = match named {
        Some(path) => path.to_owned(),
        None => usual
            .into_iter()
            .find(|p| p.is_file())
            .ok_or_else(|| anyhow!("error[key_missing]: no key beside {}; name it with --key FILE", dir.display()))?,
    };
    ChainKey::load(&path).map_err(|e| anyhow!("error[{}]: {e}", e.code()))
}

fn check(
    dir: &Path,
    key: Option<&Path>,
    expect_head: Option<Head>,
    json: bool,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<u8> {
    let key = chain_key(dir, key)?;
    let bar = match io::stderr().is_terminal() && !json {
        true => ProgressBar::new(0)
            .with_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")?),
        false => ProgressBar::hidden(),
    };
    let report = verify(dir, &key, expect_head, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            writeln!(err, "error[{}]: {error}", error.code())?;
            return Ok(COULD_NOT_RUN);
        }
    };
    let ok = report.is_ok();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        let (good, bad, end) = if colour { ("\x1b[32m", "\x1b[31m", "\x1b[0m") } else { ("", "", "") };
        let mark = if ok { format!("{good}intact{end}") } else { format!("{bad}NOT INTACT{end}") };
        writeln!(out, "{mark}  {}", dir.display())?;
        writeln!(
            out,
            "  {} records in {} segments, {} KiB",
            report.records,
            report.segments,
            report.bytes.div_ceil(1024)
        )?;
        if let (Some(first), Some(last)) = (report.first, report.last) {
            writeln!(
                out,
                "  record {} of {} to record {} of {}",
                first.seq,
                time(first.time_ms),
                last.seq,
                time(last.time_ms)
            )?;
        }
        writeln!(out, "  head {}", report.head)?;
        if let Some(failure) = &report.failure {
            let segment = failure.segment.as_deref().unwrap_or("the folder");
            writeln!(
                out,
                "error[{}]: {}\n  at record {} ({segment}, byte {})",
                failure.code, failure.message, failure.seq, failure.offset
            )?;
        } else if report.is_empty() {
            writeln!(out, "error[ledger_empty]: there are no records, so there is nothing to vouch for")?;
        } else {
            writeln!(
                out,
                "  note the head: `--expect-head {}` shows later that nothing before it was cut",
                report.head
            )?;
        }
    }
    Ok(if ok { 0 } else { FAILED })
}

fn show(id: &str, dir: &Path, key: Option<&Path>, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let key = match key {
        Some(_) => Some(chain_key(dir, key)?),
        None => chain_key(dir, None).ok(),
    };
    let records = find(dir, key.as_ref(), id).map_err(|e| anyhow!("error[{}]: {e}", e.code()))?;
    if records.is_empty() {
        writeln!(err, "error[exchange_unknown]: {} has no record of exchange {id}", dir.display())?;
        return Ok(FAILED);
    }
    write!(out, "{}", explain(&records))?;
    Ok(0)
}

fn receipt(file: &Path, key: &Path, out: &mut dyn Write) -> anyhow::Result<u8> {
    let key = PublicKey::load(key).map_err(|e| anyhow!("error[{}]: {e}", e.code()))?;
    let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    let receipt: Receipt = serde_json::from_str(&text).with_context(|| format!("{}: not a receipt", file.display()))?;
    match receipt.verify(&key) {
        Ok(()) => {
            writeln!(
                out,
                "genuine: exchange {} was decided {} at record {}",
                receipt.facts.exchange, receipt.facts.verdict, receipt.facts.seq
            )?;
            Ok(0)
        }
        Err(error) => {
            writeln!(out, "error[{}]: {error}", error.code())?;
            Ok(FAILED)
        }
    }
}
