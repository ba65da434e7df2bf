//! What a sandbox may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Bounds for each instance and each call of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, in bytes. At most [`Limits::MAX_MEMORY`].
    pub memory: usize,
    /// Time for one call of a stage. A piece of a stream is a call.
    pub deadline: Duration,
}

impl Limits {
    /// More memory than this cannot be given to a plugin: the pool reserves for it.
    pub const MAX_MEMORY: usize = 256 << 20;
    /// `configure` may take longer than a call: it runs once, off the path.
    pub(crate) const CONFIGURE_DEADLINE: Duration = Duration::from_secs(5);
    /// Entries of all tables of one instance.
    pub(crate) const TABLE_ELEMENTS: usize = 20_000;
    /// Log lines of one exchange, and bytes of one line. More are counted, not written.
    pub(crate) const LOG_LINES: u32 = 16;
    pub(crate) const LOG_LINE_BYTES: usize = 1024;
    /// What a plugin may say in one decision. More is a fault, never cut silently.
    pub(crate) const EDITS: usize = 4096;
    pub(crate) const FINDINGS: usize = 1024;
    pub(crate) const LABELS: usize = 64;
    /// Bytes of a code, a label's key, a queue's name or a token's kind.
    pub(crate) const NAME_BYTES: usize = 64;
    /// Bytes of a message, a detail or a label's value.
    pub(crate) const TEXT_BYTES: usize = 1024;
    /// Bytes of all replacements of one decision.
    pub(crate) const REPLACEMENT_BYTES: usize = 1 << 20;
    /// Bytes that one answer, or one call of a host service, may make the host allocate: well above all of the bounds
    /// above together. Without it a guest could name one string a million times and have it copied as often.
    pub(crate) const LIFTED_BYTES: usize = 8 << 20;
    /// Host answers recorded for one exchange; a plugin that asks more faults, since its replay could not be exact.
    pub(crate) const HOST_ANSWERS: usize = 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 32 << 20, deadline: Duration::from_millis(50) }
    }
}

/// Holds an instance to its [`Limits`] and remembers whether it ran into them, so that the trap that follows is told as
/// what it is.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: usize,
    pub(crate) exceeded: bool,
    /// Bytes of all linear memories. They never shrink, so this is the most there was.
    pub(crate) used: usize,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { memory: limits.memory, exceeded: false, used: 0 }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory;
        self.exceeded |= !fits;
        if fits {
            self.used = self.used.saturating_add(desired.saturating_sub(current));
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= Limits::TABLE_ELEMENTS;
        self.exceeded |= !fits;
        Ok(fits)
    }
}
