//! The clock that deadlines are counted in.

use std::time::Duration;

use wasmtime::Engine;

/// How often the epoch moves on. Deadlines are exact to this.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Starts the one thread that moves an engine's epoch. It ends by itself when the engine is gone.
pub(crate) fn start(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("witgate-epoch".into())
        .spawn(move || {
            loop {
                std::thread::sleep(TICK);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })
        .map(drop)
}

/// A deadline in ticks from now: at least the time asked for, so that a short one never fires at once.
pub(crate) fn ticks(deadline: Duration) -> u64 {
    let ticks = deadline.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(ticks).unwrap_or(u64::MAX / 2).min(u64::MAX / 2) + 1
}

#[cfg(test)]
mod tests;
