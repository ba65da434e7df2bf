//! TLS towards clients.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ServerConfig, ServerConnection};
use tokio_rustls::TlsAcceptor;

use super::{Authorities, Peer, Shown, TlsFiles, provider};
use crate::config::ClientCertificates;

/// HTTP/2 first: whoever speaks both should take it (RFC 7301, RFC 9113 section 3.2).
const PROTOCOLS: [&[u8]; 2] = [HTTP2, b"http/1.1"];
const HTTP2: &[u8] = b"h2";

/// A listener's TLS: version 1.2 and above, by ring.
#[derive(Debug)]
pub(crate) struct Tls {
    shown: Arc<Shown>,
    clients: Option<Clients>,
    config: ArcSwap<ServerConfig>,
}

/// Whose certificates are asked for.
#[derive(Debug)]
struct Clients {
    config: ClientCertificates,
    authorities: ArcSwap<Authorities>,
}

impl Tls {
    /// Reads the files. With `clients`, a certificate is asked for in each handshake.
    ///
    /// # Errors
    /// [`super::TlsError`].
    pub(crate) fn new(files: TlsFiles, clients: Option<&ClientCertificates>) -> anyhow::Result<Self> {
        let shown = Arc::new(Shown::new(files)?);
        let clients = clients.map(|config| {
            let authorities = ArcSwap::from_pointee(Authorities::load(&config.ca_file)?);
            anyhow::Ok(Clients { config: config.clone(), authorities })
        });
        let clients = clients.transpose()?;
        let config = server(&shown, clients.as_ref())?;
        tracing::info!(certificate = %shown.fingerprint(), client_certificates = clients.is_some(), "clients are served over TLS");
        Ok(Self { shown, clients, config: ArcSwap::from_pointee(config) })
    }

    /// Reads the files again: what is shown, and whose certificates are taken. What cannot be used stays as it was.
    pub(crate) fn reload(&self) {
        self.shown.reload("clients");
        let Some(clients) = &self.clients else { return };
        match Authorities::load(&clients.config.ca_file) {
            Ok(anew) if anew == **clients.authorities.load() => {}
            Ok(anew) => {
                clients.authorities.store(Arc::new(anew));
                match server(&self.shown, Some(clients)) {
                    Ok(config) => {
                        self.config.store(Arc::new(config));
                        tracing::info!("certificates of clients are checked against new authorities from now on");
                    }
                    Err(why) => tracing::error!(%why, "the authorities of clients stay as they are"),
                }
            }
            Err(error) => tracing::error!(code = error.code(), "the authorities of clients stay as they are: {error}"),
        }
    }

    /// Who is at the other end, where certificates are asked for and one was shown.
    pub(crate) fn peer(&self, connection: &ServerConnection) -> Option<Peer> {
        let certificate = connection.peer_certificates()?.first()?;
        Some(Peer::of(certificate, self.clients.as_ref()?.config.name))
    }

    /// Takes connections, as the files say now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }
}

fn server(shown: &Arc<Shown>, clients: Option<&Clients>) -> anyhow::Result<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(Arc::new(provider())).with_safe_default_protocol_versions()?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let roots = Arc::new(clients.authorities.load().roots()?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::new(provider()));
            let verifier = if clients.config.required { verifier } else { verifier.allow_unauthenticated() };
            builder.with_client_cert_verifier(verifier.build()?)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::clone(shown) as _);
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    if clients.is_some() {
        // A session that is resumed is not checked again, though its certificate has run out or its authority is gone.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

/// Whether a connection agreed on HTTP/2.
pub(crate) fn is_http2(connection: &ServerConnection) -> bool {
    connection.alpn_protocol() == Some(HTTP2)
}
