//! The scripted model and the two gates in front of it, as processes of the real binary.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::arm::Arm;
use crate::plugins::BUILT_IN;
use crate::process::{Memory, Process};
use crate::prose;

/// For a process to answer. Compiling the plugins on a busy machine is the longest of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two questions whether it is ready: this is how exact start-up times are.
const POLL: Duration = Duration::from_millis(1);
/// The policy that does nothing.
pub(crate) const BARE_SET: &str = "    - { id: noop, plugin: noop.wasm }\n";

/// A gate that runs.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) process: Process,
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
    /// From the start of the process to the first `/readyz` that says 200.
    pub(crate) started_in: Duration,
    /// Its memory before the first request.
    pub(crate) idle: Memory,
}

/// Everything that is measured.
#[derive(Debug)]
pub(crate) struct Gates {
    pub(crate) model: Process,
    model_at: SocketAddr,
    pub(crate) bare: Gate,
    pub(crate) full: Gate,
}

impl Gates {
    /// Starts the model, then both gates, each with a ledger of its own below `work`.
    pub(crate) async fn start(witgate: &Path, work: &Path, noop: &Path) -> anyhow::Result<Self> {
        let (model, model_at) = model(witgate, work, &prose::script()).await?;
        let bare = work.join("bare");
        configure(witgate, &bare, model_at, BARE_SET)?;
        std::fs::copy(noop, bare.join("policies/noop.wasm")).with_context(|| format!("{}", noop.display()))?;
        let full = work.join("full");
        configure(witgate, &full, model_at, &full_set())?;
        let bare = start_warm(witgate, &bare).await?;
        let full = start_warm(witgate, &full).await?;
        Ok(Self { model, model_at, bare, full })
    }

    /// Where an arm is asked.
    pub(crate) fn target(&self, arm: Arm) -> SocketAddr {
        self.gate(arm).map_or(self.model_at, |gate| gate.listen)
    }

    /// The gate of an arm, if it has one.
    pub(crate) fn gate(&self, arm: Arm) -> Option<&Gate> {
        match arm {
            Arm::Direct => None,
            Arm::Bare => Some(&self.bare),
            Arm::Full => Some(&self.full),
        }
    }

    /// Memory of both gates: bare, full; idle and now.
    pub(crate) fn memory(&self) -> anyhow::Result<[(Memory, Memory); 2]> {
        let of = |gate: &Gate| anyhow::Ok((gate.idle, gate.process.memory()?));
        Ok([of(&self.bare)?, of(&self.full)?])
    }

    pub(crate) async fn stop(self) {
        self.bare.process.stop().await;
        self.full.process.stop().await;
        drop(self.model);
    }
}

/// Starts the scripted model.
pub(crate) async fn model(witgate: &Path, work: &Path, says: &str) -> anyhow::Result<(Process, SocketAddr)> {
    let script = work.join("script.yaml");
    std::fs::write(&script, says)?;
    let at = free()?;
    let args = ["mock-upstream", "--listen", &at.to_string(), "--script", "script.yaml"];
    let mut process = Process::start(witgate, &args, work, &work.join("model.log"))?;
    ready(&mut process, at, "/v1/models", &work.join("model.log")).await?;
    Ok((process, at))
}

/// Writes a configuration for a gate with the four built-in policies.
pub(crate) fn configure_full(witgate: &Path, dir: &Path) -> anyhow::Result<()> {
    // Nothing is asked there: the start connects to no upstream.
    configure(witgate, dir, free()?, &full_set())
}

/// Keys and folders are made by `witgate init`; the configuration is replaced. It names no address to listen at yet.
pub(crate) fn configure(witgate: &Path, dir: &Path, model: SocketAddr, set: &str) -> anyhow::Result<()> {
    configure_with(witgate, dir, model, set, "")
}

/// The same with more members.
pub(crate) fn configure_with(
    witgate: &Path,
    dir: &Path,
    model: SocketAddr,
    set: &str,
    more: &str,
) -> anyhow::Result<()> {
    let init = Command::new(witgate).arg("init").arg(dir).output()?;
    ensure!(init.status.success(), "witgate init: {}", String::from_utf8_lossy(&init.stderr));
    let config = format!(
        "version: 1\nlisten: LISTEN\nadmin: {{ listen: ADMIN }}\n\
         upstreams: [{{ name: model, path: /v1, url: \"http://{model}/v1\", proxy: none }}]\n\
         policies:\n  directory: policies\n  set:\n{set}\
         ledger: {{ directory: ledger, hmac_key_file: keys/ledger.key, receipt_key_file: keys/receipt.key }}\n\
         cache_dir: cache\n{more}"
    );
    std::fs::write(dir.join("witgate.template"), config)?;
    Ok(())
}

/// The entries of the four built-in policies.
pub(crate) fn full_set() -> String {
    BUILT_IN.iter().map(|id| format!("    - {{ id: {id}, plugin: \"builtin:{id}\" }}\n")).collect()
}

/// Starts a gate that finds its code compiled: the start before it did that, and had the memory it takes.
pub(crate) async fn start_warm(witgate: &Path, dir: &Path) -> anyhow::Result<Gate> {
    start(witgate, dir).await?.process.stop().await;
    start(witgate, dir).await
}

/// Starts a gate that was configured, at ports that are free now.
pub(crate) async fn start(witgate: &Path, dir: &Path) -> anyhow::Result<Gate> {
    let (listen, admin) = (free()?, free()?);
    let template = std::fs::read_to_string(dir.join("witgate.template"))?;
    let config = template.replace("LISTEN", &listen.to_string()).replace("ADMIN", &admin.to_string());
    std::fs::write(dir.join("witgate.yaml"), config)?;
    let log = dir.with_extension("log");
    let begun = Instant::now();
    let mut process = Process::start(witgate, &["serve", "--config", "witgate.yaml"], dir, &log)?;
    ready(&mut process, admin, "/readyz", &log).await?;
    let started_in = begun.elapsed();
    let idle = process.memory()?;
    Ok(Gate { process, listen, admin, started_in, idle })
}

async fn ready(process: &mut Process, at: SocketAddr, path: &str, log: &Path) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !is_ok(at, path).await {
        if process.is_over() || begun.elapsed() > PATIENCE {
            bail!("a process does not become ready:\n{}", std::fs::read_to_string(log).unwrap_or_default());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

async fn is_ok(at: SocketAddr, path: &str) -> bool {
    get(at, path).await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A whole answer, head and body.
pub(crate) async fn get(at: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A loopback address that nobody listens at.
fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
