//! Tool definitions of OpenAI's dialects: what a model is told that it may call.

use super::Refusal;
use super::texts::{Label, Texts, short, string};
use crate::json::NodeRef;

/// The types of tool that the client calls, where a policy can be asked first: `function` and `custom`, of free text.
/// Others are run by the provider (search, code, hosted MCP) or have calls of another shape.
pub(crate) fn callable(kind: NodeRef<'_>) -> Result<&'static str, Refusal> {
    match string(kind)? {
        "function" => Ok("function"),
        "custom" => Ok("custom"),
        other => Err(not_covered(kind, other, "`function` and `custom`")),
    }
}

/// The refusal of a tool of type `found`.
pub(crate) fn not_covered(kind: NodeRef<'_>, found: &str, covered: &str) -> Refusal {
    let message = format!(
        "Tools of type `{}` are run or defined by the provider, where no policy can be asked, and are refused. Only tools \
         of type {covered} are covered.",
        short(found)
    );
    Refusal::at(kind, "unsupported_provider_tool", message)
}

/// The members that define a tool. Its `type`, if it has one here, was compared with a closed list.
pub(crate) fn definition(
    tool: NodeRef<'_>,
    label: Label<'_>,
    has_type: bool,
    texts: &mut Texts,
) -> Result<(), Refusal> {
    tool.children().try_for_each(|member| match member.key() {
        Some("type") if has_type => Ok(()),
        Some(
            "name"
            | "description"
            | "parameters"
            | "strict"
            | "format"
            | "input_schema"
            | "output_schema"
            | "input_examples"
            | "defer_loading"
            | "allowed_callers"
            | "eager_input_streaming"
            | "cache_control",
        ) => texts.all(member, label),
        _ => texts.member(member, label),
    })
}
