//! `GET …/models`: passes, inspected and recorded like the rest.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use witgate_ledger::{self as ledger, Outcome};
use witgate_policy::engine::Stage;
use witgate_policy::{Judge, JudgeLimits, Ruling, Verdict};
use witgate_wire::document::{DocumentBuilder, MappedDocument, Source};
use witgate_wire::json::Tree;

use super::back::uneditable;
use super::ended::Ended;
use super::upstream_body::UpstreamBody;
use super::{
    Begun, Evidence, begin, dialect, durable, facts, forward, intent, passed, references, refused, unless_cut,
    with_end, with_outcome,
};
use crate::body::{Body, full};
use crate::gate::Gate;
use crate::record;
use crate::refusal::Refusal;
use crate::upstream::UpstreamClient;

/// Bytes of a list of models.
const LIST_BYTES: usize = 4 << 20;

/// Serves the list of models.
pub(crate) async fn models(
    gate: Arc<Gate>,
    upstream: Arc<UpstreamClient>,
    request: Request<Incoming>,
) -> Response<Body> {
    let dialect = dialect(&request);
    let Begun { mut closing, caller } = match begin(&gate, dialect, &request) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    let made = match references::resolve(&gate, request.headers(), &caller.principal).await {
        Ok(made) => made,
        Err(refusal) => return refused(&gate, closing, &refusal),
    };
    let facts = facts(&gate, &closing.id, dialect, caller, None, &made);
    let mut judge = Judge::new(gate.policies.current(), facts.clone(), JudgeLimits::default());
    let intent = intent(&judge, &facts, &upstream.name, "/models", false, None, made);
    let ruling = admit(&gate, &mut judge, request.headers()).await;
    closing.stage("admission", &judge, &ruling.opinions);
    let decision = record::decision(ledger::Stage::Admission, judge.set(), &ruling.verdict, &ruling.opinions, None);
    let recorded = durable(&gate, &mut closing, intent, decision, &ruling.verdict, None);
    let (recorded, ()) = tokio::join!(recorded, async { judge.release() });
    let evidence = match recorded {
        Ok(recorded) => recorded.evidence(&gate, &closing.id),
        Err(refusal) => {
            judge.give_back();
            return with_outcome(&gate, closing, &refusal, Outcome::Aborted, &Evidence::default());
        }
    };
    if !ruling.verdict.is_allow() {
        return with_end(&gate, closing, &Ended::Policy("admission", ruling.verdict), &evidence);
    }
    let headers = forward::up(request.headers(), false, gate.clients.is_none());
    let asked = Instant::now();
    let fetched = unless_cut(&gate, fetch(&gate, &upstream, headers, &closing.id)).await;
    closing.waited(asked);
    let (status, body) = match fetched {
        Ok(Ok(fetched)) => fetched,
        Err(ended) => return with_end(&gate, closing, &ended, &evidence),
        Ok(Err(refusal)) => return with_outcome(&gate, closing, &refusal, Outcome::UpstreamError, &evidence),
    };
    closing.execution.upstream_status = Some(status.as_u16());
    let lane = judge.set().needs_lane(Stage::Inspection);
    let judged = gate.lanes.guest(lane, body.len(), || inspect(&gate, &mut judge, &body)).await;
    let opinions = judge.take_inspection();
    closing.stage("inspection", &judge, &opinions);
    let verdict = judged.as_ref().err().unwrap_or(&Verdict::Allow);
    let inspected = record::decision(ledger::Stage::Inspection, judge.set(), verdict, &opinions, None);
    closing.decided(inspected);
    match judged {
        Ok(Some(out)) => {
            closing.sent(&out);
            closing.execution.status = Some(status.as_u16());
            let outcome = if status.is_success() { Outcome::Completed } else { Outcome::UpstreamError };
            closing.outcome(outcome, None);
            passed(status, full(out), &closing.id, "application/json", &evidence)
        }
        Ok(None) => {
            let message = "The upstream's list of models cannot be inspected.";
            let refusal = Refusal::unavailable(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_protocol", message);
            with_outcome(&gate, closing, &refusal, Outcome::UpstreamError, &evidence)
        }
        Err(verdict) => {
            judge.give_back();
            with_end(&gate, closing, &Ended::Policy("inspection", verdict), &evidence)
        }
    }
}

/// Headers are all that goes out with text in it, and that only where a client says more than it need. Nobody is asked about
/// nothing.
async fn admit(gate: &Gate, judge: &mut Judge, headers: &HeaderMap) -> Ruling {
    let mut texts = DocumentBuilder::new(0).finish();
    for (name, text) in forward::said_up(headers) {
        texts.append(name, &text);
    }
    let text = texts.document();
    if text.segments.is_empty() {
        return Ruling { verdict: Verdict::Allow, edits: vec![], opinions: vec![] };
    }
    let lane = judge.set().admission_needs_lane(text);
    let mut ruling = gate.lanes.guest(lane, text.text.len(), || judge.admit(text)).await;
    if ruling.verdict.is_allow() && !ruling.edits.is_empty() {
        judge.give_back();
        ruling.verdict = uneditable("A header of the request cannot be changed.");
    }
    ruling
}

async fn fetch(
    gate: &Gate,
    upstream: &UpstreamClient,
    headers: hyper::HeaderMap,
    exchange: &str,
) -> Result<(StatusCode, Bytes), Refusal> {
    let answer = upstream.send(Method::GET, "/models", headers, Bytes::new(), exchange).await.map_err(|error| {
        let message = "The upstream gave no answer.";
        Refusal::unavailable(error.status(), "upstream_error", error.code(), message).retry_after(1)
    })?;
    let (parts, body) = answer.into_parts();
    if parts.status.is_informational() {
        let message = "The upstream wants to change the protocol, which nobody asked for.";
        return Err(Refusal::unavailable(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_protocol", message));
    }
    let coming = UpstreamBody::new(&parts.headers, body, gate.config.limits.answer_bounds(false));
    let body = async { coming?.collect(LIST_BYTES, gate.config.timeouts.idle()).await };
    Ok((parts.status, body.await.map_err(|error| error.refusal())?))
}

/// The list with what policies want changed, changed; `None` when it is no JSON.
fn inspect(gate: &Gate, judge: &mut Judge, body: &[u8]) -> Result<Option<Bytes>, Verdict> {
    let Some(document) = document(gate, body) else { return Ok(None) };
    let text = &document.document().text;
    let edits = match text.is_empty() {
        true => vec![],
        false => judge.whole("fields", None, text)?,
    };
    match edits.is_empty() {
        true => Ok(Some(Bytes::copy_from_slice(body))),
        false => Ok(document.apply(body, &edits).ok().map(Bytes::from)),
    }
}

/// Every key and every string.
fn document(gate: &Gate, body: &[u8]) -> Option<MappedDocument> {
    let limits = gate.json_limits();
    let tree = Tree::parse(body, &limits).ok()?;
    let mut builder = DocumentBuilder::new(limits.max_nodes);
    for leaf in tree.leaves() {
        builder.push("", leaf.kind(), None, leaf.node().pointer(), leaf.text(), Source::of(leaf)).ok()?;
    }
    Some(builder.finish())
}
