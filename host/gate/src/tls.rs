//! TLS on either side: certificates that can be replaced while the gate runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

mod authorities;
mod listener;
mod peer;

pub(crate) use authorities::Authorities;
pub(crate) use listener::{Tls, is_http2};
pub(crate) use peer::{NameFrom, Peer};

/// Certificates of one chain.
const CHAIN: usize = 16;

/// The files that one side of a connection shows itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The chain in PEM, the certificate of whoever shows it first.
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
    /// More certificates than are taken.
    #[error("{0} holds more than {1} certificates")]
    TooMany(PathBuf, usize),
    /// A file is no PEM, or holds something else.
    #[error("{0} holds no private key in PEM")]
    NoKey(PathBuf),
    /// A key of a kind that is not used here.
    #[error(
        "the private key in {0} is of no kind that can be used (RSA of 2048 bits and more, ECDSA P-256 and P-384, Ed25519)"
    )]
    KeyKind(PathBuf),
    /// The certificate is none.
    #[error("a certificate in {0} cannot be read: {1}")]
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
            Self::TooMany(..) => "certificate_chain",
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
        let path = &self.certificate;
        let chain = certificates(path, CHAIN)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| match error {
            pem::Error::Io(why) => TlsError::Unreadable(self.key.clone(), why.to_string()),
            _ => TlsError::NoKey(self.key.clone()),
        })?;
        let key = provider().key_provider.load_private_key(key).map_err(|_| TlsError::KeyKind(self.key.clone()))?;
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
            Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::Mismatch(path.clone())),
            Err(why) => Err(TlsError::Certificate(path.clone(), why.to_string())),
        }
    }
}

/// What is shown: the pair of the files, read again while the gate runs.
#[derive(Debug)]
pub(crate) struct Shown {
    files: TlsFiles,
    pair: ArcSwap<CertifiedKey>,
}

impl Shown {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let pair = ArcSwap::from_pointee(files.load()?);
        Ok(Self { files, pair })
    }

    /// Reads the files again. New connections are shown what they hold; where that cannot be used, what was shown before.
    /// `to` says in the log who is shown it.
    pub(crate) fn reload(&self, to: &str) {
        match self.files.load() {
            Ok(pair) if pair.cert == self.pair.load().cert => {}
            Ok(pair) => {
                self.pair.store(Arc::new(pair));
                tracing::info!(to, certificate = %self.fingerprint(), "a new certificate is shown from now on");
            }
            Err(error) => {
                tracing::error!(to, code = error.code(), "the certificate stays as it is: {error}");
            }
        }
    }

    /// The SHA-256 of the first certificate, as `openssl x509 -fingerprint -sha256` prints it, without colons.
    fn fingerprint(&self) -> String {
        let pair = self.pair.load();
        let first = pair.cert.first().map(|c| c.as_ref()).unwrap_or_default();
        Sha256::digest(first).iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.pair.load_full())
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.pair.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Certificates of a PEM file, at most `most`.
fn certificates(path: &Path, most: usize) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |error: &pem::Error| match error {
        pem::Error::Io(why) => TlsError::Unreadable(path.to_owned(), why.to_string()),
        _ => TlsError::NoCertificate(path.to_owned()),
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|e| wrong(&e))?;
    let found: Vec<_> = found.take(most + 1).collect::<Result<_, _>>().map_err(|e| wrong(&e))?;
    match found.len() {
        0 => Err(TlsError::NoCertificate(path.to_owned())),
        number if number > most => Err(TlsError::TooMany(path.to_owned(), most)),
        _ => Ok(found),
    }
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}
