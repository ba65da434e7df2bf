//! Records as a table (RFC 4180): what is flat of them. The rest is in JSON alone.

use std::io::{self, Write};

use crate::body::Body;
use crate::explain::utc;
use crate::fixed_bytes::Digest;
use crate::record::Record;
use crate::thread_ids::ThreadIds;

const NAMES: [&str; 38] = [
    "seq",
    "time",
    "kind",
    "exchange",
    "digest",
    "principal",
    "principal_proven",
    "owner",
    "tenant",
    "dialect",
    "model",
    "upstream",
    "route",
    "stream",
    "policy_set",
    "generation",
    "stage",
    "verdict",
    "enforced",
    "plugin",
    "code",
    "subject",
    "findings",
    "faults",
    "withheld",
    "outcome",
    "status",
    "upstream_status",
    "prompt_tokens",
    "completion_tokens",
    "total_us",
    "added_us",
    "thread_id",
    "turn_id",
    "parent_turn_id",
    "correlation_id",
    "references",
    "approval",
];

/// The line of names.
pub(super) fn names(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}\r\n", NAMES.join(","))
}

/// One record's line.
pub(super) fn record(record: &Record, digest: Digest, out: &mut dyn Write) -> io::Result<()> {
    let mut row = Row::default();
    row.set("seq", record.seq.to_string());
    row.set("time", utc(record.time_ms));
    row.set("kind", record.kind.to_string());
    row.set("exchange", record.exchange.clone());
    row.set("digest", digest.to_string());
    body(&record.body, &mut row);
    for (name, value) in ThreadIds::of(&record.attributes).named() {
        row.set(name, value.to_owned());
    }
    let line: Vec<String> = NAMES.iter().map(|name| row.0.remove(name).map_or_else(String::new, cell)).collect();
    write!(out, "{}\r\n", line.join(","))
}

#[derive(Default)]
struct Row(std::collections::BTreeMap<&'static str, String>);

impl Row {
    fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    fn some(&mut self, name: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.set(name, value.to_string());
        }
    }
}

fn body(body: &Body, row: &mut Row) {
    match body {
        Body::Intent(intent) => {
            row.set("principal", intent.principal.value.clone());
            row.set("principal_proven", intent.principal.proven.to_string());
            row.some("owner", intent.owner.as_ref().map(|owner| &owner.value));
            row.set("tenant", intent.tenant.clone());
            row.set("dialect", intent.dialect.clone());
            row.some("model", intent.model.as_ref());
            row.set("upstream", intent.upstream.clone());
            row.set("route", intent.route.clone());
            row.set("stream", intent.stream.to_string());
            row.set("policy_set", intent.policy_set.to_string());
            row.set("generation", intent.generation.to_string());
            if !intent.references.is_empty() {
                let named = intent.references.iter().map(|one| format!("{}:{}:{}", one.seq, one.digest, one.used));
                row.set("references", named.collect::<Vec<_>>().join(" "));
            }
        }
        Body::Decision(decision) => {
            row.set("policy_set", decision.policy_set.to_string());
            row.set("generation", decision.generation.to_string());
            row.set("stage", decision.stage.to_string());
            row.set("verdict", decision.verdict.to_string());
            row.set("enforced", decision.enforced.to_string());
            row.some("plugin", decision.reason.as_ref().map(|reason| &reason.plugin));
            row.some("code", decision.reason.as_ref().map(|reason| &reason.code));
            row.some("subject", decision.subject.as_ref().and_then(|subject| subject.name.as_ref()));
            let findings: usize = decision.plugins.iter().map(|part| part.findings.len()).sum();
            row.set("findings", findings.to_string());
            row.set("faults", decision.plugins.iter().filter(|part| part.fault.is_some()).count().to_string());
            row.set("withheld", decision.withheld.len().to_string());
        }
        Body::Execution(end) => {
            row.set("outcome", end.outcome.to_string());
            row.some("status", end.status);
            row.some("upstream_status", end.upstream_status);
            row.some("prompt_tokens", end.usage.map(|usage| usage.prompt));
            row.some("completion_tokens", end.usage.map(|usage| usage.completion));
            row.set("total_us", end.latency_us.total.to_string());
            row.set("added_us", end.latency_us.added.to_string());
            row.set("stream", end.stream.to_string());
            row.some("code", end.code.as_ref());
        }
        Body::Approval(approval) => {
            row.set("principal", approval.principal.value.clone());
            row.set("principal_proven", approval.principal.proven.to_string());
            row.set("policy_set", approval.policy_set.to_string());
            row.set("generation", approval.generation.to_string());
            row.set("plugin", approval.asked_by.plugin.clone());
            row.set("code", approval.asked_by.code.clone());
            row.set("subject", approval.call.name.clone());
            row.set("outcome", approval.outcome.to_string());
            row.set("approval", approval.approval.clone());
        }
        Body::Policy(policy) => {
            row.set("policy_set", policy.digest.to_string());
            row.set("generation", policy.generation.to_string());
            row.set("enforced", policy.accepted.to_string());
            row.some("code", policy.code.as_ref());
        }
        Body::Recovery(recovery) => row.set("code", recovery.reason.clone()),
        Body::Retention(retention) => row.set("code", retention.rule.clone()),
        Body::Checkpoint(_) | Body::Unknown(_) => {}
    }
}

/// A value as a cell. Callers choose some of them: a spreadsheet must not take one for a formula, so an apostrophe goes before.
fn cell(value: String) -> String {
    let value = match value.bytes().next() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => format!("'{value}"),
        _ => value,
    };
    match value.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value,
    }
}
