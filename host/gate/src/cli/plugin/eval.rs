//! `witgate plugin eval`: a plugin over labelled rows, and how often it is right.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::error::PluginError;
use super::paint::Paint;
use super::target::Target;
use super::{FAILED, Format, OK};

mod asked;
mod bounds;
mod counts;
mod flips;
mod human;
mod page;
mod ranking;
mod result;
pub(super) mod rows;
mod spans;
mod subject;
mod time;
mod told;
mod types;

use asked::As;
use bounds::{Bounds, share};
use flips::Flips;
use result::Figures;
use rows::{Labels, Row};
use subject::{Subject, Work};
use told::Told;
use types::{Pair, Types};

/// The shape of the JSON; another number is another shape.
const SHAPE: u32 = 1;

/// What is evaluated, over what, and how.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct EvalArgs {
    /// A .wasm file, builtin:NAME, or the folder of a project, which is built first
    pub(super) plugin: Target,
    /// Labelled rows: one JSON object a line with `text` (or `text_b64`) and `label`, and perhaps `kind`, `source`, `channel`, `spans`
    #[arg(long, value_name = "FILE")]
    pub(super) data: PathBuf,
    /// Its configuration (YAML or JSON); by default none
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How every row is asked; by default as its channel says, or else as the user's message and as a tool's argument
    #[arg(long = "as", value_enum, value_name = "HOW")]
    pub(super) way: Option<As>,
    /// Cut an answer into pieces of so many bytes; by default as a gate does
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(super) piece: Option<u32>,
    /// Labels that are positive, beside attack, pii and secret
    #[arg(long, value_name = "LABEL", num_args = 1.., value_delimiter = ',')]
    pub(super) positive: Vec<String>,
    /// Labels that are negative, beside benign and clean
    #[arg(long, value_name = "LABEL", num_args = 1.., value_delimiter = ',')]
    pub(super) negative: Vec<String>,
    /// A type of the data's spans, and the plugin's code for it, such as STAFF_NO=badge
    #[arg(long = "type", value_name = "FROM=TO")]
    pub(super) types: Vec<Pair>,
    /// Another plugin over the same rows, and what changes
    #[arg(long, value_name = "PLUGIN")]
    pub(super) against: Option<Target>,
    /// The other one's configuration
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(super) against_config: Option<PathBuf>,
    /// Fail when recall is below, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(super) min_recall: Option<f64>,
    /// Fail when the rate of false positives is above, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(super) max_fpr: Option<f64>,
    /// Rows that went wrong to show of each sort
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) worst: usize,
    /// Rows asked about at once; by default one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) jobs: Option<u8>,
    /// Write a page with curves over every threshold of confidence
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

/// All that came of it.
struct Outcome<'a> {
    file: &'a Path,
    rows: &'a [Row],
    way: Option<As>,
    figures: Figures,
    against: Option<(Figures, Flips)>,
    bounds: Bounds,
    /// In words, what is not met.
    missed: Vec<String>,
    worst: usize,
}

/// Evaluates: 0 when every bound is met and every row had its answers, 1 when not.
pub(super) fn run(args: &EvalArgs, paint: Paint, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, PluginError> {
    let rows = rows::read(&args.data, &Labels::new(&args.positive, &args.negative))?;
    let bounds = Bounds { min_recall: args.min_recall, max_fpr: args.max_fpr };
    let positives = rows.iter().filter(|row| row.positive).count();
    bounds.fit(positives, rows.len() - positives)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = Work {
        way: args.way,
        piece: args.piece.and_then(|bytes| usize::try_from(bytes).ok()),
        // The engine of these tools has room for so many sandboxes.
        jobs: args.jobs.map_or(cores, usize::from).min(64),
    };
    let types = Types::new(&args.types);
    let mut evaluate = |target: &Target, config: Option<&Path>| -> Result<(Vec<Told>, Figures), PluginError> {
        let subject = Subject::load(target, config, err)?;
        let bar = bar(rows.len(), args.format);
        let told = subject.ask(&rows, &work, &bar);
        bar.finish_and_clear();
        let told = told?;
        let figures = Figures::of(&subject, &rows, &told, &types, args.worst, subject.jobs(&work, rows.len()));
        Ok((told, figures))
    };
    let (told, figures) = evaluate(&args.plugin, args.config.as_deref())?;
    let against = match &args.against {
        None => None,
        Some(other) => {
            let (others, figures) = evaluate(other, args.against_config.as_deref())?;
            Some((figures, Flips::between(&rows, &told, &others)))
        }
    };
    let missed = bounds.missed(&figures);
    let outcome =
        Outcome { file: &args.data, rows: &rows, way: args.way, figures, against, bounds, missed, worst: args.worst };
    if let Some(file) = &args.html {
        std::fs::write(file, page::html(&outcome))
            .map_err(|source| PluginError::Unwritable { path: file.clone(), source })?;
    }
    match args.format {
        Format::Json => writeln!(out, "{}", outcome.json())?,
        Format::Human => write!(out, "{}", human::told(&outcome, paint))?,
    }
    Ok(if outcome.is_well() { OK } else { FAILED })
}

/// Moves on a terminal, unless a program reads along.
fn bar(rows: usize, format: Format) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows {eta}");
    match style {
        Ok(style) if format == Format::Human && io::stderr().is_terminal() => {
            ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX)).with_style(style)
        }
        _ => ProgressBar::hidden(),
    }
}

impl Outcome<'_> {
    /// A fault is no answer, and what has none has not passed.
    fn is_well(&self) -> bool {
        self.missed.is_empty() && self.figures.faults.is_empty()
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "shape": SHAPE,
            "data": self.file.display().to_string(),
            "rows": self.rows.len(),
            "asked_as": self.way.map(As::name),
            "result": self.figures,
            "against": self.against.as_ref().map(|(figures, _)| figures),
            "flips": self.against.as_ref().map(|(_, flips)| flips),
            "bounds": self.bounds,
            "missed": self.missed,
            "passed": self.is_well(),
        })
    }
}
