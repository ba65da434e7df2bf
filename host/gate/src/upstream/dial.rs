//! How a connection to somebody outside is made: TLS with the roots that count, directly or through a proxy.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::config::Proxy;
use crate::tls::Shown;

/// Where a connection leads, and through what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    /// Who is asked.
    pub(crate) url: &'a Uri,
    /// Through what, where it is `https`.
    pub(crate) proxy: &'a Proxy,
    /// Certificates trusted besides the built-in roots (PEM).
    pub(crate) ca_file: Option<&'a Path>,
    /// What the gate shows there; `None`: nothing.
    pub(crate) shown: Option<&'a Arc<Shown>>,
    /// How long the connection may take to make.
    pub(crate) connect: Duration,
}

/// What connects that way. Connects to nothing yet.
///
/// # Errors
/// Certificates that cannot be read or used, in words.
pub(crate) fn connector(way: &Way<'_>) -> anyhow::Result<HttpsConnector<Dial>> {
    use anyhow::Context as _;
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = way.ca_file {
        for certificate in CertificateDer::pem_file_iter(path).with_context(|| format!("{}", path.display()))? {
            let certificate = certificate.with_context(|| format!("{}", path.display()))?;
            roots.add(certificate).with_context(|| format!("{}", path.display()))?;
        }
    }
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let tls = match way.shown {
        None => tls.with_no_client_auth(),
        Some(shown) => {
            let mut tls = tls.with_client_cert_resolver(Arc::clone(shown) as _);
            // A session that is resumed is that of the certificate shown when it began.
            tls.resumption = Resumption::disabled();
            tls
        }
    };
    Ok(hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(Dial::new(way)))
}

/// An error with what caused it, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
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
pub(crate) enum Dial {
    Direct(HttpConnector),
    Tunnel(Tunnel<HttpConnector>),
}

impl Dial {
    fn new(way: &Way<'_>) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(way.connect));
        // Plain HTTP goes to loopback addresses, which no proxy could reach, or carries what anybody may read.
        if way.url.scheme_str() != Some("https") {
            return Self::Direct(http);
        }
        match way.proxy {
            Proxy::None => Self::Direct(http),
            Proxy::Url(proxy) => Self::Tunnel(Tunnel::new(proxy.clone(), http)),
            Proxy::Env => match Matcher::from_env().intercept(way.url) {
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
