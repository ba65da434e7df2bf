//! Bounds on size, number and time.

use std::time::Duration;

use serde::Deserialize;

use crate::coding::Bounds;

const KIB: usize = 1024;

/// A number of KiB as bytes. The schema bounds it to 1 GiB, which fits.
fn kib(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(KIB)
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn ms(number: u32) -> Duration {
    Duration::from_millis(u64::from(number))
}

/// `limits`: bounds on one exchange, and on exchanges at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// KiB of a request's body.
    pub(crate) body_kib: u32,
    /// KiB of an answer.
    pub(crate) answer_kib: u32,
    /// KiB of all headers.
    pub(crate) headers_kib: u32,
    /// Number of headers.
    pub(crate) headers: u32,
    /// Levels of nested JSON.
    pub(crate) depth: u32,
    /// Values in one JSON document.
    pub(crate) nodes: u32,
    /// Ordered texts in one answer.
    pub(crate) channels: u32,
    /// Tool calls in one answer.
    pub(crate) tool_calls: u32,
    /// KiB of one SSE event.
    pub(crate) frame_kib: u32,
    /// Exchanges at once.
    pub(crate) exchanges: u32,
    /// Times its compressed size that a body may expand to.
    pub(crate) expansion: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_kib: 4096,
            answer_kib: 32768,
            headers_kib: 32,
            headers: 100,
            depth: 64,
            nodes: 100_000,
            channels: 64,
            tool_calls: 128,
            frame_kib: 1024,
            exchanges: 1024,
            expansion: 100,
        }
    }
}

impl Limits {
    pub(crate) fn body_bytes(&self) -> usize {
        kib(self.body_kib)
    }

    pub(crate) fn answer_bytes(&self) -> usize {
        kib(self.answer_kib)
    }

    /// How far a compressed request may expand.
    pub(crate) fn body_bounds(&self) -> Bounds {
        Bounds { bytes: self.body_bytes() as u64, ratio: self.expansion.into() }
    }

    /// How far a compressed answer may expand: a whole one to `answer_kib`, a stream without an end of its own.
    pub(crate) fn answer_bounds(&self, stream: bool) -> Bounds {
        let bytes = if stream { u64::MAX } else { self.answer_bytes() as u64 };
        Bounds { bytes, ratio: self.expansion.into() }
    }

    pub(crate) fn headers_bytes(&self) -> usize {
        kib(self.headers_kib)
    }

    pub(crate) fn frame_bytes(&self) -> usize {
        kib(self.frame_kib)
    }

    pub(crate) fn exchanges(&self) -> usize {
        count(self.exchanges)
    }
}

/// `hold`: how much text may be held back while a match is undecided, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Hold {
    /// KiB of held text.
    pub(crate) max_kib: u32,
    /// Milliseconds that text of a stream may be held.
    pub(crate) max_ms: u32,
    /// What becomes of text that is held for longer.
    pub(crate) on_max_ms: OnOld,
}

/// What becomes of text that is held for too long. The answer ends in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnOld {
    /// It does not go out.
    Refuse,
    /// Policies decide on it as the end of its text, and what they let go goes out.
    Complete,
}

impl Default for Hold {
    fn default() -> Self {
        Self { max_kib: 64, max_ms: 600_000, on_max_ms: OnOld::Refuse }
    }
}

impl Hold {
    pub(crate) fn max_bytes(&self) -> usize {
        kib(self.max_kib)
    }

    pub(crate) fn max_age(&self) -> Duration {
        ms(self.max_ms)
    }
}

/// `timeouts`: how long is waited, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Timeouts {
    /// For a request's headers.
    pub(crate) headers_ms: u32,
    /// For a request's body.
    pub(crate) body_ms: u32,
    /// For a connection to the upstream.
    pub(crate) connect_ms: u32,
    /// For the first byte of an answer.
    pub(crate) first_byte_ms: u32,
    /// For the next byte of an answer.
    pub(crate) idle_ms: u32,
    /// For the client to take more of an answer.
    pub(crate) client_ms: u32,
    /// For exchanges to end at shutdown.
    pub(crate) drain_ms: u32,
    /// For exchanges to end on a policy set that was replaced.
    pub(crate) retire_ms: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            headers_ms: 10_000,
            body_ms: 30_000,
            connect_ms: 10_000,
            first_byte_ms: 120_000,
            idle_ms: 120_000,
            client_ms: 120_000,
            drain_ms: 30_000,
            retire_ms: 600_000,
        }
    }
}

impl Timeouts {
    pub(crate) fn headers(&self) -> Duration {
        ms(self.headers_ms)
    }

    pub(crate) fn body(&self) -> Duration {
        ms(self.body_ms)
    }

    pub(crate) fn connect(&self) -> Duration {
        ms(self.connect_ms)
    }

    pub(crate) fn first_byte(&self) -> Duration {
        ms(self.first_byte_ms)
    }

    pub(crate) fn idle(&self) -> Duration {
        ms(self.idle_ms)
    }

    pub(crate) fn client(&self) -> Duration {
        ms(self.client_ms)
    }

    pub(crate) fn retire(&self) -> Duration {
        ms(self.retire_ms)
    }

    pub(crate) fn drain(&self) -> Duration {
        ms(self.drain_ms)
    }
}
