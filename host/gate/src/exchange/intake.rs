//! Reading a request off the wire, within bounds.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::refusal::Refusal;

/// Checks that the body is JSON as it stands: what cannot be scanned is not taken.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), Refusal> {
    let unsupported = |code, message: String| Err(Refusal::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    if let Some(first) = types.next() {
        let essence =
            first.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = first.to_str().unwrap_or_default().to_ascii_lowercase();
        let utf8 =
            !charset.contains("charset=") || charset.contains("charset=utf-8") || charset.contains("charset=\"utf-8\"");
        if types.next().is_some() || essence != "application/json" || !utf8 {
            return unsupported("unsupported_media_type", "Send the request as application/json in UTF-8.".into());
        }
    }
    let encoded = headers.get_all(CONTENT_ENCODING).iter().any(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return unsupported(
            "unsupported_encoding",
            "Compressed requests are not taken: send the body as it is, without content-encoding.".into(),
        );
    }
    Ok(())
}

/// Reads the whole body.
pub(super) async fn body(body: Incoming, most: usize, within: Duration) -> Result<Bytes, Refusal> {
    let too_large = || {
        let message =
            format!("The body is larger than the {} KiB that this gate takes (`limits.body_kib`).", most / 1024);
        Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    };
    if hyper::body::Body::size_hint(&body).lower() > most as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(within, Limited::new(body, most).collect()).await {
        Err(_) => {
            let message = format!("The body did not arrive within {} ms (`timeouts.body_ms`).", within.as_millis());
            Err(Refusal::invalid(StatusCode::REQUEST_TIMEOUT, "body_timeout", message))
        }
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            Err(Refusal::invalid(StatusCode::BAD_REQUEST, "body_broken", "The body broke off before it was complete."))
        }
    }
}

#[cfg(test)]
mod tests;
