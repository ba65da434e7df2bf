//! A thread that does something again and again until it is told to stop, and waits longer after each failure.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The longest wait after failures.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// Whether a chore is to end.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; true when it is to end.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn set(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// How long to wait until the next try: longer after each failure in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    first: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration) -> Self {
        Self { first, next: first }
    }

    /// It failed: so long until the next try.
    pub(crate) fn failed(&mut self) -> Duration {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(MAX_WAIT.max(self.first));
        wait
    }

    pub(crate) fn worked(&mut self) {
        self.next = self.first;
    }
}

/// The thread. Ends, and is waited for, when this is dropped.
#[derive(Debug)]
pub(crate) struct Chore {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Chore {
    /// Calls `work` every `every`, first at once; and `last` when it was told to end.
    pub(crate) fn start<T: Send + 'static>(
        name: &str,
        every: Duration,
        mut what: T,
        work: fn(&mut T, &Stop),
        last: fn(&mut T),
    ) -> std::io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let told = Arc::clone(&stop);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            loop {
                work(&mut what, &told);
                if told.wait(every) {
                    return last(&mut what);
                }
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Tells it to end; it is waited for when it is dropped.
    pub(crate) fn tell(&self) {
        self.stop.set();
    }

    /// Tells it to end without waiting for that.
    pub(crate) fn let_run_out(mut self) {
        self.stop.set();
        self.thread = None;
    }
}

impl Drop for Chore {
    fn drop(&mut self) {
        self.stop.set();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
