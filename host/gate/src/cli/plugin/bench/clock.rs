//! Times calls, and counts what they cost the machine.

use std::time::{Duration, Instant};

use witgate_engine::Fault;

/// Calls of one row: measured until one of the two is reached, after a tenth of them to warm up.
const ROUNDS: usize = 2000;
const LONGEST: Duration = Duration::from_millis(700);

/// What came of timing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) calls: usize,
    p50: Duration,
    p99: Duration,
    /// Page faults a call that needed no disk; none where the system does not tell.
    pub(super) faults: Option<f64>,
}

impl Measured {
    pub(super) fn p50_us(self) -> f64 {
        self.p50.as_secs_f64() * 1e6
    }

    pub(super) fn p99_us(self) -> f64 {
        self.p99.as_secs_f64() * 1e6
    }

    /// Of a text of so many bytes, in the median call.
    pub(super) fn bytes_per_second(self, bytes: usize) -> Option<f64> {
        let seconds = self.p50.as_secs_f64();
        let bytes = f64::from(u32::try_from(bytes).ok()?);
        (bytes > 0.0 && seconds > 0.0).then(|| bytes / seconds)
    }
}

/// Times a call.
///
/// # Errors
/// The first fault of it.
pub(super) fn measured(mut call: impl FnMut() -> Result<(), Fault>) -> Result<Measured, Fault> {
    let began = Instant::now();
    for _ in 0..ROUNDS / 10 {
        call()?;
        if began.elapsed() > LONGEST / 10 {
            break;
        }
    }
    let mut times = Vec::with_capacity(ROUNDS);
    let (began, before) = (Instant::now(), minor_faults());
    while times.len() < ROUNDS && (times.is_empty() || began.elapsed() < LONGEST) {
        let start = Instant::now();
        call()?;
        times.push(start.elapsed());
    }
    let after = minor_faults();
    let calls = f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX));
    let faults = before
        .zip(after)
        .map(|(before, after)| f64::from(u32::try_from(after.saturating_sub(before)).unwrap_or(u32::MAX)) / calls);
    times.sort();
    let at =
        |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied().unwrap_or_default();
    Ok(Measured { calls: times.len(), p50: at(50), p99: at(99), faults })
}

/// Page faults of this thread so far that needed no disk. Guest calls run on it.
fn minor_faults() -> Option<u64> {
    parsed(&std::fs::read_to_string("/proc/thread-self/stat").ok()?)
}

/// The tenth field of proc(5) `stat`. The second is a name in parentheses, which may hold anything.
fn parsed(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(7)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_faults_is_read_whatever_the_thread_is_called() {
        assert_eq!(parsed("12 (a) b) c) S 1 12 12 0 -1 4194304 977 0 3 0 4 5"), Some(977));
        assert_eq!(parsed("12 (a"), None);
        assert!(minor_faults().is_some_and(|faults| faults > 0));
    }

    #[test]
    fn a_fault_of_the_plugin_ends_it() {
        assert_eq!(measured(|| Err(Fault::Deadline(1))), Err(Fault::Deadline(1)));
        let measured = measured(|| Ok(())).map(|m| (m.calls > 100, m.p50 <= m.p99, m.bytes_per_second(0)));
        assert_eq!(measured, Ok((true, true, None)));
    }
}
