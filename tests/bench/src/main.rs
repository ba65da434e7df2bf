//! `make bench`: what a gate costs, measured against its own upstream in one run on one machine.
//!
//! Three ways are asked in turn, round after round: the scripted model directly, a gate whose one policy does nothing, and a
//! gate with the four built-in policies. Both gates keep a durable ledger on the disk. What is reported are medians over the
//! rounds, and differences and ratios within a round, because other work on a machine moves all three.

mod args;
mod arm;
mod document;
mod gates;
mod load;
mod machine;
mod process;
mod prose;
mod report;
mod rounds;
mod scenario;
mod startup;
mod stats;
mod table;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use args::{Args, Plan};
use gates::Gates;
use machine::Machine;
use report::Report;

/// The measurement could not be made.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    // One thread: the load is to take as little of the machine as it can, and to be the same in all rounds.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.context("no runtime").and_then(|runtime| runtime.block_on(stoppable(Args::parse())));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Ends the processes it started also when it is told to stop: they die with the guards that the dropped future owns.
async fn stoppable(args: Args) -> anyhow::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        done = bench(args) => done,
        _ = term.recv() => anyhow::bail!("stopped by SIGTERM"),
        _ = int.recv() => anyhow::bail!("stopped by SIGINT"),
    }
}

async fn bench(args: Args) -> anyhow::Result<()> {
    let plan = Plan::of(&args);
    let witgate = args.witgate()?;
    let beside = args.work.clone().map_or_else(args::beside_the_program, Ok)?;
    let work = tempfile::tempdir_in(&beside).with_context(|| format!("no room to work in {}", beside.display()))?;
    let machine = Machine::look(work.path())?;
    let noop = gates::noop(args.noop.as_deref())?;

    let gates = Gates::start(&witgate, work.path(), &noop).await?;
    let scenarios = rounds::run(&gates, &plan).await?;
    let memory = gates.memory()?;
    gates.stop().await;
    let startup = startup::measure(&witgate, work.path(), &plan).await?;
    let report = Report::new(machine, &plan, scenarios, memory, startup);

    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", table::text(&report))?;
    }
    if let Some(path) = args.document() {
        document::write(&path, &table::text(&report))?;
        writeln!(std::io::stderr(), "wrote {}", path.display())?;
    }
    Ok(())
}
