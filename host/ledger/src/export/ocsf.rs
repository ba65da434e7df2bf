//! Records as events of the Open Cybersecurity Schema Framework (schema.ocsf.io), version 1.6.0: an exchange that ended is an API
//! Activity (6003), a decision that noticed something a Detection Finding (2004), both with the profile Security Control. What the
//! framework has no attribute for stands in `unmapped.witgate`.

use serde_json::{Map, Value, json};

use crate::body::{Body, Execution, Intent};
use crate::decision::Decision;
use crate::fixed_bytes::{Digest, LedgerId};
use crate::record::Record;
use crate::thread_ids::ThreadIds;
use crate::words::{Outcome, Verdict};

/// The version of the framework.
const VERSION: &str = "1.6.0";
/// Dispositions of the profile Security Control.
const ALLOWED: u8 = 1;
const BLOCKED: u8 = 2;
const DETECTED: u8 = 15;

/// What an INTENT says, for the events of its exchange.
#[derive(Debug)]
pub(super) struct Asked {
    seq: u64,
    time_ms: u64,
    intent: Intent,
}

impl Asked {
    pub(super) fn of(record: &Record) -> Option<Self> {
        let Body::Intent(intent) = &record.body else { return None };
        Some(Self { seq: record.seq, time_ms: record.time_ms, intent: (**intent).clone() })
    }

    fn actor(&self) -> Value {
        let mut actor = json!({ "app_name": self.intent.principal.value });
        if let Some(owner) = &self.intent.owner {
            set(&mut actor, "user", json!({ "name": owner.value }));
        }
        actor
    }
}

/// Whether a record is an event of its own.
pub(super) fn is_event(record: &Record) -> bool {
    match &record.body {
        Body::Execution(_) => true,
        Body::Decision(decision) => is_finding(decision),
        _ => false,
    }
}

/// A decision that was not a plain allow.
fn is_finding(decision: &Decision) -> bool {
    let would = |verdict: &Verdict| *verdict != Verdict::Allow;
    decision.verdict != Verdict::Allow
        || !decision.withheld.is_empty()
        || decision.plugins.iter().any(|part| {
            !part.findings.is_empty() || part.fault.is_some() || part.would_have.as_ref().is_some_and(would)
        })
}

/// The event of a record; `None` when it has none.
pub(super) fn event(ledger: LedgerId, record: &Record, digest: Digest, asked: Option<&Asked>) -> Option<Value> {
    let mut event = match &record.body {
        Body::Execution(end) => activity(end, record, asked),
        Body::Decision(decision) if is_finding(decision) => finding(ledger, decision, record, asked),
        _ => return None,
    };
    let mut metadata = json!({
        "version": VERSION,
        "product": { "name": "Witgate", "vendor_name": "Witgate" },
        "profiles": ["security_control"],
        "uid": format!("{ledger}:{}", record.seq),
        "sequence": record.seq,
        "correlation_uid": record.exchange,
        "log_name": format!("witgate-ledger/{ledger}"),
    });
    if let Some(asked) = asked {
        set(&mut metadata, "tenant_uid", json!(asked.intent.tenant));
    }
    set(&mut event, "metadata", metadata);
    if let Some(unmapped) = event.pointer_mut("/unmapped/witgate") {
        set(unmapped, "digest", json!(digest));
    }
    Some(event)
}

fn activity(end: &Execution, record: &Record, asked: Option<&Asked>) -> Value {
    let completed = end.outcome == Outcome::Completed;
    // An exchange that was refused before it was judged is told as such in a word of its own.
    let blocked = matches!(end.outcome, Outcome::Denied | Outcome::Other(_));
    let principal = asked.map_or("unknown", |asked| &asked.intent.principal.value);
    let mut unmapped = json!({
        "records": asked.iter().map(|asked| asked.seq).chain([record.seq]).collect::<Vec<_>>(),
        "outcome": end.outcome,
        "latency_us": end.latency_us,
    });
    let mut event = json!({
        "class_uid": 6003, "class_name": "API Activity", "category_uid": 6, "category_name": "Application Activity",
        "activity_id": 99, "activity_name": "Invoke", "type_uid": 600_399,
        "time": record.time_ms,
        "severity_id": 1, "severity": "Informational",
        "status_id": if completed { 1 } else { 2 },
        "status": if completed { "Success" } else { "Failure" },
        "duration": end.latency_us.total / 1000,
        "action_id": if blocked { 2 } else { 1 },
        "disposition_id": if blocked { BLOCKED } else { ALLOWED },
        "actor": asked.map_or_else(|| json!({ "app_name": principal }), Asked::actor),
        "api": api(record, asked, Some(end)),
        "src_endpoint": { "svc_name": principal },
    });
    if let Some(code) = &end.code {
        set(&mut event, "status_code", json!(code));
    }
    if let Some(status) = end.status {
        set(&mut event, "http_response", json!({ "code": status }));
    }
    if let Some(asked) = asked {
        let intent = &asked.intent;
        set(&mut event, "start_time", json!(asked.time_ms));
        set(&mut event, "end_time", json!(record.time_ms));
        set(&mut event, "dst_endpoint", json!({ "svc_name": intent.upstream }));
        if let Some((method, path)) = intent.route.split_once(' ') {
            set(&mut event, "http_request", json!({ "http_method": method, "url": { "path": path } }));
        }
        set(&mut event, "policy", policy(intent.policy_set, intent.generation));
        set(&mut unmapped, "model", json!(intent.model));
        set(&mut unmapped, "stream", json!(intent.stream));
        set(&mut unmapped, "principal_proven", json!(intent.principal.proven));
        if !intent.references.is_empty() {
            set(&mut unmapped, "references", json!(intent.references));
        }
    }
    if let Some(usage) = end.usage {
        set(&mut unmapped, "tokens", json!(usage));
    }
    ids(record, &mut unmapped);
    set(&mut event, "unmapped", json!({ "witgate": unmapped }));
    event
}

fn finding(ledger: LedgerId, decision: &Decision, record: &Record, asked: Option<&Asked>) -> Value {
    let against = decision.verdict != Verdict::Allow;
    let blocked = against && decision.enforced;
    let faults = decision.plugins.iter().filter_map(|part| Some((&part.plugin, part.fault.as_ref()?)));
    let faults: Vec<_> = faults.map(|(plugin, fault)| json!({ "plugin": plugin, "code": fault })).collect();
    let (severity_id, severity) = match (against, faults.is_empty()) {
        (true, _) => (3, "Medium"),
        (false, false) => (2, "Low"),
        (false, true) => (1, "Informational"),
    };
    let mut types: Vec<&str> = decision.reason.iter().map(|reason| reason.code.as_str()).collect();
    let seen = decision.plugins.iter().flat_map(|part| part.findings.iter().map(|finding| finding.code.as_str()));
    for code in decision.withheld.iter().map(|call| call.code.as_str()).chain(seen) {
        if !types.contains(&code) {
            types.push(code);
        }
    }
    let what = types.first().copied().unwrap_or("fault");
    let title = format!("{} {}: {what}", decision.stage, decision.verdict);
    let mut info = json!({
        "uid": format!("{ledger}:{}", record.seq), "title": title, "types": types, "created_time": record.time_ms,
    });
    let part =
        decision.reason.as_ref().and_then(|reason| decision.plugins.iter().find(|part| part.plugin == reason.plugin));
    if let Some(part) = part {
        let analytic = json!({
            "type_id": 99, "type": "Plugin", "name": part.plugin, "version": part.version, "uid": part.digest,
        });
        set(&mut info, "analytic", analytic);
    }
    let mut evidence = json!({ "api": api(record, asked, None) });
    if let Some(asked) = asked {
        set(&mut evidence, "actor", asked.actor());
    }
    let withheld: Vec<_> =
        decision.withheld.iter().map(|call| json!({ "tool": call.name, "code": call.code })).collect();
    let mut unmapped = json!({
        "records": asked.iter().map(|asked| asked.seq).chain([record.seq]).collect::<Vec<_>>(),
        "stage": decision.stage, "verdict": decision.verdict, "enforced": decision.enforced,
        "withheld": withheld, "faults": faults,
    });
    ids(record, &mut unmapped);
    let mut event = json!({
        "class_uid": 2004, "class_name": "Detection Finding", "category_uid": 2, "category_name": "Findings",
        "activity_id": 1, "activity_name": "Create", "type_uid": 200_401,
        "time": record.time_ms, "message": title,
        "severity_id": severity_id, "severity": severity,
        "status_id": 1, "status": "New",
        "action_id": if blocked { 2 } else { 1 },
        "disposition_id": if blocked { BLOCKED } else { DETECTED },
        "is_alert": against,
        "finding_info": info,
        "evidences": [evidence],
        "policy": policy(decision.policy_set, decision.generation),
        "unmapped": { "witgate": unmapped },
    });
    let confidence = decision.plugins.iter().flat_map(|part| &part.findings).map(|finding| finding.confidence).max();
    if let Some(confidence) = confidence {
        set(&mut event, "confidence_score", json!(confidence));
    }
    event
}

fn api(record: &Record, asked: Option<&Asked>, end: Option<&Execution>) -> Value {
    let operation = asked.map_or("unknown", |asked| &asked.intent.route);
    let mut api = json!({ "operation": operation, "request": { "uid": record.exchange } });
    if let Some(asked) = asked {
        set(&mut api, "service", json!({ "name": asked.intent.dialect }));
    }
    if let Some(end) = end {
        let mut response = json!({});
        if let Some(status) = end.status {
            set(&mut response, "code", json!(status));
        }
        if let Some(code) = &end.code {
            set(&mut response, "error", json!(code));
        }
        if response.as_object().is_some_and(|response| !response.is_empty()) {
            set(&mut api, "response", response);
        }
    }
    api
}

fn policy(digest: Digest, generation: u64) -> Value {
    json!({ "uid": digest, "version": generation.to_string() })
}

/// The names that the client gave.
fn ids(record: &Record, unmapped: &mut Value) {
    for (name, value) in ThreadIds::of(&record.attributes).named() {
        set(unmapped, name, json!(value));
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let fields: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let Some(fields) = fields {
        fields.insert(name.to_owned(), value);
    }
}
