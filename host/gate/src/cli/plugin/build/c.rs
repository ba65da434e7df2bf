//! C becomes a component, with wit-bindgen and clang.

use std::ffi::OsString;
use std::path::Path;

use super::Built;
use super::project::Project;
use crate::cli::plugin::error::PluginError;

const FLAGS: [&str; 9] =
    ["--target=wasm32", "-ffreestanding", "-fno-builtin", "-nostdlib", "-nostdlibinc", "-O2", "-Wall", "-I", "build"];
/// The stack comes first, so that a call too deep traps instead of writing over data; and it is small, since what a fresh
/// sandbox costs is the memory it touches.
const LINKED: [&str; 5] = ["-Wl,--no-entry", "-Wl,--stack-first", "-Wl,-z,stack-size=32768", "-o", "build/module.wasm"];

pub(super) fn component(project: &Project) -> Result<Built, PluginError> {
    let bindgen = project
        .tool("wit-bindgen", &[])
        .ok_or(PluginError::NoTool { tool: "wit-bindgen", install: "cargo install --locked wit-bindgen-cli" })?;
    let clang = project.tool("clang", &[]).ok_or(PluginError::NoTool {
        tool: "clang",
        install: "clang and lld of your system: apt-get install clang lld, brew install llvm lld",
    })?;
    let folder = project.build_folder()?;
    project.runs(&bindgen, "wit-bindgen", ["c", "wit", "--world", &project.world, "--out-dir", "build"])?;
    let name = project.world.replace('-', "_");
    let sources = project.source.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut args: Vec<OsString> = FLAGS.map(Into::into).into();
    // No library: what little the bindings need of one lies beside the sources, headers included.
    args.extend(["-isystem".into(), Path::new(".").join(&sources).into_os_string()]);
    args.extend(files(&project.dir, &sources)?);
    args.extend([format!("build/{name}.c").into(), format!("build/{name}_component_type.o").into()]);
    args.extend(LINKED.map(Into::into));
    project.runs(&clang, "clang", args)?;
    project.finished(folder.join("module.wasm"))
}

/// Every C file beside the source, in the order of their names.
fn files(dir: &Path, sources: &Path) -> Result<Vec<OsString>, PluginError> {
    let folder = dir.join(sources);
    let entries = std::fs::read_dir(&folder).map_err(|source| PluginError::Unreadable { path: folder, source })?;
    let mut files: Vec<OsString> = entries
        .flatten()
        .map(|entry| Path::new(".").join(sources).join(entry.file_name()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .map(std::path::PathBuf::into_os_string)
        .collect();
    files.sort();
    Ok(files)
}
