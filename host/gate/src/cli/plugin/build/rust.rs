//! A crate becomes a component.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use witgate_engine::componentize;

use super::Built;
use crate::cli::plugin::error::PluginError;
use crate::cli::plugin::target::{MAX_BYTES, read};

/// Finds a way to compile for wasm on this machine. The same script makes the built-in plugins.
const SCRIPT: &str = include_str!("../../../../../../scripts/build-plugin.sh");
/// What the script ends with when there is no compiler.
const NO_COMPILER: i32 = 2;

/// Compiles the crate in `dir` and makes a component of the module. The compiler talks on stderr.
pub(super) fn component(dir: &Path) -> Result<Built, PluginError> {
    let package = Package::of(dir)?;
    let target = package.target_directory.join("wasm-plugins");
    let built = Command::new("sh")
        .args(["-c", SCRIPT, "build-plugin.sh"])
        .arg(&package.manifest)
        .arg(&target)
        .arg(&package.name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|source| PluginError::Tool { tool: "sh", source })?;
    match built.code() {
        Some(0) => {}
        Some(NO_COMPILER) => return Err(PluginError::NoCompiler),
        _ => return Err(PluginError::Compile),
    }
    let module = target.join("wasm32-unknown-unknown/release").join(&package.module).with_extension("wasm");
    let bytes = read(&module, MAX_BYTES)?;
    let bytes =
        componentize(&bytes).map_err(|error| PluginError::Load { name: module.display().to_string(), error })?;
    Ok(Built { bytes, module })
}

/// What cargo knows of the crate in a folder.
struct Package {
    name: String,
    /// The name of the module, without `.wasm`.
    module: String,
    manifest: PathBuf,
    target_directory: PathBuf,
}

/// The part of `cargo metadata` that is needed here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<MetadataTarget>,
}

#[derive(Deserialize)]
struct MetadataTarget {
    name: String,
    crate_types: Vec<String>,
}

impl Package {
    fn of(dir: &Path) -> Result<Self, PluginError> {
        let path = dir.join("Cargo.toml");
        let manifest = path.canonicalize().map_err(|source| PluginError::Unreadable { path: path.clone(), source })?;
        let asked = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&manifest)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| PluginError::Tool { tool: "cargo", source })?;
        let not = |what: String| PluginError::NotAPluginCrate { path: path.clone(), what };
        if !asked.status.success() {
            return Err(not("cargo cannot read it; its words stand above".to_owned()));
        }
        let metadata: Metadata =
            serde_json::from_slice(&asked.stdout).map_err(|e| not(format!("cargo metadata: {e}")))?;
        Self::among(metadata, manifest).map_err(not)
    }

    fn among(metadata: Metadata, manifest: PathBuf) -> Result<Self, String> {
        let found = metadata.packages.into_iter().find(|package| package.manifest_path == manifest);
        let package = found.ok_or("it is a workspace, not a crate; name the folder of the plugin's crate")?;
        let library = package.targets.into_iter().find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"));
        let library =
            library.ok_or("the crate makes no module; add `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`")?;
        Ok(Self {
            name: package.name,
            module: library.name.replace('-', "_"),
            manifest,
            target_directory: metadata.target_directory,
        })
    }
}

#[cfg(test)]
mod tests;
