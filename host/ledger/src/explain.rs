//! Tells a person what happened in one exchange.

use std::fmt::{self, Write as _};

use crate::approval::Approval;
use crate::body::{Body, CheckpointRecord, Claim, Execution, Intent, Policy, Recovery, Retention};
use crate::checkpoint::SignedCheckpoint;
use crate::decision::{Decision, PluginResult};
use crate::record::Record;
use crate::reference::{Inherited, Reference};
use crate::words::{Mode, Outcome, Verdict};

/// The records of one exchange, in order, as text: who asked, what each stage decided, by which plugin and why, what was
/// withheld, how it ended. Ends with a line feed. Strings from outside are shown without control characters.
#[must_use]
pub fn explain(records: &[Record]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(records, &mut out);
    out
}

fn write_all(records: &[Record], out: &mut String) -> fmt::Result {
    let Some(first) = records.first() else {
        return writeln!(out, "no records");
    };
    if first.exchange.is_empty() {
        writeln!(out, "Ledger events from {}", utc(first.time_ms))?;
    } else {
        writeln!(out, "Exchange {}  {}", plain(&first.exchange), utc(first.time_ms))?;
    }
    for record in records {
        let after = record.time_ms.saturating_sub(first.time_ms);
        writeln!(out)?;
        write!(out, "#{} +{after} ms  ", record.seq)?;
        match &record.body {
            Body::Intent(intent) => write_intent(intent, out)?,
            Body::Decision(decision) => write_decision(decision, out)?,
            Body::Execution(end) => write_execution(end, out)?,
            Body::Approval(approval) => write_approval(approval, out)?,
            Body::Policy(policy) => write_policy(policy, out)?,
            Body::Checkpoint(checkpoint) => write_checkpoint(checkpoint, out)?,
            Body::Recovery(recovery) => write_recovery(recovery, out)?,
            Body::Retention(retention) => write_retention(retention, out)?,
            Body::Unknown(unknown) => {
                writeln!(out, "{} (this version does not know this kind of record)", plain(&unknown.kind))?
            }
        }
    }
    if !first.exchange.is_empty() && !records.iter().any(|record| matches!(record.body, Body::Execution(_))) {
        writeln!(
            out,
            "\nNo end is recorded: the exchange is still running, or the gate was stopped and has not been started since."
        )?;
    }
    Ok(())
}

fn write_checkpoint(checkpoint: &CheckpointRecord, out: &mut String) -> fmt::Result {
    let Ok(SignedCheckpoint { checkpoint, .. }) = checkpoint.note.parse::<SignedCheckpoint>() else {
        return writeln!(out, "checkpoint  that cannot be read");
    };
    writeln!(out, "checkpoint  of {} records, root {}", checkpoint.size, checkpoint.root)?;
    match checkpoint.next_key {
        Some(key) => writeln!(out, "    key         {} signs from here on", key.id()),
        None => Ok(()),
    }
}

fn write_intent(intent: &Intent, out: &mut String) -> fmt::Result {
    writeln!(out, "request  {} ({})", plain(&intent.route), plain(&intent.dialect))?;
    write!(out, "    asked by    {}", claim(&intent.principal))?;
    match &intent.owner {
        Some(owner) => writeln!(out, ", on the account of {}", claim(owner))?,
        None => writeln!(out, ", no owner named")?,
    }
    if !intent.tenant.is_empty() {
        writeln!(out, "    tenant      {}", plain(&intent.tenant))?;
    }
    let model = intent.model.as_deref().map_or_else(|| "no model named".to_owned(), plain);
    writeln!(
        out,
        "    for         {model} at {}{}",
        plain(&intent.upstream),
        if intent.stream { ", as a stream" } else { "" }
    )?;
    if let Some(request) = &intent.request {
        writeln!(out, "    body        {} bytes, hash {}", request.bytes, request.hash)?;
    }
    writeln!(out, "    policy set  generation {}, {}", intent.generation, intent.policy_set)?;
    for Reference { seq, digest, exchange, used } in &intent.references {
        writeln!(out, "    made from   #{seq} of {} ({}), digest {digest}", plain(exchange), plain(used.as_str()))?;
    }
    for Inherited { source, key, value } in &intent.inherited {
        writeln!(out, "    inherits    label {} = {} of {}", plain(key), plain(value), plain(source))?;
    }
    Ok(())
}

fn write_approval(approval: &Approval, out: &mut String) -> fmt::Result {
    let Approval { outcome, asked_by, call, .. } = approval;
    write!(out, "approval  {}", plain(outcome.as_str()).to_uppercase())?;
    writeln!(out, ", asked for by {}: {}", plain(&asked_by.plugin), plain(&asked_by.code))?;
    write!(out, "    call        {}", plain(&call.name))?;
    if let Some(id) = &call.id {
        write!(out, " ({})", plain(id))?;
    }
    if let Some(arguments) = &call.arguments {
        write!(out, ", arguments {} bytes, hash {}", arguments.bytes, arguments.hash)?;
    }
    writeln!(out, "\n    of          {}", claim(&approval.principal))?;
    if let Some(queue) = &approval.queue {
        writeln!(out, "    queue       {}", plain(queue))?;
    }
    writeln!(out, "    policy set  generation {}, {}", approval.generation, approval.policy_set)?;
    writeln!(out, "    approval    {}", plain(&approval.approval))
}

fn write_decision(decision: &Decision, out: &mut String) -> fmt::Result {
    write!(out, "{}  {}", plain(decision.stage.as_str()), plain(decision.verdict.as_str()).to_uppercase())?;
    if let Some(reason) = &decision.reason {
        write!(out, " by {}: {}", plain(&reason.plugin), plain(&reason.code))?;
    }
    if !decision.enforced && decision.verdict != Verdict::Allow {
        write!(out, " (not applied)")?;
    }
    writeln!(out)?;
    if let Some(subject) = &decision.subject {
        write!(out, "    looked at   {}", plain(&subject.kind))?;
        if let Some(name) = &subject.name {
            write!(out, " {}", plain(name))?;
        }
        if let Some(arguments) = &subject.arguments {
            write!(out, ", arguments {} bytes, hash {}", arguments.bytes, arguments.hash)?;
        }
        writeln!(out)?;
    }
    for call in &decision.withheld {
        writeln!(out, "    withheld    {}: {}", plain(&call.name), plain(&call.code))?;
    }
    decision.plugins.iter().try_for_each(|plugin| write_plugin(plugin, out))
}

fn write_plugin(result: &PluginResult, out: &mut String) -> fmt::Result {
    write!(out, "    {} {}  ", plain(&result.plugin), plain(&result.version))?;
    match (&result.fault, &result.verdict) {
        (Some(fault), _) => write!(out, "could not decide: {}", plain(fault))?,
        (None, Some(verdict)) => write!(out, "{}", plain(verdict.as_str()))?,
        (None, None) if result.mode == Mode::Monitor => write!(out, "watched")?,
        (None, None) => write!(out, "was not asked")?,
    }
    if let Some(code) = &result.code {
        write!(out, " {}", plain(code))?;
    }
    if let (Mode::Monitor, Some(would)) = (&result.mode, &result.would_have) {
        write!(out, " (monitor: would have been {})", plain(would.as_str()))?;
    }
    if result.edits > 0 {
        write!(out, ", {} edits", result.edits)?;
    }
    writeln!(out, ", {} µs", result.elapsed_ns / 1000)?;
    for finding in &result.findings {
        write!(out, "      found {} ({} %)", plain(&finding.code), finding.confidence)?;
        if let Some(span) = finding.span {
            write!(out, " at bytes {} to {}", span.start, span.end)?;
        }
        writeln!(out)?;
    }
    for label in &result.labels {
        writeln!(out, "      label {} = {}", plain(&label.key), plain(&label.value))?;
    }
    Ok(())
}

fn write_execution(end: &Execution, out: &mut String) -> fmt::Result {
    let how = match &end.outcome {
        Outcome::Completed => "completed".to_owned(),
        Outcome::Denied => "denied by policy".to_owned(),
        Outcome::Aborted => "cut short".to_owned(),
        Outcome::UpstreamError => "the upstream failed".to_owned(),
        Outcome::ClientGone => "the client went away".to_owned(),
        Outcome::Other(word) => plain(word),
    };
    write!(out, "end  {how}")?;
    if let Some(code) = &end.code {
        write!(out, ": {}", plain(code))?;
    }
    writeln!(out)?;
    let status = |status: Option<u16>| status.map_or_else(|| "none".to_owned(), |status| status.to_string());
    writeln!(out, "    status      {} (upstream {})", status(end.status), status(end.upstream_status))?;
    if let Some(response) = &end.response {
        writeln!(out, "    body        {} bytes, hash {}", response.bytes, response.hash)?;
    }
    if let Some(usage) = end.usage {
        writeln!(out, "    tokens      {} prompt, {} completion", usage.prompt, usage.completion)?;
    }
    write!(out, "    time        {} µs, {} of them added by the gate", end.latency_us.total, end.latency_us.added)?;
    match end.latency_us.upstream_first_byte {
        Some(first) => writeln!(out, ", upstream's first byte after {first}"),
        None => writeln!(out),
    }
}

fn write_policy(policy: &Policy, out: &mut String) -> fmt::Result {
    write!(out, "policy set  generation {}, {}  ", policy.generation, policy.digest)?;
    match (&policy.code, policy.accepted) {
        (_, true) => writeln!(out, "in force")?,
        (Some(code), false) => writeln!(out, "refused: {}", plain(code))?,
        (None, false) => writeln!(out, "refused")?,
    }
    for plugin in &policy.plugins {
        let (name, version, mode) = (plain(&plugin.plugin), plain(&plugin.version), plain(plugin.mode.as_str()));
        write!(out, "    {name} {version}  {mode}  {}", plugin.digest)?;
        match &plugin.signer {
            Some(signer) => {
                let who = [plain(&signer.key), plain(&signer.name)].join(" ");
                writeln!(out, "  signed by {}", who.trim_end())?;
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn write_recovery(recovery: &Recovery, out: &mut String) -> fmt::Result {
    writeln!(out, "recovery  {}", plain(&recovery.reason))?;
    if let Some(segment) = &recovery.segment {
        writeln!(
            out,
            "    cut         {} bytes of {} from offset {}",
            recovery.truncated_bytes,
            plain(segment),
            recovery.at_offset
        )?;
    }
    writeln!(out, "    closed      {} exchanges as aborted", recovery.aborted)
}

fn write_retention(retention: &Retention, out: &mut String) -> fmt::Result {
    let Retention { through, segments, bytes, rule, bound, shipped, .. } = retention;
    writeln!(out, "retention  records 1 to {through} are let go by the operator's rule ({} {bound})", plain(rule))?;
    let copied = if *shipped { "copies were shipped before" } else { "no copies were shipped" };
    writeln!(out, "    now         {segments} segments, {bytes} bytes; {copied}")
}

fn claim(claim: &Claim) -> String {
    let value = if claim.value.is_empty() { "nobody named".to_owned() } else { plain(&claim.value) };
    format!("{value} ({})", if claim.proven { "proven" } else { "claimed" })
}

/// Text from outside without what could move a terminal's cursor or turn its text around.
pub(crate) fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Milliseconds since 1970 as a date and time in UTC (RFC 3339). The days-to-date rule is the proleptic Gregorian calendar's.
pub fn utc(time_ms: u64) -> String {
    let (days, in_day) = (time_ms / 86_400_000, time_ms % 86_400_000);
    // Counted from 1 March of year 0, so that the leap day is a year's last; 719,468 days lie between that and 1970.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (seconds, milli) = (in_day / 1000, in_day % 1000);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests;
