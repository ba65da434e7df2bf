//! Tool definitions: what a model is told that it may call.

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::read::Read;
use crate::request::texts::{Label, expect, required, string};
use crate::request::tools::{definition, not_covered};

/// The `tools` array; notes the names declared.
pub(super) fn read(tools: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    if tools.is_null() {
        return Ok(());
    }
    expect(tools, Kind::Array)?;
    for tool in tools.children() {
        expect(tool, Kind::Object)?;
        // Without a type it is the caller's own.
        if let Some(kind) = tool.get("type").filter(|kind| !kind.is_null()) {
            let found = string(kind)?;
            if found != "custom" {
                return Err(not_covered(kind, found, "`custom`"));
            }
        }
        let name = string(required(tool, "name")?)?;
        definition(tool, Label::tool_definition(name), true, &mut read.texts)?;
        read.tools.push(name.to_owned());
    }
    Ok(())
}
