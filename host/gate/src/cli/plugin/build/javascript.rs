//! A JavaScript module becomes a component, with componentize-js.

use super::Built;
use super::project::Project;
use crate::cli::plugin::error::PluginError;

/// What a policy has no use for, and what would be one import more each.
const DISABLED: [&str; 5] = ["stdio", "random", "clocks", "http", "fetch-event"];

pub(super) fn component(project: &Project) -> Result<Built, PluginError> {
    let tool = project.tool("componentize-js", &["node_modules/.bin"]).ok_or(PluginError::NoTool {
        tool: "componentize-js",
        install: "npm install @bytecodealliance/componentize-js (in the project's folder; it needs node 20 or later)",
    })?;
    let folder = project.build_folder()?;
    let mut args = vec![project.source.clone().into_os_string(), "-w".into(), "wit".into()];
    args.extend(["-n".into(), project.world.clone().into(), "-o".into(), "build/component.wasm".into()]);
    for feature in DISABLED {
        args.extend(["-d".into(), feature.into()]);
    }
    project.runs(&tool, "componentize-js", args)?;
    project.finished(folder.join("component.wasm"))
}
