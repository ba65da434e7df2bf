//! Which headers pass, each way. By list: what is not named does not pass.

use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};

/// Bytes of a header's value that passes up: an identifier, not a text.
const VALUE_BYTES: usize = 256;

/// Headers that go to the upstream beside the gate's own.
const UP: [&str; 4] = ["openai-organization", "openai-project", "openai-beta", "idempotency-key"];
/// Headers that come back.
const DOWN: [&str; 5] =
    ["x-request-id", "openai-processing-ms", "openai-version", "openai-organization", "retry-after-ms"];
/// And all that begin so.
const DOWN_PREFIX: &str = "x-ratelimit-";

/// The request's headers for the upstream. `accept` says whether a stream is wanted.
pub(super) fn up(client: &HeaderMap, stream: bool, passes_key: bool) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    if passes_key && let Some(key) = client.get(AUTHORIZATION) {
        let mut key = key.clone();
        key.set_sensitive(true);
        headers.insert(AUTHORIZATION, key);
    }
    for name in UP {
        let mut values = client.get_all(name).iter();
        if let (Some(value), None) = (values.next(), values.next())
            && is_identifier(value)
        {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept = if stream { "text/event-stream" } else { "application/json" };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    // What is compressed cannot be inspected as it comes.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("witgate/", env!("CARGO_PKG_VERSION"))));
    headers
}

/// The answer's headers for the client.
pub(super) fn down(upstream: &HeaderMap, headers: &mut HeaderMap) {
    for (name, value) in upstream {
        let listed = DOWN.contains(&name.as_str()) || name.as_str().starts_with(DOWN_PREFIX) || *name == RETRY_AFTER;
        if listed && is_short(value) {
            headers.insert(name.clone(), value.clone());
        }
    }
}

fn is_identifier(value: &HeaderValue) -> bool {
    let legal = |b: &u8| b.is_ascii_alphanumeric() || b"-_.,=:/".contains(b);
    is_short(value) && value.as_bytes().iter().all(legal)
}

fn is_short(value: &HeaderValue) -> bool {
    value.len() <= VALUE_BYTES && value.to_str().is_ok()
}

#[cfg(test)]
mod tests;
