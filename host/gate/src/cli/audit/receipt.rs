//! `witgate audit receipt`, which is also `witgate receipt verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use witgate_ledger::{Receipt, ReceiptFacts, ReceiptReason, find, ledger_id};

use super::{Format, coded, load_public_key};
use crate::cli::FAILED;

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The receipt, as JSON
    file: PathBuf,
    /// The gate's public receipt key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A ledger's folder: what the receipt states must be what its records say
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn check(args: &ReceiptArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    let key = load_public_key(&args.key)?;
    let file = args.file.display();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{file}"))?;
    let receipt: Receipt = serde_json::from_str(&text).with_context(|| format!("{file}: not a receipt"))?;
    let mut wrong = receipt.verify(&key).err().map(|error| (error.code(), error.to_string()));
    if let (None, Some(dir)) = (&wrong, &args.ledger) {
        wrong = compare(&receipt.facts, dir)?;
    }
    let facts = &receipt.facts;
    if args.format == Format::Json {
        let (code, message) = wrong.clone().unzip();
        let told = serde_json::json!({
            "ok": wrong.is_none(), "code": code, "message": message, "exchange": facts.exchange, "seq": facts.seq,
            "verdict": facts.verdict, "reason": facts.reason, "in_ledger": args.ledger.as_ref().map(|_| wrong.is_none()),
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&told)?)?;
    } else if let Some((code, message)) = &wrong {
        writeln!(out, "error[{code}]: {message}")?;
    } else {
        let (exchange, verdict, seq) = (&facts.exchange, &facts.verdict, facts.seq);
        writeln!(out, "genuine: exchange {exchange} was decided {verdict} at record {seq}")?;
        if let Some(ReceiptReason { plugin, code, findings }) = &facts.reason {
            write!(out, "by {plugin}: {code}")?;
            if !findings.is_empty() {
                write!(out, ", which found {}", findings.join(", "))?;
            }
            writeln!(out)?;
        }
        if let Some(dir) = &args.ledger {
            writeln!(out, "and {} says the same", dir.display())?;
        }
    }
    Ok(if wrong.is_some() { FAILED } else { 0 })
}

/// What the ledger says otherwise; the ledger itself is checked with `audit verify`.
fn compare(facts: &ReceiptFacts, dir: &Path) -> anyhow::Result<Option<(&'static str, String)>> {
    let named = |e: witgate_ledger::ReadError| coded(e.code(), &e);
    let id = ledger_id(dir).map_err(named)?;
    if id != Some(facts.ledger) {
        let message = format!("the receipt is of ledger {}, {} is another", facts.ledger, dir.display());
        return Ok(Some(("receipt_other_ledger", message)));
    }
    let records = find(dir, None, &facts.exchange).map_err(named)?;
    let Ok(recorded) = ReceiptFacts::from_records(facts.ledger, &records) else {
        let message =
            format!("the ledger has no decision of exchange {}: its record was taken out or cut off", facts.exchange);
        return Ok(Some(("receipt_not_in_ledger", message)));
    };
    let field = if (recorded.seq, recorded.time_ms) != (facts.seq, facts.time_ms) {
        "position or time"
    } else if recorded.policy_set != facts.policy_set {
        "policy set"
    } else if recorded.verdict != facts.verdict {
        "verdict"
    } else if facts.reason.is_some() && recorded.reason != facts.reason {
        // A receipt of an older gate has none.
        "reason"
    } else if recorded.request != facts.request {
        "request hash"
    } else if facts.response.is_some() && recorded.response.is_some() && facts.response != recorded.response {
        // One of them may have been made before the end.
        "response hash"
    } else {
        return Ok(None);
    };
    Ok(Some(("receipt_differs", format!("the ledger has another {field} for exchange {}", facts.exchange))))
}
