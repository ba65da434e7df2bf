//! `witgate audit prove` and `check-proof`.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use witgate_ledger::{ProofFile, PublicKey, explain, find};

use super::{Format, coded, load_checkpoint, load_public_key, public_keys};
use crate::cli::FAILED;

mod exported;

/// The largest proof that is read, in bytes.
const MAX_PROOF: u64 = 256 << 20;

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// The exchange, all of whose records are proven, or the position of one record
    #[arg(required_unless_present = "since")]
    id: Option<String>,
    /// The ledger's folder
    #[arg(long, default_value = "ledger")]
    ledger: PathBuf,
    /// The checkpoint to lead to; without it, the ledger's newest
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// An earlier checkpoint: prove, too, that the ledger goes on from it
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Where the proof is written; without it, to the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckProofArgs {
    /// The proof; of an export, all of its files in order
    #[arg(required = true)]
    file: Vec<PathBuf>,
    /// A public key that signs the ledger's checkpoints; may be given more than once
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// An export: it must be what the proven records are written as, to the byte
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn make(args: &ProveArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let dir = &args.ledger;
    let checkpoint = args.checkpoint.clone().unwrap_or_else(|| dir.join("checkpoint"));
    let checkpoint = load_checkpoint(&checkpoint)?;
    let since = args.since.as_deref().map(load_checkpoint).transpose()?;
    let mut positions = Vec::new();
    if let Some(id) = &args.id {
        match id.parse::<u64>() {
            Ok(position) => positions.push(position),
            Err(_) => {
                let records = find(dir, None, id).map_err(|e| coded(e.code(), &e))?;
                positions.extend(records.iter().map(|record| record.seq));
            }
        }
        if positions.is_empty() {
            writeln!(err, "error[exchange_unknown]: {} has no record of exchange {id}", dir.display())?;
            return Ok(FAILED);
        }
    }
    let proof = match ProofFile::make(dir, &checkpoint, &positions, since.as_ref()) {
        Ok(proof) => proof,
        Err(error) => {
            writeln!(err, "error[{}]: {error}", error.code())?;
            return Ok(FAILED);
        }
    };
    // Whoever is handed a proof trusts their own key; this only tells early that it will not be believed.
    if let Ok(keys) = public_keys(dir, &[])
        && !keys.is_empty()
        && proof.check(&keys).is_err()
    {
        writeln!(err, "note: the checkpoint is not signed with the public key beside the ledger")?;
    }
    let text = serde_json::to_string_pretty(&proof)?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, text + "\n").with_context(|| format!("{}", path.display()))?;
            let size = checkpoint.checkpoint.size;
            writeln!(out, "wrote {}: {} records of {size}", path.display(), positions.len())?;
        }
        None => writeln!(out, "{text}")?,
    }
    Ok(0)
}

pub(super) fn check(args: &CheckProofArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    let keys = args.key.iter().map(|path| load_public_key(path)).collect::<anyhow::Result<Vec<_>>>()?;
    match (&args.export, args.file.as_slice()) {
        (Some(export), files) => exported::check(export, files, &keys, args.format, out),
        (None, [file]) => one(file, &keys, args.format, out),
        (None, _) => Err(anyhow::anyhow!("several proofs are those of an export; name it with --export FILE")),
    }
}

/// Reads a proof.
fn load(path: &Path) -> anyhow::Result<ProofFile> {
    let shown = path.display();
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| format!("{shown}"))?;
    file.take(MAX_PROOF).read_to_string(&mut text).with_context(|| format!("{shown}"))?;
    serde_json::from_str(&text).with_context(|| format!("{shown}: not a proof"))
}

fn one(file: &Path, keys: &[PublicKey], format: Format, out: &mut dyn Write) -> anyhow::Result<u8> {
    let proof = load(file)?;
    let checked = proof.check(keys);
    if format == Format::Json {
        let told = match &checked {
            Ok((checkpoint, records, since)) => serde_json::json!({
                "ok": true,
                "ledger": checkpoint.checkpoint.ledger,
                "size": checkpoint.checkpoint.size,
                "root": checkpoint.checkpoint.root,
                "since": since.as_ref().map(|since| since.checkpoint.size),
                "records": records,
            }),
            Err(error) => serde_json::json!({ "ok": false, "code": error.code(), "message": error.to_string() }),
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&told)?)?;
        return Ok(if checked.is_ok() { 0 } else { FAILED });
    }
    match checked {
        Ok((checkpoint, records, since)) => {
            let stated = checkpoint.checkpoint;
            writeln!(
                out,
                "genuine: {} records of ledger {}, signed at {} records, root {}",
                records.len(),
                stated.ledger,
                stated.size,
                stated.root
            )?;
            if let Some(since) = since {
                writeln!(out, "the first {} of them are those of the earlier checkpoint", since.checkpoint.size)?;
            }
            if !records.is_empty() {
                write!(out, "\n{}", explain(&records))?;
            }
            Ok(0)
        }
        Err(error) => {
            writeln!(out, "error[{}]: {error}", error.code())?;
            Ok(FAILED)
        }
    }
}
