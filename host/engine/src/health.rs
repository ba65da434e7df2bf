//! How a plugin has behaved lately: whether it is asked at all, and on which threads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Fault;

/// Exchanges that are remembered, newest first, one bit each.
const REMEMBERED: u32 = 32;
/// The breaker opens when so many of them were faults. Half: a caller who has found a text that makes a plugin fault must
/// not be able to end everybody's exchanges with a few requests.
const TOO_MANY: u32 = REMEMBERED / 2;
/// How long an open breaker waits before it lets one exchange try; doubled at each try that faults.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Good exchanges after which a plugin is no longer new.
const PROBATION: u32 = 64;
/// A plugin whose exchanges take longer than this on average is slow.
const SLOW: Duration = Duration::from_millis(10);

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// The plugin is asked.
    Closed,
    /// Faults were too many: it is not asked, and every exchange is told so, until one that tries goes well.
    Open,
}

impl Breaker {
    /// A word for people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// One plugin's record.
#[derive(Debug)]
pub(crate) struct Health {
    began: Instant,
    /// The last exchanges; a set bit is a fault.
    recent: AtomicU64,
    good: AtomicU32,
    /// Average guest time of an exchange, in microseconds; the newest has an eighth of the weight.
    average_us: AtomicU64,
    /// Until when nobody is let through, in ms since `began`; 0 while the breaker is closed.
    until_ms: AtomicU64,
    /// The pause that comes next, in ms.
    pause_ms: AtomicU64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            recent: AtomicU64::new(0),
            good: AtomicU32::new(0),
            average_us: AtomicU64::new(0),
            until_ms: AtomicU64::new(0),
            pause_ms: AtomicU64::new(millis(PAUSE)),
        }
    }
}

impl Health {
    /// Whether an exchange may ask. Where the breaker is open, one exchange may for each pause; the answer says whether this is
    /// one that tries.
    pub(crate) fn enter(&self) -> Result<bool, Fault> {
        let until = self.until_ms.load(Ordering::Relaxed);
        if until == 0 {
            return Ok(false);
        }
        let now = self.now_ms();
        let next = now.saturating_add(self.pause_ms.load(Ordering::Relaxed)).max(1);
        // Of those that come after the pause, the first moves its end: it alone goes through.
        let mine =
            now >= until && self.until_ms.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine { Ok(true) } else { Err(Fault::Breaker) }
    }

    /// An exchange is over and the plugin decided whenever it was asked. Answers whether this closed the breaker: one that tries
    /// does, and none that was asked before it opened.
    pub(crate) fn well(&self, took: Duration, tries: bool) -> bool {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let average = self.average_us.load(Ordering::Relaxed);
        self.average_us.store(average - average / 8 + took / 8, Ordering::Relaxed);
        self.good.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_add(1)).ok();
        if self.until_ms.load(Ordering::Relaxed) == 0 {
            self.remember(0);
            return false;
        }
        if tries {
            self.until_ms.store(0, Ordering::Relaxed);
            self.recent.store(0, Ordering::Relaxed);
            self.pause_ms.store(millis(PAUSE), Ordering::Relaxed);
        }
        tries
    }

    /// The plugin faulted. Answers whether this opened the breaker. While it is open, an exchange that tries doubles the pause; those
    /// that were asked before it opened say nothing new.
    pub(crate) fn faulted(&self, tries: bool) -> bool {
        self.good.store(0, Ordering::Relaxed);
        let now = self.now_ms();
        if self.until_ms.load(Ordering::Relaxed) != 0 {
            if !tries {
                return false;
            }
            let pause = self.pause_ms.load(Ordering::Relaxed).saturating_mul(2).min(millis(LONGEST_PAUSE));
            self.pause_ms.store(pause, Ordering::Relaxed);
            self.until_ms.store(now.saturating_add(pause).max(1), Ordering::Relaxed);
            return false;
        }
        let recent = self.remember(1);
        if recent.count_ones() < TOO_MANY {
            return false;
        }
        let until = now.saturating_add(self.pause_ms.load(Ordering::Relaxed)).max(1);
        self.until_ms.compare_exchange(0, until, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether its calls belong where they can hold up nobody else: it is new, has just faulted, or is slow.
    pub(crate) fn is_on_probation(&self) -> bool {
        let slow = self.average_us.load(Ordering::Relaxed) > u64::try_from(SLOW.as_micros()).unwrap_or(u64::MAX);
        slow || self.good.load(Ordering::Relaxed) < PROBATION
    }

    pub(crate) fn breaker(&self) -> Breaker {
        if self.until_ms.load(Ordering::Relaxed) == 0 { Breaker::Closed } else { Breaker::Open }
    }

    fn remember(&self, bit: u64) -> u64 {
        let push = |recent: u64| ((recent << 1) | bit) & ((1 << REMEMBERED) - 1);
        let before = self.recent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |r| Some(push(r)));
        push(before.unwrap_or_default())
    }

    fn now_ms(&self) -> u64 {
        millis(self.began.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
