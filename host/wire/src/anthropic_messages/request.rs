//! A messages request.

mod blocks;
mod sources;
mod tools;

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::fields::{other, switch};
use crate::request::read::Read;
use crate::request::texts::{Label, Texts, expect, required, short, string};

use blocks::Place;

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    read.model(root)?;
    required(root, "messages")?;
    root.children().try_for_each(|found| member(found, read))
}

fn member(member: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    match member.key().unwrap_or_default() {
        "messages" => messages(member, &mut read.texts),
        "system" => blocks::read(member, Place::System, Label::text("system"), &mut read.texts),
        "tools" => tools::read(member, read),
        "stream" => {
            read.stream = switch(member)?;
            Ok(())
        }
        "thread" if !member.is_null() => {
            read.texts.opaque.stored(member, "`thread`")?;
            read.texts.all(member, Label::VALUE)
        }
        key => other(member, is_defined(key), read),
    }
}

fn messages(messages: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(messages, Kind::Array)?;
    if messages.children().next().is_none() {
        return Err(Refusal::at(messages, "empty_messages", "`messages` must hold at least one message."));
    }
    messages.children().try_for_each(|message| one(message, texts))
}

fn one(message: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(message, Kind::Object)?;
    let role_node = required(message, "role")?;
    let role = string(role_node)?;
    if !matches!(role, "user" | "assistant" | "system") {
        let message = format!("The role `{}` is not covered. Use user, assistant or system.", short(role));
        return Err(Refusal::at(role_node, "unsupported_role", message));
    }
    required(message, "content")?;
    message.children().try_for_each(|member| match member.key() {
        Some("role") => Ok(()),
        Some("content") => blocks::read(member, Place::Message, Label::text(role), texts),
        _ => texts.member(member, Label::value(role)),
    })
}

/// Members of the API, whose keys say nothing that would need reading.
fn is_defined(key: &str) -> bool {
    matches!(
        key,
        "model"
            | "cache_control"
            | "inference_geo"
            | "max_tokens"
            | "metadata"
            | "output_config"
            | "service_tier"
            | "speed"
            | "stop_sequences"
            | "temperature"
            | "thinking"
            | "tool_choice"
            | "top_k"
            | "top_p"
    )
}

#[cfg(test)]
pub(crate) mod tests;
