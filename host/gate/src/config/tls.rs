//! `tls`: how the clients' listener shows itself.

use super::files::Kind;
use super::reader::Reader;
use crate::tls::TlsFiles;

const AT: &str = "/tls";

/// Reads the block and the pair it names. The inner `None`: clients are served without TLS.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<TlsFiles>> {
    if reader.at(AT).is_none() {
        return Some(None);
    }
    let certificate = reader.file(AT, "certificate_file", Kind::Certificates);
    let key = reader.file(AT, "key_file", Kind::Secret);
    let files = TlsFiles { certificate: certificate?, key: key? };
    match files.load() {
        Ok(_) => Some(Some(files)),
        Err(error) => {
            let member = if error.is_of_key(&files) { "key_file" } else { "certificate_file" };
            let help =
                "name a certificate chain and its private key, both in PEM, the listener's own certificate first";
            reader.mistake(error.code(), &format!("{AT}/{member}"), error.to_string(), help);
            None
        }
    }
}
