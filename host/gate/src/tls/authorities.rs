//! Whose signatures on certificates count.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::{TlsError, certificates};

/// Authorities of one file.
const MOST: usize = 256;

/// The certificates of a PEM file, each one an authority.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorities {
    path: PathBuf,
    list: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Reads the file.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn load(path: &Path) -> Result<Self, TlsError> {
        let authorities = Self { path: path.to_owned(), list: certificates(path, MOST)? };
        authorities.roots()?;
        Ok(authorities)
    }

    /// As what certificates are checked with.
    ///
    /// # Errors
    /// [`TlsError`]: one of them is no certificate.
    pub(super) fn roots(&self) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in &self.list {
            let added = roots.add(certificate.clone());
            added.map_err(|why| TlsError::Certificate(self.path.clone(), why.to_string()))?;
        }
        Ok(roots)
    }
}
