//! The plugins that are measured, and those that misbehave: built from this checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::args::{beside_the_program, checkout};

/// The built-in plugins, in the order of the default set.
pub(crate) const BUILT_IN: [&str; 4] = ["pii", "injection", "classification", "tool-tiers"];

/// Modules on disk.
#[derive(Debug)]
pub(crate) struct Plugins {
    folder: PathBuf,
    noop: Option<PathBuf>,
}

impl Plugins {
    /// Builds them where that is needed. `noop` is taken as it is, where it is given.
    pub(crate) fn built(noop: Option<&Path>) -> anyhow::Result<Self> {
        let root = checkout();
        let target =
            beside_the_program()?.parent().context("this program is in no target folder")?.join("wasm-plugins");
        let built = Command::new("sh")
            .arg(root.join("scripts/build-plugin.sh"))
            .arg(root.join("Cargo.toml"))
            .arg(&target)
            .args(["witgate-test-noop", "witgate-test-hostile"])
            .args(BUILT_IN.map(|id| format!("witgate-plugin-{id}")))
            .output()?;
        ensure!(
            built.status.success(),
            "the plugins to measure do not compile:\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let noop = noop.map(Path::canonicalize).transpose().context("the plugin of --noop")?;
        Ok(Self { folder: target.join("wasm32-unknown-unknown/release"), noop })
    }

    /// The plugin that does nothing.
    pub(crate) fn noop(&self) -> PathBuf {
        self.noop.clone().unwrap_or_else(|| self.folder.join("witgate_test_noop.wasm"))
    }

    /// The plugin that does what a text tells it to.
    pub(crate) fn hostile(&self) -> PathBuf {
        self.folder.join("witgate_test_hostile.wasm")
    }

    /// A built-in plugin's bytes, the same as those in the binary.
    pub(crate) fn built_in(&self, id: &str) -> anyhow::Result<Vec<u8>> {
        read(&self.folder.join(format!("witgate_plugin_{}.wasm", id.replace('-', "_"))))
    }
}

/// A module's bytes.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{}", path.display()))
}
