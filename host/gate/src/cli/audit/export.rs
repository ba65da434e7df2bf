//! `witgate audit export`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use witgate_ledger::{ExportError, Format, export, export_unproven};

use super::selection::Selection;
use super::{coded, load_checkpoint};
use crate::cli::FAILED;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A line of JSON for each record, with its digest.
    Jsonl,
    /// A table of what is flat of a record.
    Csv,
    /// Events of OCSF 1.6.0: API Activity and Detection Finding.
    Ocsf,
}

impl ExportFormat {
    pub(super) fn format(self) -> Format {
        match self {
            Self::Jsonl => Format::Jsonl,
            Self::Csv => Format::Csv,
            Self::Ocsf => Format::Ocsf,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The ledger's folder
    dir: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// How records are written
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// Where they are written; the proofs beside it, as FILE.proof-1.json and so on
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The checkpoint that proofs lead to; without it, the ledger's newest
    #[arg(long, value_name = "FILE", conflicts_with = "no_proofs")]
    checkpoint: Option<PathBuf>,
    /// Without proofs: also what no checkpoint covers yet
    #[arg(long)]
    no_proofs: bool,
}

pub(super) fn run(args: &ExportArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let filter = args.selection.filter();
    let format = args.format.format();
    let shown = args.out.display();
    let checkpoint = match args.no_proofs {
        true => None,
        false => {
            let newest = args.dir.join("checkpoint");
            Some(
                load_checkpoint(args.checkpoint.as_deref().unwrap_or(&newest))
                    .context("there is no checkpoint that proofs could lead to; --no-proofs exports without")?,
            )
        }
    };
    let partial = beside(&args.out, ".partial");
    let mut file = BufWriter::new(create(&partial)?);
    let exported = match &checkpoint {
        None => export_unproven(&args.dir, format, &filter, &mut file),
        Some(checkpoint) => {
            let mut open = |number| {
                let file = create(&proof_path(&args.out, number)).map_err(io::Error::other)?;
                Ok(Box::new(BufWriter::new(file)) as Box<dyn Write>)
            };
            let bar = match io::stderr().is_terminal() {
                true => ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {percent} % {eta}")?),
                false => ProgressBar::hidden(),
            };
            let exported = export(&args.dir, format, &filter, checkpoint, &mut file, &mut open, |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            });
            bar.finish_and_clear();
            exported
        }
    };
    let exported = match exported {
        Ok(exported) => exported,
        Err(error @ ExportError::Proof(_)) => {
            let _ = std::fs::remove_file(&partial);
            writeln!(err, "error[{}]: {error}", error.code())?;
            return Ok(FAILED);
        }
        Err(error) => {
            let _ = std::fs::remove_file(&partial);
            return Err(coded(error.code(), &error));
        }
    };
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&partial, &args.out).with_context(|| format!("{shown}"))?;
    // What an earlier export of that name proved is not this one's.
    let stale = (exported.proofs + 1..).map(|number| proof_path(&args.out, number));
    stale.take_while(|path| std::fs::remove_file(path).is_ok()).for_each(drop);
    write!(out, "wrote {shown}: {} lines of {} records", exported.lines, exported.records)?;
    match &checkpoint {
        Some(checkpoint) => {
            let stated = checkpoint.checkpoint;
            let last = proof_path(&args.out, exported.proofs);
            writeln!(
                out,
                ", of the {} that the checkpoint covers\nwrote {} files of proofs, the last {}",
                stated.size,
                exported.proofs,
                last.display()
            )?;
        }
        None => writeln!(out, ", without proofs")?,
    }
    Ok(0)
}

/// The owner's alone: a ledger's records are.
fn create(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).with_context(|| format!("{}", path.display()))
}

fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    name.into()
}

fn proof_path(path: &Path, number: u32) -> PathBuf {
    beside(path, &format!(".proof-{number}.json"))
}
