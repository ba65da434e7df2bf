//! Content codings (RFC 9110, section 8.4): what comes compressed is decoded within bounds, so that it can be inspected.

use hyper::header::{CONTENT_ENCODING, HeaderMap};
use thiserror::Error;

mod decoder;

pub(crate) use decoder::Decoder;

/// What is decoded, as the value of a header.
pub(crate) const SUPPORTED: &str = "gzip, deflate, br, zstd";
/// What a compressed body may always expand to, in bytes. Short texts that repeat themselves compress very well.
const FREE: u64 = 1 << 20;
/// Bytes of a coding's name that are repeated to whoever sent it.
const NAME_BYTES: usize = 32;

/// A content coding that is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// RFC 1952. Up to 64 members in a row.
    Gzip,
    /// RFC 1950; RFC 1951 alone as well, which some send under this name.
    Deflate,
    /// RFC 7932, with windows of up to 16 MiB.
    Brotli,
    /// RFC 8878, with windows of up to 8 MiB (RFC 9659).
    Zstd,
}

impl Coding {
    /// The coding of a message; `None`: its body is as it stands.
    ///
    /// # Errors
    /// A coding that is not decoded, or several in a row: each would multiply what the one before it expands to.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, CodingError> {
        let mut names = Vec::new();
        for value in headers.get_all(CONTENT_ENCODING) {
            let value = value.to_str().map_err(|_| CodingError::Unknown("no text".into()))?;
            names.extend(value.split(',').map(str::trim).filter(|name| !name.is_empty()).take(2));
        }
        let name = match names.as_slice() {
            [] => return Ok(None),
            [name] => name.to_ascii_lowercase(),
            _ => return Err(CodingError::Several),
        };
        match name.as_str() {
            "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "deflate" => Ok(Some(Self::Deflate)),
            "br" => Ok(Some(Self::Brotli)),
            "zstd" => Ok(Some(Self::Zstd)),
            other => Err(CodingError::Unknown(other.chars().take(NAME_BYTES).collect())),
        }
    }
}

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum CodingError {
    /// Not one of those decoded.
    #[error("the content coding `{0}` is not decoded here; those that are: {SUPPORTED}")]
    Unknown(String),
    /// More than one.
    #[error("several content codings in a row are not decoded; send one of {SUPPORTED}, or none")]
    Several,
    /// The bytes are not of the coding.
    #[error("the body is not of the content coding that its header names")]
    Broken,
    /// It ended before the coding's own end.
    #[error("the compressed body ended before it was complete")]
    Truncated,
    /// More than the bound on its size.
    #[error("the body expands to more than {0} bytes")]
    TooLarge(u64),
    /// More than the bound on its expansion.
    #[error("the body expands to more than {0} times its size (`limits.expansion`)")]
    Expansion(u64),
}

/// How far a body may expand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes in all.
    pub(crate) bytes: u64,
    /// Times its compressed size, beyond the first MiB.
    pub(crate) ratio: u64,
}

impl Bounds {
    fn check(self, read: u64, wrote: u64) -> Result<(), CodingError> {
        if wrote > FREE && wrote > read.saturating_mul(self.ratio) {
            return Err(CodingError::Expansion(self.ratio));
        }
        if wrote > self.bytes {
            return Err(CodingError::TooLarge(self.bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
