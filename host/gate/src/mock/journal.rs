//! What the scripted model has seen, so that a test can assert what left the gate.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::{Value, json};

/// Requests and cancellations remembered; older ones go.
const MAX_ENTRIES: usize = 256;
/// Bytes of bodies and headers remembered; older requests go.
const MAX_BYTES: usize = 32 << 20;

/// A request as it arrived, credentials included: nothing but tests and demonstrations should talk to this.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recorded {
    /// Counts from 0.
    pub(crate) number: u64,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// In the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    /// Bytes that are not UTF-8 are replaced.
    pub(crate) body: String,
}

/// An answer that its client did not wait for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cancelled {
    /// The request's number.
    pub(crate) request: u64,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Bytes of the body handed over until then.
    pub(crate) after_bytes: usize,
}

#[derive(Debug, Default)]
struct Notes {
    next: u64,
    bytes: usize,
    dropped: u64,
    requests: VecDeque<Recorded>,
    cancelled: VecDeque<Cancelled>,
    cancellations: u64,
    finished: u64,
    cut: u64,
    open: u64,
    connections: u64,
}

/// The notes of one server.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Notes>);

impl Journal {
    /// Notes stay whole when a thread dies: each change is a few plain assignments.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request and gives its number.
    pub(super) fn request(&self, head: &Parts, body: &[u8]) -> u64 {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers: Vec<_> =
            head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let mut notes = self.notes();
        let number = notes.next;
        notes.next = number.saturating_add(1);
        let recorded =
            Recorded { number, at_ms: now_ms(), method: head.method.to_string(), path, headers, body: text(body) };
        notes.bytes = notes.bytes.saturating_add(recorded.size());
        notes.requests.push_back(recorded);
        while notes.requests.len() > MAX_ENTRIES || notes.bytes > MAX_BYTES {
            let Some(oldest) = notes.requests.pop_front() else { break };
            notes.bytes = notes.bytes.saturating_sub(oldest.size());
            notes.dropped = notes.dropped.saturating_add(1);
        }
        number
    }

    pub(super) fn ended(&self, ending: Ending) {
        let mut notes = self.notes();
        match ending {
            Ending::Finished => notes.finished = notes.finished.saturating_add(1),
            Ending::Cut => notes.cut = notes.cut.saturating_add(1),
            Ending::Cancelled { request, after_bytes } => {
                notes.cancellations = notes.cancellations.saturating_add(1);
                notes.cancelled.push_back(Cancelled { request, at_ms: now_ms(), after_bytes });
                if notes.cancelled.len() > MAX_ENTRIES {
                    notes.cancelled.pop_front();
                }
            }
        }
    }

    pub(super) fn connected(&self) {
        let mut notes = self.notes();
        notes.open = notes.open.saturating_add(1);
        notes.connections = notes.connections.saturating_add(1);
    }

    pub(super) fn disconnected(&self) {
        let mut notes = self.notes();
        notes.open = notes.open.saturating_sub(1);
    }

    /// The requests remembered, the oldest first.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.notes().requests.iter().cloned().collect()
    }

    /// The cancellations remembered, the oldest first.
    pub(crate) fn cancelled(&self) -> Vec<Cancelled> {
        self.notes().cancelled.iter().cloned().collect()
    }

    /// Forgets the requests and cancellations; the counts stay.
    pub(crate) fn clear(&self) {
        let mut notes = self.notes();
        notes.requests.clear();
        notes.cancelled.clear();
        notes.bytes = 0;
    }

    /// `GET /mock/requests`.
    pub(super) fn requests_json(&self) -> Value {
        let dropped = self.notes().dropped;
        json!({"requests": self.requests(), "dropped": dropped})
    }

    /// `GET /mock/stats`.
    pub(super) fn stats_json(&self) -> Value {
        let cancelled = self.cancelled();
        let notes = self.notes();
        json!({
            "connections": {"open": notes.open, "total": notes.connections},
            "requests": notes.next,
            "responses": {"finished": notes.finished, "cut": notes.cut, "cancelled": notes.cancellations},
            "cancelled": cancelled,
        })
    }
}

impl Recorded {
    fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        self.body.len().saturating_add(self.path.len()).saturating_add(headers)
    }
}

/// How an answer came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was handed over.
    Finished,
    /// As the script wanted.
    Cut,
    /// The client went away.
    Cancelled { request: u64, after_bytes: usize },
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
