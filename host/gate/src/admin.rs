//! The listener of operators: health, numbers, the policy set in force, the ledger as it grows. Loopback only; reads, changes nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use witgate_ledger::Health;
use witgate_policy::PolicySet;

use crate::body::{Body, full};
use crate::gate::Gate;
use crate::observe::{self, Cut};
use crate::server;

/// Connections of operators at once.
const CONNECTIONS: usize = 64;
const HEADERS: Duration = Duration::from_secs(5);

/// What is here.
const HERE: &str = "here are /healthz, /readyz, /metrics, /admin/policy, /v1/snapshot and /v1/tail\n";

/// Serves operators until told to stop.
pub(crate) async fn serve(gate: Arc<Gate>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let next = async {
            let slot = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((slot, listener.accept().await))
        };
        let next = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => None,
            next = next => next,
        };
        let Some((slot, accepted)) = next else { return gate.observe.ended().await };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(HEADERS / 100).await;
            continue;
        };
        let (gate, stop) = (Arc::clone(&gate), stop.clone());
        tokio::spawn(async move {
            let cut = Cut::default();
            let cut_here = Arc::clone(&cut);
            let service = service_fn(move |request| {
                let (gate, cut, stop) = (Arc::clone(&gate), Arc::clone(&cut), stop.clone());
                async move { Ok::<_, Infallible>(route(&gate, &request, cut, stop).await) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEADERS);
            tokio::select! {
                _ = builder.serve_connection(TokioIo::new(stream), service) => {}
                () = cut_here.notified() => {}
            }
            drop(slot);
        });
    }
}

async fn route(gate: &Arc<Gate>, request: &Request<Incoming>, cut: Cut, stop: watch::Receiver<bool>) -> Response<Body> {
    // A page in a browser can make a name point here; it cannot make that name a loopback one.
    if !is_loopback(request.headers().get(HOST)) {
        return text(StatusCode::FORBIDDEN, "text/plain", "the Host header must name a loopback address\n");
    }
    if request.method() != Method::GET {
        return text(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "this listener only answers GET\n");
    }
    let query = request.uri().query().unwrap_or_default();
    match request.uri().path() {
        "/v1/snapshot" => observe::snapshot(gate, query).await,
        "/v1/tail" => observe::tail(gate, query, request.headers(), cut, stop).await,
        "/healthz" => text(StatusCode::OK, "text/plain", "ok\n"),
        "/readyz" => ready(gate),
        "/metrics" => {
            text(StatusCode::OK, "application/openmetrics-text; version=1.0.0; charset=utf-8", &gate.metrics.text(gate))
        }
        "/admin/policy" => server::json(StatusCode::OK, &policy(gate)),
        _ => text(StatusCode::NOT_FOUND, "text/plain", HERE),
    }
}

/// Ready means: an exchange that came now would be taken. Says what is in the way.
fn ready(gate: &Gate) -> Response<Body> {
    let ledger = match gate.ledger.health() {
        Health::Healthy => None,
        Health::Unhealthy { code, detail, .. } => Some(json!({ "code": code, "detail": detail.to_string() })),
    };
    let draining = gate.is_draining();
    let full = gate.slots.available_permits() == 0;
    let ready = ledger.is_none() && !draining && !full;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    server::json(status, &json!({ "ready": ready, "ledger": ledger, "draining": draining, "full": full }))
}

/// What is in force, and what last failed to come into force.
fn policy(gate: &Gate) -> Value {
    let set = gate.policies.current();
    let failed = gate.policies.failed().map(|f| {
        let told = f.told;
        json!({ "code": f.code, "message": told.message, "pointer": told.pointer, "line": told.line, "time_ms": f.time_ms })
    });
    let trust = set.trust();
    let keys = trust.keys.iter().map(|key| json!({ "key": key.id().to_string(), "name": key.name() }));
    json!({
        "generation": set.generation(),
        "digest": set.digest().to_string(),
        "plugins": plugins(&set),
        "trust": { "require_signed": trust.require_signed, "trusted_keys": keys.collect::<Vec<_>>() },
        "last_failed_reload": failed,
        "waiting_for_restart": gate.waiting_for_restart(),
    })
}

fn plugins(set: &PolicySet) -> Vec<Value> {
    set.members()
        .iter()
        .map(|member| {
            let plugin = &member.plugin;
            json!({
                "id": plugin.id(),
                "name": plugin.manifest().id,
                "version": plugin.manifest().version,
                "sha256": plugin.digest().to_string(),
                "signer": member.signer.as_ref().map(|s| json!({ "key": s.key.to_string(), "name": s.name })),
                "stages": plugin.stages().names(),
                "mode": member.mode.name(),
                "start": plugin.start().name(),
                "breaker": plugin.breaker().name(),
                "on_fault": member.on_fault.name(),
                "grants": plugin.grants().names(),
            })
        })
        .collect()
}

fn is_loopback(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host.and_then(|h| h.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn text(status: StatusCode, kind: &'static str, body: &str) -> Response<Body> {
    let mut response = Response::new(full(body.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
