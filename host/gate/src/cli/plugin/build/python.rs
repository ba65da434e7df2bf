//! A Python module becomes a component, with componentize-py.

use std::ffi::OsStr;
use std::path::Path;

use super::Built;
use super::project::Project;
use crate::cli::plugin::error::PluginError;

pub(super) fn component(project: &Project) -> Result<Built, PluginError> {
    let own = [".venv/bin", "venv/bin"];
    let tool = project.tool("componentize-py", &own).ok_or(PluginError::NoTool {
        tool: "componentize-py",
        install: "pip install componentize-py (into .venv of the project, or where it comes to be on the PATH)",
    })?;
    let Some(module) = project.source.file_stem() else {
        return Err(PluginError::NoProject(project.dir.clone()));
    };
    // componentize-py packs the whole folder that it looks for modules in: the source's own, and nothing beside it.
    let folder = match project.source.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let built = project.build_folder()?;
    let mut args: Vec<&OsStr> = ["-d", "wit", "-w", &project.world, "componentize"].map(OsStr::new).into();
    args.extend([module, OsStr::new("-p"), folder.as_os_str(), OsStr::new("-o"), OsStr::new("build/component.wasm")]);
    project.runs(&tool, "componentize-py", args)?;
    project.finished(built.join("component.wasm"))
}
