//! The way out: one pooled client for each upstream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;
use witgate_ledger::{PublicKey, ReceiptKey};

use crate::config::{Timeouts, Upstream};
use crate::exchange::forward::API_KEY;
use crate::tls::Shown;

use dial::{Dial, Way, causes};
pub(crate) use sign::Signer;

pub(crate) mod dial;
mod sign;

/// Connections kept open to one upstream while nothing is asked.
const IDLE_CONNECTIONS: usize = 256;
const IDLE: Duration = Duration::from_secs(60);
/// Bytes of an answer over HTTP/2 that may wait for a slow client, and those of all answers of one connection: as much as of
/// 256 that wait. A connection's window that is smaller lets slow clients hold up the others.
const STREAM_WINDOW: u32 = 128 << 10;
const WINDOW: u32 = 32 << 20;
/// Bytes of a request that wait for the upstream.
const SEND_BUFFER: usize = 64 << 10;
/// Bytes of an answer's headers.
const HEADERS: u32 = 64 << 10;
/// An upstream from which nothing came for so long while something is asked over HTTP/2 is asked whether it is there, and
/// given as long to say so.
const PING: Duration = Duration::from_secs(20);

/// Why an upstream gave no answer.
#[derive(Debug, Error)]
pub(crate) enum UpstreamError {
    /// No connection: name, TCP, proxy or TLS.
    #[error("no connection to the upstream: {0}")]
    Connect(String),
    /// The connection broke before the answer began.
    #[error("the upstream broke off before it answered: {0}")]
    Broken(String),
    /// Nothing came in time.
    #[error("the upstream did not begin to answer within {0} ms")]
    FirstByte(u128),
}

impl UpstreamError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Connect(_) => "upstream_connect",
            Self::Broken(_) => "upstream_broken",
            Self::FirstByte(_) => "upstream_timeout",
        }
    }

    /// The status of an answer that says so.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Connect(_) | Self::Broken(_) => StatusCode::BAD_GATEWAY,
            Self::FirstByte(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// A model API and the connections to it.
#[derive(Debug)]
pub(crate) struct UpstreamClient {
    /// Its name in logs and records.
    pub(crate) name: String,
    /// The base path served here.
    pub(crate) path: String,
    base: String,
    /// The key that the gate holds; else the client's own passes.
    key: Option<Key>,
    /// Signs each request, where that is asked for.
    signer: Option<Signer>,
    /// What the gate shows there; `None`: nothing.
    shown: Option<Arc<Shown>>,
    client: Client<HttpsConnector<Dial>, Full<Bytes>>,
    first_byte: Duration,
}

/// A key as the header values that it is sent in.
#[derive(Debug)]
struct Key {
    bearer: HeaderValue,
    plain: HeaderValue,
}

impl UpstreamClient {
    /// Reads the keys and the certificates, and sets up the client. `receipts` signs its requests where no other key is named
    /// for that. Connects to nothing yet.
    ///
    /// # Errors
    /// A file that cannot be read or used, in words.
    pub(crate) fn new(config: &Upstream, timeouts: &Timeouts, receipts: &ReceiptKey) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let key = config.key_file.as_deref().map(|path| {
            let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
            let value = |text: String| {
                let mut value = HeaderValue::try_from(text)
                    .with_context(|| format!("{}: not one line of visible characters", path.display()))?;
                value.set_sensitive(true);
                anyhow::Ok(value)
            };
            anyhow::Ok(Key { bearer: value(format!("Bearer {}", text.trim()))?, plain: value(text.trim().to_owned())? })
        });
        let shown = config.certificate.clone().map(Shown::new).transpose()?.map(Arc::new);
        let connector = dial::connector(&Way {
            url: &config.url,
            proxy: &config.proxy,
            ca_file: config.ca_file.as_deref(),
            shown: shown.as_ref(),
            connect: timeouts.connect(),
        })?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(WINDOW)
            .http2_max_send_buf_size(SEND_BUFFER)
            .http2_max_header_list_size(HEADERS)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING)
            .build(connector);
        Ok(Self {
            name: config.name.clone(),
            path: config.path.clone(),
            base: config.url.to_string().trim_end_matches('/').to_owned(),
            key: key.transpose()?,
            signer: config.sign.as_ref().map(|said| Signer::new(said, receipts)).transpose()?,
            shown,
            client,
            first_byte: timeouts.first_byte(),
        })
    }

    /// Reads the certificate again that is shown there. Connections that are open stay as they are.
    pub(crate) fn reload(&self) {
        if let Some(shown) = &self.shown {
            shown.reload(&self.name);
        }
    }

    /// What checks the signatures of its requests, and under which name.
    pub(crate) fn signs_with(&self) -> Option<(&str, PublicKey)> {
        self.signer.as_ref().map(Signer::public)
    }

    /// Sends a request of an exchange to `suffix` (such as `/chat/completions`) below the base URL. Paths are built, never copied.
    /// Dropping the future, or the answer's body, ends the exchange with the upstream at once.
    ///
    /// # Errors
    /// [`UpstreamError`]: the answer did not begin.
    pub(crate) async fn send(
        &self,
        method: Method,
        suffix: &'static str,
        mut headers: HeaderMap,
        body: Bytes,
        exchange: &str,
    ) -> Result<Response<Incoming>, UpstreamError> {
        if self.key.is_some() {
            // The gate's key goes in place of the client's, wherever that one stood.
            headers.remove(AUTHORIZATION);
            headers.remove(API_KEY);
        }
        match &self.key {
            // Anthropic's requests carry a version, and their key by itself.
            Some(key) if headers.contains_key("anthropic-version") => drop(headers.insert(API_KEY, key.plain.clone())),
            Some(key) => drop(headers.insert(AUTHORIZATION, key.bearer.clone())),
            None => {}
        }
        let broken = |e: &dyn std::fmt::Display| UpstreamError::Broken(e.to_string());
        let url: Uri = format!("{}{suffix}", self.base).parse().map_err(|e| broken(&e))?;
        if let Some(signer) = &self.signer {
            let now = crate::now_ms() / 1000;
            signer.sign((&method, &url), &mut headers, &body, exchange, now).map_err(|e| broken(&e))?;
        }
        let mut request = Request::builder().method(method).uri(url).body(Full::new(body)).map_err(|e| broken(&e))?;
        *request.headers_mut() = headers;
        match tokio::time::timeout(self.first_byte, self.client.request(request)).await {
            Err(_) => Err(UpstreamError::FirstByte(self.first_byte.as_millis())),
            Ok(Err(e)) if e.is_connect() => Err(UpstreamError::Connect(causes(&e))),
            Ok(Err(e)) => Err(UpstreamError::Broken(causes(&e))),
            Ok(Ok(response)) => Ok(response),
        }
    }
}
