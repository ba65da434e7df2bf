//! `make leak`: plants values in every field of every dialect, cuts the streams wherever they can be cut, and counts the bytes
//! that reach the other side of a proxy. The harness is both ends, so it scores any proxy by its URL.

mod args;
mod case;
mod client;
mod cut;
mod dialect;
mod fields;
mod identity;
mod kind;
mod live;
mod outcome;
mod padding;
mod plan;
mod random;
mod report;
mod run;
mod score;
mod script;
mod show;
mod style;
mod table;
mod upstream;
mod view;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser as _;

use args::{Args, Format, Mode};
use case::Runner;
use live::Register;
use outcome::Outcome;
use plan::{Plan, Wanted};
use table::Around;

/// Something leaked, or changed.
const FOUND: u8 = 1;
/// It could not be seen.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let done = runtime.context("no runtime").and_then(|runtime| runtime.block_on(leak(&Args::parse())));
    done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        ExitCode::from(COULD_NOT_RUN)
    })
}

async fn leak(args: &Args) -> anyhow::Result<ExitCode> {
    let wanted = Wanted {
        dialects: &args.dialects,
        kinds: &args.kinds,
        only: args.only.as_deref(),
        sample: args.sample,
        seed: args.seed,
    };
    if args.list {
        print(&show::list(&wanted)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let register = Arc::new(Register::default());
    let mut listen = args.upstream_listen;
    if args.proxy.is_none() {
        listen.set_port(0);
    }
    let upstream = upstream::serve(listen, Arc::clone(&register)).await?;
    let target = args.target(upstream)?;
    let clean = args.dialects.iter().map(|dialect| anyhow::Ok((*dialect, fields::read(*dialect)?.answer)));
    let runner = Runner {
        register,
        carry: args.carry,
        model: args.model.clone(),
        gap: Duration::from_millis(args.gap_ms),
        clean: Arc::new(clean.collect::<anyhow::Result<_>>()?),
    };
    if let Some(name) = &args.case {
        print(&show::case(&runner, &target, &wanted, name).await?)?;
        return Ok(ExitCode::SUCCESS);
    }
    match args.mode {
        Mode::Score => score(args, &runner, &target, &wanted).await,
        Mode::Identity => identity::look(args, &runner, &target, upstream).await,
        Mode::Padding => padding::look(args, &runner, &target).await,
    }
}

async fn score(args: &Args, runner: &Runner, target: &client::Target, wanted: &Wanted<'_>) -> anyhow::Result<ExitCode> {
    let plan = Plan::new(wanted)?;
    let full = plan.full;
    let begun = Instant::now();
    let report = run::all(runner, target, plan, args.connections).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let around = Around { proxy: args.proxy_name(), full, seed: args.seed, seconds, all: args.all };
    match args.format {
        Format::Human => print(&table::text(&report, &around))?,
        Format::Json => print(&format!("{:#}\n", table::json(&report, &around)))?,
    }
    let total = report.total(None);
    let scored = total.cases - total.count(Outcome::NotCovered) - total.count(Outcome::Failed);
    Ok(match (total.count(Outcome::Leaked), total.count(Outcome::NotCovered)) {
        (1.., _) => ExitCode::from(FOUND),
        (0, 0) if scored > 0 => ExitCode::SUCCESS,
        _ => ExitCode::from(COULD_NOT_RUN),
    })
}

pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
