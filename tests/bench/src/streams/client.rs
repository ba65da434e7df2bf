//! One stream, with the moment of each of its events.

use std::time::Instant;

use anyhow::ensure;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use serde_json::json;

use crate::ending::Ending;
use crate::load::request;

/// What came of a stream.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) asked: Instant,
    /// When each piece of the body came.
    pub(super) at: Vec<Instant>,
    pub(super) body: Vec<u8>,
    /// It had its end.
    pub(super) complete: bool,
}

impl Seen {
    /// From the question to the first byte of the body, in microseconds.
    pub(super) fn first_us(&self) -> u32 {
        self.at.first().map_or(u32::MAX, |first| micros(*first, self.asked))
    }

    /// Between one piece and the next, in microseconds.
    pub(super) fn gaps_us(&self) -> impl Iterator<Item = u32> {
        self.at.windows(2).filter_map(|pair| match pair {
            [before, after] => Some(micros(*after, *before)),
            _ => None,
        })
    }
}

/// A request for a stream.
pub(super) fn body(ask: &str) -> Bytes {
    let body = json!({ "model": "mock-small", "stream": true, "messages": [{ "role": "user", "content": ask }] });
    Bytes::from(body.to_string())
}

/// Asks, and reads to the end.
pub(super) async fn read(sender: &mut SendRequest<Full<Bytes>>, body: Bytes) -> anyhow::Result<Seen> {
    sender.ready().await?;
    let asked = Instant::now();
    let answer = sender.send_request(request(body)?).await?;
    let status = answer.status();
    let mut seen = Seen { asked, at: Vec::new(), body: Vec::new(), complete: false };
    let (mut body, mut ending) = (answer.into_body(), Ending::default());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        // What the gate says behind the end is no part of the answer.
        if !seen.complete {
            seen.at.push(Instant::now());
        }
        seen.body.extend_from_slice(&data);
        ending.read(&data);
        seen.complete = ending.came();
    }
    ensure!(status.is_success(), "answered {status}: {}", String::from_utf8_lossy(&seen.body));
    Ok(seen)
}

fn micros(after: Instant, before: Instant) -> u32 {
    u32::try_from(after.saturating_duration_since(before).as_micros()).unwrap_or(u32::MAX)
}
