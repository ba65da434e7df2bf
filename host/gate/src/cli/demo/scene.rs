//! The scripted model, the gate, and the folder they live in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::client::App;
use crate::config::Config;
use crate::mock::{self, Journal, Script};
use crate::run::{self, Running};
use crate::{builtin, cli};

/// The plugin that is replaced while a stream runs; a file, since built-in plugins are not.
const REPLACED: &str = "pii";

/// Everything the demonstration needs, in a folder that goes away with it.
#[derive(Debug)]
pub(super) struct Scene {
    folder: PathBuf,
    /// Where the model answers.
    pub(super) mock: SocketAddr,
    /// What the model was sent.
    pub(super) journal: Arc<Journal>,
    /// The gate.
    pub(super) running: Running,
    /// An application that points at it.
    pub(super) app: App,
    _model: oneshot::Sender<()>,
}

impl Scene {
    /// Sets everything up as an operator would: `init`, a plugin file, a configuration.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("witgate-demo-{}", uuid::Uuid::now_v7()));
        cli::init::init(&folder, &mut std::io::sink()).map_err(|e| anyhow!("{e}"))?;
        let journal = Arc::new(Journal::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mock = listener.local_addr()?;
        let (model, ended) = oneshot::channel::<()>();
        let serving = mock::serve_with(
            listener,
            Script::parse(SCRIPT).map_err(|e| anyhow!("{e}"))?,
            Arc::clone(&journal),
            async {
                let _ = ended.await;
            },
        );
        tokio::spawn(serving);
        write_plugin(&folder, "0.1.0")?;
        let file = folder.join("witgate.yaml");
        std::fs::write(&file, config(mock))?;
        let config = Config::load(&file).map_err(|e| anyhow!("{e}"))?;
        let running = run::start(config).await?;
        let app = App::new(running.listen);
        Ok(Self { folder, mock, journal, running, app, _model: model })
    }

    /// Puts another version of a plugin in place of the one in force, as an operator would: write beside, rename over.
    pub(super) fn replace_plugin(&self) -> anyhow::Result<()> {
        write_plugin(&self.folder, "0.1.1")
    }

    /// The ledger's folder.
    pub(super) fn ledger(&self) -> PathBuf {
        self.folder.join("ledger")
    }

    /// The ledger's key.
    pub(super) fn ledger_key(&self) -> PathBuf {
        self.folder.join("keys/ledger.key")
    }

    /// Stops the gate and removes the folder.
    pub(super) async fn end(self) {
        self.running.stop().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The built-in plugin as a file, with the version in its manifest set: the same code under another digest.
fn write_plugin(folder: &Path, version: &str) -> anyhow::Result<()> {
    let bytes = builtin::bytes(REPLACED).context("the built-in plugin is missing")?;
    let (from, to) = (b"\"version\": \"0.1.0\"".as_slice(), format!("\"version\": \"{version}\""));
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(i, _)| i).collect();
    if places.is_empty() {
        return Err(anyhow!("the plugin's manifest has no version"));
    }
    for at in places {
        if let Some(place) = bytes.get_mut(at..at + from.len()) {
            place.copy_from_slice(to.as_bytes());
        }
    }
    let beside = folder.join("policies/.next");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(beside, folder.join("policies").join(REPLACED).with_extension("wasm"))?;
    Ok(())
}

fn config(mock: SocketAddr) -> String {
    format!(
        "version: 1
listen: 127.0.0.1:0
admin: {{ listen: 127.0.0.1:0 }}
upstreams:
  - {{ name: model, path: /v1, url: http://{mock}/v1 }}
policies:
  directory: policies
  set:
    - {{ id: pii, plugin: pii.wasm, grants: [edit] }}
    - {{ id: injection, plugin: builtin:injection }}
    - {{ id: classification, plugin: builtin:classification }}
    - {{ id: tool-tiers, plugin: builtin:tool-tiers }}
ledger: {{ directory: ledger }}
"
    )
}

/// What the model answers.
const SCRIPT: &str = include_str!("script.yaml");
