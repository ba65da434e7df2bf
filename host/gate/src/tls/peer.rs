//! Who a client's certificate says that it is.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};

/// Bytes of a name; a longer one is none.
const NAME_BYTES: usize = 256;

/// Where in a certificate its holder's name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NameFrom {
    /// The common name of the subject.
    #[default]
    CommonName,
    /// The URI among the alternative names, such as a SPIFFE ID.
    Uri,
    /// The host name there.
    Dns,
    /// The e-mail address there.
    Email,
}

/// The holder of a certificate that was checked when the connection began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its name; `None` where the certificate has none of the kind, or several: nobody could say which one counts.
    pub(crate) name: Option<Arc<str>>,
}

impl Peer {
    /// Of a certificate.
    pub(crate) fn of(certificate: &CertificateDer<'_>, from: NameFrom) -> Self {
        let names = Certificate::from_der(certificate).ok().and_then(|certificate| names(&certificate, from));
        let name = match names.as_deref() {
            Some([name]) => Some(name.as_str()).filter(|name| is_plain(name)).map(Arc::from),
            _ => None,
        };
        Self { name }
    }
}

/// A name goes into records and is compared byte for byte, so there is nothing in it that nobody sees.
fn is_plain(name: &str) -> bool {
    (1..=NAME_BYTES).contains(&name.len()) && name.trim() == name && !name.chars().any(char::is_control)
}

/// All names of the kind; `None` where they cannot be read.
fn names(certificate: &Certificate, from: NameFrom) -> Option<Vec<String>> {
    let certificate = certificate.tbs_certificate();
    if from == NameFrom::CommonName {
        let parts = certificate.subject().iter().filter(|part| part.oid == CN);
        let text = |part: &AttributeTypeAndValue| {
            DirectoryString::try_from(&part.value).ok().map(|name| name.value().into_owned())
        };
        return parts.map(text).collect();
    }
    let Some((_, names)) = certificate.get_extension::<SubjectAltName>().ok()? else { return Some(vec![]) };
    let of_kind = |name: &GeneralName| match (from, name) {
        (NameFrom::Uri, GeneralName::UniformResourceIdentifier(uri)) => Some(uri.as_str().to_owned()),
        (NameFrom::Dns, GeneralName::DnsName(name)) => Some(name.as_str().to_owned()),
        (NameFrom::Email, GeneralName::Rfc822Name(address)) => Some(address.as_str().to_owned()),
        _ => None,
    };
    Some(names.0.iter().filter_map(of_kind).collect())
}

#[cfg(test)]
mod tests;
