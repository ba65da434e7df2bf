//! `witgate audit`: what an auditor does with a ledger.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Subcommand, ValueEnum};
use witgate_ledger::{ChainKey, PublicKey, SignedCheckpoint, explain, find};

use super::FAILED;

mod cases;
mod export;
mod outside;
mod prove;
mod receipt;
mod selection;
mod stats;
mod tail;
mod verify;

pub(super) use receipt::{ReceiptArgs, check as check_receipt};

/// How an outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check a ledger: edits, drops, reorders, cuts and forks, with a public key, the chain key, or both
    Verify(verify::VerifyArgs),
    /// Write a small file that shows to others that records are in the ledger
    Prove(prove::ProveArgs),
    /// Check such a file, offline
    CheckProof(prove::CheckProofArgs),
    /// Tell why: everything recorded of one exchange
    Show {
        /// The exchange
        id: String,
        /// The ledger's folder
        #[arg(long, default_value = "ledger")]
        ledger: PathBuf,
        /// The chain's first key; without it nothing is checked
        #[arg(long, value_name = "FILE", alias = "key")]
        chain_key: Option<PathBuf>,
    },
    /// Show records as they are written
    Tail(tail::TailArgs),
    /// Counts, times and tokens
    Stats(stats::StatsArgs),
    /// Write records for other programs, with proofs that they are in the signed ledger
    Export(export::ExportArgs),
    /// Make cases for `witgate plugin test` of recorded exchanges, their values replaced; needs kept bodies
    Cases(cases::CasesArgs),
    /// Check a receipt, offline
    Receipt(ReceiptArgs),
}

pub(super) fn run(
    command: &AuditCommand,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<u8> {
    match command {
        AuditCommand::Verify(args) => verify::run(args, colour, out, err),
        AuditCommand::Prove(args) => prove::make(args, out, err),
        AuditCommand::CheckProof(args) => prove::check(args, out),
        AuditCommand::Show { id, ledger, chain_key } => show(id, ledger, chain_key.as_deref(), out, err),
        AuditCommand::Tail(args) => tail::run(args, out),
        AuditCommand::Stats(args) => stats::run(args, out),
        AuditCommand::Export(args) => export::run(args, out, err),
        AuditCommand::Cases(args) => cases::run(args, out, err),
        AuditCommand::Receipt(args) => check_receipt(args, out),
    }
}

/// An error with its code, for `anyhow`.
fn coded(code: &str, error: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow!("error[{code}]: {error}")
}

/// A file that is there, of those where it usually is.
fn usual(dir: &Path, names: [&str; 2]) -> Option<PathBuf> {
    names.into_iter().map(|name| dir.join(name)).find(|path| path.is_file())
}

/// The chain's first key where `witgate init` or `serve --dev` puts it.
fn usual_chain_key(dir: &Path) -> Option<PathBuf> {
    usual(dir, ["../keys/ledger.key", "dev.key"])
}

/// The public key where they put it.
fn usual_public_key(dir: &Path) -> Option<PathBuf> {
    usual(dir, ["../keys/receipt.pub", "dev-receipt.pub"])
}

fn load_chain_key(path: &Path) -> anyhow::Result<ChainKey> {
    ChainKey::load(path).map_err(|e| coded(e.code(), &e))
}

fn load_public_key(path: &Path) -> anyhow::Result<PublicKey> {
    PublicKey::load(path).map_err(|e| coded(e.code(), &e))
}

/// The public keys named, else the one at its usual place.
fn public_keys(dir: &Path, named: &[PathBuf]) -> anyhow::Result<Vec<PublicKey>> {
    let usual = usual_public_key(dir).filter(|_| named.is_empty());
    named.iter().chain(&usual).map(|path| load_public_key(path)).collect()
}

fn load_checkpoint(path: &Path) -> anyhow::Result<SignedCheckpoint> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| coded("checkpoint_unreadable", &format!("{}: {e}", path.display())))?;
    text.parse().map_err(|e| coded("checkpoint_unreadable", &format!("{}: {e}", path.display())))
}

fn show(id: &str, dir: &Path, key: Option<&Path>, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let key = match (key, usual_chain_key(dir)) {
        (Some(named), _) => Some(load_chain_key(named)?),
        (None, usual) => usual.and_then(|path| ChainKey::load(&path).ok()),
    };
    let records = find(dir, key.as_ref(), id).map_err(|e| coded(e.code(), &e))?;
    if records.is_empty() {
        writeln!(err, "error[exchange_unknown]: {} has no record of exchange {id}", dir.display())?;
        return Ok(FAILED);
    }
    write!(out, "{}", explain(&records))?;
    Ok(0)
}
