//! A chat completion request.

mod messages;
mod tools;

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::fields::{choices, other, stream_options, switch, top_logprobs};
use crate::request::read::Read;
use crate::request::texts::{expect, required};

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    read.model(root)?;
    required(root, "messages")?;
    root.children().try_for_each(|found| member(found, read))
}

fn member(member: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    let key = member.key().unwrap_or_default();
    let absent = member.is_null();
    match key {
        "messages" => messages::read(member, &mut read.texts)?,
        "tools" => read.tools = tools::read(member, &mut read.texts)?,
        "stream" => read.stream = switch(member)?,
        "stream_options" => stream_options(member, read)?,
        "n" => read.choices = choices(member)?,
        "logprobs" => read.logprobs |= switch(member)?,
        "top_logprobs" => read.logprobs |= top_logprobs(member)?,
        "modalities" if absent || only_text(member) => {}
        "modalities" => {
            return Err(Refusal::at(member, "unsupported_modalities", "Only `modalities`: [\"text\"] is covered."));
        }
        "audio" if absent => {}
        "audio" => {
            return Err(Refusal::at(
                member,
                "unsupported_audio",
                "Audio cannot be inspected and is refused. Ask for text.",
            ));
        }
        "functions" | "function_call" if absent => {}
        "functions" | "function_call" => {
            return Err(Refusal::at(
                member,
                "unsupported_legacy_functions",
                format!("`{key}` is the old form and is refused. Use `tools` and `tool_choice`."),
            ));
        }
        key => other(member, is_defined(key), read)?,
    }
    Ok(())
}

fn only_text(modalities: NodeRef<'_>) -> bool {
    let mut values = modalities.children();
    modalities.kind() == Kind::Array && values.next().and_then(NodeRef::text) == Some("text") && values.next().is_none()
}

/// Members of the API, whose keys say nothing that would need reading.
fn is_defined(key: &str) -> bool {
    matches!(
        key,
        "model"
            | "frequency_penalty"
            | "logit_bias"
            | "max_completion_tokens"
            | "max_tokens"
            | "metadata"
            | "parallel_tool_calls"
            | "prediction"
            | "presence_penalty"
            | "prompt_cache_key"
            | "prompt_cache_retention"
            | "reasoning_effort"
            | "response_format"
            | "safety_identifier"
            | "seed"
            | "service_tier"
            | "stop"
            | "store"
            | "temperature"
            | "tool_choice"
            | "top_p"
            | "user"
            | "verbosity"
    )
}

#[cfg(test)]
pub(crate) mod tests;
