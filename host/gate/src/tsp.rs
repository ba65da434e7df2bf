//! Time-stamp tokens (RFC 3161): what an authority is asked, and what its answer shows, and to whom.
//!
//! The gate itself keeps an answer that is for its question. Whether it is worth anything, an auditor finds out with the
//! authority's certificate: the signature, the certificate's way to it, and that it is one for time-stamps.

mod request;
mod token;
mod walk;

pub(crate) use request::Request;
pub(crate) use token::{Token, anchors};

/// A token cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TspError {
    /// It is no answer of an authority, or of a kind that is not read here.
    #[error("it is no time-stamp as RFC 3161 describes it: {0}")]
    Malformed(&'static str),
    /// The authority refused.
    #[error("the authority refused (status {status}){}{told}", if told.is_empty() { "" } else { ": " })]
    Refused {
        /// Its status (RFC 3161, 2.4.2).
        status: u64,
        /// What it says.
        told: String,
    },
    /// It is over something else.
    #[error("it is over something else: {0}")]
    Other(&'static str),
    /// The signature does not fit.
    #[error("its signature does not fit: it was changed, or its certificate is not in it")]
    Signature,
    /// Its certificate does not lead to one that is trusted.
    #[error("its certificate does not lead to one that is trusted, or is none for time-stamps: {0}")]
    Certificate(String),
}

impl TspError {
    /// Stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "timestamp_malformed",
            Self::Refused { .. } => "timestamp_refused",
            Self::Other(_) => "timestamp_of_another",
            Self::Signature => "timestamp_signature",
            Self::Certificate(_) => "timestamp_certificate",
        }
    }
}

#[cfg(test)]
mod tests;
