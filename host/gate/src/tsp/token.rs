//! An authority's answer (RFC 3161, 2.4.2) and the token in it (RFC 5652, 5).

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use der::Tag;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring};

use super::walk::{Walk, context};
use super::{Request, TspError};

/// Contents of object identifiers.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// `id-kp-timeStamping`.
const TIME_STAMPING: KeyUsage = KeyUsage::required(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08]);
type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];
static WITH_SHA256: Algorithms = &[
    ring::RSA_PKCS1_2048_8192_SHA256,
    ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    ring::ECDSA_P256_SHA256,
    ring::ECDSA_P384_SHA256,
];
static WITH_SHA384: Algorithms = &[
    ring::RSA_PKCS1_2048_8192_SHA384,
    ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    ring::ECDSA_P256_SHA384,
    ring::ECDSA_P384_SHA384,
];
/// Ed25519 in CMS goes with SHA-512 (RFC 8419).
static WITH_SHA512: Algorithms =
    &[ring::RSA_PKCS1_2048_8192_SHA512, ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY, ring::ED25519];
/// `SET`, which the signed attributes are hashed as, whatever they stand as.
const SET: u8 = 0x31;
/// Certificates of one token.
const CERTIFICATES: usize = 16;

/// What a token states. Nothing is checked by reading it: see [`Token::stamp`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    imprint: &'a [u8],
    nonce: Option<&'a [u8]>,
    /// Milliseconds since 1970.
    time_ms: u64,
    /// The signed statement.
    info: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signer: Signer<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signer<'a> {
    digest: &'a [u8],
    /// As they stand, with tag and length.
    attributes: &'a [u8],
    message_digest: &'a [u8],
    /// Which hash, and the hash of the certificate, where the token says so in a way that is read here.
    certificate: Option<(&'a [u8], &'a [u8])>,
    signature: &'a [u8],
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// When the bytes were there at the latest, in milliseconds since 1970.
    pub(crate) time_ms: u64,
}

/// Certificates in a PEM file, as those that a token's must lead to.
///
/// # Errors
/// The file cannot be read or holds none, in words.
pub(crate) fn anchors(path: &Path) -> anyhow::Result<Vec<TrustAnchor<'static>>> {
    let shown = || path.display().to_string();
    let mut anchors = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).with_context(shown)? {
        let certificate = certificate.with_context(shown)?;
        anchors.push(anchor_from_trusted_cert(&certificate).with_context(shown)?.to_owned());
    }
    anyhow::ensure!(!anchors.is_empty(), "{} holds no certificate", path.display());
    Ok(anchors)
}

impl<'a> Token<'a> {
    /// Reads an answer. One that is a refusal is an error.
    pub(crate) fn read(answer: &'a [u8]) -> Result<Self, TspError> {
        let mut file = Walk::over(answer)?;
        let mut response = file.sequence("it is not a TimeStampResp")?;
        file.end("something stands behind it")?;
        let mut status = response.sequence("it has no status")?;
        let number = number(status.take(Tag::Integer, "it has no status")?);
        // Granted, or granted with changes.
        if number > 1 {
            let told = match status.optional(Tag::Sequence)? {
                Some(texts) => Walk::over(texts)?.optional(Tag::Utf8String)?.unwrap_or_default(),
                None => &[],
            };
            return Err(TspError::Refused { status: number, told: String::from_utf8_lossy(told).into_owned() });
        }
        let mut content = response.sequence("it has no token")?;
        if content.take(Tag::ObjectIdentifier, "the token has no type")? != SIGNED_DATA {
            return Err(TspError::Malformed("the token is not signed"));
        }
        let mut signed =
            Walk::over(content.take(context(0), "the token has no content")?)?.sequence("no SignedData")?;
        signed.take(Tag::Integer, "no version")?;
        signed.take(Tag::Set, "no digest algorithms")?;
        let mut inner = signed.sequence("no content")?;
        if inner.take(Tag::ObjectIdentifier, "its content has no type")? != TST_INFO {
            return Err(TspError::Malformed("its content is not a TSTInfo"));
        }
        let info = Walk::over(inner.take(context(0), "no TSTInfo")?)?.take(Tag::OctetString, "no TSTInfo")?;
        let mut certificates = Vec::new();
        if let Some(set) = signed.optional(context(0))? {
            let mut set = Walk::over(set)?;
            while let Some(certificate) = set.raw()? {
                certificates.push(certificate);
            }
        }
        if certificates.len() > CERTIFICATES {
            return Err(TspError::Malformed("it has more than 16 certificates"));
        }
        signed.optional(context(1))?;
        let mut signers = Walk::over(signed.take(Tag::Set, "it has no signers")?)?;
        let signer = Signer::read(signers.sequence("it has no signer")?)?;
        signers.end("it has more than one signer")?;
        let mut stated = Walk::over(info)?.sequence("no TSTInfo")?;
        stated.take(Tag::Integer, "no version")?;
        stated.take(Tag::ObjectIdentifier, "no policy")?;
        let mut over = stated.sequence("no imprint")?;
        let algorithm = over.sequence("no imprint")?.take(Tag::ObjectIdentifier, "no imprint")?;
        if algorithm != SHA256 {
            return Err(TspError::Malformed("its imprint is not by SHA-256"));
        }
        let imprint = over.take(Tag::OctetString, "no imprint")?;
        stated.take(Tag::Integer, "no serial number")?;
        let time_ms = time(stated.take(Tag::GeneralizedTime, "no time")?).ok_or(TspError::Malformed("its time"))?;
        stated.optional(Tag::Sequence)?;
        stated.optional(Tag::Boolean)?;
        let nonce = stated.optional(Tag::Integer)?;
        Ok(Self { imprint, nonce, time_ms, info, certificates, signer })
    }

    /// Whether it is the answer to a question.
    pub(crate) fn answers(&self, question: &Request) -> Result<(), TspError> {
        if self.imprint != question.imprint {
            return Err(TspError::Other("its imprint is not that of what was asked"));
        }
        match self.nonce == Some(question.nonce.as_slice()) {
            true => Ok(()),
            false => Err(TspError::Other("it does not have the number of the question: it may be an earlier answer")),
        }
    }

    /// Whether it is over `bytes`, signed with a certificate for time-stamps that leads to one of `anchors` and was valid then.
    pub(crate) fn stamp(&self, bytes: &[u8], anchors: &[TrustAnchor<'_>]) -> Result<Stamp, TspError> {
        if self.imprint != Sha256::digest(bytes).as_slice() {
            return Err(TspError::Other("the hash in it is not that of what stands beside it"));
        }
        let Signer { digest, attributes, message_digest, certificate, signature } = self.signer;
        if hash(digest, self.info)? != message_digest {
            return Err(TspError::Signature);
        }
        let mut signed = attributes.to_vec();
        if let Some(tag) = signed.first_mut() {
            *tag = SET;
        }
        let der = self.certificates.iter().find(|der| {
            let named = certificate.is_none_or(|(by, wanted)| hash(by, der).is_ok_and(|hash| hash == wanted));
            let der = CertificateDer::from(**der);
            named
                && EndEntityCert::try_from(&der).is_ok_and(|one| {
                    algorithms(digest).iter().any(|by| one.verify_signature(*by, &signed, signature).is_ok())
                })
        });
        let der = CertificateDer::from(*der.ok_or(TspError::Signature)?);
        let wrong = |error: webpki::Error| TspError::Certificate(error.to_string());
        let others: Vec<_> = self.certificates.iter().map(|der| CertificateDer::from(*der)).collect();
        let end = EndEntityCert::try_from(&der).map_err(wrong)?;
        let then = UnixTime::since_unix_epoch(Duration::from_millis(self.time_ms));
        end.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, anchors, &others, then, TIME_STAMPING, None, None)
            .map_err(wrong)?;
        Ok(Stamp { time_ms: self.time_ms })
    }
}

impl<'a> Signer<'a> {
    fn read(mut info: Walk<'a>) -> Result<Self, TspError> {
        info.take(Tag::Integer, "no version")?;
        // Who signed: by issuer and number, or by key. The certificate is found by what it signed.
        info.raw()?;
        let digest = info.sequence("no digest algorithm")?.take(Tag::ObjectIdentifier, "no digest algorithm")?;
        let attributes = info.raw()?.filter(|raw| raw.first() == Some(&0xa0));
        let attributes = attributes.ok_or(TspError::Malformed("it has no signed attributes"))?;
        info.sequence("no signature algorithm")?;
        let signature = info.take(Tag::OctetString, "no signature")?;
        let mut each = Walk::over(Walk::over(attributes)?.take(context(0), "no attributes")?)?;
        let (mut message_digest, mut is_info, mut certificate) = (None, false, None);
        while let Some(attribute) = each.optional(Tag::Sequence)? {
            let mut attribute = Walk::over(attribute)?;
            let kind = attribute.take(Tag::ObjectIdentifier, "an attribute has no type")?;
            let mut values = Walk::over(attribute.take(Tag::Set, "an attribute has no value")?)?;
            match kind {
                MESSAGE_DIGEST => message_digest = values.optional(Tag::OctetString)?,
                CONTENT_TYPE => is_info = values.optional(Tag::ObjectIdentifier)? == Some(TST_INFO),
                SIGNING_CERTIFICATE_V2 => certificate = Some(named(values)?),
                _ => {}
            }
        }
        let message_digest = message_digest.ok_or(TspError::Malformed("its attributes have no digest"))?;
        match is_info {
            true => Ok(Self { digest, attributes, message_digest, certificate, signature }),
            false => Err(TspError::Malformed("its attributes are of another content")),
        }
    }
}

/// The first certificate that a SigningCertificateV2 names (RFC 5035, 3): which hash, and the hash.
fn named<'a>(mut values: Walk<'a>) -> Result<(&'a [u8], &'a [u8]), TspError> {
    const NONE: &str = "no certificate is named";
    let mut first = values.sequence(NONE)?.sequence(NONE)?.sequence(NONE)?;
    let by = match first.optional(Tag::Sequence)? {
        Some(algorithm) => Walk::over(algorithm)?.take(Tag::ObjectIdentifier, NONE)?,
        None => SHA256,
    };
    Ok((by, first.take(Tag::OctetString, NONE)?))
}

fn hash(algorithm: &[u8], bytes: &[u8]) -> Result<Vec<u8>, TspError> {
    match algorithm {
        SHA256 => Ok(Sha256::digest(bytes).to_vec()),
        SHA384 => Ok(Sha384::digest(bytes).to_vec()),
        SHA512 => Ok(Sha512::digest(bytes).to_vec()),
        _ => Err(TspError::Malformed("it is signed over a hash other than SHA-256, SHA-384 or SHA-512")),
    }
}

/// How something hashed that way may be signed.
fn algorithms(digest: &[u8]) -> Algorithms {
    match digest {
        SHA256 => WITH_SHA256,
        SHA384 => WITH_SHA384,
        SHA512 => WITH_SHA512,
        _ => &[],
    }
}

/// A small number; larger ones are all the same here.
fn number(contents: &[u8]) -> u64 {
    contents.iter().fold(0, |number: u64, byte| number.saturating_mul(256).saturating_add(u64::from(*byte)))
}

/// `YYYYMMDDhhmmss[.f…]Z` (RFC 3161, 2.4.2), in milliseconds since 1970.
pub(super) fn time(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() != 14 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| whole.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(8..10)?, part(10..12)?, part(12..14)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60
    {
        return None;
    }
    // Days since 1970 of a year that begins in March, so that a leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let seconds = days.checked_sub(719_468)? * 86_400 + hour * 3600 + minute * 60 + second;
    let ms = format!("{fraction:0<3}").get(..3)?.parse::<u64>().ok()?;
    Some(seconds * 1000 + ms)
}
