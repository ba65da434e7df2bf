//! The short receipt that stands in the header `X-Witgate-Receipt`.

use std::fmt;
use std::str::FromStr;

use crate::fixed_bytes::{Digest, KeyId};
use crate::keys::{PublicKey, ReceiptKey};
use crate::receipt::{RECEIPT_VERSION, ReceiptError, check_exchange, check_key, check_signature, encode_signature};

const DOMAIN: &str = "witgate-receipt-header/1\n";
/// The longest header that is read.
const MAX_HEADER: usize = 1024;

/// Names the admission DECISION of an exchange. Known before the answer is, and so says nothing about it: the full
/// receipt does.
///
/// Written `v=1; exchange=…; seq=…; set=…; key=…; sig=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptHeader {
    /// The exchange.
    pub exchange: String,
    /// Position of its admission DECISION.
    pub seq: u64,
    /// The policy set that decided.
    pub set: Digest,
    /// The key that signed.
    pub key: KeyId,
    /// Ed25519 signature over the canonical text, base64url without padding.
    pub sig: String,
}

fn canonical(exchange: &str, seq: u64, set: Digest, key: KeyId) -> String {
    format!("{DOMAIN}exchange: {exchange}\nseq: {seq}\nset: {set}\nkey: {key}\n")
}

impl ReceiptHeader {
    /// The header's name.
    pub const NAME: &'static str = "X-Witgate-Receipt";

    /// Signs the short receipt.
    ///
    /// # Errors
    /// When the exchange id is not a plain word.
    pub fn sign(exchange: &str, seq: u64, set: Digest, key: &ReceiptKey) -> Result<Self, ReceiptError> {
        check_exchange(exchange)?;
        let id = key.id();
        let sig = encode_signature(&key.sign(canonical(exchange, seq, set, id).as_bytes()));
        Ok(Self { exchange: exchange.to_owned(), seq, set, key: id, sig })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When it is malformed, from another key, or not what was signed.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ReceiptError> {
        check_exchange(&self.exchange)?;
        check_key(self.key, key)?;
        check_signature(key, canonical(&self.exchange, self.seq, self.set, self.key).as_bytes(), &self.sig)
    }
}

impl fmt::Display for ReceiptHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exchange, seq, set, key, sig } = self;
        write!(f, "v={RECEIPT_VERSION}; exchange={exchange}; seq={seq}; set={set}; key={key}; sig={sig}")
    }
}

impl FromStr for ReceiptHeader {
    type Err = ReceiptError;

    /// Reads a header's value. Fields may stand in any order, each once; fields it does not know are passed over.
    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > MAX_HEADER {
            return Err(ReceiptError::Field("length"));
        }
        let fields: Vec<_> = text.split(';').filter_map(|field| field.trim().split_once('=')).collect();
        let field = |name: &'static str| {
            let mut values = fields.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value);
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value),
                _ => Err(ReceiptError::Field(name)),
            }
        };
        let version = field("v")?.parse().map_err(|_| ReceiptError::Field("v"))?;
        if version != RECEIPT_VERSION {
            return Err(ReceiptError::Version(version));
        }
        let exchange = field("exchange")?;
        check_exchange(exchange)?;
        Ok(Self {
            exchange: exchange.to_owned(),
            seq: field("seq")?.parse().map_err(|_| ReceiptError::Field("seq"))?,
            set: field("set")?.parse().map_err(|_| ReceiptError::Field("set"))?,
            key: field("key")?.parse().map_err(|_| ReceiptError::Field("key"))?,
            sig: field("sig")?.to_owned(),
        })
    }
}
