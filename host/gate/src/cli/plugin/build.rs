//! `witgate plugin build`: a project becomes a component.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use witgate_engine::Manifest;

use super::error::PluginError;
use super::report::Report;
use super::{FAILED, Format, OK};

mod c;
mod javascript;
mod project;
mod python;
mod rust;
mod section;

use super::new::Language;
use project::Project;

/// What is wanted of a build.
pub(super) struct Wanted<'a> {
    pub(super) file: Option<&'a Path>,
    pub(super) format: Format,
}

/// Builds the project in `dir`, writes the component and tells what it is.
pub(super) fn run(dir: &Path, wanted: &Wanted<'_>, out: &mut dyn Write) -> Result<u8, PluginError> {
    let built = component(dir)?;
    let name = built.module.display().to_string();
    let load = |error| PluginError::Load { name: name.clone(), error };
    let manifest = Manifest::read(&built.bytes).map_err(load)?;
    let file = wanted.file.map_or_else(|| PathBuf::from(format!("{}.wasm", manifest.id)), Path::to_path_buf);
    let report = Report::of(&file.display().to_string(), &built.bytes, &json!({}))?;
    let refused = report.refused();
    if refused.is_none() {
        std::fs::write(&file, &built.bytes).map_err(|source| PluginError::Unwritable { path: file.clone(), source })?;
    }
    // What would not load is not put where a gate may find it.
    let code = if refused.is_none() { OK } else { FAILED };
    match (wanted.format, refused) {
        (Format::Json, _) => {
            let mut told = report.json();
            let written = if refused.is_none() { json!(file.display().to_string()) } else { Value::Null };
            told["written"] = written;
            writeln!(out, "{told}")?;
        }
        (Format::Human, Some(refused)) => {
            writeln!(out, "{}", report.human())?;
            writeln!(out, "not written: {} would not load ({refused}); the module is {name}", file.display())?;
        }
        (Format::Human, None) => {
            writeln!(out, "{}", report.human())?;
            let cases = match beside(&file, dir) {
                true => String::new(),
                false => format!(" --cases {}", dir.join("cases.yaml").display()),
            };
            writeln!(out, "Next:\n\n  witgate plugin test {}{cases}", file.display())?;
        }
    }
    Ok(code)
}

/// Whether the file lies in the project's own folder, where its cases are found without being named.
fn beside(file: &Path, dir: &Path) -> bool {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    folder.canonicalize().is_ok_and(|folder| dir.canonicalize().is_ok_and(|dir| dir == folder))
}

/// What a project became.
#[derive(Debug)]
pub(super) struct Built {
    /// The component.
    pub(super) bytes: Vec<u8>,
    /// The file it was made of.
    module: PathBuf,
}

/// Compiles the project in `dir` and makes a component of it. The compiler talks on stderr.
pub(super) fn component(dir: &Path) -> Result<Built, PluginError> {
    // Rust projects say all there is to say in their Cargo.toml.
    if dir.join("Cargo.toml").is_file() {
        return rust::component(dir);
    }
    let project = Project::of(dir)?;
    match project.language {
        Language::Rust => rust::component(dir),
        Language::Python => python::component(&project),
        Language::Javascript => javascript::component(&project),
        Language::C => c::component(&project),
    }
}
