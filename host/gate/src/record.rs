//! From what the stages decided to what the ledger keeps.

use witgate_ledger as ledger;
use witgate_policy::engine::{Claim, Event, GuestCall, HostAnswer};
use witgate_policy::{Mode, Opinion, PolicySet, Reason, Verdict};
use witgate_wire::answer::ToolCall;

/// Findings kept of one plugin in one record.
const FINDINGS: usize = 64;

/// The ledger's word for a mode.
pub(crate) fn mode(mode: Mode) -> ledger::Mode {
    match mode {
        Mode::Enforce => ledger::Mode::Enforce,
        Mode::Monitor => ledger::Mode::Monitor,
    }
}

/// A claim as the ledger keeps it.
pub(crate) fn claim(claim: &Claim) -> ledger::Claim {
    ledger::Claim { value: claim.value.clone(), proven: claim.proven }
}

/// The DECISION of one stage.
pub(crate) fn decision(
    stage: ledger::Stage,
    set: &PolicySet,
    verdict: &Verdict,
    opinions: &[Opinion],
    subject: Option<ledger::Subject>,
) -> ledger::Decision {
    ledger::Decision {
        stage,
        policy_set: ledger::Digest(set.digest().0),
        generation: set.generation(),
        verdict: verdict.name().into(),
        enforced: !verdict.is_allow(),
        reason: verdict.reason().map(|r| ledger::Reason { plugin: r.plugin.clone(), code: r.code.clone() }),
        subject,
        withheld: vec![],
        plugins: opinions.iter().filter_map(|o| result(set, o)).collect(),
    }
}

/// The APPROVAL of a call that a policy wants a person's agreement to, and that nobody can be asked about yet.
pub(crate) fn approval(
    set: &PolicySet,
    principal: &Claim,
    reason: &Reason,
    opinions: &[Opinion],
    call: &ToolCall,
    subject: &ledger::Subject,
) -> ledger::Approval {
    let asks = |opinion: &&Opinion| set.members().get(opinion.member).is_some_and(|m| m.plugin.id() == reason.plugin);
    ledger::Approval {
        approval: uuid::Uuid::now_v7().to_string(),
        outcome: ledger::Approved::Unavailable,
        principal: claim(principal),
        policy_set: ledger::Digest(set.digest().0),
        generation: set.generation(),
        asked_by: ledger::Reason { plugin: reason.plugin.clone(), code: reason.code.clone() },
        queue: opinions.iter().find(asks).and_then(|opinion| opinion.queue.clone()),
        call: ledger::ApprovedCall {
            kind: subject.kind.clone(),
            id: call.call_id.as_deref().map(ledger::ApprovedCall::recorded_id),
            name: call.name.clone(),
            index: subject.index.unwrap_or_default(),
            arguments: subject.arguments,
        },
    }
}

/// What happened at a stage, as recording plugins are told it.
pub(crate) fn events(stage: &str, set: &PolicySet, opinions: &[Opinion]) -> Vec<Event> {
    let event = |opinion: &Opinion| {
        let member = set.members().get(opinion.member)?;
        Some(Event {
            stage: stage.to_owned(),
            plugin: member.plugin.id().to_owned(),
            outcome: opinion.verdict.to_owned(),
            findings: opinion.findings.clone(),
            elapsed_ns: opinion.elapsed_ns,
        })
    };
    opinions.iter().filter_map(event).collect()
}

fn result(set: &PolicySet, opinion: &Opinion) -> Option<ledger::PluginResult> {
    let member = set.members().get(opinion.member)?;
    let said = ledger::Verdict::from(opinion.verdict);
    let applied = member.mode == Mode::Enforce;
    Some(ledger::PluginResult {
        plugin: member.plugin.id().to_owned(),
        version: member.plugin.manifest().version.clone(),
        digest: ledger::Digest(member.plugin.digest().0),
        mode: mode(member.mode),
        // What could not decide said nothing.
        verdict: (applied && opinion.fault.is_none()).then(|| said.clone()),
        would_have: (!applied && opinion.fault.is_none()).then_some(said),
        code: opinion.code.clone(),
        fault: opinion.fault.map(str::to_owned),
        findings: opinion
            .findings
            .iter()
            .take(FINDINGS)
            .map(|f| ledger::Finding {
                code: f.code.clone(),
                confidence: f.confidence,
                span: f.at.map(|at| ledger::Span { start: at.start, end: at.end }),
            })
            .collect(),
        labels: opinion.labels.iter().map(|l| ledger::Label { key: l.key.clone(), value: l.value.clone() }).collect(),
        edits: opinion.edits as u64,
        elapsed_ns: opinion.elapsed_ns,
        calls: opinion.calls.iter().map(call).collect(),
    })
}

fn call(call: &GuestCall) -> ledger::GuestCall {
    let answer = |a: &HostAnswer| {
        ledger::Value::List(vec![ledger::Value::Text(a.service.into()), ledger::Value::Bytes(a.value.clone())])
    };
    ledger::GuestCall {
        function: match call.function {
            "open" | "push" | "finish" => format!("{}#{}", call.function, call.session),
            other => other.to_owned(),
        },
        times: call.times.into(),
        input_bytes: call.bytes,
        host_answers: call.answers.iter().map(answer).collect(),
    }
}
