//! How the work for a text grows with it.

use std::fs;
use std::time::{Duration, Instant};

/// So often it is measured, until it is clearly linear.
const TRIES: usize = 5;
/// Work that takes less is repeated: the system counts a thread's time a few milliseconds late.
const LEAST: Duration = Duration::from_millis(16);

/// How much longer a text four times as long takes: about 4 where work is linear, 16 where it is quadratic. `work` is given
/// `unit` repeated to `bytes`, and to four times as many. What counts is the thread's own processor time, where the system
/// tells it (Linux), and the least of some tries: other work on the machine does not show.
///
/// ```
/// use witgate_sdk::testing::growth;
///
/// assert!(growth("a b ", 1 << 14, |text| assert!(text.split(' ').count() > 1)) < 9.0);
/// ```
pub fn growth(unit: &str, bytes: usize, mut work: impl FnMut(&str)) -> f64 {
    let [short, long] = [1, 4].map(|times| unit.repeat(times * bytes.div_ceil(unit.len().max(1))));
    let mut least = f64::INFINITY;
    for _ in 0..TRIES {
        let mut rounds = 1;
        let mut took = of(&mut work, &short, rounds);
        while took < LEAST && rounds < 1 << 10 {
            rounds *= 4;
            took = of(&mut work, &short, rounds);
        }
        let ratio = of(&mut work, &long, rounds).as_secs_f64() / took.as_secs_f64().max(1e-9);
        least = least.min(ratio);
        if least < 6.0 {
            break;
        }
    }
    least
}

fn of(work: &mut impl FnMut(&str), text: &str, rounds: usize) -> Duration {
    let (began, clock) = (used(), Instant::now());
    for _ in 0..rounds {
        work(text);
    }
    match (began, used()) {
        (Some(began), Some(now)) if now > began => now.saturating_sub(began),
        _ => clock.elapsed(),
    }
}

/// This thread's time on a processor.
fn used() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests;
