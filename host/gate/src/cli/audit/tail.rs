//! `witgate audit tail`: a ledger as it grows.

use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use witgate_ledger::{Bounds, ReadError, Reader, When, json_line, last_position, line};

use super::coded;
use super::selection::Selection;

/// How often the end is looked at. The writer is another process, so nobody tells.
const LOOK: Duration = Duration::from_millis(100);
/// So often a ledger that cannot be read is tried again: a writer whose disk failed begins its last segment anew.
const TRIES: u32 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TailFormat {
    /// A line for people.
    Human,
    /// A line of JSON.
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// The ledger's folder
    dir: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// How many of the records that are there come first; with --since or --until, all of them do
    #[arg(long, default_value_t = 10, value_name = "N")]
    backlog: u64,
    /// End at the end of what is there, instead of waiting for more
    #[arg(long)]
    no_follow: bool,
    /// How a record is written
    #[arg(long, value_enum, default_value = "human")]
    format: TailFormat,
}

pub(super) fn run(args: &TailArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    let filter = args.selection.filter();
    let named = |error: ReadError| coded(error.code(), &error);
    let start = match (filter.since, filter.until) {
        (None, None) => Some(When::Position(
            last_position(&args.dir).map_err(named)?.saturating_sub(args.backlog).saturating_add(1),
        )),
        (since, _) => since,
    };
    let mut reader = Reader::since(&args.dir, None, start).map_err(named)?;
    let mut tries = 0;
    loop {
        let mut bounds = Bounds::NONE;
        match reader.next_match(&filter, &mut bounds) {
            Ok(Some(found)) => {
                tries = 0;
                let written = match args.format {
                    TailFormat::Human => writeln!(out, "{}", line(&found.record)),
                    TailFormat::Jsonl => writeln!(out, "{}", json_line(&found.record, found.digest)?),
                };
                match written.and_then(|()| out.flush()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
                    written => written?,
                }
            }
            Ok(None) if args.no_follow || filter.is_over(reader.next_position()) => return Ok(0),
            Ok(None) => {
                tries = 0;
                thread::sleep(LOOK);
            }
            Err(error) if args.no_follow || tries >= TRIES => return Err(named(error)),
            Err(_) => {
                tries += 1;
                thread::sleep(LOOK);
                reader = Reader::from_seq(&args.dir, None, reader.next_position()).map_err(named)?;
            }
        }
    }
}
