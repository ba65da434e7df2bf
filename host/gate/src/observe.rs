//! What operators see of the ledger while it is written: pages of a point in time (`/v1/snapshot`) and records as they come
//! (`/v1/tail`).
//!
//! The writer tells one number, the last record on disk, and nothing else: every reader reads the files for itself, at its own pace.
//! So a slow reader costs the writer nothing, and a page or an event is always of a record that a power cut leaves there.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use tokio::sync::{Semaphore, watch};
use witgate_ledger::{Ledger, LedgerId, ReadError};

mod frame;
mod query;
mod snapshot;
mod tail;

pub(crate) use snapshot::snapshot;
pub(crate) use tail::{Cut, tail};

/// Readings at once: on a small machine the others wait, and exchanges do not.
const READINGS: usize = 2;
/// Tails at once.
const TAILS: usize = 16;

/// For tails to say that the gate stops.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What pages and tails share.
#[derive(Debug)]
pub(crate) struct Observe {
    /// The last record on disk.
    durable: watch::Sender<u64>,
    readings: Semaphore,
    tails: Arc<Semaphore>,
}

impl Observe {
    /// Listens to a ledger.
    pub(crate) fn new(ledger: &Ledger) -> Self {
        let durable = watch::Sender::new(0);
        let told = durable.clone();
        ledger.on_durable(move |seq| {
            told.send_replace(seq);
        });
        // What was there before.
        let head = ledger.head().seq;
        durable.send_modify(|seq| *seq = head.max(*seq));
        Self { durable, readings: Semaphore::new(READINGS), tails: Arc::new(Semaphore::new(TAILS)) }
    }

    /// Waits, not for long, until every tail has said its last word.
    pub(crate) async fn ended(&self) {
        let all = u32::try_from(TAILS).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(LAST_WORDS, self.tails.acquire_many(all)).await;
    }
}

/// Why a page or a tail is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The parameter that is wrong.
    parameter: Option<String>,
}

impl Refused {
    fn parameter(code: &'static str, name: &str, message: impl Into<String>) -> Self {
        let parameter = Some(name.to_owned());
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into(), parameter }
    }

    fn of_reading(error: &ReadError) -> Self {
        let (status, code) = (StatusCode::INTERNAL_SERVER_ERROR, error.code());
        Self { status, code, message: error.to_string(), parameter: None }
    }

    fn panicked() -> Self {
        let message = "The reading of the ledger ended before it was done.".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "internal", message, parameter: None }
    }

    /// As an answer.
    pub(crate) fn response(&self) -> hyper::Response<crate::body::Body> {
        let error = serde_json::json!({ "code": self.code, "message": self.message, "parameter": self.parameter });
        crate::server::json(self.status, &serde_json::json!({ "error": error }))
    }
}

/// The beginning of a ledger's name, in front of positions that are given away: those of another ledger are none of this one.
fn short(ledger: LedgerId) -> String {
    ledger.to_string().chars().take(8).collect()
}
