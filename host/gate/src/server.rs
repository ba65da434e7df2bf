//! The listener of clients: connections, routes, an end that lets streams end.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use witgate_wire::Dialect;

use crate::body::{Body, full};
use crate::exchange;
use crate::gate::Gate;
use crate::refusal::Refusal;

mod connection;
mod open;

use connection::Connections;

/// Before accepting again after the system refused a connection, for want of file descriptors for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// For streams that are cut to say so.
const CUT: Duration = Duration::from_secs(2);
/// The gate's own paths on the clients' listener.
const RECEIPTS: &str = "/witgate/receipts/";
const KEYS: &str = "/witgate/keys";
const CHECKPOINT: &str = "/witgate/checkpoint";
/// What an upstream's base path serves.
const COVERED: &str = "POST /chat/completions, /responses, /messages, /messages/count_tokens, /completions and /embeddings, and GET /models";

/// Serves clients until told to stop; then lets what is running end, within the drain time.
pub(crate) async fn serve(gate: Arc<Gate>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let connections = Arc::new(Connections::new(Arc::clone(&gate)));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(why) => {
                tracing::warn!(%why, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (connections, watcher, stop) = (Arc::clone(&connections), graceful.watcher(), stop.clone());
        tokio::spawn(async move { connections.serve(stream, watcher, stop).await });
    }
    drop(listener);
    exchange::drain(&gate);
    let patience = gate.config.timeouts.drain();
    let ended = graceful.shutdown();
    tokio::pin!(ended);
    if tokio::time::timeout(patience, &mut ended).await.is_err() {
        tracing::warn!(
            after_ms = patience.as_millis(),
            "streams are still running at the end of the drain time and are cut"
        );
        // Each says so in its own dialect, and is recorded as aborted.
        let _ = gate.cut.send(true);
        let _ = tokio::time::timeout(CUT, ended).await;
    }
}

/// Bytes of a request's head, as it was sent: names, values, and what separates them.
fn head_bytes(request: &Request<Incoming>) -> usize {
    let line = request.method().as_str().len() + request.uri().to_string().len() + 12;
    request.headers().iter().fold(line, |sum, (name, value)| sum + name.as_str().len() + value.len() + 4)
}

/// Whether a body's end could be found elsewhere than the HTTP library found it, which reads the last coding alone (RFC 9112,
/// section 6.1). HTTP/2 has no such header.
fn is_smuggled(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => false,
        (Some(coding), None) => !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => true,
    }
}

async fn route(gate: Arc<Gate>, request: Request<Incoming>) -> Response<Body> {
    // The HTTP library's own bound is on its buffer, which may hold more than it was told to.
    let (most, number) = (gate.config.limits.headers_bytes(), gate.config.limits.headers as usize);
    if head_bytes(&request) > most || request.headers().len() > number {
        let message = format!(
            "This gate takes {number} headers (`limits.headers`) of {} KiB in all (`limits.headers_kib`).",
            most / 1024
        );
        let refusal = Refusal::invalid(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", message);
        return not_taken(&gate, exchange::dialect(&request), &refusal);
    }
    if is_smuggled(request.headers()) {
        let message = "`Transfer-Encoding` is `chunked`, once, or not there.";
        let refusal = Refusal::invalid(StatusCode::BAD_REQUEST, "bad_header", message);
        let mut refused = not_taken(&gate, exchange::dialect(&request), &refusal);
        // Where its body ends is not certain.
        refused.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return refused;
    }
    let dialect = exchange::dialect(&request);
    let path = request.uri().path();
    let own = request.method() == Method::GET;
    if let Some(id) = path.strip_prefix(RECEIPTS).filter(|_| own) {
        return receipt(&gate, id.to_owned()).await;
    }
    if path == KEYS && own {
        return json(StatusCode::OK, &keys(&gate));
    }
    if path == CHECKPOINT && own {
        return checkpoint(&gate);
    }
    let below = |base: &str| path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let upstream = gate.upstreams.iter().find_map(|u| Some((u, below(&u.path)?)));
    match upstream {
        Some((upstream, rest)) if request.method() == Method::POST && Dialect::of_path(rest).is_some() => {
            let (upstream, dialect) = (Arc::clone(upstream), Dialect::of_path(rest).unwrap_or(Dialect::OpenAiChat));
            exchange::serve(gate, upstream, dialect, request).await
        }
        Some((upstream, "/models")) if request.method() == Method::GET => {
            let upstream = Arc::clone(upstream);
            exchange::models(gate, upstream, request).await
        }
        Some((upstream, rest)) => {
            let message = format!(
                "Witgate does not cover {} {}{rest}; under {} it covers {COVERED}. What no policy reads does not pass.",
                request.method(),
                upstream.path,
                upstream.path
            );
            not_covered(&gate, dialect, message)
        }
        None => {
            let paths: Vec<&str> = gate.upstreams.iter().map(|u| u.path.as_str()).collect();
            not_covered(
                &gate,
                dialect,
                format!("Nothing is served here. The base paths are {}; each covers {COVERED}.", paths.join(", ")),
            )
        }
    }
}

fn not_covered(gate: &Gate, dialect: Dialect, message: String) -> Response<Body> {
    not_taken(gate, dialect, &Refusal::invalid(StatusCode::NOT_FOUND, "not_covered", message))
}

fn not_taken(gate: &Gate, dialect: Dialect, refusal: &Refusal) -> Response<Body> {
    gate.count(refusal);
    refusal.response(dialect, &uuid::Uuid::now_v7().to_string(), gate.config.disclose)
}

/// The full receipt, to whoever knows the exchange's id: it is hard to guess and told to its caller alone.
async fn receipt(gate: &Arc<Gate>, id: String) -> Response<Body> {
    let named = id.clone();
    // As the gate makes and writes them: no other can be in the ledger, which is not to be read for nothing.
    let ours = uuid::Uuid::parse_str(&id).is_ok_and(|uuid| uuid.get_version_num() == 7 && uuid.to_string() == id);
    let found = match gate.receipt_at_hand(&id) {
        Some(found) => Some(found),
        None if ours => {
            // Never closed; without a place the search would be as right and only less fair.
            let _place = gate.readings.acquire().await;
            let reader = Arc::clone(gate);
            tokio::task::spawn_blocking(move || reader.recorded_receipt(&id)).await.ok().flatten()
        }
        None => None,
    };
    match found {
        Some((receipt, record)) => {
            let mut response = json(StatusCode::OK, &receipt);
            if let Some(name) = record.and_then(|digest| exchange::named(receipt.facts.seq, digest)) {
                response.headers_mut().insert(exchange::RECORD, name);
            }
            response
        }
        None => Refusal::invalid(StatusCode::NOT_FOUND, "no_receipt", "There is no receipt of this exchange here.")
            .response(Dialect::OpenAiChat, &named, gate.config.disclose),
    }
}

/// The newest checkpoint of the ledger, as a C2SP signed note, for witnesses and auditors.
fn checkpoint(gate: &Gate) -> Response<Body> {
    let Some(note) = gate.ledger.checkpoint() else {
        return Refusal::invalid(
            StatusCode::NOT_FOUND,
            "no_checkpoint",
            "The ledger has not been signed yet; ask again.",
        )
        .response(Dialect::OpenAiChat, &uuid::Uuid::now_v7().to_string(), gate.config.disclose);
    };
    let mut response = Response::new(full(note.as_bytes().to_vec()));
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The keys that check receipts, checkpoints and requests to upstreams, as a JSON Web Key Set (RFC 7517, RFC 8037): the one
/// that signs now first, then those that signed earlier, then those that sign requests alone.
fn keys(gate: &Gate) -> serde_json::Value {
    use base64::Engine as _;
    let mut keys = gate.ledger.signing_keys();
    let now = gate.receipt_key.public();
    keys.retain(|key| *key != now);
    let mut named: Vec<(String, _)> =
        std::iter::once(now).chain(keys.into_iter().rev()).map(|key| (key.id().to_string(), key)).collect();
    for (name, key) in gate.upstreams.iter().filter_map(|upstream| upstream.signs_with()) {
        if !named.iter().any(|(known, _)| known == name) {
            named.push((name.to_owned(), key));
        }
    }
    let keys: Vec<serde_json::Value> = named
        .iter()
        .map(|(name, key)| {
            let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.to_bytes());
            serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": name, "x": x })
        })
        .collect();
    serde_json::json!({ "keys": keys })
}

/// A JSON answer of the gate's own.
pub(crate) fn json(status: StatusCode, value: &impl serde::Serialize) -> Response<Body> {
    let mut response = Response::new(full(serde_json::to_vec(value).unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
