//! A scripted model: the upstream of the demonstration, of tests, and of plugin authors.
//!
//! It speaks OpenAI's chat completions, responses, text completions and embeddings, and Anthropic's messages, all from one
//! script. It answers what its script says, whole or streamed, well or badly, always the same to the same request, and it tells what it
//! was sent: `GET /mock/requests`, `GET /mock/stats`; `DELETE /mock/requests` forgets. HTTP/1.1 without TLS; no authentication.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

mod answer;
mod chat;
mod completions;
mod dialect;
mod embeddings;
mod events;
mod journal;
mod messages;
mod plan;
mod reply;
mod request;
mod responses;
mod said;
mod script;
mod socket;

pub(crate) use journal::Journal;
pub(crate) use script::Script;

use answer::{Answer, Watch};
use dialect::Dialect;
use plan::Plan;
use reply::ApiError;
use request::Asked;
use socket::{Line, Socket};

/// Connections at once; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 16384;
/// Bytes of a request's body.
const MAX_BODY: usize = 32 << 20;
/// Before accepting again after the system refused a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The models that `GET /v1/models` names; every name is answered.
const MODELS: [&str; 2] = ["mock-large", "mock-small"];

/// Serves until `shutdown` completes; connections still open are closed then.
///
/// # Errors
/// None after the listener is bound; the result leaves room for one.
pub(crate) async fn serve(listener: TcpListener, script: Script, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(listener, script, Arc::new(Journal::default()), shutdown).await
}

/// As [`serve`], with a journal that the caller can look into.
///
/// # Errors
/// None after the listener is bound; the result leaves room for one.
pub(crate) async fn serve_with(
    listener: TcpListener,
    script: Script,
    journal: Arc<Journal>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let script = Arc::new(script);
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    let server = Server { script: Arc::clone(&script), journal: Arc::clone(&journal) };
                    connections.spawn(server.connection(stream));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
}

#[derive(Clone)]
struct Server {
    script: Arc<Script>,
    journal: Arc<Journal>,
}

/// Counts a connection for as long as it lives.
struct Open(Arc<Journal>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.disconnected();
    }
}

impl Server {
    async fn connection(self, stream: TcpStream) {
        self.journal.connected();
        let _open = Open(Arc::clone(&self.journal));
        let line = Line::unlimited();
        let Ok(socket) = Socket::new(stream, line.clone()) else { return };
        let service = service_fn(|request| self.clone().answer(request, line.clone()));
        // Idle connections stay open: one that is closed just when a client uses it again looks like a broken model.
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(socket), service);
        // A client that goes away, or a cut that the script wants, ends here: the journal has noted it.
        drop(connection.await);
    }

    async fn answer(self, request: Request<Incoming>, line: Line) -> Result<Response<Answer>, Infallible> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await.map(|body| body.to_bytes());
        let seen = body.as_ref().cloned().unwrap_or_default();
        let own = head.uri.path().starts_with("/mock/");
        let number = if own { None } else { Some(self.journal.request(&head, &seen)) };
        let dialect = Dialect::at(head.uri.path()).unwrap_or_default();
        let plan = match body {
            Ok(body) => self.plan(&head.method, head.uri.path(), &body),
            Err(_) => refusal(dialect, StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or did not arrive"),
        };
        // Requests to the journal are not noted in it.
        let journal = if own { Arc::default() } else { Arc::clone(&self.journal) };
        let watch = Watch::new(journal, number.unwrap_or_default());
        if !plan.hang.is_zero() {
            tokio::time::sleep(plan.hang).await;
        }
        line.set(plan.write_bytes);
        let (status, mut headers) = (plan.status, plan.headers.clone());
        if let Ok(id) = HeaderValue::from_str(&format!("req_mock_{}", number.unwrap_or_default()))
            && !own
        {
            headers.entry(dialect.id_header()).or_insert(id);
        }
        let mut response = Response::new(Answer::new(plan, line, watch));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn plan(&self, method: &Method, path: &str, body: &Bytes) -> Plan {
        if let (&Method::POST, Some(dialect)) = (method, Dialect::at(path)) {
            return match Asked::parse(dialect, body) {
                Ok(asked) => Plan::of(&asked, &self.script.reply(&asked), body),
                Err(message) => refusal(dialect, StatusCode::BAD_REQUEST, message),
            };
        }
        match (method, path) {
            (&Method::GET, "/v1/models") => ok(&models()),
            (&Method::GET, "/mock/requests") => ok(&self.journal.requests_json()),
            (&Method::DELETE, "/mock/requests") => {
                self.journal.clear();
                ok(&json!({}))
            }
            (&Method::GET, "/mock/stats") => ok(&self.journal.stats_json()),
            _ => {
                let (message, code) = (format!("Invalid URL ({method} {path})"), Some("unknown_url".to_owned()));
                let error = ApiError { message, code, ..ApiError::default() };
                Plan::error(Dialect::at(path).unwrap_or_default(), StatusCode::NOT_FOUND, &error)
            }
        }
    }
}

fn ok(body: &Value) -> Plan {
    Plan::whole(StatusCode::OK, "application/json", body.to_string())
}

fn refusal(dialect: Dialect, status: StatusCode, message: &str) -> Plan {
    Plan::error(dialect, status, &ApiError { message: message.to_owned(), ..ApiError::default() })
}

fn models() -> Value {
    let model = |id: &&str| json!({"id": id, "object": "model", "created": 1_735_689_600, "owned_by": "witgate"});
    json!({"object": "list", "data": MODELS.iter().map(model).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests;
