//! Which headers pass, each way. By list: what is not named does not pass.

use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
    USER_AGENT,
};

/// Bytes of a header's value that passes up: an identifier, not a text.
const VALUE_BYTES: usize = 256;

/// Where Anthropic's clients put their key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Headers that go to the upstream beside the gate's own.
const UP: [&str; 6] =
    ["openai-organization", "openai-project", "openai-beta", "idempotency-key", "anthropic-version", "anthropic-beta"];
/// Those that are lists, with a bound of their own.
const LISTS: [&str; 2] = ["openai-beta", "anthropic-beta"];
const LIST_BYTES: usize = 4096;
/// Headers that come back.
const DOWN: [&str; 7] = [
    "x-request-id",
    "request-id",
    "openai-processing-ms",
    "openai-version",
    "openai-organization",
    "anthropic-organization-id",
    "retry-after-ms",
];
/// Passes with errors alone: of an answer the gate says itself whether to try again.
const SHOULD_RETRY: &str = "x-should-retry";
/// And all that begin so.
const DOWN_PREFIXES: [&str; 2] = ["x-ratelimit-", "anthropic-ratelimit-"];

/// The request's headers for the upstream. `accept` says whether a stream is wanted.
pub(super) fn up(client: &HeaderMap, stream: bool, passes_key: bool) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    for name in [AUTHORIZATION, API_KEY].into_iter().filter(|name| passes_key && !is_hop_by_hop(client, name.as_str()))
    {
        if let Some(key) = client.get(&name) {
            let mut key = key.clone();
            key.set_sensitive(true);
            headers.insert(name, key);
        }
    }
    for (name, value) in passing(client) {
        headers.insert(HeaderName::from_static(name), value);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept = if stream { "text/event-stream" } else { "application/json" };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    // What an upstream compresses all the same is decoded. Asked for it would cost both sides time, and a compressor between
    // that does not flush would hold back events (docs/decisions/0022).
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("witgate/", env!("CARGO_PKG_VERSION"))));
    headers
}

/// The client's headers that pass up.
fn passing(client: &HeaderMap) -> impl Iterator<Item = (&'static str, HeaderValue)> {
    UP.into_iter().filter(|name| !is_hop_by_hop(client, name)).filter_map(|name| {
        let mut values = client.get_all(name).iter();
        if LISTS.contains(&name) {
            // Several lines of a list are one list (RFC 9110, section 5.3).
            let values: Option<Vec<&str>> = values.map(|value| value.to_str().ok()).collect();
            let list = values?.join(",");
            let whole = !list.is_empty() && list.len() <= LIST_BYTES && list.bytes().all(|b| is_legal(b) || b == b' ');
            return whole.then(|| HeaderValue::try_from(list).ok()).flatten().map(|list| (name, list));
        }
        match (values.next(), values.next()) {
            (Some(value), None) if is_identifier(value) => Some((name, value.clone())),
            _ => None,
        }
    })
}

/// What these say: text for policies like that of the body.
pub(super) fn said_up(client: &HeaderMap) -> Vec<(&'static str, String)> {
    passing(client).filter_map(|(name, value)| Some((name, value.to_str().ok()?.to_owned()))).collect()
}

/// What the headers that come back say, a line each, as far as it could say anything: plain numbers, times and random
/// identifiers in hexadecimal do not.
pub(super) fn said_down(down: &HeaderMap) -> String {
    let values = down.values().filter_map(|value| value.to_str().ok());
    values.filter(|value| !is_plain(value)).collect::<Vec<_>>().join("\n")
}

fn is_plain(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let number = value.len() <= 12 && value.bytes().all(|b| b.is_ascii_digit() || b"smhd.".contains(&b));
    let id = value.strip_prefix("req_").unwrap_or(value);
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'-';
    // A card or an account is digits alone.
    let random = (32..=36).contains(&id.len()) && id.bytes().all(hex) && digits < id.len() * 3 / 4 + 2;
    // RFC 3339, of which rate limits tell.
    let time = value.len() <= 30
        && matches!(value.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, b'T', ..])
        && value.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ+".contains(&b));
    number || random || time || matches!(value, "true" | "false")
}

/// The answer's headers for the client.
pub(super) fn down(upstream: &HeaderMap, is_error: bool, headers: &mut HeaderMap) {
    for (name, value) in upstream {
        let listed = DOWN.contains(&name.as_str())
            || DOWN_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
            || *name == RETRY_AFTER
            || (is_error && *name == SHOULD_RETRY);
        if listed && is_short(value) && !is_hop_by_hop(upstream, name.as_str()) {
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Whether `Connection` says that a header is for the next hop alone (RFC 9110, section 7.6.1). Those that always are, such as
/// `TE` and `Upgrade`, are on no list.
fn is_hop_by_hop(headers: &HeaderMap, name: &str) -> bool {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(name))
}

fn is_identifier(value: &HeaderValue) -> bool {
    is_short(value) && value.as_bytes().iter().copied().all(is_legal)
}

fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.,=:/".contains(&byte)
}

fn is_short(value: &HeaderValue) -> bool {
    value.len() <= VALUE_BYTES && value.to_str().is_ok()
}

#[cfg(test)]
mod tests;
