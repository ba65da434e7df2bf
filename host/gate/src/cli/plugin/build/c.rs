//! C becomes a component, with wit-bindgen and clang.

use super::Built;
use super::project::Project;
use crate::cli::plugin::error::PluginError;

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
    let (bindings, types) = (format!("build/{name}.c"), format!("build/{name}_component_type.o"));
    let source = project.source.to_string_lossy();
    // No library: what little the bindings need of one, the source brings itself.
    let flags = ["--target=wasm32", "-nostdlib", "-ffreestanding", "-O2", "-Wall", "-I", "build", "-I", "."];
    let link = ["-Wl,--no-entry", "-Wl,-z,stack-size=32768", "-o", "build/module.wasm"];
    let inputs = [source.as_ref(), bindings.as_str(), types.as_str()];
    project.runs(&clang, "clang", flags.into_iter().chain(inputs).chain(link))?;
    project.finished(folder.join("module.wasm"))
}
