//! When a stream does something although nothing came.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::config::Config;

/// What it is time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// The upstream sent nothing for too long.
    Idle,
    /// Text is held back, and nothing left for a while: a comment is to leave.
    Quiet,
    /// Text is held back for too long.
    Old,
    /// The policy set was replaced, and the time for streams that began with it is over.
    Retired,
}

/// The times of one stream, with one timer for all of them. Most of them move on with each event, so the timer is set anew only
/// where something is due before it rings.
#[derive(Debug)]
pub(super) struct Clock {
    timer: Pin<Box<Sleep>>,
    idle: Duration,
    quiet: Duration,
    read: Instant,
    left: Instant,
    retired: Option<Instant>,
}

impl Clock {
    /// A stream begins.
    pub(super) fn new(config: &Config) -> Self {
        let now = Instant::now();
        let (idle, quiet) = (config.timeouts.idle(), Duration::from_millis(config.stream.keep_alive_ms.into()));
        let timer = Box::pin(tokio::time::sleep_until(now + idle));
        Self { timer, idle, quiet, read: now, left: now, retired: None }
    }

    /// The gate waits for the upstream from now on.
    pub(super) fn reads(&mut self) {
        self.read = Instant::now();
    }

    /// Something went to the client.
    pub(super) fn sent(&mut self) {
        self.left = Instant::now();
    }

    /// The policy set was replaced; there is so much time left.
    pub(super) fn retire(&mut self, within: Duration) {
        self.retired = Some(Instant::now() + within);
    }

    /// Whether it was.
    pub(super) fn is_retired(&self) -> bool {
        self.retired.is_some()
    }

    /// Waits until something is due. `holds`: text is held back; `old`: when it will be too old. May be dropped and called
    /// again.
    pub(super) async fn rings(&mut self, holds: bool, old: Option<Instant>) -> Alarm {
        loop {
            let (due, alarm) = self.next(holds, old);
            if self.timer.deadline() > due || self.timer.is_elapsed() {
                self.timer.as_mut().reset(due);
            }
            self.timer.as_mut().await;
            if due <= Instant::now() {
                return alarm;
            }
        }
    }

    fn next(&self, holds: bool, old: Option<Instant>) -> (Instant, Alarm) {
        let idle = (self.read + self.idle, Alarm::Idle);
        let quiet = holds.then_some((self.left + self.quiet, Alarm::Quiet));
        let old = old.map(|at| (at, Alarm::Old));
        let retired = self.retired.map(|at| (at, Alarm::Retired));
        [Some(idle), quiet, old, retired].into_iter().flatten().min_by_key(|(due, _)| *due).unwrap_or(idle)
    }
}

#[cfg(test)]
mod tests;
