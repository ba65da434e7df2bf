//! The command line: nouns, then verbs. Exit codes: 0 done, 1 the check failed, 2 it could not run.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::LogFormat;

mod audit;
mod demo;
mod init;
pub(crate) mod load_plugin;
mod mock_upstream;
mod open_files;
pub(crate) mod plugin;
mod replay;
mod serve;
mod validate;

/// The check that was asked for failed.
pub(crate) const FAILED: u8 = 1;
/// The command could not run.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// A proxy between AI agents and what they reach: policies in WebAssembly, every decision on record.
#[derive(Debug, Parser)]
#[command(name = "witgate", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what it does, in a few seconds, with no key and no network
    Demo {
        /// Leave the gate running afterwards and print requests to try
        #[arg(long)]
        serve: bool,
    },
    /// Run the gate
    Serve(Serve),
    /// Write a commented configuration, keys and a policy directory
    Init {
        /// The folder to set up
        dir: PathBuf,
    },
    /// Check a configuration; names every mistake
    Validate {
        /// The configuration
        file: PathBuf,
        /// How the outcome is written
        #[arg(long, value_enum, default_value = "human")]
        format: validate::Format,
    },
    /// Build, test and look into policies
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Check and read the ledger
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Decide recorded exchanges again, with the policies they had or with others
    Replay(replay::ReplayArgs),
    /// Check what a client was given
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Configure and compile one plugin for the process that started this one
    #[command(hide = true)]
    LoadPlugin {
        /// How the log is written
        #[arg(long, value_enum, default_value = "text")]
        log: LogFormat,
    },
    /// Run the scripted model that the demo and tests use
    MockUpstream {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:9999")]
        listen: SocketAddr,
        /// What it answers, as YAML; without it, the usual script
        #[arg(long)]
        script: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum ReceiptCommand {
    /// Check a receipt, offline
    Verify(audit::ReceiptArgs),
}

#[derive(Debug, Args)]
struct Serve {
    /// The configuration
    #[arg(long, required_unless_present = "dev", conflicts_with = "dev")]
    config: Option<PathBuf>,
    /// Start without a configuration: built-in policies at their defaults, keys of its own
    #[arg(long, requires = "upstream")]
    dev: bool,
    /// The model API's base URL: scheme, host, and path up to its version
    #[arg(long, requires = "dev", value_name = "URL")]
    upstream: Option<String>,
    /// Where clients connect
    #[arg(long, requires = "dev", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where operators connect; a loopback address
    #[arg(long, requires = "dev", default_value = "127.0.0.1:9090")]
    admin: SocketAddr,
    /// The ledger's folder; without it, a new one in the system's temporary folder
    #[arg(long, requires = "dev", value_name = "DIR")]
    ledger: Option<PathBuf>,
}

/// Parses the command line and runs it.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    load_plugin::IS_POSSIBLE.store(true, std::sync::atomic::Ordering::Relaxed);
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let code = match cli.command {
        Command::Demo { serve } => demo::demo(serve, colour, &mut out),
        Command::Serve(args) => serve::serve(args),
        Command::Init { dir } => Ok(match init::init(&dir, &mut out) {
            Ok(()) => 0,
            Err(error) => {
                let _ = writeln!(err, "error[{}]: {error}", error.code());
                COULD_NOT_RUN
            }
        }),
        Command::Validate { file, format } => {
            validate::validate(&file, format, &validate::plugins, &mut out).map_err(Into::into)
        }
        Command::Plugin(command) => plugin::run(&command, colour, &mut out, &mut err).map_err(Into::into),
        Command::Audit(command) => audit::run(&command, colour, &mut out, &mut err),
        Command::Replay(args) => replay::run(&args, &mut out, &mut err),
        Command::Receipt(ReceiptCommand::Verify(args)) => audit::check_receipt(&args, &mut out),
        Command::LoadPlugin { log } => load_plugin::run(log),
        Command::MockUpstream { listen, script } => mock_upstream::serve(listen, script.as_deref(), &mut out),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(err, "{}", shown(&error));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// An error with what caused it: `error[code]: what` where there is a code.
fn shown(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    match text.starts_with("error[") {
        true => text,
        false => format!("error: {text}"),
    }
}

/// The runtime that everything asynchronous runs on: one worker a core.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    open_files::allow_all();
    witgate_policy::engine::bound_heaps();
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("witgate").build()
}
