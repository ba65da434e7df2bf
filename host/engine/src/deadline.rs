//! Deadlines are of the guest's time, not of the wall's: on a busy machine a thread may be put aside for longer than a
//! deadline without the guest having run at all.

use std::time::Duration;

use wasmtime::{Store, UpdateDeadline};

use crate::host::HostState;
use crate::ticker::ticks;

/// However busy the machine is, so many deadlines of wall time are the end.
const MOST: u32 = 40;

/// What a call has used of its time, told only once its deadline has come on the wall: a call that is in time pays nothing.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Patience {
    came: u32,
    used: Option<Duration>,
}

impl Patience {
    /// Whether the guest may go on: not when it has run for a whole deadline since the first time that this was asked. So a
    /// guest that loops has between one and two deadlines of its own time.
    fn more(&mut self, deadline: Duration, now: Option<Duration>) -> bool {
        self.came += 1;
        match (self.used, now) {
            (None, Some(now)) => {
                self.used = Some(now);
                true
            }
            (Some(before), Some(now)) => now.saturating_sub(before) < deadline && self.came < MOST,
            (_, None) => false,
        }
    }
}

/// Makes a store's deadlines count the guest's time.
pub(crate) fn install(store: &mut Store<HostState>, deadline: Duration) {
    store.epoch_deadline_callback(move |mut ctx| {
        let more = ctx.data_mut().patience.more(deadline, thread_time());
        Ok(if more { UpdateDeadline::Continue(ticks(deadline)) } else { UpdateDeadline::Interrupt })
    });
}

/// Begins a call.
pub(crate) fn begin(store: &mut Store<HostState>, deadline: Duration) {
    store.data_mut().patience = Patience::default();
    store.set_epoch_deadline(ticks(deadline));
}

/// Processor time of this thread, where the system tells it.
fn thread_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests;
