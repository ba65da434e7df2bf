//! A messages request.

mod blocks;
mod sources;
mod tools;

use crate::json::{Kind, NodeRef};
use crate::request::fields::{other, switch};
use crate::request::read::Read;
use crate::request::texts::{Label, Texts, expect, required};
use crate::request::{Refusal, conversation};

use blocks::Place;

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    read.model(root)?;
    required(root, "messages")?;
    root.children().try_for_each(|found| member(found, read))
}

fn member(member: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    match member.key().unwrap_or_default() {
        "messages" => conversation::messages(member, |message| one(message, &mut read.texts)),
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

fn one(message: NodeRef<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(message, Kind::Object)?;
    let role = conversation::role(message, &["user", "assistant", "system"])?;
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
