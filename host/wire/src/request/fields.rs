//! Members that several dialects share.

use super::Refusal;
use super::read::Read;
use super::texts::{Label, expect};
use crate::json::{Kind, NodeRef};

/// As many choices as OpenAI's API gives.
const MAX_CHOICES: u64 = 128;

/// A boolean; null stands for false.
pub(crate) fn switch(node: NodeRef<'_>) -> Result<bool, Refusal> {
    match node.kind() {
        Kind::Null => Ok(false),
        _ => node.as_bool().ok_or_else(|| Refusal::wrong_type(node, "a boolean")),
    }
}

/// A number of choices; null stands for one.
pub(crate) fn choices(node: NodeRef<'_>) -> Result<u64, Refusal> {
    if node.is_null() {
        return Ok(1);
    }
    let message = || format!("`{}` must be a whole number from 1 to {MAX_CHOICES}.", node.key().unwrap_or_default());
    let asked = node.as_u64().filter(|n| (1..=MAX_CHOICES).contains(n));
    asked.ok_or_else(|| Refusal::at(node, "unsupported_n", message()))
}

/// `top_logprobs`; null stands for none.
pub(crate) fn top_logprobs(node: NodeRef<'_>) -> Result<bool, Refusal> {
    if node.is_null() {
        return Ok(false);
    }
    let asked = node.as_u64().filter(|&n| n <= 100);
    asked.map(|n| n > 0).ok_or_else(|| Refusal::wrong_type(node, "a whole number up to 100"))
}

pub(crate) fn stream_options(options: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    if options.is_null() {
        return Ok(());
    }
    expect(options, Kind::Object)?;
    for member in options.children() {
        match member.key() {
            Some("include_usage") => read.include_usage = switch(member)?,
            Some("include_obfuscation") => {
                switch(member)?;
            }
            _ => read.texts.member(member, Label::VALUE)?,
        }
    }
    Ok(())
}

/// A member that the dialect's reader does not know by itself: read, unless it lets the provider act.
pub(crate) fn other(member: NodeRef<'_>, is_defined: bool, read: &mut Read) -> Result<(), Refusal> {
    let key = member.key().unwrap_or_default();
    if is_defined {
        return read.texts.all(member, Label::VALUE);
    }
    if !runs_at_the_provider(key) {
        return read.texts.member(member, Label::VALUE);
    }
    let is_empty = member.kind() == Kind::Array && member.children().next().is_none();
    if member.is_null() || member.as_bool() == Some(false) || is_empty {
        return Ok(());
    }
    let message = format!(
        "`{key}` lets the provider act by itself, where no policy can be asked, and is refused. Declare a tool of your own \
         instead."
    );
    Err(Refusal::at(member, "unsupported_provider_tool", message))
}

/// Searches, code and hosted tools by members of the request: OpenAI's, Anthropic's, and those of compatible providers.
fn runs_at_the_provider(key: &str) -> bool {
    matches!(
        key,
        "web_search_options"
            | "web_search"
            | "plugins"
            | "search_parameters"
            | "enable_search"
            | "mcp_servers"
            | "container"
    )
}
