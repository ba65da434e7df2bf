//! `witgate audit verify`.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use witgate_ledger::{Check, Head, VerifyReport, utc, verifier_key, verify};

use super::{Format, coded, load_chain_key, load_checkpoint, load_public_key, usual_chain_key, usual_public_key};
use crate::cli::{COULD_NOT_RUN, FAILED};

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The ledger's folder
    dir: PathBuf,
    /// A public key that signs its checkpoints; may be given more than once
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The chain's first key, which shows which record was changed. Without any key, both are looked for at their usual places
    #[arg(long, value_name = "FILE")]
    chain_key: Option<PathBuf>,
    /// A head noted earlier, as SEQ:MAC: it must still be there
    #[arg(long, value_name = "SEQ:MAC")]
    expect_head: Option<Head>,
    /// A checkpoint kept elsewhere: the ledger must go on from it; may be given more than once
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// The same as --format json
    #[arg(long, hide = true)]
    json: bool,
}

pub(super) fn run(args: &VerifyArgs, colour: bool, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let dir = &args.dir;
    let check = check(args)?;
    let json = args.json || args.format == Format::Json;
    let bar = match io::stderr().is_terminal() && !json {
        true => ProgressBar::new(0)
            .with_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")?),
        false => ProgressBar::hidden(),
    };
    let report = verify(dir, &check, |done, total| {
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
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        tell(dir, &check, &report, colour, out)?;
    }
    Ok(if report.is_ok() { 0 } else { FAILED })
}

/// The keys that were named; without any, those at their usual places.
fn check(args: &VerifyArgs) -> anyhow::Result<Check> {
    let none = args.key.is_empty() && args.chain_key.is_none();
    let (public, chain) = match none {
        true => (usual_public_key(&args.dir).into_iter().collect(), usual_chain_key(&args.dir)),
        false => (args.key.clone(), args.chain_key.clone()),
    };
    if public.is_empty() && chain.is_none() {
        let shown = args.dir.display();
        return Err(coded("key_missing", &format!("no key beside {shown}; name the public key with --key FILE")));
    }
    Ok(Check {
        chain: chain.as_deref().map(load_chain_key).transpose()?,
        keys: public.iter().map(|path| load_public_key(path)).collect::<anyhow::Result<_>>()?,
        expect_head: args.expect_head,
        checkpoints: args.checkpoint.iter().map(|path| load_checkpoint(path)).collect::<anyhow::Result<_>>()?,
    })
}

fn tell(dir: &Path, check: &Check, report: &VerifyReport, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let (good, bad, end) = if colour { ("\x1b[32m", "\x1b[31m", "\x1b[0m") } else { ("", "", "") };
    let mark = if report.is_ok() { format!("{good}intact{end}") } else { format!("{bad}NOT INTACT{end}") };
    writeln!(out, "{mark}  {}", dir.display())?;
    writeln!(out, "  {} records in {} segments, {} KiB", report.records, report.segments, report.bytes.div_ceil(1024))?;
    if let (Some(first), Some(last)) = (report.first, report.last) {
        let (from, to) = (utc(first.time_ms), utc(last.time_ms));
        writeln!(out, "  record {} of {from} to record {} of {to}", first.seq, last.seq)?;
    }
    writeln!(out, "  head {}", report.head)?;
    writeln!(out, "  root {}", report.root)?;
    match report.signed {
        Some(signed) if signed.records == report.records => {
            writeln!(out, "  all of them signed with key {}", signed.key)?
        }
        Some(signed) => writeln!(
            out,
            "  signed with key {} up to record {}; the last {} await the next checkpoint",
            signed.key,
            signed.records,
            report.records.saturating_sub(signed.records)
        )?,
        None if check.keys.is_empty() => writeln!(out, "  signatures not checked: no public key was given")?,
        None => {}
    }
    match report.chain {
        true => writeln!(out, "  each record checked with the chain key")?,
        false => {
            writeln!(out, "  without the chain key: a change is found, its place within the records of a checkpoint")?
        }
    }
    if report.exchanges.open > 0 {
        writeln!(out, "  {} of {} exchanges have no end", report.exchanges.open, report.exchanges.begun)?;
    }
    if let Some(failure) = &report.failure {
        let segment = failure.segment.as_deref().unwrap_or("the folder");
        writeln!(out, "error[{}]: {}", failure.code, failure.message)?;
        let place = match failure.seq == failure.through {
            true => format!("at record {}", failure.seq),
            false => format!("in records {} to {}", failure.seq, failure.through),
        };
        writeln!(out, "  {place} ({segment}, byte {})", failure.offset)
    } else if report.is_empty() {
        writeln!(out, "error[ledger_empty]: there are no records, so there is nothing to vouch for")
    } else {
        if let (Some(ledger), Some(key)) = (report.ledger, check.keys.last()) {
            writeln!(out, "  other tools check its checkpoints with {}", verifier_key(ledger, key))?;
        }
        writeln!(
            out,
            "  keep the file `checkpoint` elsewhere, or note the head: `--checkpoint FILE` or `--expect-head {}` shows later \
             that nothing before it was cut",
            report.head
        )
    }
}
