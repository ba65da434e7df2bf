//! The cases that are under way, by the number that each request carries through the proxy.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;

/// Any proxy passes the model's name, or else the key, on; the upstream looks for this in all that it gets.
pub(crate) const MARK: &str = "leak-case-";
/// Of one request's bytes, so many are kept.
const KEPT: usize = 1 << 20;

/// What the upstream answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(String, String)>,
    /// In `Transfer-Encoding: chunked`, else with its length.
    pub(crate) chunked: bool,
    /// Each in a write of its own.
    pub(crate) pieces: Vec<Bytes>,
    /// Between two writes. Zero: others get their turn, no more.
    pub(crate) gap: std::time::Duration,
}

/// What the upstream saw of a case.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    /// Heads and bodies of all requests.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes of the body were written by when.
    pub(crate) writes: Vec<(usize, Instant)>,
}

/// One case under way.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) reply: Reply,
    seen: Mutex<Seen>,
}

impl Live {
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Times are kept where there is a gap to see them by.
    pub(crate) fn keeps_times(&self) -> bool {
        !self.reply.gap.is_zero()
    }

    pub(crate) fn note_request(&self, bytes: &[u8]) {
        let mut seen = self.seen();
        seen.requests += 1;
        let room = KEPT.saturating_sub(seen.bytes.len()).min(bytes.len());
        seen.bytes.extend(bytes.iter().take(room));
    }
}

/// All of them; as many as there are connections at most.
#[derive(Debug, Default)]
pub(crate) struct Register {
    next: AtomicU64,
    live: Mutex<HashMap<u64, Arc<Live>>>,
}

impl Register {
    fn live(&self) -> MutexGuard<'_, HashMap<u64, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a case; the text is what its request must carry.
    pub(crate) fn begin(&self, reply: Reply) -> (u64, String, Arc<Live>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let live = Arc::new(Live { reply, seen: Mutex::default() });
        self.live().insert(number, Arc::clone(&live));
        (number, format!("{MARK}{number}"), live)
    }

    pub(crate) fn end(&self, number: u64) {
        self.live().remove(&number);
    }

    /// The case whose mark is in a request.
    pub(crate) fn find(&self, request: &[u8]) -> Option<Arc<Live>> {
        let at = request.windows(MARK.len()).position(|window| window == MARK.as_bytes())?;
        let digits = request.get(at + MARK.len()..)?.iter().take_while(|byte| byte.is_ascii_digit());
        let number = digits.take(19).fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        self.live().get(&number).cloned()
    }
}
