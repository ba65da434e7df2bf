//! Tool definitions: what a model is told that it may call.

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::texts::{Label, Texts, expect, required, string};
use crate::request::tools::{callable, definition};

/// The `tools` array; answers the names declared.
pub(super) fn read(tools: NodeRef<'_>, texts: &mut Texts) -> Result<Vec<String>, Refusal> {
    if tools.is_null() {
        return Ok(Vec::new());
    }
    expect(tools, Kind::Array)?;
    tools.children().map(|tool| one(tool, texts)).collect()
}

fn one(tool: NodeRef<'_>, texts: &mut Texts) -> Result<String, Refusal> {
    expect(tool, Kind::Object)?;
    let form = callable(required(tool, "type")?)?;
    let inner = required(tool, form)?;
    expect(inner, Kind::Object)?;
    let name = string(required(inner, "name")?)?;
    let label = Label::tool_definition(name);
    for member in tool.children() {
        match member.key() {
            Some("type") => {}
            Some(key) if key == form => definition(inner, label, false, texts)?,
            _ => texts.member(member, label)?,
        }
    }
    Ok(name.to_owned())
}
