//! Configure once, snapshot: the memory that `configure` left becomes the memory every fresh instance begins with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre, Lift, WasmList};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::LoadError;
use crate::contract::exports::witgate::policy::lifecycle;
use crate::engine::Inner;
use crate::host::HostState;
use crate::limits::Limits;
use crate::ticker::ticks;

/// Why there is no snapshot.
pub(crate) enum NoSnapshot {
    /// The plugin is at fault: it cannot be loaded.
    Refused(LoadError),
    /// The snapshotter cannot handle this component: instances are configured one by one instead.
    Unsupported(String),
}

/// A component whose memory is what `configure(config)` leaves.
pub(crate) fn take(inner: &Inner, component: &[u8], config: &str, state: HostState) -> Result<Vec<u8>, NoSnapshot> {
    let wizer = Wizer::new();
    // The snapshotter panics on some components that are valid but that it does not know.
    let guarded = catch_unwind(AssertUnwindSafe(|| {
        let (cx, instrumented) =
            wizer.instrument_component(component).map_err(|e| NoSnapshot::Unsupported(format!("{e:#}")))?;
        let compiled = Component::new(&inner.wasmtime, &instrumented)
            .map_err(|e| NoSnapshot::Refused(LoadError::Compile(format!("{e:#}"))))?;
        let (mut store, instance) = configured(inner, &compiled, config, state).map_err(NoSnapshot::Refused)?;
        // The accessors that read the memory out are ours, and may take longer than a call of a stage.
        store.set_epoch_deadline(ticks(Limits::CONFIGURE_DEADLINE));
        store.set_hostcall_fuel(2 * Limits::MAX_MEMORY);
        let mut access = Access { store: &mut store, instance, failed: None };
        let snapshot = ready(wizer.snapshot_component(&cx, &mut access));
        match (access.failed.take(), snapshot) {
            (None, Some(Ok(bytes))) => Ok(bytes),
            (Some(why), _) => Err(NoSnapshot::Unsupported(why)),
            (None, Some(Err(why))) => Err(NoSnapshot::Unsupported(format!("{why:#}"))),
            (None, None) => Err(NoSnapshot::Unsupported("the snapshotter waited".into())),
        }
    }));
    guarded.unwrap_or_else(|_| Err(NoSnapshot::Unsupported("the snapshotter panicked".into())))
}

/// A configured instance of a compiled component.
pub(crate) fn configured(
    inner: &Inner,
    component: &Component,
    config: &str,
    state: HostState,
) -> Result<(Store<HostState>, Instance), LoadError> {
    let pre = inner.linker.instantiate_pre(component).map_err(|e| LoadError::Contract(format!("{e:#}")))?;
    let indices = lifecycle::GuestIndices::new(&pre).map_err(|e| LoadError::Contract(format!("{e:#}")))?;
    configure(inner, &pre, &indices, config, state)
}

/// Instantiates and calls `configure`.
pub(crate) fn configure(
    inner: &Inner,
    pre: &InstancePre<HostState>,
    indices: &lifecycle::GuestIndices,
    config: &str,
    mut state: HostState,
) -> Result<(Store<HostState>, Instance), LoadError> {
    state.configuring = true;
    let mut store = Store::new(&inner.wasmtime, state);
    store.limiter(|s| &mut s.limiter);
    store.set_epoch_deadline(ticks(Limits::CONFIGURE_DEADLINE));
    let fault = |e: wasmtime::Error| LoadError::ConfigureFault(format!("{e:#}"));
    let instance = pre.instantiate(&mut store).map_err(fault)?;
    let guest = indices.load(&mut store, &instance).map_err(|e| LoadError::Contract(format!("{e:#}")))?;
    match guest.call_configure(&mut store, config).map_err(fault)? {
        Ok(()) => {
            store.data_mut().configuring = false;
            Ok((store, instance))
        }
        Err(issues) => Err(LoadError::Configure(issues)),
    }
}

/// How the snapshotter reads an instance. A failure is kept, not panicked on: the trait has no way to tell it.
struct Access<'a> {
    store: &'a mut Store<HostState>,
    instance: Instance,
    failed: Option<String>,
}

impl Access<'_> {
    fn read<R: Lift + 'static, T>(
        &mut self,
        instance: &str,
        func: &str,
        default: T,
        take: impl FnOnce(&mut Store<HostState>, R) -> T,
    ) -> T {
        let found = self
            .instance
            .get_export_index(&mut *self.store, None, instance)
            .and_then(|i| self.instance.get_export_index(&mut *self.store, Some(&i), func))
            .ok_or_else(|| wasmtime::format_err!("no accessor {instance}#{func}"))
            .and_then(|i| self.instance.get_typed_func::<(), (R,)>(&mut *self.store, i))
            .and_then(|f| f.call(&mut *self.store, ()));
        match found {
            Ok((value,)) => take(self.store, value),
            Err(why) => {
                self.failed.get_or_insert_with(|| format!("{why:#}"));
                default
            }
        }
    }
}

impl ComponentInstanceState for Access<'_> {
    async fn call_func_ret_list_u8(&mut self, instance: &str, func: &str, contents: impl FnOnce(&[u8]) + Send) {
        self.read(instance, func, (), |store, list: WasmList<u8>| contents(list.as_le_slice(&*store)));
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.read(instance, func, 0, |_, v: i32| v)
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.read(instance, func, 0, |_, v: i64| v)
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.read(instance, func, 0, |_, v: f32| v.to_bits())
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.read(instance, func, 0, |_, v: f64| v.to_bits())
    }
}

/// The value of a future that never waits: the snapshotter's are asynchronous in form only.
fn ready<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
