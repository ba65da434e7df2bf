//! A gate from start to end: ledger, policies, listeners, reloads, signals.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use witgate_ledger::{
    AppendError, ChainKey, Checkpoints, Draft, Durability, Erased, Keys, Ledger, Options, PublicKey, ReceiptKey,
};
use witgate_policy::PolicySet;
use witgate_policy::engine::give_back_start;

use crate::config::{self, Config, LedgerKeys, Watched};
use crate::gate::Gate;
use crate::policies::{self, Policies, ReloadError};
use crate::watch::Watch;
use crate::{admin, keeping, server};

/// The key of a `--dev` ledger, beside it: a ledger that is opened again needs the key it was begun with.
const DEV_KEY: &str = "dev.key";
/// The key that signs there, and its public half.
const DEV_RECEIPT_KEY: &str = "dev-receipt.key";
const DEV_PUBLIC_KEY: &str = "dev-receipt.pub";

/// How often sessions are looked at whose time may be over; sooner where they end sooner.
const SWEEP: Duration = Duration::from_secs(60);

/// How often kept bodies are looked at that may be old enough to be erased; their age is told in days.
const ERASE: Duration = Duration::from_secs(60 * 60);

/// How long a gate that stops waits for bodies that are being written.
const BODIES: Duration = Duration::from_secs(10);
/// SIGXFSZ.
const FILE_SIZE_LIMIT: i32 = rustix::process::Signal::XFSZ.as_raw();

/// A gate that is running.
#[derive(Debug)]
pub(crate) struct Running {
    /// Where clients connect.
    pub(crate) listen: SocketAddr,
    /// Where operators connect.
    pub(crate) admin: SocketAddr,
    /// What all exchanges share.
    pub(crate) gate: Arc<Gate>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Operators are served to the end, so that they see what is still running.
    end: watch::Sender<bool>,
    operators: JoinHandle<()>,
}

impl Running {
    /// Stops taking exchanges, lets the running ones end within the drain time, and closes the ledger.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        let _ = self.end.send(true);
        let _ = self.operators.await;
        let gate = self.gate;
        // Ends of exchanges are written when their bodies are.
        let _ = tokio::time::timeout(BODIES, gate.slots.acquire_many(gate.config.limits.exchanges)).await;
        let flushed = tokio::task::spawn_blocking(move || gate.ledger.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::error!("the last records could not be written");
        }
    }

    /// Waits for SIGTERM or SIGINT.
    ///
    /// # Errors
    /// The system gives no signals.
    pub(crate) async fn asked_to_stop(&self) -> std::io::Result<()> {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        Ok(())
    }
}

/// Starts a gate. Everything that can be wrong is found here, before the first connection.
///
/// # Errors
/// In words, with what to do: keys, ledger, plugins, addresses.
pub(crate) async fn start(config: Config) -> anyhow::Result<Running> {
    // A limit on the size of files is met like a full disk: the write fails, and the ledger says so. Without a handler, which
    // stays for good, the signal would end the process.
    drop(signal(SignalKind::from_raw(FILE_SIZE_LIMIT)).context("the system gives no signals")?);
    let blocking = tokio::task::spawn_blocking(move || prepare(config));
    let gate = Arc::new(blocking.await.map_err(|e| anyhow!("the start panicked: {e}"))??);
    let bind = async |what: &str, address: SocketAddr| {
        TcpListener::bind(address).await.with_context(|| format!("{what}: cannot listen on {address}"))
    };
    let clients = bind("listen", gate.config.listen).await?;
    let operators = bind("admin.listen", gate.config.admin.listen).await?;
    if let Err(error) = give_back_start() {
        tracing::debug!(%error, "what the start needed stays in memory");
    }
    let (stop, stopped) = watch::channel(false);
    let (end, ended) = watch::channel(false);
    let (listen, admin) = (clients.local_addr()?, operators.local_addr()?);
    let mut tasks = vec![tokio::spawn(server::serve(Arc::clone(&gate), clients, stopped.clone()))];
    let watched = watched(&gate);
    let watch = Watch::new(&watched).context("cannot watch the configuration and the policy directory for changes")?;
    tasks.push(tokio::spawn(reloads(Arc::clone(&gate), watched, watch, stopped)));
    tasks.push(tokio::spawn(sweeps(Arc::clone(&gate), stop.subscribe())));
    tasks.push(tokio::spawn(erasures(Arc::clone(&gate), stop.subscribe())));
    let operators = tokio::spawn(admin::serve(Arc::clone(&gate), operators, ended));
    Ok(Running { listen, admin, gate, stop, tasks, end, operators })
}

fn prepare(config: Config) -> anyhow::Result<Gate> {
    let LoadedKeys { chain, receipts, previous } = keys(&config)?;
    let said = &config.ledger;
    let checkpoints = Checkpoints {
        previous,
        records: said.checkpoint_records,
        after: Duration::from_secs(said.checkpoint_seconds.into()),
        ..Checkpoints::new(receipts.clone())
    };
    let segment_bytes = u64::from(said.segment_mib) << 20;
    let keeping = keeping::keeping(&said.keeping).context("the ledger's witness or time-stamping authority")?;
    let options = Options { segment_bytes, checkpoints: Some(checkpoints), keeping, ..Options::default() };
    let opened = match &chain {
        Some(chain) => Ledger::open(&said.directory, chain, options),
        None => Ledger::reopen(&said.directory, options),
    };
    drop(chain);
    let (ledger, recovered) = opened.map_err(|e| anyhow!("{e}").context(format!("error[{}]: the ledger", e.code())))?;
    if let Some(cut) = &recovered.cut {
        tracing::warn!(?cut, "the last write had been interrupted; nothing acknowledged is lost");
    }
    if !recovered.aborted.is_empty() {
        tracing::warn!(count = recovered.aborted.len(), "exchanges that had no end were closed as aborted");
    }
    let policies = Policies::start(&config)?;
    let set = policies.current();
    let said = recorded(&ledger, &set);
    said.map_err(|e| anyhow!("{e}").context(format!("error[{}]: the policy set cannot be recorded", e.code())))?;
    for member in set.members() {
        let plugin = &member.plugin;
        tracing::info!(
            plugin = plugin.id(),
            version = plugin.manifest().version,
            stages = plugin.stages().names().join(","),
            mode = member.mode.name(),
            cached = plugin.was_cached(),
            "plugin loaded"
        );
    }
    Gate::new(config, policies, ledger, receipts)
}

/// The secrets of the ledger.
struct LoadedKeys {
    chain: Option<ChainKey>,
    receipts: ReceiptKey,
    previous: Option<ReceiptKey>,
}

fn keys(config: &Config) -> anyhow::Result<LoadedKeys> {
    let named =
        |e: witgate_ledger::KeyError| anyhow!("{e}").context(format!("error[{}]: a key of the ledger", e.code()));
    match &config.ledger.keys {
        LedgerKeys::Files { hmac, receipt, previous } => Ok(LoadedKeys {
            chain: hmac.as_ref().map(|hmac| ChainKey::load(hmac)).transpose().map_err(named)?,
            receipts: ReceiptKey::load(receipt).map_err(named)?,
            previous: previous.as_ref().map(|previous| ReceiptKey::load(previous)).transpose().map_err(named)?,
        }),
        LedgerKeys::Ephemeral => {
            let made = Keys::generate().map_err(named)?;
            let directory = &config.ledger.directory;
            std::fs::create_dir_all(directory)?;
            restrict(directory)?;
            let (chain, receipts) = (directory.join(DEV_KEY), directory.join(DEV_RECEIPT_KEY));
            let chain = match ChainKey::load(&chain) {
                Ok(key) => key,
                Err(_) => {
                    made.chain.save(&chain).map_err(named)?;
                    made.chain
                }
            };
            let receipts = match ReceiptKey::load(&receipts) {
                Ok(key) => key,
                Err(_) => {
                    made.receipt.save(&receipts).map_err(named)?;
                    made.receipt
                }
            };
            let public = directory.join(DEV_PUBLIC_KEY);
            if PublicKey::load(&public).is_err() {
                receipts.public().save(&public).map_err(named)?;
            }
            Ok(LoadedKeys { chain: Some(chain), receipts, previous: None })
        }
    }
}

fn restrict(directory: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
}

/// What is watched: the configuration's file, and what it names now.
fn watched(gate: &Gate) -> Watched {
    let Some(source) = &gate.config.source else { return Watched::default() };
    let directory = gate.config.policies.directory.clone();
    Watched::of(&source.file).unwrap_or(Watched { files: vec![source.file.clone()], directory })
}

/// Ends sessions whose time is over, until told to stop.
async fn sweeps(gate: Arc<Gate>, mut stop: watch::Receiver<bool>) {
    let idle = Duration::from_millis(gate.config.tokens.idle_ms.min(gate.config.tokens.age_ms).into());
    let mut every = tokio::time::interval(idle.clamp(Duration::from_millis(100), SWEEP));
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = every.tick() => gate.vaults.sweep(),
        }
    }
}

/// Erases kept bodies that are old enough, at the start and then every hour, until told to stop.
async fn erasures(gate: Arc<Gate>, mut stop: watch::Receiver<bool>) {
    let Some(age) = gate.config.ledger.bodies.as_ref().and_then(|kept| kept.max_age) else { return };
    let mut every = tokio::time::interval(ERASE);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        let gate = Arc::clone(&gate);
        let _ = tokio::task::spawn_blocking(move || erase(&gate, age)).await;
    }
}

fn erase(gate: &Gate, age: Duration) {
    let (Some(bodies), Some(moment)) = (&gate.bodies, SystemTime::now().checked_sub(age)) else { return };
    match bodies.erase_before(moment) {
        Ok(erased) if erased.files == 0 => {}
        Ok(Erased { files, bytes }) => {
            gate.metrics.bodies_erased.inc_by(files);
            tracing::info!(files, bytes, "kept bodies were erased, as `ledger.bodies.days` says");
        }
        Err(error) => {
            tracing::error!(code = error.code(), %error, "old bodies could not be erased; tried again in an hour")
        }
    }
}

/// Reloads when a file changed or SIGHUP came, until told to stop.
async fn reloads(gate: Arc<Gate>, mut watched: Watched, mut watch: Watch, mut stop: watch::Receiver<bool>) {
    let Ok(mut hup) = signal(SignalKind::hangup()) else { return };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = watch.changed() => {}
            _ = hup.recv() => tracing::info!("SIGHUP: reading configuration and plugins again"),
        }
        // The configuration may name another folder by now, and a folder that was swapped is another folder: watch anew
        // before reading, so that no change falls between. One that cannot be read names nothing; what it named last counts.
        if let Some(Ok(named)) = gate.config.source.as_ref().map(|source| Watched::of(&source.file)) {
            watched = named;
        }
        match Watch::new(&watched) {
            Ok(anew) => watch = anew,
            Err(why) => tracing::error!(%why, "cannot watch the configuration and the policy directory for changes"),
        }
        let gate = Arc::clone(&gate);
        let _ = tokio::task::spawn_blocking(move || reload(&gate)).await;
    }
}

/// Reads the certificates, the configuration and the plugins again. What is neither certificates nor policies takes effect at the
/// next start.
pub(crate) fn reload(gate: &Gate) {
    if let Some(tls) = &gate.tls {
        tls.reload();
    }
    gate.upstreams.iter().for_each(|upstream| upstream.reload());
    let path = gate.config.source.as_ref().map(|s| s.file.clone());
    let read = match path {
        Some(path) => Config::load(&path).map_err(ReloadError::from),
        None => Ok(gate.config.clone()),
    };
    let built = match read {
        Ok(config) => {
            note_waiting(gate, &config);
            gate.policies.reload(&config, |set| recorded(&gate.ledger, set))
        }
        Err(error) => {
            gate.policies.note_failure(None, &error);
            Err(error)
        }
    };
    let result = match built {
        Ok(false) => return,
        Ok(true) => "ok".to_owned(),
        Err(error) => {
            gate.note(&[], &Draft::new("", policies::record(&gate.policies.current(), Some(&error))));
            error.code().to_owned()
        }
    };
    gate.metrics.reloads.get_or_create(&crate::metrics::Code { code: result }).inc();
}

/// Says in the ledger, durably, that a set comes into force. Blocks.
fn recorded(ledger: &Ledger, set: &PolicySet) -> Result<(), AppendError> {
    let (done, said) = std::sync::mpsc::channel();
    ledger.append(Draft::new("", policies::record(set, None)), Durability::Durable, move |result| {
        let _ = done.send(result.map(drop));
    });
    said.recv().unwrap_or(Err(AppendError::Closed))
}

/// Tells which settings of a configuration wait for the next start.
fn note_waiting(gate: &Gate, config: &Config) {
    let (Some(started), Some(new)) = (&gate.config.source, &config.source) else { return };
    let pointers = config::waiting(started, new);
    let Some(before) = gate.wait_for_restart(&pointers) else { return };
    if !pointers.is_empty() {
        let settings = pointers.join(" ");
        tracing::warn!(
            settings,
            "changed in the configuration, in force from the next start on: only `policies` is taken over"
        );
    } else if !before.is_empty() {
        tracing::info!(
            "the configuration is again as it was at the start, but for `policies`: nothing waits for a restart"
        );
    }
}
