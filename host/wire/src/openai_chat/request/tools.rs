//! Tool definitions: what a model is told that it may call.

use super::Refusal;
use super::texts::{Label, Texts, expect, required, short, string};
use crate::json::{Kind, NodeRef};

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
    function_only(required(tool, "type")?)?;
    let function = required(tool, "function")?;
    expect(function, Kind::Object)?;
    let name = string(required(function, "name")?)?;
    let label = Label { role: "system", kind: "tool-definition", name: Some(name) };
    for member in tool.children() {
        match member.key() {
            Some("type") => {}
            Some("function") => definition(function, label, texts)?,
            _ => texts.member(member, label)?,
        }
    }
    Ok(name.to_owned())
}

fn definition(function: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    for member in function.children() {
        match member.key() {
            Some("name" | "description" | "parameters" | "strict") => texts.all(member, label)?,
            _ => texts.member(member, label)?,
        }
    }
    Ok(())
}

/// Functions are called by the client, where a policy can be asked first. Other tools are run by the provider (search,
/// code, hosted MCP) or have calls of another shape.
pub(super) fn function_only(kind: NodeRef<'_>) -> Result<(), Refusal> {
    match string(kind)? {
        "function" => Ok(()),
        "custom" => Err(Refusal::at(
            kind,
            "unsupported_tool_type",
            "Tools of type `custom` are not inspected yet and are refused. Declare the tool as a `function`.",
        )),
        other => Err(Refusal::at(
            kind,
            "unsupported_provider_tool",
            format!(
                "Tools of type `{}` are run by the provider, where no policy can be asked, and are refused. Only tools of \
                 type `function` are covered.",
                short(other)
            ),
        )),
    }
}
