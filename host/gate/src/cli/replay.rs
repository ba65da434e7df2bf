//! `witgate replay`: recorded exchanges are decided again, by the sets that decided them or by another.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use anyhow::anyhow;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use witgate_ledger::{Bodies, BodyKey, When};

use super::audit::Format;
use super::{COULD_NOT_RUN, FAILED};

mod compare;
pub(super) mod exchanges;
mod flips;
mod report;
mod run;
mod sets;

use exchanges::{Recorded, Wanted};
use report::Report;
use run::Replayer;

/// Exchanges that may wait for a core.
const WAITING: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The ledger's folder
    dir: PathBuf,
    /// Only this exchange
    #[arg(long, value_name = "ID", conflicts_with = "since")]
    exchange: Option<String>,
    /// Only what began since then: a record's position, a time (RFC 3339, or a date), or how long ago (90s, 15m, 24h, 7d)
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Decide with the policies of this configuration instead (or of the `witgate.yaml` in this folder), and tell what would
    /// be decided otherwise
    #[arg(long, value_name = "CONFIG")]
    against: Option<PathBuf>,
    /// The folder of kept bodies; without it, `bodies` beside the ledger's folder
    #[arg(long, value_name = "DIR")]
    bodies: Option<PathBuf>,
    /// The key they are encrypted with; without it, `keys/bodies.key` beside the ledger's folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Examples told of each kind of difference
    #[arg(long, default_value_t = 5)]
    examples: usize,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Replays, and tells. 0: everything was decided as before; 1: something was not.
pub(super) fn run(args: &ReplayArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let beside = args.dir.join("..");
    let directory = args.bodies.clone().unwrap_or_else(|| beside.join("bodies"));
    let key_file = args.key.clone().unwrap_or_else(|| beside.join("keys/bodies.key"));
    let key = BodyKey::load(&key_file).map_err(|e| anyhow!("error[{}]: {e}; name it with --key FILE", e.code()))?;
    if !directory.is_dir() {
        let shown = directory.display();
        return Err(anyhow!(
            "error[bodies_missing]: {shown} is no folder; `ledger.bodies` keeps bodies, --bodies DIR names them"
        ));
    }
    let against = args.against.as_deref().map(config_file);
    let replayer = Replayer::new(&directory, Bodies::new(&directory, key), against.as_deref())?;
    let wanted = Wanted { exchange: args.exchange.clone(), since: args.since };
    let bar = bar(args)?;
    let report = replay(&args.dir, &replayer, &wanted, &bar);
    bar.finish_and_clear();
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            writeln!(err, "error[{}]: {error}", error.code())?;
            return Ok(COULD_NOT_RUN);
        }
    };
    if let Some(id) = &args.exchange
        && report.seen == 0
    {
        writeln!(err, "error[exchange_unknown]: {} has no end of an exchange {id}", args.dir.display())?;
        return Ok(FAILED);
    }
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
        Format::Human => report.tell(args.examples, out)?,
    }
    if report.replayed == 0 {
        writeln!(err, "error[nothing_replayed]: no exchange could be replayed; see why above")?;
        return Ok(FAILED);
    }
    Ok(if report.is_clean() { 0 } else { FAILED })
}

fn config_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("witgate.yaml") } else { path.to_owned() }
}

fn bar(args: &ReplayArgs) -> anyhow::Result<ProgressBar> {
    Ok(match io::stderr().is_terminal() && args.format == Format::Human {
        true => ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {pos} exchanges replayed, {per_sec}")?),
        false => ProgressBar::hidden(),
    })
}

/// Reads the ledger in one thread, replays on all cores.
fn replay(
    dir: &Path,
    replayer: &Replayer,
    wanted: &Wanted,
    bar: &ProgressBar,
) -> Result<Report, witgate_ledger::ReadError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (jobs, todo) = mpsc::sync_channel::<Recorded>(WAITING);
    let todo = std::sync::Mutex::new(todo);
    let (done, results) = mpsc::sync_channel(WAITING);
    let mut report = Report::new(replayer.is_against());
    let read = std::thread::scope(|scope| {
        for _ in 0..cores {
            let (done, todo) = (done.clone(), &todo);
            scope.spawn(move || {
                loop {
                    let next = todo.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
                    let Ok(recorded) = next else { return };
                    let replayed = replayer.replay(&recorded);
                    if done.send((recorded.exchange, replayed)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let reading = scope.spawn(move || exchanges::each(dir, wanted, |recorded| jobs.send(recorded).is_ok()));
        for (exchange, replayed) in results {
            bar.inc(1);
            report.add(exchange, replayed);
        }
        reading.join()
    });
    let open = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    report.open = open;
    Ok(report)
}
