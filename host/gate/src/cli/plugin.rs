//! `witgate plugin …`: begin, build, look into, check, test, run, evaluate and time a plugin.
//!
//! Exit codes: 0 done, 1 the check failed (a case, a component that would not load, a crate that does not compile, an input that
//! is not allowed), 2 it could not run (a file that cannot be read, no compiler, no cases).

use std::io::{self, Write};
use std::path::PathBuf;

mod ask;
mod bench;
mod build;
mod cases;
mod check;
mod coverage;
mod diff;
mod error;
mod eval;
mod inspect;
mod junit;
mod key_file;
mod keygen;
mod members;
mod new;
mod outcome;
mod paint;
mod report;
mod run;
mod runner;
pub(in crate::cli) mod samples;
mod sign;
mod splits;
mod target;
mod tell;
mod test;
mod verify;
mod watch;

use cases::CaseStage;
use error::PluginError;
use eval::EvalArgs;
use new::Language;
use paint::Paint;
use splits::Splits;
use target::Target;
use test::TestFormat;

/// What to do with a plugin.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum PluginCommand {
    /// Write a small project that builds and passes its own cases
    New {
        /// The plugin's id: lower-case letters, digits and `-`
        name: String,
        /// What it is written in
        #[arg(long, value_enum, default_value_t = Language::Rust)]
        lang: Language,
        /// Where it goes; by default a folder of that name
        #[arg(long)]
        dir: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Compile a project to a component
    Build {
        /// The folder of the project: with a Cargo.toml, or a plugin.yaml
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Where the component goes; by default ID.wasm in the current folder
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
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
    /// Say whether a plugin is fit to be put in force: its needs, its manifest, the same answer twice
    Check {
        /// A .wasm file, builtin:NAME, or the folder of a project, which is built first
        plugin: Target,
        /// Its configuration (YAML or JSON); by default that of each case, or none
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Inputs to ask about; by default cases.yaml beside the file or in the folder, if there is one
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
        /// Fail on warnings too
        #[arg(long)]
        strict: bool,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Ask a plugin about one input from stdin: 0 when it allows it, 1 when not
    Run {
        /// A .wasm file, builtin:NAME, or the folder of a project, which is built first
        plugin: Target,
        /// Where it is asked; by default the first of its stages
        #[arg(long, value_enum)]
        stage: Option<CaseStage>,
        /// Whose text it is, at admission: system, developer, user, assistant, tool
        #[arg(long, default_value = "user")]
        role: String,
        /// What text it is, at admission: text, tool-result, tool-definition, key, value …
        #[arg(long, default_value = "text")]
        kind: String,
        /// Which text of the answer it is, at inspection
        #[arg(long, default_value = "content")]
        channel: String,
        /// Which tool is called, at commitment; its arguments are the input, as JSON
        #[arg(long, value_name = "NAME", default_value = "tool")]
        tool: String,
        /// Its configuration (YAML or JSON); by default none
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Build and test a project again whenever a file is saved; Ctrl-C ends it
    Watch {
        /// The folder of the project
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// End after so many rounds, with what the last one came to
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        rounds: Option<u32>,
        /// How the outcome is written: json is one value a round
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
        /// In how many ways the text of an inspection case is cut into pieces
        #[arg(long, value_enum, default_value_t = Splits::Every, num_args = 0..=1, require_equals = true, default_missing_value = "pairs")]
        splits: Splits,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = TestFormat::Human)]
        format: TestFormat,
        /// Run only cases whose name contains this
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
    /// Say how often a plugin is right over labelled rows: recall, false positives, spans, what went wrong
    Eval(Box<EvalArgs>),
    /// Time a plugin in fresh and warm sandboxes
    Bench {
        /// A .wasm file, builtin:NAME, or the folder of a project, which is built first
        plugin: Target,
        /// KiB of text in one call; several are separated by commas
        #[arg(long, value_name = "KIB", value_delimiter = ',', default_values_t = [1, 10, 100], value_parser = clap::value_parser!(u32).range(1..=1024))]
        size: Vec<u32>,
        /// Its configuration (YAML or JSON); by default none
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Make a key to sign plugins with
    Keygen {
        /// Where the secret half goes; the public one goes beside it, with .pub at the end
        #[arg(long, value_name = "FILE", default_value = "plugin-signing.key")]
        out: PathBuf,
        /// What stands beside the key: whose it is; by default the file's name
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Sign a plugin's file
    Sign {
        /// A .wasm file
        file: PathBuf,
        /// The secret key, as keygen wrote it
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where the signature goes; by default beside the file, with .sig at the end
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Check a plugin's signature
    Verify {
        /// A .wasm file
        file: PathBuf,
        /// The public key: its file, or its line
        #[arg(long, value_name = "PUB")]
        key: String,
        /// The signature; by default beside the file, with .sig at the end
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
        /// How the outcome is written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
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
        PluginCommand::New { name, lang, dir, format } => new::run(name, *lang, dir.as_deref(), *format, out),
        PluginCommand::Build { dir, out: file, format } => {
            build::run(dir, &build::Wanted { file: file.as_deref(), format: *format }, out)
        }
        PluginCommand::Check { plugin, config, cases, strict, format } => {
            let (config, cases) = (config.as_deref(), cases.as_deref());
            let wanted = check::Wanted { config, cases, strict: *strict, format: *format, paint: Paint(colour) };
            check::run(plugin, &wanted, out, err)
        }
        PluginCommand::Run { plugin, stage, role, kind, channel, tool, config, format } => {
            let (stage, config) = (*stage, config.as_deref());
            let (role, kind, channel) = (Some(role.as_str()), Some(kind.as_str()), Some(channel.as_str()));
            let wanted =
                run::Wanted { stage, role, kind, channel, tool, config, format: *format, paint: Paint(colour) };
            run::run(plugin, &wanted, &mut io::stdin().lock(), out, err)
        }
        PluginCommand::Watch { dir, rounds, format } => watch::run(dir, *rounds, *format, Paint(colour), out, err),
        PluginCommand::Inspect { plugin, config, format } => inspect::run(plugin, config.as_deref(), *format, out),
        PluginCommand::Test { plugin, cases, splits, format, filter } => {
            let (cases, filter) = (cases.as_deref(), filter.as_deref());
            let wanted = test::Wanted { cases, filter, splits: *splits, format: *format, paint: Paint(colour) };
            test::run(plugin, &wanted, out, err)
        }
        PluginCommand::Keygen { out: file, name, format } => keygen::run(file, name.as_deref(), *format, out),
        PluginCommand::Sign { file, key, out: to, format } => sign::run(file, key, to.as_deref(), *format, out),
        PluginCommand::Verify { file, key, signature, format } => {
            verify::run(file, key, signature.as_deref(), *format, out)
        }
        PluginCommand::Eval(args) => eval::run(args, Paint(colour), out, err),
        PluginCommand::Bench { plugin, size, config, format } => {
            let wanted = bench::Wanted { sizes: size, config: config.as_deref(), format: *format };
            bench::run(plugin, &wanted, out, err)
        }
    };
    match done {
        Ok(code) => Ok(code),
        Err(PluginError::Print(error)) => Err(error),
        Err(error) => {
            writeln!(err, "{}", error.rendered())?;
            // Whoever asks about an input must be able to tell "not allowed" from "nobody could say".
            Ok(if matches!(command, PluginCommand::Run { .. }) { COULD_NOT } else { error.exit() })
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
