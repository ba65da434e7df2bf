//! A request for embeddings.

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::fields::{other, switch};
use crate::request::read::Read;
use crate::request::texts::{Label, expect, required};

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    read.model(root)?;
    required(root, "input")?;
    root.children().try_for_each(|member| match member.key().unwrap_or_default() {
        "input" => prompts(member, read).map(|_| ()),
        "stream" if !switch(member)? => Ok(()),
        "stream" => Err(Refusal::at(member, "unsupported_stream", "Embeddings are not streamed. Leave `stream` out.")),
        key => other(member, matches!(key, "model" | "dimensions" | "encoding_format" | "user"), read),
    })
}

/// One text or several, answered with their number. Numbers of tokens are refused: no policy knows what they spell.
pub(crate) fn prompts(node: NodeRef<'_>, read: &mut Read) -> Result<u64, Refusal> {
    let label = Label::text("user");
    let key = node.key().unwrap_or_default();
    let tokens = |node| {
        let message = format!("Numbers of tokens cannot be inspected and are refused. Send `{key}` as text.");
        Refusal::at(node, "unsupported_tokens", message)
    };
    match node.kind() {
        Kind::String => read.texts.string(node, label).map(|()| 1),
        Kind::Array if node.children().next().is_none() => {
            Err(Refusal::at(node, "empty_input", format!("`{key}` must hold at least one text.")))
        }
        Kind::Array => node.children().try_fold(0, |count: u64, text| match text.kind() {
            Kind::Number | Kind::Array => Err(tokens(text)),
            _ => read.texts.string(text, label).map(|()| count.saturating_add(1)),
        }),
        _ => Err(Refusal::wrong_type(node, "a string or an array of strings")),
    }
}

#[cfg(test)]
pub(crate) mod tests;
