//! `witgate audit stats`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use witgate_ledger::{Bounds, ReadError, Reader, Tally};

use super::selection::Selection;
use super::{Format, coded};

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// The ledger's folder
    dir: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(args: &StatsArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    let filter = args.selection.filter();
    let named = |error: ReadError| coded(error.code(), &error);
    let mut reader = Reader::since(&args.dir, None, filter.since).map_err(named)?;
    let mut tally = Tally::default();
    let mut bounds = Bounds::NONE;
    while let Some(found) = reader.next_match(&filter, &mut bounds).map_err(named)? {
        tally.add(&found.record);
        if filter.is_over(reader.next_position()) {
            break;
        }
    }
    match args.format {
        Format::Human => write!(out, "{tally}")?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&tally)?)?,
    }
    Ok(0)
}
