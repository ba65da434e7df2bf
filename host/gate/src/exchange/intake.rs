//! Reading a request off the wire, within bounds.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap};

use crate::coding::{Coding, CodingError, Decoder};
use crate::config::Limits;
use crate::refusal::Refusal;

/// Checks that the body is JSON in a form that can be scanned. Gives the coding that it is to be decoded from.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<Option<Coding>, Refusal> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    if let Some(first) = types.next() {
        let essence =
            first.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = first.to_str().unwrap_or_default().to_ascii_lowercase();
        let utf8 =
            !charset.contains("charset=") || charset.contains("charset=utf-8") || charset.contains("charset=\"utf-8\"");
        if types.next().is_some() || essence != "application/json" || !utf8 {
            return Err(unsupported("unsupported_media_type", "Send the request as application/json in UTF-8.".into()));
        }
    }
    Coding::of(headers).map_err(|error| uncoded(&error, 0))
}

/// Reads the whole body, decoded.
pub(super) async fn body(
    body: Incoming,
    coding: Option<Coding>,
    limits: &Limits,
    within: Duration,
) -> Result<Bytes, Refusal> {
    let most = limits.body_bytes();
    if hyper::body::Body::size_hint(&body).lower() > most as u64 {
        return Err(too_large(most));
    }
    let came = match tokio::time::timeout(within, Limited::new(body, most).collect()).await {
        Err(_) => {
            let message = format!("The body did not arrive within {} ms (`timeouts.body_ms`).", within.as_millis());
            return Err(Refusal::invalid(StatusCode::REQUEST_TIMEOUT, "body_timeout", message));
        }
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large(most)),
        Ok(Err(_)) => {
            let message = "The body broke off before it was complete.";
            return Err(Refusal::invalid(StatusCode::BAD_REQUEST, "body_broken", message));
        }
    };
    let Some(coding) = coding else { return Ok(came) };
    decoded(coding, &came, limits).await.map_err(|error| uncoded(&error, most))
}

/// The body as it was before it was compressed. Stops where a bound is passed.
async fn decoded(coding: Coding, came: &[u8], limits: &Limits) -> Result<Bytes, CodingError> {
    let mut decoder = Decoder::new(coding, limits.body_bounds())?;
    let mut out = Vec::new();
    decoder.all(came, &mut out).await?;
    decoder.end()?;
    Ok(Bytes::from(out))
}

fn too_large(most: usize) -> Refusal {
    let message = format!("The body is larger than the {} KiB that this gate takes (`limits.body_kib`).", most / 1024);
    Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
}

fn unsupported(code: &str, message: String) -> Refusal {
    Refusal::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message)
}

fn uncoded(error: &CodingError, most: usize) -> Refusal {
    let message = format!("A compressed body could not be read: {error}.");
    match error {
        CodingError::Unknown(_) | CodingError::Several => unsupported("unsupported_encoding", message),
        CodingError::Broken | CodingError::Truncated => {
            Refusal::invalid(StatusCode::BAD_REQUEST, "body_encoding", message)
        }
        CodingError::Expansion(_) => Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, "expansion_limit", message),
        CodingError::TooLarge(_) => too_large(most),
    }
}

#[cfg(test)]
mod tests;
