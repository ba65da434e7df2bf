//! A record as one line, for whoever watches a ledger grow.

use std::fmt::{self, Write as _};

use crate::body::Body;
use crate::checkpoint::SignedCheckpoint;
use crate::decision::Decision;
use crate::explain::{plain, utc};
use crate::record::Record;
use crate::words::Verdict;

/// The record in one line, without a line feed: position, time, kind, exchange, and what it says in short. Strings from
/// outside are shown without control characters.
#[must_use]
pub fn line(record: &Record) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(record, &mut out);
    out
}

fn write(record: &Record, out: &mut String) -> fmt::Result {
    let Record { seq, time_ms, exchange, kind, body, .. } = record;
    let exchange = if exchange.is_empty() { "-".to_owned() } else { plain(exchange) };
    write!(out, "{seq:>6}  {}  {:<10}  {exchange:<36}  ", utc(*time_ms), plain(kind.as_str()))?;
    match body {
        Body::Intent(intent) => {
            let model = intent.model.as_deref().map_or_else(|| "no model".to_owned(), plain);
            let stream = if intent.stream { ", stream" } else { "" };
            write!(
                out,
                "{} for {model} at {}, {}{stream}",
                plain(&intent.principal.value),
                plain(&intent.upstream),
                plain(&intent.dialect)
            )?;
            match intent.references.len() {
                0 => Ok(()),
                1 => write!(out, ", from 1 earlier exchange"),
                several => write!(out, ", from {several} earlier exchanges"),
            }
        }
        Body::Decision(decision) => write_decision(decision, out),
        Body::Execution(end) => {
            write!(out, "{}", plain(end.outcome.as_str()))?;
            if let Some(status) = end.status {
                write!(out, " {status}")?;
            }
            if let Some(code) = &end.code {
                write!(out, " {}", plain(code))?;
            }
            if let Some(usage) = end.usage {
                write!(out, ", {}+{} tokens", usage.prompt, usage.completion)?;
            }
            write!(out, ", {} µs, {} added", end.latency_us.total, end.latency_us.added)
        }
        Body::Approval(approval) => {
            let asked = &approval.asked_by;
            write!(
                out,
                "{} of {}, asked for by {}: {}",
                plain(approval.outcome.as_str()),
                plain(&approval.call.name),
                plain(&asked.plugin),
                plain(&asked.code)
            )
        }
        Body::Policy(policy) => {
            let how = match (&policy.code, policy.accepted) {
                (_, true) => "in force".to_owned(),
                (code, false) => format!("refused: {}", plain(code.as_deref().unwrap_or_default())),
            };
            write!(out, "generation {} of {} plugins {how}", policy.generation, policy.plugins.len())
        }
        Body::Checkpoint(checkpoint) => match checkpoint.note.parse::<SignedCheckpoint>() {
            Ok(signed) => write!(out, "of {} records", signed.checkpoint.size),
            Err(_) => write!(out, "that cannot be read"),
        },
        Body::Recovery(recovery) => {
            write!(
                out,
                "{}, {} bytes cut, {} exchanges closed",
                plain(&recovery.reason),
                recovery.truncated_bytes,
                recovery.aborted
            )
        }
        Body::Retention(let_go) => {
            write!(
                out,
                "records to {} let go in {} segments, by {}",
                let_go.through,
                let_go.segments,
                plain(&let_go.rule)
            )
        }
        Body::Unknown(_) => write!(out, "of a later version"),
    }
}

fn write_decision(decision: &Decision, out: &mut String) -> fmt::Result {
    write!(out, "{} {}", plain(decision.stage.as_str()), plain(decision.verdict.as_str()))?;
    if let Some(reason) = &decision.reason {
        write!(out, " by {}: {}", plain(&reason.plugin), plain(&reason.code))?;
    }
    if !decision.enforced && decision.verdict != Verdict::Allow {
        write!(out, " (not applied)")?;
    }
    if let Some(name) = decision.subject.as_ref().and_then(|subject| subject.name.as_deref()) {
        write!(out, ", {}", plain(name))?;
    }
    for call in &decision.withheld {
        write!(out, ", withheld {}: {}", plain(&call.name), plain(&call.code))?;
    }
    for part in &decision.plugins {
        if let Some(fault) = &part.fault {
            write!(out, ", {} could not decide: {}", plain(&part.plugin), plain(fault))?;
        }
        if let Some(would) = part.would_have.as_ref().filter(|would| **would != Verdict::Allow) {
            write!(out, ", {} would have said {}", plain(&part.plugin), plain(would.as_str()))?;
        }
    }
    let findings: usize = decision.plugins.iter().map(|part| part.findings.len()).sum();
    if findings > 0 {
        write!(out, ", {findings} findings")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
