//! `clients`: who may call this gate, and how they show it.

use std::path::PathBuf;

use super::files::Kind;
use super::reader::Reader;
use crate::tls::{Authorities, NameFrom};

const AT: &str = "/clients";
const CERTIFICATES: &str = "/clients/certificates";

/// `clients`: who may call this gate; at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clients {
    /// One client a line: `NAME SHA256HEX` or `NAME certificate`, and `[clearance=..] [owner=..]`.
    pub(crate) keys_file: Option<PathBuf>,
    /// Certificates as a proof, beside keys.
    pub(crate) certificates: Option<ClientCertificates>,
}

/// `clients.certificates`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientCertificates {
    /// Whose signatures count (PEM).
    pub(crate) ca_file: PathBuf,
    /// Where in a certificate its holder's name stands.
    pub(crate) name: NameFrom,
    /// Whether a connection without a certificate ends in its handshake.
    pub(crate) required: bool,
}

/// Reads the block and the authorities it names. The inner `None`: whoever can connect may call.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<Clients>> {
    if reader.at(AT).is_none() {
        return Some(None);
    }
    let named = reader.at("/clients/keys_file").is_some();
    let keys_file = reader.file(AT, "keys_file", Kind::ClientKeys);
    let certificates = match reader.at(CERTIFICATES) {
        None if !named => {
            let help = "name a keys_file, or the authority of their certificates under `certificates:`";
            reader.mistake("clients_unproven", AT, "nothing here says who the clients are".to_owned(), help);
            return None;
        }
        None => None,
        Some(_) => Some(certificates(reader)?),
    };
    (keys_file.is_some() == named).then_some(Some(Clients { keys_file, certificates }))
}

fn certificates(reader: &mut Reader<'_>) -> Option<ClientCertificates> {
    if reader.at("/tls").is_none() {
        let help = "add `tls:` with a certificate of this listener";
        reader.mistake(
            "certificates_without_tls",
            CERTIFICATES,
            "without TLS nobody shows a certificate".to_owned(),
            help,
        );
    }
    let ca_file = reader.file(CERTIFICATES, "ca_file", Kind::TrustedKey);
    let name = reader.block(CERTIFICATES, "name");
    let required = reader.block(CERTIFICATES, "required");
    let ca_file = ca_file?;
    if let Err(error) = Authorities::load(&ca_file) {
        let help = "name a PEM file with the certificates of the authorities that sign those of clients";
        reader.mistake(error.code(), "/clients/certificates/ca_file", error.to_string(), help);
        return None;
    }
    Some(ClientCertificates { ca_file, name: name?, required: required? })
}
