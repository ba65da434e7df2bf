//! WASI 0.2 for components of languages that cannot do without it: linked, and empty.
//!
//! There are no files, no environment, no arguments, no input and no network. Standard output and standard error go to the log,
//! within the bounds of the plugin's own log lines. The clocks stand still but for one millisecond a reading, random bytes
//! are always the same, and waiting takes no time: a decision does not depend on when or where it was made, and a guest
//! cannot keep the host waiting. A plugin that needs the time imports `witgate:policy/clock`, which is granted and recorded.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::clocks::{HostMonotonicClock, HostWallClock, WasiClocksView};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::Limits;
use crate::host::HostState;

/// How interfaces of WASI begin.
const PREFIX: &str = "wasi:";
/// Streams, pollables and the like that one instance may hold.
const RESOURCES: usize = 256;
/// Random bytes had in one call.
const RANDOM_BYTES: u64 = 64 << 10;
/// What all random bytes are made of.
const SEED: [u8; 16] = *b"witgate no chaos";

/// Whether an import is one of WASI's that is linked here.
pub(crate) fn is_linked(import: &str) -> bool {
    const LINKED: [&str; 6] = ["cli/", "clocks/", "filesystem/", "io/", "random/", "sockets/"];
    let Some(interface) = import.strip_prefix(PREFIX) else { return false };
    let version = interface.rsplit_once('@').map(|(_, version)| version);
    LINKED.iter().any(|package| interface.starts_with(package)) && version.is_some_and(|v| v.starts_with("0.2."))
}

/// Links all of it, with waiting replaced by going on at once.
pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<_, wasmtime::component::HasSelf<HostState>>(linker, |s| s)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// One sandbox's side of it, made when it is first asked for.
pub(crate) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl std::fmt::Debug for Wasi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wasi").finish_non_exhaustive()
    }
}

impl Wasi {
    pub(crate) fn new(plugin: &Arc<str>, exchange: &str) -> Self {
        let lines = Arc::new(AtomicU32::new(0));
        let output = |stream| Output {
            plugin: Arc::clone(plugin),
            exchange: exchange.into(),
            stream,
            lines: Arc::clone(&lines),
            begun: Arc::default(),
        };
        let mut builder = WasiCtx::builder();
        builder
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .wall_clock(Still::default())
            .monotonic_clock(Still::default())
            .secure_random(Deterministic::new(SEED.to_vec()))
            .insecure_random(Deterministic::new(SEED.to_vec()))
            .insecure_random_seed(u128::from_be_bytes(SEED))
            .max_random_size(RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Self { ctx: builder.build(), table }
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.plugin, &self.exchange)));
        WasiCtxView { ctx: &mut wasi.ctx, table: &mut wasi.table }
    }
}

impl monotonic_clock::Host for HostState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.clocks().now()
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        self.clocks().resolution()
    }

    fn subscribe_instant(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.clocks().subscribe_duration(0)
    }

    fn subscribe_duration(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.clocks().subscribe_duration(0)
    }
}

/// A clock that moves on by a millisecond each time somebody looks.
#[derive(Debug, Default)]
struct Still(AtomicU64);

impl Still {
    fn look(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.look()
    }
}

impl HostMonotonicClock for Still {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        u64::try_from(self.look().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Text that a guest prints, line by line into the log.
#[derive(Debug, Clone)]
struct Output {
    plugin: Arc<str>,
    exchange: Arc<str>,
    stream: &'static str,
    /// Lines of both streams so far.
    lines: Arc<AtomicU32>,
    /// A line whose end has not come.
    begun: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    fn take(&self, bytes: &[u8]) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if *byte == b'\n' {
                self.log(&begun);
                begun.clear();
            } else if begun.len() < Limits::LOG_LINE_BYTES {
                begun.push(*byte);
            }
        }
    }

    fn log(&self, line: &[u8]) {
        let Self { plugin, exchange, stream, .. } = self;
        let line = String::from_utf8_lossy(line).escape_debug().to_string();
        match self.lines.fetch_add(1, Ordering::Relaxed) {
            n if n < Limits::LOG_LINES => tracing::info!(%plugin, %exchange, stream, "{line}"),
            Limits::LOG_LINES => {
                tracing::warn!(%plugin, %exchange, "plugin prints too much; the rest of this exchange is dropped");
            }
            _ => {}
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // For versions of WASI that are not linked.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl Pollable for Output {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(()))
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(4096)
    }
}
