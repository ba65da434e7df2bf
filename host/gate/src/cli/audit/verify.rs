//! `witgate audit verify`.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use witgate_ledger::{Check, Head, SignedCheckpoint, VerifyReport, ledger_id, utc, verifier_key, verify};

use super::outside::{Tokens, witness_key};
use super::{Format, coded, load_chain_key, load_checkpoint, load_public_key, usual_chain_key, usual_public_key};
use crate::cli::{COULD_NOT_RUN, FAILED};

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The ledger's folder; with several, each is checked for itself, and the exit status is that of the worst
    #[arg(value_name = "DIR", required = true, num_args = 1..)]
    dirs: Vec<PathBuf>,
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
    /// The key of a witness, NAME+HASH+BASE64 or a file with it, that must have cosigned a checkpoint of the ledger; may be given more than once
    #[arg(long, value_name = "KEY")]
    witness_key: Vec<String>,
    /// Certificates (PEM) that the time-stamp tokens kept beside the ledger must lead to: each is checked, and there must be one
    #[arg(long, value_name = "FILE")]
    tsa_ca: Option<PathBuf>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// The same as --format json
    #[arg(long, hide = true)]
    json: bool,
}

/// What came of one ledger.
type Checked = (Check, Result<VerifyReport, (String, String)>);

pub(super) fn run(args: &VerifyArgs, colour: bool, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let json = args.json || args.format == Format::Json;
    if args.dirs.len() > 1 && args.expect_head.is_some() {
        return Err(coded("expect_head_of_one", &"a head is of one ledger: give one folder with --expect-head"));
    }
    let kept = args.checkpoint.iter().map(|path| load_checkpoint(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let bar = match io::stderr().is_terminal() && !json {
        true => ProgressBar::new(0)
            .with_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")?),
        false => ProgressBar::hidden(),
    };
    let mut all = Vec::new();
    let mut unmatched = kept.clone();
    for dir in &args.dirs {
        let mut check = check(args, dir)?;
        check.checkpoints = match args.dirs.len() {
            1 => kept.clone(),
            // Each checkpoint names its ledger.
            _ => {
                let ledger = ledger_id(dir).ok().flatten();
                kept.iter().filter(|kept| Some(kept.checkpoint.ledger) == ledger).cloned().collect()
            }
        };
        unmatched.retain(|kept| !check.checkpoints.contains(kept));
        let tokens = args.tsa_ca.as_ref().map(|ca| Tokens::load(dir, ca, &mut check)).transpose()?;
        let mut report = verify(dir, &check, |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        if let (Ok(report), Some(tokens)) = (&mut report, &tokens) {
            tokens.check(report);
        }
        all.push((check, report.map_err(|error| (error.code().to_owned(), error.to_string()))));
    }
    bar.finish_and_clear();
    let mut worst = all.iter().map(|(_, report)| status(report)).max().unwrap_or(COULD_NOT_RUN);
    if !unmatched.is_empty() {
        worst = worst.max(FAILED);
    }
    match (all.as_slice(), json) {
        ([(_, Err((code, message)))], _) => writeln!(err, "error[{code}]: {message}")?,
        ([(_, Ok(report))], true) => writeln!(out, "{}", serde_json::to_string_pretty(report)?)?,
        (_, true) => writeln!(out, "{}", serde_json::to_string_pretty(&summary(&args.dirs, &all, &unmatched)?)?)?,
        (_, false) => tell_all(&args.dirs, &all, &unmatched, colour, out)?,
    }
    Ok(worst)
}

fn status(report: &Result<VerifyReport, (String, String)>) -> u8 {
    match report {
        Ok(report) if report.is_ok() => 0,
        Ok(_) => FAILED,
        Err(_) => COULD_NOT_RUN,
    }
}

/// How many ledgers came out how.
fn counts(all: &[Checked]) -> [usize; 3] {
    [0, FAILED, COULD_NOT_RUN].map(|wanted| all.iter().filter(|(_, report)| status(report) == wanted).count())
}

fn summary(dirs: &[PathBuf], all: &[Checked], unmatched: &[SignedCheckpoint]) -> anyhow::Result<serde_json::Value> {
    let [intact, failed, unchecked] = counts(all);
    let mut ledgers = Vec::new();
    for (dir, (_, report)) in dirs.iter().zip(all) {
        let directory = dir.display().to_string();
        ledgers.push(match report {
            Ok(report) => {
                serde_json::json!({ "directory": directory, "intact": report.is_ok(), "report": report })
            }
            Err((code, message)) => {
                serde_json::json!({ "directory": directory, "intact": false, "error": { "code": code, "message": message } })
            }
        });
    }
    let unmatched: Vec<_> = unmatched.iter().map(|kept| kept.checkpoint.ledger.to_string()).collect();
    Ok(serde_json::json!({
        "ledgers": ledgers,
        "intact": intact,
        "not_intact": failed,
        "not_checked": unchecked,
        "checkpoints_without_ledger": unmatched,
    }))
}

fn tell_all(
    dirs: &[PathBuf],
    all: &[Checked],
    unmatched: &[SignedCheckpoint],
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (dir, (check, report)) in dirs.iter().zip(all) {
        match report {
            Ok(report) => tell(dir, check, report, colour, out)?,
            Err((code, message)) => writeln!(out, "NOT CHECKED  {}\nerror[{code}]: {message}", dir.display())?,
        }
        if all.len() > 1 {
            writeln!(out)?;
        }
    }
    for kept in unmatched {
        let (ledger, size) = (kept.checkpoint.ledger, kept.checkpoint.size);
        writeln!(
            out,
            "error[ledger_missing]: no folder holds ledger {ledger}, of which a checkpoint of {size} records was kept"
        )?;
    }
    if all.len() > 1 {
        let [intact, failed, unchecked] = counts(all);
        writeln!(out, "{} ledgers: {intact} intact, {failed} not, {unchecked} could not be checked", all.len())?;
    }
    Ok(())
}

/// The keys that were named; without any, those at their usual places.
fn check(args: &VerifyArgs, dir: &Path) -> anyhow::Result<Check> {
    let none = args.key.is_empty() && args.chain_key.is_none();
    let (public, chain) = match none {
        true => (usual_public_key(dir).into_iter().collect(), usual_chain_key(dir)),
        false => (args.key.clone(), args.chain_key.clone()),
    };
    if public.is_empty() && chain.is_none() {
        let shown = dir.display();
        return Err(coded("key_missing", &format!("no key beside {shown}; name the public key with --key FILE")));
    }
    Ok(Check {
        chain: chain.as_deref().map(load_chain_key).transpose()?,
        keys: public.iter().map(|path| load_public_key(path)).collect::<anyhow::Result<_>>()?,
        expect_head: args.expect_head,
        checkpoints: Vec::new(),
        witnesses: args.witness_key.iter().map(|said| witness_key(said)).collect::<anyhow::Result<_>>()?,
    })
}

fn tell(dir: &Path, check: &Check, report: &VerifyReport, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let (good, bad, end) = if colour { ("\x1b[32m", "\x1b[31m", "\x1b[0m") } else { ("", "", "") };
    let mark = if report.is_ok() { format!("{good}intact{end}") } else { format!("{bad}NOT INTACT{end}") };
    writeln!(out, "{mark}  {}", dir.display())?;
    writeln!(out, "  {} records in {} segments, {} KiB", report.records, report.segments, report.bytes.div_ceil(1024))?;
    if let Some(gone) = &report.let_go {
        let copied = if gone.shipped { "after copies were shipped" } else { "without copies" };
        let rule = match gone.rule.as_str() {
            "age" => format!("older than {} days", gone.bound / 86_400_000),
            _ => format!("more than {} MiB together", gone.bound >> 20),
        };
        writeln!(out, "  records 1 to {} were let go by the operator's rule ({rule}), {copied}", gone.through)?;
        writeln!(out, "    as record {} of {} says; what is left begins behind them", gone.seq, utc(gone.time_ms))?;
    }
    if let (Some(first), Some(last)) = (report.first, report.last) {
        let (from, to) = (utc(first.time_ms), utc(last.time_ms));
        writeln!(out, "  record {} of {from} to record {} of {to}", first.seq, last.seq)?;
    }
    writeln!(out, "  head {}", report.head)?;
    writeln!(out, "  root {}", report.root)?;
    match report.signed {
        Some(signed) if signed.records == report.head.seq => {
            writeln!(out, "  all of them signed with key {}", signed.key)?
        }
        Some(signed) => writeln!(
            out,
            "  signed with key {} up to record {}; the last {} await the next checkpoint",
            signed.key,
            signed.records,
            report.head.seq.saturating_sub(signed.records)
        )?,
        None if check.keys.is_empty() => writeln!(out, "  signatures not checked: no public key was given")?,
        None => {}
    }
    for part in &report.witnessed {
        let when = utc(part.time_s.saturating_mul(1000));
        writeln!(out, "  witness {} cosigned up to record {}, on {when}", part.witness, part.records)?;
    }
    if let Some(part) = &report.timestamps {
        let tokens = if part.tokens == 1 {
            "1 time-stamp token".to_owned()
        } else {
            format!("{} time-stamp tokens", part.tokens)
        };
        writeln!(out, "  {tokens}: up to record {} was there on {} at the latest", part.records, utc(part.time_ms))?;
    }
    match report.chain {
        true => writeln!(out, "  each record checked with the chain key")?,
        false => {
            writeln!(out, "  without the chain key: a change is found, its place within the records of a checkpoint")?
        }
    }
    if let Some(part) = report.references {
        match part.held {
            1 => write!(out, "  1 reference to an earlier exchange names the record it says")?,
            held => write!(out, "  {held} references to earlier exchanges name the records they say")?,
        }
        match part.let_go {
            0 => writeln!(out)?,
            gone => writeln!(out, "; {gone} not checked, since their records were let go")?,
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
