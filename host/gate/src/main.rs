//! Witgate: a proxy between AI agents and what they reach, with WebAssembly policies and a verifiable ledger.

mod admin;
mod blame;
mod blocking;
mod body;
mod builtin;
mod cli;
mod coding;
mod config;
mod exchange;
mod gate;
mod identity;
mod keeping;
mod kept;
mod metrics;
mod mock;
mod observe;
mod outside;
mod policies;
mod record;
mod refusal;
mod run;
mod server;
mod tls;
mod tsp;
mod upstream;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
