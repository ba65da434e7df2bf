//! Configured instances that wait for an exchange, for components that cannot be snapshotted.
//!
//! Configuring an interpreter takes longer than the request it is to judge. So a few instances are made beforehand, on a thread
//! that does nothing else, and each is used for one exchange as every sandbox is. When the shelf is empty the exchange
//! configures its own and waits for it.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};
use std::thread;

use wasmtime::Store;
use wasmtime::component::Instance;

use crate::host::HostState;
use crate::plugin::PluginInner;

/// Instances kept of one plugin. Each holds its whole memory.
const KEPT: usize = 2;
/// Plugins whose shelf may wait to be filled; one more is filled at its next exchange.
const WAITING: usize = 64;

/// The instances of one plugin.
#[derive(Default)]
pub(crate) struct Shelf {
    ready: Mutex<Vec<(Store<HostState>, Instance)>>,
}

impl Shelf {
    /// An instance, if there is one.
    pub(crate) fn take(&self) -> Option<(Store<HostState>, Instance)> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn is_full(&self) -> bool {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).len() >= KEPT
    }

    fn put(&self, instance: (Store<HostState>, Instance)) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
    }
}

/// The thread that fills shelves; started when the first plugin needs it.
#[derive(Default)]
pub(crate) struct Filler {
    orders: OnceLock<Option<SyncSender<Weak<PluginInner>>>>,
}

impl Filler {
    /// Has a plugin's shelf filled. Never blocks.
    pub(crate) fn order(&self, plugin: Weak<PluginInner>) {
        let start = || {
            let (orders, taken) = sync_channel(WAITING);
            let started = thread::Builder::new().name("witgate-shelf".into()).spawn(move || fill(&taken));
            started.map(|_| orders).map_err(|why| tracing::error!(%why, "no instances are made beforehand")).ok()
        };
        if let Some(orders) = self.orders.get_or_init(start) {
            match orders.try_send(plugin) {
                // Full: the next exchange orders again. Disconnected: the thread is gone, and each exchange makes its own.
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }
}

/// Fills what is ordered until the engine is gone.
fn fill(orders: &Receiver<Weak<PluginInner>>) {
    while let Ok(order) = orders.recv() {
        while let Some(plugin) = order.upgrade() {
            if plugin.shelf.is_full() {
                break;
            }
            match plugin.configured() {
                Ok(instance) => plugin.shelf.put(instance),
                Err(why) => {
                    tracing::warn!(plugin = &*plugin.id, code = why.code(), "no instance beforehand: {why}");
                    break;
                }
            }
        }
    }
}
