//! Requests to an upstream, signed by the gate: HTTP Message Signatures (RFC 9421) with Ed25519, over a Content-Digest
//! (RFC 9530) of the body as it is sent. Whoever gets one knows which gate sent it, in which exchange, and that nothing of this
//! was changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use hyper::{Method, Uri};
use sha2::{Digest as _, Sha256};
use witgate_ledger::{PublicKey, ReceiptKey};

use crate::config::Sign;
use crate::refusal::EXCHANGE;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
/// The headers that are covered, those that are there.
const FIELDS: [&str; 3] = ["content-type", "content-digest", "x-witgate-exchange"];
/// The name of the gate's signature among those of a message.
const LABEL: &str = "witgate";

/// Signs requests to one upstream.
#[derive(Debug)]
pub(crate) struct Signer {
    key: ReceiptKey,
    key_id: String,
    tag: String,
}

impl Signer {
    /// With a key of its own where the configuration names one, else with the one that signs receipts.
    ///
    /// # Errors
    /// The key's file cannot be read or used.
    pub(crate) fn new(said: &Sign, receipts: &ReceiptKey) -> Result<Self, witgate_ledger::KeyError> {
        let key = match &said.key_file {
            Some(path) => ReceiptKey::load(path)?,
            None => receipts.clone(),
        };
        let key_id = said.key_id.clone().unwrap_or_else(|| key.id().to_string());
        Ok(Self { key, key_id, tag: said.tag.clone() })
    }

    /// What checks its signatures, and under which name.
    pub(crate) fn public(&self) -> (&str, PublicKey) {
        (&self.key_id, self.key.public())
    }

    /// Adds the exchange's id, the digest of the body where there is one, and the signature over both, the method, and where it
    /// goes. `created` is in seconds since 1970.
    ///
    /// # Errors
    /// A name that no header can have: the request must not leave without its signature.
    pub(crate) fn sign(
        &self,
        (method, url): (&Method, &Uri),
        headers: &mut HeaderMap,
        body: &Bytes,
        exchange: &str,
        created: u64,
    ) -> Result<(), InvalidHeaderValue> {
        headers.insert(EXCHANGE, HeaderValue::try_from(exchange)?);
        if !body.is_empty() {
            let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
            headers.insert(CONTENT_DIGEST, HeaderValue::try_from(digest)?);
        }
        let mut covered = vec![
            ("@method", method.as_str().to_owned()),
            ("@authority", authority(url)),
            ("@path", url.path().to_owned()),
        ];
        for name in FIELDS {
            if let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) {
                covered.push((name, value.trim().to_owned()));
            }
        }
        let names: Vec<String> = covered.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let Self { key_id, tag, .. } = self;
        let parameters =
            format!("({});created={created};keyid=\"{key_id}\";alg=\"ed25519\";tag=\"{tag}\"", names.join(" "));
        // RFC 9421, 2.5.
        let mut base = String::new();
        for (name, value) in &covered {
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {parameters}"));
        let signature = STANDARD.encode(self.key.sign(base.as_bytes()));
        headers.insert(SIGNATURE_INPUT, HeaderValue::try_from(format!("{LABEL}={parameters}"))?);
        headers.insert(SIGNATURE, HeaderValue::try_from(format!("{LABEL}=:{signature}:"))?);
        Ok(())
    }
}

/// As RFC 9421, 2.2.3 has it: in small letters, without the scheme's usual port.
fn authority(url: &Uri) -> String {
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    let usual = match url.scheme_str() {
        Some("http") => 80,
        _ => 443,
    };
    match url.port_u16().filter(|port| *port != usual) {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

#[cfg(test)]
mod tests;
