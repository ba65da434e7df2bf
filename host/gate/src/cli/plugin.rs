//! `witgate plugin …`: build, look into, test and time a plugin.
//!
//! Exit codes: 0 done, 1 the check failed (a case, a component that would not load, a crate that does not compile), 2 it could
//! not run (a file that cannot be read, no compiler, no cases).

use std::io::{self, Write};
use std::path::PathBuf;

mod bench;
mod build;
mod cases;
mod error;
mod inspect;
mod members;
mod outcome;
mod report;
mod runner;
mod target;
mod test;

use error::PluginError;
use target::Target;

/// What to do with a plugin.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum PluginCommand {
    /// Compile a plugin crate to a component
    Build {
        /// The folder of the crate
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Where the component goes; by default ID.wasm in the current folder
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show what a plugin is, needs and can be configured to, and whether it loads
    Inspect {
        /// A .wasm file, or builtin:NAME
        plugin: Target,
        /// Its configuration (YAML or JSON); by default none
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Run a plugin's cases against the compiled component
    Test {
        /// A .wasm file, builtin:NAME, or the folder of a plugin crate, which is built first
        plugin: Target,
        /// The cases; by default cases.yaml beside the file or in the folder
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
        /// Run only cases whose name contains this
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
    /// Time a plugin in fresh and warm sandboxes
    Bench {
        /// A .wasm file, or builtin:NAME
        plugin: Target,
        /// KiB of text in one call
        #[arg(long, value_name = "KB", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
        size: u32,
        /// Its configuration (YAML or JSON); by default none
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs: one JSON value
    Json,
}

/// It is as it should be.
const OK: u8 = 0;
/// The check failed.
const FAILED: u8 = 1;
/// It could not be checked.
const COULD_NOT: u8 = 2;

/// Does what was asked: the outcome goes to `out`, what kept it from being done to `err`. Gives the exit code. `colour` is
/// whether `out` is a terminal.
///
/// # Errors
/// When `out` or `err` cannot be written.
pub(crate) fn run(command: &PluginCommand, colour: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let done = match command {
        PluginCommand::Build { dir, out: file } => build::run(dir, file.as_deref(), out),
        PluginCommand::Inspect { plugin, config, format } => inspect::run(plugin, config.as_deref(), *format, out),
        PluginCommand::Test { plugin, cases, format, filter } => {
            let wanted = test::Wanted { cases: cases.as_deref(), filter: filter.as_deref(), format: *format, colour };
            test::run(plugin, &wanted, out, err)
        }
        PluginCommand::Bench { plugin, size, config } => bench::run(plugin, *size, config.as_deref(), out),
    };
    match done {
        Ok(code) => Ok(code),
        Err(PluginError::Print(error)) => Err(error),
        Err(error) => {
            writeln!(err, "{}", error.rendered())?;
            Ok(error.exit())
        }
    }
}

/// Text of somebody else's as it may stand on a terminal: on one line, without control characters, bounded.
fn plain(text: &str) -> String {
    const LONGEST: usize = 2000;
    let mut shown: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
