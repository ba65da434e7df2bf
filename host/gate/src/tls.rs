//! TLS towards clients: a certificate that can be replaced while the gate runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// HTTP/2 first: whoever speaks both should take it (RFC 7301, RFC 9113 section 3.2).
const PROTOCOLS: [&[u8]; 2] = [HTTP2, b"http/1.1"];
const HTTP2: &[u8] = b"h2";
/// Certificates of one chain.
const CHAIN: usize = 16;

/// `tls`: the files that a listener shows itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The chain in PEM, the listener's own certificate first.
    pub(crate) certificate: PathBuf,
    /// The private key in PEM: PKCS#8, PKCS#1 or SEC1; 0600.
    pub(crate) key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, String),
    /// A file is no PEM, or holds something else.
    #[error("{0} holds no certificate in PEM")]
    NoCertificate(PathBuf),
    /// More certificates than a chain has.
    #[error("{0} holds more than {CHAIN} certificates")]
    LongChain(PathBuf),
    /// A file is no PEM, or holds something else.
    #[error("{0} holds no private key in PEM")]
    NoKey(PathBuf),
    /// A key of a kind that is not used here.
    #[error(
        "the private key in {0} is of no kind that can be used (RSA of 2048 bits and more, ECDSA P-256 and P-384, Ed25519)"
    )]
    KeyKind(PathBuf),
    /// The certificate is none.
    #[error("the first certificate in {0} cannot be read: {1}")]
    Certificate(PathBuf, String),
    /// They are not a pair.
    #[error("the private key is not that of the first certificate in {0}")]
    Mismatch(PathBuf),
}

impl TlsError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(..) => "path_unreadable",
            Self::NoCertificate(_) => "no_certificate",
            Self::LongChain(_) => "certificate_chain",
            Self::NoKey(_) => "no_private_key",
            Self::KeyKind(_) => "private_key_kind",
            Self::Certificate(..) => "certificate_content",
            Self::Mismatch(_) => "certificate_key_mismatch",
        }
    }

    /// Whether the key's file is at fault, and not the certificate's.
    pub(crate) fn is_of_key(&self, files: &TlsFiles) -> bool {
        match self {
            Self::NoKey(_) | Self::KeyKind(_) | Self::Mismatch(_) => true,
            Self::Unreadable(path, _) => *path == files.key,
            _ => false,
        }
    }
}

impl TlsFiles {
    /// Reads the pair and checks that it is one.
    ///
    /// # Errors
    /// [`TlsError`]: which file cannot be used, and why.
    pub(crate) fn load(&self) -> Result<CertifiedKey, TlsError> {
        let unreadable = |path: &Path, error: &pem::Error| match error {
            pem::Error::Io(why) => Some(TlsError::Unreadable(path.to_owned(), why.to_string())),
            _ => None,
        };
        let path = &self.certificate;
        let none =
            |error: &pem::Error| unreadable(path, error).unwrap_or_else(|| TlsError::NoCertificate(path.clone()));
        let certificates = CertificateDer::pem_file_iter(path).map_err(|e| none(&e))?;
        let chain: Vec<_> = certificates.take(CHAIN + 1).collect::<Result<_, _>>().map_err(|e| none(&e))?;
        match chain.len() {
            0 => return Err(TlsError::NoCertificate(path.clone())),
            1..=CHAIN => {}
            _ => return Err(TlsError::LongChain(path.clone())),
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|e| unreadable(&self.key, &e).unwrap_or_else(|| TlsError::NoKey(self.key.clone())))?;
        let key = provider().key_provider.load_private_key(key).map_err(|_| TlsError::KeyKind(self.key.clone()))?;
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
            Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::Mismatch(path.clone())),
            Err(why) => Err(TlsError::Certificate(path.clone(), why.to_string())),
        }
    }
}

/// A listener's TLS: version 1.2 and above, by ring.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

/// The certificate that new connections are shown.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn new(files: TlsFiles) -> anyhow::Result<Self> {
        let pair = files.load()?;
        tracing::info!(certificate = %fingerprint(&pair), "clients are served over TLS");
        let shown = Arc::new(Shown(ArcSwap::from_pointee(pair)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { files, shown, config: Arc::new(config) })
    }

    /// Reads the files again. New connections are shown what they hold; where that cannot be used, what was shown before.
    pub(crate) fn reload(&self) {
        match self.files.load() {
            Ok(pair) if pair.cert == self.shown.0.load().cert => {}
            Ok(pair) => {
                tracing::info!(certificate = %fingerprint(&pair), "a new certificate is shown from now on");
                self.shown.0.store(Arc::new(pair));
            }
            Err(error) => {
                tracing::error!(code = error.code(), "the certificate stays as it is: {error}");
            }
        }
    }

    /// Takes connections.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

/// Whether a connection agreed on HTTP/2.
pub(crate) fn is_http2(connection: &rustls::ServerConnection) -> bool {
    connection.alpn_protocol() == Some(HTTP2)
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// The SHA-256 of the first certificate, as `openssl x509 -fingerprint -sha256` prints it, without colons.
fn fingerprint(pair: &CertifiedKey) -> String {
    let first = pair.cert.first().map(|c| c.as_ref()).unwrap_or_default();
    Sha256::digest(first).iter().map(|b| format!("{b:02x}")).collect()
}
