//! One POST at a time, on a thread where it may block: apart from everything that serves clients.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use witgate_ledger::Asking;

use crate::config::Service;
use crate::upstream::dial::{self, Dial, Way, causes};

/// Bytes of an answer.
const ANSWER: usize = 64 << 10;
/// So much of an answer is told when it is not what was asked for.
const TOLD: usize = 200;
/// How often it is looked whether to give up.
const LOOK: Duration = Duration::from_millis(50);

/// Somebody who is asked.
#[derive(Debug)]
pub(super) struct Post {
    service: Service,
    connector: HttpsConnector<Dial>,
}

/// What is asked.
pub(super) struct Question {
    /// Behind the service's URL; empty for itself.
    pub(super) path: &'static str,
    pub(super) kind: &'static str,
    pub(super) accepts: &'static str,
    pub(super) body: Vec<u8>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Without parameters.
    pub(super) kind: String,
    pub(super) body: Bytes,
}

impl Answer {
    /// What was answered instead of what was asked for, in one line.
    pub(super) fn told(&self) -> String {
        let told = String::from_utf8_lossy(self.body.get(..TOLD.min(self.body.len())).unwrap_or_default()).into_owned();
        let told = told.replace(|c: char| c.is_control(), " ");
        let told = told.trim();
        if told.is_empty() { self.status.to_string() } else { format!("{}: {told}", self.status) }
    }
}

impl Post {
    /// Reads the certificates. Connects to nothing yet.
    pub(super) fn new(service: &Service) -> anyhow::Result<Self> {
        let Service { url, proxy, ca_file, timeout, .. } = service;
        let way = Way { url, proxy, ca_file: ca_file.as_deref(), shown: None, connect: *timeout };
        Ok(Self { service: service.clone(), connector: dial::connector(&way)? })
    }

    /// Asks, and waits for the answer on this thread, which is none of a runtime's.
    pub(super) fn ask(&self, question: Question, asking: &Asking<'_>) -> Result<Answer, String> {
        // Of its own, so that it also works while the gate's is being shut down.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let request = self.request(question).map_err(|error| format!("{error:#}"))?;
        let within = self.service.timeout.min(asking.within);
        let answer = async {
            tokio::select! {
                answer = self.send(request) => answer,
                () = tokio::time::sleep(within) => Err(format!("nothing came within {} s", within.as_secs())),
                () = stopped(asking) => Err("the gate ends".to_owned()),
            }
        };
        runtime.block_on(answer).map_err(|why| format!("{}: {why}", self.service.url))
    }

    fn request(&self, question: Question) -> anyhow::Result<Request<Full<Bytes>>> {
        let base = self.service.url.to_string();
        let url = format!("{}{}", base.trim_end_matches('/'), question.path);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(if question.path.is_empty() { base } else { url })
            .header(CONTENT_TYPE, question.kind)
            .header(ACCEPT, question.accepts)
            .header(USER_AGENT, concat!("witgate/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(question.body)))?;
        if let Some(path) = &self.service.token_file {
            let token = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.trim()))
                .with_context(|| format!("{}: not one line of visible characters", path.display()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let client = Client::builder(TokioExecutor::new()).build(self.connector.clone());
        let answer = client.request(request).await.map_err(|error| causes(&error))?;
        let status = answer.status();
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = Limited::new(answer.into_body(), ANSWER).collect().await;
        let body = body.map_err(|error| format!("the answer cannot be read: {error}"))?.to_bytes();
        Ok(Answer { status, kind, body })
    }
}

async fn stopped(asking: &Asking<'_>) {
    while !(asking.stopped)() {
        tokio::time::sleep(LOOK).await;
    }
}
