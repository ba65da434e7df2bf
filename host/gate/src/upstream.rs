//! The way out: one pooled client for each upstream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use thiserror::Error;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::config::{Proxy, Timeouts, Upstream};
use crate::exchange::forward::API_KEY;
use crate::tls::Shown;

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
    /// Reads the key and the certificates, and sets up the client. Connects to nothing yet.
    ///
    /// # Errors
    /// A file that cannot be read or used, in words.
    pub(crate) fn new(config: &Upstream, timeouts: &Timeouts) -> anyhow::Result<Self> {
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
        let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &config.ca_file {
            for certificate in CertificateDer::pem_file_iter(path).with_context(|| format!("{}", path.display()))? {
                let certificate = certificate.with_context(|| format!("{}", path.display()))?;
                roots.add(certificate).with_context(|| format!("{}", path.display()))?;
            }
        }
        let provider = rustls::crypto::ring::default_provider();
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let shown = config.certificate.clone().map(Shown::new).transpose()?.map(Arc::new);
        let tls = match &shown {
            None => tls.with_no_client_auth(),
            Some(shown) => {
                let mut tls = tls.with_client_cert_resolver(Arc::clone(shown) as _);
                // A session that is resumed is that of the certificate shown when it began.
                tls.resumption = Resumption::disabled();
                tls
            }
        };
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Dial::new(config, timeouts));
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

    /// Sends a request to `suffix` (such as `/chat/completions`) below the base URL. Paths are built, never copied.
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
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{suffix}", self.base))
            .body(Full::new(body))
            .map_err(|e| broken(&e))?;
        *request.headers_mut() = headers;
        match tokio::time::timeout(self.first_byte, self.client.request(request)).await {
            Err(_) => Err(UpstreamError::FirstByte(self.first_byte.as_millis())),
            Ok(Err(e)) if e.is_connect() => Err(UpstreamError::Connect(causes(&e))),
            Ok(Err(e)) => Err(UpstreamError::Broken(causes(&e))),
            Ok(Ok(response)) => Ok(response),
        }
    }
}

/// An error with what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push_str(": ");
        out.push_str(&cause.to_string());
        next = cause.source();
    }
    out
}

/// How a TCP connection is made: directly, or through an HTTP proxy's CONNECT.
#[derive(Debug, Clone)]
enum Dial {
    Direct(HttpConnector),
    Tunnel(Tunnel<HttpConnector>),
}

impl Dial {
    fn new(config: &Upstream, timeouts: &Timeouts) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(timeouts.connect()));
        // Plain HTTP goes to loopback addresses only, which no proxy could reach.
        if config.url.scheme_str() != Some("https") {
            return Self::Direct(http);
        }
        match &config.proxy {
            Proxy::None => Self::Direct(http),
            Proxy::Url(proxy) => Self::Tunnel(Tunnel::new(proxy.clone(), http)),
            Proxy::Env => match Matcher::from_env().intercept(&config.url) {
                None => Self::Direct(http),
                Some(found) => {
                    let tunnel = Tunnel::new(found.uri().clone(), http);
                    Self::Tunnel(match found.basic_auth() {
                        Some(auth) => tunnel.with_auth(auth.clone()),
                        None => tunnel,
                    })
                }
            },
        }
    }
}

type DialError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        match self {
            Self::Direct(d) => d.poll_ready(cx).map_err(Into::into),
            Self::Tunnel(t) => t.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self {
            Self::Direct(d) => {
                let connecting = d.call(uri);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
            Self::Tunnel(t) => {
                let connecting = t.call(uri);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
        }
    }
}
