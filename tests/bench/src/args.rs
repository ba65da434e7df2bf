//! What is asked for, and what follows from it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::scenario::Scenario;
use crate::{engine, ledger, streams, zoo};

/// Measures a gate against its upstream.
#[derive(Debug, clap::Parser)]
#[command(name = "witgate-bench", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Three minutes in place of ten; writes no document
    #[arg(long)]
    quick: bool,
    /// Print the whole report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Rounds of each case; medians are over these
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Only "ledger", "engine", "streams", "zoo", or the cases whose name has this in it, such as "16 conn" or "stream"
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The binary to measure; without it, the one beside this program
    #[arg(long, value_name = "FILE")]
    witgate: Option<PathBuf>,
    /// A plugin that does nothing; without it, it is built from the checkout
    #[arg(long, value_name = "FILE")]
    pub(crate) noop: Option<PathBuf>,
    /// Where ledgers are kept while it runs, on a real disk; without it, beside this program
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
    /// The document whose measured parts are replaced; without it, docs/benchmarks.md and docs/ledger-benchmarks.md of the checkout
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Write no document
    #[arg(long, conflicts_with = "write")]
    no_write: bool,
}

/// A part of the whole, each in its own place of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Gates beside their upstream.
    Gates,
    /// The sandbox without a gate.
    Engine,
    /// Streams that take their time.
    Streams,
    /// The ledger without a gate.
    Ledger,
    /// Neighbours of misdeeds.
    Zoo,
}

/// How long each thing is measured.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Rounds of each case.
    pub(crate) rounds: usize,
    /// The cases.
    pub(crate) scenarios: Vec<Scenario>,
    /// Load that is not measured, at the beginning of each slice.
    pub(crate) warm: Duration,
    /// Load that is.
    pub(crate) slice: Duration,
    /// Starts with compiled code in the cache.
    pub(crate) warm_starts: usize,
    /// Starts with an empty cache.
    pub(crate) cold_starts: usize,
    /// The sandbox.
    pub(crate) engine: engine::Plan,
    /// Streams that take their time.
    pub(crate) streams: streams::Plan,
    /// The ledger.
    pub(crate) ledger: ledger::Plan,
    /// The zoo.
    pub(crate) zoo: zoo::Plan,
}

impl Plan {
    pub(crate) fn of(args: &Args) -> Self {
        let (rounds, warm, slice, warm_starts, cold_starts) = match args.quick {
            true => (3, 60, 240, 3, 1),
            false => (7, 200, 1100, 9, 3),
        };
        let wanted =
            |scenario: &Scenario| args.only.as_ref().is_none_or(|only| scenario.name().contains(only.as_str()));
        Self {
            scenarios: Scenario::all().into_iter().filter(wanted).collect(),
            rounds: args.rounds.unwrap_or(rounds).max(1),
            warm: Duration::from_millis(warm),
            slice: Duration::from_millis(slice),
            warm_starts,
            cold_starts,
            engine: match args.quick {
                true => engine::Plan { rounds: 5, batch: Duration::from_millis(10), cold: 1, cached: 3 },
                false => engine::Plan { rounds: 15, batch: Duration::from_millis(60), cold: 3, cached: 15 },
            },
            streams: match args.quick {
                true => streams::Plan { rounds: 2, crowd: 500, crowd_events: 12 },
                false => streams::Plan { rounds: 5, crowd: 5000, crowd_events: 20 },
            },
            ledger: match args.quick {
                true => ledger::Plan { rounds: 3, exchanges: 300, verified: 20_000 },
                false => ledger::Plan { rounds: 5, exchanges: 600, verified: 60_000 },
            },
            zoo: match args.quick {
                true => zoo::Plan { rounds: 2, warm: Duration::from_millis(150), slice: Duration::from_millis(500) },
                false => zoo::Plan { rounds: 5, warm: Duration::from_millis(250), slice: Duration::from_millis(1500) },
            },
        }
    }
}

impl Args {
    /// Whether a part is wanted.
    pub(crate) fn wants(&self, part: Part) -> bool {
        match self.only.as_deref() {
            None => true,
            Some("engine") => part == Part::Engine,
            Some("streams") => part == Part::Streams,
            Some("ledger") => part == Part::Ledger,
            Some("zoo") => part == Part::Zoo,
            Some(_) => part == Part::Gates,
        }
    }

    /// The binary to measure.
    pub(crate) fn witgate(&self) -> anyhow::Result<PathBuf> {
        let path = match &self.witgate {
            Some(path) => path.clone(),
            None => beside_the_program()?.join("witgate"),
        };
        path.canonicalize().context(
            "there is no witgate to measure; build it (cargo build --release --workspace) or name it with --witgate",
        )
    }

    /// The document that a part is written to, if any.
    pub(crate) fn document(&self, part: &str) -> Option<PathBuf> {
        match (&self.write, self.quick || self.no_write || self.only.is_some()) {
            (Some(path), _) => Some(path.clone()),
            (None, true) => None,
            (None, false) if part == "ledger" => Some(checkout().join("docs/ledger-benchmarks.md")),
            (None, false) => Some(checkout().join("docs/benchmarks.md")),
        }
    }
}

/// The folder this program lies in: the target folder, which is on a disk where builds are.
pub(crate) fn beside_the_program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().context("this program has no folder")?.to_owned())
}

/// The checkout this program is run in, whichever it was built from.
pub(crate) fn checkout() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors().find(|d| d.join("tests/bench/Cargo.toml").is_file()).unwrap_or(Path::new(".")).to_owned()
}
