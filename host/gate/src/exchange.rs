//! One exchange, in whichever dialect: intake, admission, the way out, the way back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use witgate_ledger::{self as ledger, BodyHash, Outcome};
use witgate_policy::{Facts, Judge, JudgeLimits, Vault};
use witgate_wire::Dialect;
use witgate_wire::answer::AnswerLimits;
use witgate_wire::request::Request as Asked;

use crate::body::Body;
use crate::gate::Gate;
use crate::identity::{Caller, NotTaken, caller};
use crate::record;
use crate::refusal::{EXCHANGE, Refusal};
use crate::tls::Peer;
use crate::upstream::UpstreamClient;

mod ages;
mod back;
mod clock;
mod closing;
mod drive;
mod ended;
mod evidence;
pub(crate) mod forward;
mod intake;
mod models;
mod references;
mod upstream_body;

pub(crate) use evidence::{RECORD, named};
pub(crate) use models::models;

use closing::Closing;
use ended::Ended;
use evidence::{Evidence, durable};
use references::Made;

/// Parts of paths that Anthropic's API alone has.
const ANTHROPIC: [&str; 2] = ["messages", "complete"];

/// A new exchange: its id, its slot, and who asks; or why it is not taken.
struct Begun {
    closing: Closing,
    caller: Caller,
}

/// Takes an exchange, if there is room for it and its caller may ask.
fn begin(gate: &Arc<Gate>, dialect: Dialect, request: &Request<Incoming>) -> Result<Begun, Box<Response<Body>>> {
    let id = uuid::Uuid::now_v7().to_string();
    let refuse = |refusal: Refusal| {
        gate.count(&refusal);
        Box::new(refusal.response(dialect, &id, gate.config.disclose))
    };
    if gate.is_draining() {
        let refusal = Refusal::unavailable(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "draining",
            "The gate is shutting down.",
        );
        return Err(refuse(refusal.retry_after(1)));
    }
    let Ok(slot) = Arc::clone(&gate.slots).try_acquire_owned() else {
        let message = "The gate has as many exchanges as it takes (`limits.exchanges`).";
        let refusal =
            Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "too_many_exchanges", message);
        return Err(refuse(refusal.retry_after(1)));
    };
    let mut closing = Closing::new(Arc::clone(gate), id, dialect, slot);
    match caller(gate.clients.as_ref(), request.headers(), request.extensions().get::<Peer>()) {
        Ok(caller) => {
            closing.belongs_to(&caller.ids);
            Ok(Begun { closing, caller })
        }
        Err(why) => {
            let refusal = match why {
                NotTaken::UnknownKey => Refusal::invalid(StatusCode::UNAUTHORIZED, "unknown_key", gate.config.proofs()),
                NotTaken::NamelessCertificate => Refusal::invalid(
                    StatusCode::UNAUTHORIZED,
                    "nameless_certificate",
                    "The client's certificate must have exactly one name of the kind that this gate takes (`clients.certificates.name`).",
                ),
                NotTaken::UnknownCertificate => Refusal::invalid(
                    StatusCode::UNAUTHORIZED,
                    "unknown_certificate",
                    "The client's certificate has a name that this gate does not know (`clients.keys_file`).",
                ),
                NotTaken::Header(name) => Refusal::invalid(
                    StatusCode::BAD_REQUEST,
                    "bad_header",
                    format!("The header {name} must be there once, with 1 to 256 plain characters."),
                ),
                NotTaken::Id(name) => Refusal::invalid(
                    StatusCode::BAD_REQUEST,
                    "bad_header",
                    format!("The header {name} must be there once, with 1 to 128 visible ASCII characters."),
                ),
            };
            Err(Box::new(refused(gate, closing, &refusal)))
        }
    }
}

/// In which dialect a request is answered that is not of a path of one alone: Anthropic's clients say their version, and its
/// paths are no other's.
pub(crate) fn dialect<B>(request: &Request<B>) -> Dialect {
    let mut segments = request.uri().path().split('/').filter(|segment| !segment.is_empty());
    let path = segments.find(|segment| ANTHROPIC.contains(segment) || *segment == "threads");
    // OpenAI's assistants have messages in threads.
    let anthropic = path.is_some_and(|segment| segment != "threads");
    match anthropic || request.headers().contains_key("anthropic-version") {
        true => Dialect::AnthropicMessages,
        false => Dialect::OpenAiChat,
    }
}

/// Answers with a refusal of the gate's own, before anything was recorded as asked.
fn refused(gate: &Gate, mut closing: Closing, refusal: &Refusal) -> Response<Body> {
    gate.count(refusal);
    let body = refusal.body(closing.dialect, &closing.id, gate.config.disclose);
    closing.sent(&body);
    closing.execution.status = Some(refusal.status.as_u16());
    closing.outcome(Outcome::Other("refused".into()), Some(refusal.code.clone()));
    refusal.saying(body, &closing.id)
}

/// Serves one request of a dialect.
pub(crate) async fn serve(
    gate: Arc<Gate>,
    upstream: Arc<UpstreamClient>,
    dialect: Dialect,
    request: Request<Incoming>,
) -> Response<Body> {
    let Begun { mut closing, caller } = match begin(&gate, dialect, &request) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    let (parts, incoming) = request.into_parts();
    let limits = &gate.config.limits;
    let reading = Instant::now();
    let body = match intake::check_headers(&parts.headers) {
        Ok(coding) => intake::body(incoming, coding, limits, gate.config.timeouts.body()).await,
        Err(refusal) => Err(refusal),
    };
    closing.waited(reading);
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refused(&gate, closing, &refusal),
    };
    let hash = BodyHash::of(&body).ok();
    let kept = gate.bodies.is_some().then(|| body.clone());
    let read = Asked::parse(dialect, body, &gate.request_limits()).and_then(|mut asked| {
        for (name, text) in forward::said_up(&parts.headers) {
            asked.beside(name, &text, &gate.request_limits())?;
        }
        Ok(asked)
    });
    let asked = match read {
        Ok(asked) => asked,
        Err(why) => {
            let mut refusal = Refusal::invalid(StatusCode::BAD_REQUEST, why.code, why.message);
            refusal.pointer = why.pointer;
            return refused(&gate, closing, &refusal);
        }
    };
    if asked.choices() > u64::from(limits.channels) {
        let message = format!(
            "Each choice is a text of its own, and this gate takes {} in an answer (`limits.channels`). Ask for fewer.",
            limits.channels
        );
        let refusal = Refusal::invalid(StatusCode::BAD_REQUEST, "too_many_choices", message);
        return refused(&gate, closing, &refusal);
    }
    let stream = asked.stream();
    closing.execution.stream = stream;

    let made = match references::resolve(&gate, &parts.headers, &caller.principal).await {
        Ok(made) => made,
        Err(refusal) => return refused(&gate, closing, &refusal),
    };
    let vault = vault(&gate, &closing.id, &caller);
    let facts = facts(&gate, &closing.id, dialect, caller, Some(asked.model()), &made);
    let limits = JudgeLimits {
        held_bytes: gate.config.hold.max_bytes(),
        // The reader of the answer counts those that are said, and those that might have been, each by itself.
        channels: (limits.channels as usize).saturating_mul(1 + AnswerLimits::ALTERNATIVES),
        ..JudgeLimits::default()
    };
    let judge = Judge::new(gate.policies.current(), facts.clone(), limits);
    let mut judge = judge.with_tokens(vault, Arc::clone(&gate.restores));
    if let Some(body) = kept {
        closing.keep(&body, &mut judge);
    }
    let document = asked.document();
    let lane = judge.set().admission_needs_lane(document);
    let ruling = gate.lanes.guest(lane, document.text.len(), || judge.admit(document)).await;
    closing.stage("admission", &judge, &ruling.opinions);

    let intent = intent(&judge, &facts, &upstream.name, dialect.path(), stream, hash, made);
    let decision = record::decision(ledger::Stage::Admission, judge.set(), &ruling.verdict, &ruling.opinions, None);
    // Sandboxes end while the disk writes.
    let recorded = durable(&gate, &mut closing, intent, decision, &ruling.verdict, hash);
    let (recorded, ()) = tokio::join!(recorded, async { judge.release() });
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(refusal) => {
            judge.give_back();
            return with_outcome(&gate, closing, &refusal, Outcome::Aborted, &Evidence::default());
        }
    };
    if !ruling.verdict.is_allow() {
        let evidence = recorded.evidence(&gate, &closing.id);
        return with_end(&gate, closing, &Ended::Policy("admission", ruling.verdict), &evidence);
    }
    // What was read of the request is not kept while the upstream thinks.
    let outbound = match ruling.edits.is_empty() {
        true => Bytes::from(asked.into_body()),
        false => match asked.rewrite(&ruling.edits) {
            Ok(rewritten) => Bytes::from(rewritten),
            Err(error) => {
                let message = "What a policy wants changed cannot be changed here.";
                let reason = witgate_policy::Reason {
                    plugin: "witgate".into(),
                    code: error.code().into(),
                    message: message.into(),
                };
                judge.give_back();
                let refusal = Refusal::policy("admission", &reason, false);
                let evidence = recorded.evidence(&gate, &closing.id);
                return with_outcome(&gate, closing, &refusal, Outcome::Denied, &evidence);
            }
        },
    };

    let headers = forward::up(&parts.headers, stream, gate.clients.is_none());
    let sent = Instant::now();
    let answer = upstream.send(Method::POST, dialect.path(), headers, outbound, &closing.id);
    let evidence = async {
        // The request goes out first; the upstream takes longer than a signature.
        tokio::task::yield_now().await;
        recorded.evidence(&gate, &closing.id)
    };
    let (answer, evidence) = tokio::join!(unless_cut(&gate, answer), evidence);
    closing.waited(sent);
    match answer {
        Err(ended) => with_end(&gate, closing, &ended, &evidence),
        Ok(Ok(answer)) => {
            closing.first_byte(sent);
            closing.execution.upstream_status = Some(answer.status().as_u16());
            let drive = back::Way { gate, closing, judge, evidence };
            drive.answer(answer, stream).await
        }
        Ok(Err(error)) => {
            tracing::warn!(exchange = %closing.id, upstream = upstream.name, code = error.code(), "{error}");
            let message = "The upstream gave no answer.";
            let refusal = Refusal::unavailable(error.status(), "upstream_error", error.code(), message).retry_after(1);
            with_outcome(&gate, closing, &refusal, Outcome::UpstreamError, &evidence)
        }
    }
}

/// Waits for the upstream, as long as the gate does not stop for good.
async fn unless_cut<T>(gate: &Gate, waits: impl Future<Output = T>) -> Result<T, Ended> {
    let mut cut = gate.cut.subscribe();
    tokio::select! {
        biased;
        done = waits => Ok(done),
        _ = cut.wait_for(|cut| *cut) => Err(Ended::Stopping),
    }
}

/// Ends an exchange's sandboxes once its answer is on its way: their memory is wiped then, which nobody need wait for.
fn end_later(judge: Judge) {
    tokio::spawn(async move { drop(judge) });
}

/// Where this exchange keeps its tokens: with others of a session, where it is certain whose it is, else by itself.
fn vault(gate: &Gate, exchange: &str, caller: &Caller) -> Vault {
    match &caller.session {
        Some(session) if caller.principal.proven && gate.vaults.has_sessions() => {
            gate.vaults.of_session(&gate.config.tenant, &caller.principal.value, session)
        }
        _ => gate.vaults.of_exchange(exchange),
    }
}

fn facts(gate: &Gate, id: &str, dialect: Dialect, caller: Caller, model: Option<&str>, made: &Made) -> Facts {
    Facts {
        exchange: id.to_owned(),
        tenant: gate.config.tenant.clone(),
        principal: caller.principal,
        owner: caller.owner,
        clearance: caller.clearance,
        classification: caller.classification,
        intent: caller.intent,
        dialect: dialect.as_str().to_owned(),
        model: model.map(str::to_owned),
        inherited: made.labels(),
    }
}

fn intent(
    judge: &Judge,
    facts: &Facts,
    upstream: &str,
    route: &str,
    stream: bool,
    request: Option<BodyHash>,
    made: Made,
) -> ledger::Intent {
    ledger::Intent {
        owner: facts.owner.as_ref().map(record::claim),
        principal: record::claim(&facts.principal),
        tenant: facts.tenant.clone(),
        dialect: facts.dialect.clone(),
        model: facts.model.clone(),
        upstream: upstream.to_owned(),
        route: route.to_owned(),
        stream,
        request,
        policy_set: ledger::Digest(judge.set().digest().0),
        generation: judge.set().generation(),
        references: made.references,
        inherited: made.inherited,
    }
}

/// Answers with a refusal after the exchange was recorded.
fn with_outcome(
    gate: &Gate,
    mut closing: Closing,
    refusal: &Refusal,
    outcome: Outcome,
    evidence: &Evidence,
) -> Response<Body> {
    gate.count(refusal);
    let body = refusal.body(closing.dialect, &closing.id, gate.config.disclose);
    closing.sent(&body);
    closing.execution.status = Some(refusal.status.as_u16());
    closing.outcome(outcome, Some(refusal.code.clone()));
    let mut response = refusal.saying(body, &closing.id);
    evidence.put(response.headers_mut());
    response
}

/// Answers with why an exchange ended early, after it was recorded.
fn with_end(gate: &Gate, closing: Closing, ended: &Ended, evidence: &Evidence) -> Response<Body> {
    let (refusal, outcome) = ended.refusal();
    with_outcome(gate, closing, &refusal, outcome, evidence)
}

/// An answer of the upstream's, as far as it may pass.
fn passed(status: StatusCode, body: Body, id: &str, kind: &'static str, evidence: &Evidence) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(EXCHANGE, id);
    }
    evidence.put(headers);
    response
}

/// Stops taking exchanges.
pub(crate) fn drain(gate: &Gate) {
    gate.draining.store(true, Ordering::Relaxed);
}
