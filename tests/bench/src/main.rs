//! `make bench`: what a gate costs, measured against its own upstream in one run on one machine.
//!
//! Three ways are asked in turn, round after round: the scripted model directly, a gate whose one policy does nothing, and a
//! gate with the four built-in policies. Both gates keep a durable ledger on the disk. What is reported are medians over the
//! rounds, and differences and ratios within a round, because other work on a machine moves all three.
//!
//! Then streams that take their time, the sandbox and the ledger by themselves, and the zoo: neighbours of a plugin that misbehaves, in one gate. Speed is told, never asserted;
//! that no neighbour fails is.

mod args;
mod arm;
mod document;
mod ending;
mod engine;
mod gates;
mod ledger;
mod load;
mod machine;
mod plugins;
mod process;
mod prose;
mod report;
mod rounds;
mod scenario;
mod startup;
mod stats;
mod streams;
mod table;
mod zoo;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Parser as _;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use args::{Args, Part, Plan};
use gates::Gates;
use machine::Machine;
use plugins::Plugins;
use report::Report;

/// The measurement could not be made.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    // One thread: the load is to take as little of the machine as it can, and to be the same in all rounds.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.context("no runtime").and_then(|runtime| {
        let done = runtime.block_on(stoppable(Args::parse()));
        // What still measures on a thread when it was told to stop is not waited for.
        runtime.shutdown_background();
        done
    });
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

/// All that was measured.
#[derive(Debug, Serialize)]
struct Measured {
    gates: Option<Report>,
    engine: Option<engine::Report>,
    streams: Option<streams::Report>,
    machine: Machine,
    ledger: Option<ledger::Report>,
    zoo: Option<zoo::Report>,
}

impl Measured {
    /// What there is, as text for people, each with its part of the document.
    fn parts(&self) -> Vec<(&'static str, String)> {
        let gates = self.gates.as_ref().map(|report| ("measured", table::text(report)));
        let engine = self.engine.as_ref().map(|report| ("engine", engine::text(report)));
        let streams = self.streams.as_ref().map(|report| ("streams", streams::text(report)));
        let ledger = self.ledger.as_ref().map(|report| ("ledger", ledger::text(&self.machine, report)));
        let zoo = self.zoo.as_ref().map(|report| ("zoo", zoo::text(report)));
        [gates, streams, engine, ledger, zoo].into_iter().flatten().collect()
    }
}

async fn bench(args: Args) -> anyhow::Result<()> {
    let measured = measure(&args).await?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &measured)?;
        writeln!(out)?;
    }
    for (part, text) in measured.parts() {
        if !args.json {
            writeln!(out, "{text}")?;
        }
        if let Some(path) = args.document(part) {
            document::write(&path, part, &text)?;
            writeln!(std::io::stderr(), "wrote {part} in {}", path.display())?;
        }
    }
    let failed = measured.zoo.map_or(0, |zoo| zoo.failed);
    ensure!(failed == 0, "{failed} exchanges of neighbours failed beside the zoo");
    Ok(())
}

async fn measure(args: &Args) -> anyhow::Result<Measured> {
    let plan = Plan::of(args);
    let witgate = args.witgate()?;
    let beside = args.work.clone().map_or_else(args::beside_the_program, Ok)?;
    let work = tempfile::tempdir_in(&beside).with_context(|| format!("no room to work in {}", beside.display()))?;
    let machine = Machine::look(work.path())?;
    let plugins = Arc::new(Plugins::built(args.noop.as_deref())?);

    let gates = match args.wants(Part::Gates) {
        true => Some(gates(&witgate, work.path(), &plugins, &plan, machine.clone()).await?),
        false => None,
    };
    let streams = match args.wants(Part::Streams) {
        true => Some(streams::measure(&witgate, work.path(), &plugins, plan.streams).await?),
        false => None,
    };
    let engine = match args.wants(Part::Engine) {
        true => {
            let _ = writeln!(std::io::stderr(), "measuring: the sandbox");
            let (program, work) = (witgate.clone(), work.path().to_owned());
            let (plugins, plan) = (Arc::clone(&plugins), plan.engine);
            // On a thread of its own, so that a signal ends the run meanwhile.
            let measured = tokio::task::spawn_blocking(move || engine::measure(&program, &work, &plugins, plan));
            Some(measured.await??)
        }
        false => None,
    };
    let ledger = match args.wants(Part::Ledger) {
        true => {
            let _ = writeln!(std::io::stderr(), "measuring: the ledger");
            let (work, plan) = (work.path().to_owned(), plan.ledger);
            Some(tokio::task::spawn_blocking(move || ledger::measure(&work, plan)).await??)
        }
        false => None,
    };
    let zoo = match args.wants(Part::Zoo) {
        true => Some(zoo::measure(&witgate, work.path(), &plugins, plan.zoo).await?),
        false => None,
    };
    Ok(Measured { gates, engine, streams, machine, ledger, zoo })
}

async fn gates(
    witgate: &Path,
    work: &Path,
    plugins: &Plugins,
    plan: &Plan,
    machine: Machine,
) -> anyhow::Result<Report> {
    let gates = Gates::start(witgate, work, &plugins.noop()).await?;
    let scenarios = rounds::run(&gates, plan).await?;
    let memory = gates.memory()?;
    gates.stop().await;
    let startup = startup::measure(witgate, work, plan).await?;
    Ok(Report::new(machine, plan, scenarios, memory, startup))
}
