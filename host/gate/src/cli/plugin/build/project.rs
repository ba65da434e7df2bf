//! `plugin.yaml`: what a project in another language than Rust is made of.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use super::section::with_manifest;
use super::{Built, Language};
use crate::cli::plugin::error::PluginError;
use crate::cli::plugin::target::{MAX_BYTES, read, text};
use crate::config::{ConfigErrors, Mistake, parse_yaml, render_schema_errors};

const FILE: &str = "plugin.yaml";

/// A project.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) dir: PathBuf,
    pub(super) language: Language,
    /// The file that the compiler is given, from `dir`.
    pub(super) source: PathBuf,
    /// Which of `wit/`.
    pub(super) world: String,
    manifest: String,
}

#[derive(Deserialize)]
struct File {
    language: String,
    source: String,
    world: String,
}

impl Project {
    /// Reads the project in `dir`.
    pub(super) fn of(dir: &Path) -> Result<Self, PluginError> {
        let path = dir.join(FILE);
        if !path.is_file() {
            return Err(PluginError::NoProject(dir.to_owned()));
        }
        let yaml = text(&path)?;
        let File { language, source, world } = parsed(&path, &yaml)?;
        let language = <Language as clap::ValueEnum>::from_str(&language, false).unwrap_or(Language::Rust);
        Ok(Self {
            dir: dir.to_owned(),
            language,
            source: source.into(),
            world,
            manifest: text(&dir.join("manifest.json"))?,
        })
    }

    /// A tool: the one of the project itself, such as in its virtual environment, before the one on the PATH. Absolute, since it
    /// is started in the project's folder.
    pub(super) fn tool(&self, name: &str, own: &[&str]) -> Option<PathBuf> {
        let own = own.iter().map(|folder| self.dir.join(folder));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found =
            own.chain(std::env::split_paths(&path)).map(|folder| folder.join(name)).find(|file| file.is_file())?;
        found.canonicalize().ok().and_then(|_| std::path::absolute(&found).ok())
    }

    /// Runs a tool in the project's folder; its words go to stderr.
    pub(super) fn runs<S: AsRef<OsStr>>(
        &self,
        tool: &Path,
        named: &'static str,
        args: impl IntoIterator<Item = S>,
    ) -> Result<(), PluginError> {
        let ended = Command::new(tool)
            .args(args)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            // What a build says is no part of the outcome.
            .stdout(std::io::stderr())
            .status()
            .map_err(|source| PluginError::Tool { tool: named, source })?;
        if ended.success() { Ok(()) } else { Err(PluginError::Compile) }
    }

    /// The folder for what a build leaves: `build/`, made when it is missing.
    pub(super) fn build_folder(&self) -> Result<PathBuf, PluginError> {
        let folder = self.dir.join("build");
        std::fs::create_dir_all(&folder).map_err(|source| PluginError::Unwritable { path: folder.clone(), source })?;
        Ok(folder)
    }

    /// What a tool wrote, with the project's manifest in it.
    pub(super) fn finished(&self, module: PathBuf) -> Result<Built, PluginError> {
        let name = module.display().to_string();
        let bytes = with_manifest(read(&module, MAX_BYTES)?, &self.manifest, &name)?;
        let bytes = witgate_engine::componentize(&bytes).map_err(|error| PluginError::Load { name, error })?;
        Ok(Built { bytes, module })
    }
}

fn parsed(path: &Path, yaml: &str) -> Result<File, PluginError> {
    let fail = |lines: &_, mistakes| PluginError::Mistakes(ConfigErrors::new(path, yaml, lines, mistakes));
    let (value, lines) = parse_yaml(yaml).map_err(|mistake| fail(&Default::default(), vec![mistake]))?;
    // Neither leaves the folder, and neither is taken for an option.
    let word = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$";
    let file = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$";
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["language", "source", "world"],
        "properties": {
            "language": { "description": "python, javascript or c", "enum": ["python", "javascript", "c"] },
            "source": { "description": "the source file", "type": "string", "pattern": file },
            "world": { "description": "a world of wit/", "type": "string", "pattern": word }
        }
    });
    let mistakes = render_schema_errors(&value, &schema, "");
    if !mistakes.is_empty() {
        return Err(fail(&lines, mistakes));
    }
    serde_json::from_value(value).map_err(|e| fail(&lines, vec![Mistake::new("wrong_type", "", e.to_string())]))
}

#[cfg(test)]
mod tests;
